"""Channels over HTTP: made, changed, tried out and removed, without a secret in any answer; and who may do what."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from alerts.receivers import HttpReceiver
from server_process import ServerProcess
from typer.testing import CliRunner

from farthing.cli import alert_channels
from farthing.cli.main import app

PATH = "/api/v1/alerts/channels"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    running = ServerProcess(tmp_path_factory.mktemp("channels"), {"FARTHING_ALERTS_ALLOW_PRIVATE": "127.0.0.1"})
    running.start()
    yield running
    running.kill()


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A console reads its width when it is made, which another test in this process may have had done."""
    monkeypatch.setattr(alert_channels.out, "width", 200)


@pytest.fixture(scope="module")
def receiver() -> Generator[HttpReceiver]:
    with closing(HttpReceiver()) as made:
        yield made


def send(server: ServerProcess, method: str, path: str, body: Any = None, key: str = "") -> httpx.Response:
    headers = {"X-API-Key": key} if key else server.headers
    return httpx.request(method, server.url + path, json=body, headers=headers, timeout=30)


def test_a_channel_is_made_tried_changed_and_removed(server: ServerProcess, receiver: HttpReceiver) -> None:
    wanted = {"name": "hook", "kind": "webhook", "settings": {"url": receiver.url, "headers": {"X-Token": "t-secret"}}}
    made = send(server, "POST", PATH, wanted)
    assert made.status_code == 201, made.text
    channel = made.json()
    assert channel["signing_secret"].startswith("whsec_")
    assert channel["secrets"]["url"] == "http://127.0.0.1/…6789"
    assert (channel["secrets"]["headers"], channel["settings"]) == ("X-Token", {"body": None})
    assert send(server, "POST", PATH, wanted).status_code == 409
    tried = send(server, "POST", f"{PATH}/hook/test").json()
    assert (tried["ok"], tried["error"], tried["delivery"]["status"]) == (True, None, "sent")
    got = receiver.next()
    assert got.headers["X-Token"] == "t-secret"
    assert got.headers["webhook-id"] == tried["delivery"]["id"]
    changed = send(
        server, "PATCH", f"{PATH}/{channel['id']}", {"least_severity": "critical", "settings": {"headers": None}}
    )
    assert changed.json()["least_severity"] == "critical"
    assert send(server, "POST", f"{PATH}/hook/test").json()["ok"]
    assert "X-Token" not in receiver.next().headers
    (listed,) = server.get(PATH)["data"]
    assert listed["last_sent_at"] > listed["created_at"]
    assert (listed["pending"], listed["failing_since"], listed["last_error"]) == (0, None, None)
    page = server.get("/api/v1/alerts/deliveries", channel="hook", limit="1")
    older = server.get("/api/v1/alerts/deliveries", channel="hook", limit="1", cursor=page["next_cursor"])
    assert [one["what"] for one in page["data"] + older["data"]] == ["test", "test"]
    assert older["next_cursor"] is None
    history = server.get(f"{PATH}/history")
    everything = f"{changed.text}{listed}{page}{older}{history}{server.output()}"
    for secret in (channel["signing_secret"], "t-secret", "token-0123456789"):
        assert secret not in everything
    assert send(server, "DELETE", f"{PATH}/hook").status_code == 204
    assert send(server, "GET", f"{PATH}/hook").status_code == 404
    assert server.get("/api/v1/alerts/deliveries", channel=channel["id"])["data"][0]["channel"] == "hook"


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"name": "a", "kind": "fax", "settings": {}}, 422, "kind"),
        ({"name": "a", "kind": "slack", "settings": {}}, 400, "settings"),
        (
            {"name": "a", "kind": "slack", "settings": {"url": "http://10.0.0.1/x"}},
            400,
            "FARTHING_ALERTS_ALLOW_PRIVATE",
        ),
        ({"name": " ", "kind": "slack", "settings": {"url": "https://x.example/"}}, 400, "name"),
        (
            {
                "name": "a",
                "kind": "slack",
                "settings": {"url": "https://x.example/"},
                "digest": {"timezone": "Mars/Base"},
            },
            400,
            "digest.timezone",
        ),
        (
            {"name": "a", "kind": "slack", "settings": {"url": "https://x.example/"}, "digest": {"at": "8 o'c"}},
            400,
            "digest.at",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(server: ServerProcess, body: dict[str, Any], status: int, told: str) -> None:
    answer = send(server, "POST", PATH, body)
    assert answer.status_code == status
    assert told in answer.json()["detail"]


def test_reading_needs_read_and_changing_admin(server: ServerProcess) -> None:
    reader = send(server, "POST", "/api/v1/keys", {"name": "r", "scopes": ["read"]}).json()["secret"]
    assert send(server, "GET", PATH, key=reader).status_code == 200
    assert send(server, "GET", "/api/v1/alerts/deliveries", key=reader).status_code == 200
    assert send(server, "POST", PATH, {"name": "a", "kind": "slack", "settings": {}}, key=reader).status_code == 403
    assert send(server, "POST", f"{PATH}/x/test", key=reader).status_code == 403
    assert send(server, "POST", f"{PATH}/x/test").status_code == 404


def run(server: ServerProcess, *words: str, **environment: str) -> str:
    """What a command prints, whether or not it succeeds."""
    known = {"FARTHING_URL": server.url, "FARTHING_KEY": server.key}
    return CliRunner().invoke(app, ["alerts", *words], env={**known, **environment}).output


def test_the_command_line_adds_tries_changes_and_removes(server: ServerProcess, receiver: HttpReceiver) -> None:
    words = ("channels", "add", "slack", "cli", "--secret-from", "HOOK")
    assert "HOOK is not set" in str(CliRunner().invoke(app, ["alerts", *words], env={"HOOK": ""}).exception)
    assert "farthing alerts channels test cli" in run(server, *words, HOOK=receiver.url)
    assert "It was taken" in run(server, "channels", "test", "cli")
    assert receiver.next().body
    receiver.answers.append((404, {}, b"no_service"))
    assert "It was not taken: It answered 404: no_service." in run(server, "channels", "test", "cli")
    receiver.next()
    changed = run(server, "channels", "set", "cli", "--least", "critical", "--digest", "week", "--off")
    for told in ("http://127.0.0.1/…6789", "critical", "week, mon 08:00 UTC", "off"):
        assert told in changed
    assert "failed" in run(server, "deliveries", "--channel", "cli")
    assert "is gone" in run(server, "channels", "remove", "cli")
    assert "cli" not in run(server, "channels", "list")


def test_a_file_declares_channels_twice_is_as_good_as_once(
    server: ServerProcess, receiver: HttpReceiver, tmp_path: Path
) -> None:
    place = tmp_path / "farthing.yml"
    place.write_text(
        "channels:\n"
        "  - {name: filed, kind: webhook, secret_from: HOOK, least_severity: critical, settings: {body: {text: '{{ title }}'}}}\n"
        "  - {name: post, kind: email, digest: {every: week}, settings: {host: mail.example.com, sender: f@example.com, recipients: [o@example.com]}}\n"
    )
    known = {"FARTHING_URL": server.url, "FARTHING_KEY": server.key, "HOOK": receiver.url}

    def applied(**environment: str) -> str:
        return CliRunner().invoke(app, ["apply", "-f", str(place), "--yes"], env={**known, **environment}).output

    first = applied()
    assert "+ channel filed" in first
    assert "url=set" in first
    assert receiver.url not in first
    assert "Done: 2 changes." in first
    assert "Nothing to change." in applied()
    assert "~ channel filed" in applied(HOOK=receiver.url + "-other")
    assert server.get(f"{PATH}/filed")["secrets"]["url"] == "http://127.0.0.1/…ther"
    place.write_text("channels:\n  - {name: filed, kind: slack, secret_from: HOOK}\n")
    refused = CliRunner().invoke(app, ["apply", "-f", str(place), "--yes"], env=known)
    assert "can't be changed" in str(refused.exception)
