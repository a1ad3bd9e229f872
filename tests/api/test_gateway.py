"""What operators configure over HTTP: its shapes, secrets that are never shown, versions compared, and who may do what."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api.conftest import Json
from server_process import ServerProcess

PATH = "/api/v1/gateway"
SECRET = "sk-live-0123456789abcdef"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server whose environment tells of an account."""
    server = ServerProcess(tmp_path_factory.mktemp("gateway"), {"OPENAI_API_KEY": "sk-environment"})
    server.start()
    yield server
    server.kill()


def send(server: ServerProcess, method: str, path: str, body: Any = None, key: str = "") -> httpx.Response:
    headers = {"X-API-Key": key} if key else server.headers
    return httpx.request(method, server.url + PATH + path, json=body, headers=headers, timeout=30)


def made(server: ServerProcess, path: str, **body: Any) -> Json:
    answer = send(server, "POST", path, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def delete(server: ServerProcess, *paths: str) -> None:
    for path in paths:
        answer = send(server, "DELETE", path)
        assert (answer.status_code, answer.text) == (204, "")


def test_an_account_is_told_without_its_secret(running: ServerProcess) -> None:
    fields = {
        "slug": "eu",
        "provider": "azure",
        "name": "Europe",
        "base_url": "https://eu.example.com",
        "options": {"api_version": "v1"},
    }
    found = made(running, "/accounts", **fields, secret=SECRET)
    assert found | fields == found
    assert (found["level"], found["enabled"], found["has_secret"], found["secret_hint"]) == (
        "project",
        True,
        True,
        "cdef",
    )
    changed = send(running, "PATCH", "/accounts/eu", {"enabled": False, "secret": ""}).json()
    assert (changed["enabled"], changed["has_secret"], changed["name"]) == (False, False, "Europe")
    assert send(running, "PATCH", f"/accounts/{found['id']}", {"secret": SECRET}).json()["secret_hint"] == "cdef"
    listed = running.get(f"{PATH}/accounts")["data"]
    assert [(one["slug"], one["level"], one["has_secret"]) for one in listed] == [
        ("eu", "project", True), ("openai", "environment", True)
    ]  # fmt: skip
    told = [
        send(running, "GET", path).text for path in ("/accounts", "/accounts/eu", "/history", "/history?kind=account")
    ]
    assert not any(SECRET in text or "sk-environment" in text for text in told)
    delete(running, "/accounts/eu")
    assert send(running, "GET", "/accounts/eu").status_code == 404
    assert SECRET not in running.output()


def test_the_key_of_secrets_is_the_owner_s_alone(running: ServerProcess) -> None:
    place = Path(running.data) / "secret.key"
    assert place.stat().st_mode & 0o777 == 0o600


def test_variants_have_versions_that_are_compared(running: ServerProcess) -> None:
    made(running, "/configs", slug="support", name="Support")
    content = {"targets": [{"account": "openai", "model": "gpt-4o"}], "system_prompt": "Be {{ mood }}.\nBe brief."}
    first = made(running, "/configs/support/variants", slug="calm", **content)
    assert (first["config"], first["versions"], first["latest"]["version"]) == ("support", 1, 1)
    path = "/configs/support/variants/calm"
    second = made(running, f"{path}/versions", **content | {"parameters": {"temperature": 0}, "note": "colder"})
    assert (second["version"], second["note"], second["created_by"][:4]) == (2, "colder", "key ")
    again = made(running, f"{path}/versions", **content | {"parameters": {"temperature": 0}})
    assert again == second
    assert (
        send(running, "GET", f"{path}/versions/1").json()
        | content
        | {"version": 1}
        | {"targets": [{"account": "openai", "provider": "", "model": "gpt-4o", "weight": 1}]}
        == first["latest"]
    )
    assert send(running, "GET", f"{path}/diff").json() == {
        "before": 1,
        "after": 2,
        "data": [
            {"field": "parameters.temperature", "before": None, "after": 0, "lines": []},
        ],
    }
    third = made(running, f"{path}/versions", **content | {"system_prompt": "Be {{ mood }}.\nBe exact."})
    assert third["version"] == 3
    (prompt,) = send(running, "GET", f"{path}/diff?from=1&to=3").json()["data"]
    assert (prompt["field"], prompt["lines"][-2:]) == ("system_prompt", ["-Be brief.", "+Be exact."])
    assert [one["version"] for one in running.get(f"{PATH}{path}/versions")["data"]] == [1, 2, 3]
    assert send(running, "GET", f"{path}/diff?from=x").json()["detail"] == "from: the number of a version."
    assert send(running, "PATCH", path, {"name": "Calm"}).json()["name"] == "Calm"
    assert send(running, "PATCH", "/configs/support", {"name": "Help"}).json()["name"] == "Help"
    delete(running, path, "/configs/support")
    assert running.get(f"{PATH}/configs")["data"] == []


def test_a_rollout_is_told_by_slugs(running: ServerProcess) -> None:
    made(running, "/configs", slug="ask")
    for slug in ("a", "b"):
        made(running, "/configs/ask/variants", slug=slug)
    made(running, "/environments", slug="live", is_production=True)
    condition = {"==": [{"var": "metadata.tier"}, "gold"]}
    found = made(
        running,
        "/rollouts",
        config="ask",
        variant="b",
        environment="live",
        version=1,
        weight=1_000,
        conditions=condition,
    )
    told = {
        "config": "ask",
        "variant": "b",
        "environment": "live",
        "version": 1,
        "weight": 1_000,
        "conditions": condition,
        "priority": 0,
    }
    assert found | told == found
    changed = send(
        running, "PATCH", f"/rollouts/{found['id']}", {"version": None, "environment": None, "variant": "a"}
    ).json()
    assert (changed["version"], changed["environment"], changed["variant"], changed["weight"]) == (
        None,
        None,
        "a",
        1_000,
    )
    assert running.get(f"{PATH}/rollouts")["data"] == [changed]
    assert send(running, "DELETE", "/configs/ask/variants/a").json()["code"] == "conflict"
    assert send(running, "PATCH", "/environments/live", {"name": "Live"}).json()["is_production"] is True
    delete(running, f"/rollouts/{found['id']}", "/configs/ask", "/environments/live")


def test_limits_are_put_by_key(running: ServerProcess) -> None:
    body = {"name": "app", "scopes": ["gateway"], "environment": "live"}
    key = httpx.post(f"{running.url}/api/v1/keys", json=body, headers=running.headers, timeout=30).json()
    assert key["environment"] == "live"
    limit = {"models": ["gpt-4o*"], "requests_per_minute": 60, "tokens_per_minute": None, "concurrent": 4}
    found = send(running, "PUT", f"/limits/{key['id']}", limit).json()
    assert found | limit | {"key_id": key["id"], "when_spent": "block"} == found
    assert send(running, "PUT", "/limits/default", {"concurrent": 9}).json()["key_id"] is None
    assert [one["concurrent"] for one in running.get(f"{PATH}/limits")["data"]] == [4, 9]
    for when_spent in ("warn", "cache"):
        assert send(running, "PUT", "/limits/default", {"when_spent": when_spent}).json()["when_spent"] == when_spent
    assert send(running, "PUT", "/limits/key_none", {}).status_code == 404
    delete(running, f"/limits/{key['id']}", "/limits/default")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "/accounts", {"slug": "Big", "provider": "openai"}, 422, "slug: "),
        ("POST", "/accounts", {"slug": "a", "provider": "openai", "base_url": "ftp://x"}, 400, "base_url: "),
        ("POST", "/accounts", {"slug": "a", "provider": "openai", "secret": "a\nb"}, 400, "secret: "),
        ("POST", "/accounts", {"slug": "a", "provider": "openai", "colour": "red"}, 422, "colour: "),
        ("POST", "/configs/none/variants", {"slug": "a"}, 404, "There is no config 'none'"),
        ("POST", "/rollouts", {"config": "none", "variant": "a"}, 404, "There is no config 'none'"),
        ("POST", "/rollouts", {"config": "none", "variant": "a", "weight": 10_001}, 422, "weight: "),
        ("PATCH", "/rollouts/ro_none", {}, 404, "There is no rollout"),
        ("DELETE", "/environments/none", None, 404, "There is no environment"),
        ("PUT", "/limits/default", {"concurrent": -1}, 422, "concurrent: "),
    ],
)  # fmt: skip
def test_mistakes_are_told(running: ServerProcess, method: str, path: str, body: Any, status: int, said: str) -> None:
    answer = send(running, method, path, body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(said)


def test_a_template_and_a_condition_are_looked_at_when_they_are_made(running: ServerProcess) -> None:
    made(running, "/configs", slug="odd")
    refused = send(running, "POST", "/configs/odd/variants", {"slug": "a", "system_prompt": "{{ x.upper() }}"})
    assert refused.json()["detail"].startswith("system_prompt: line 1: call is not allowed")
    made(running, "/configs/odd/variants", slug="a")
    refused = send(running, "POST", "/rollouts", {"config": "odd", "variant": "a", "conditions": {"~": []}})
    assert refused.json()["detail"].startswith("conditions: there is no '~'")
    delete(running, "/configs/odd")


def test_all_of_it_needs_the_scope_admin(running: ServerProcess) -> None:
    body = {"name": "reader", "scopes": ["read", "gateway", "ingest"]}
    key = httpx.post(f"{running.url}/api/v1/keys", json=body, headers=running.headers, timeout=30).json()["secret"]
    paths = ("/accounts", "/configs", "/environments", "/rollouts", "/limits", "/history")
    assert {send(running, "GET", path, key=key).status_code for path in paths} == {403}
    assert send(running, "POST", "/configs", {"slug": "x"}, key).status_code == 403
