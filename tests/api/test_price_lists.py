"""Newer data and other tools' lists at a running server: live at once, but for what nobody should believe unasked."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from server_process import ServerProcess


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("lists"))
    server.start()
    yield server
    server.kill()


def data(mini: str, quill: str = "1") -> bytes:
    def model(name: str, rate: str) -> dict[str, Any]:
        return {"id": name, "match": {"equals": name}, "prices": {"input_mtok": rate, "output_mtok": rate}}

    models = [model("gpt-4o-mini", mini), model("quill-9", quill)]
    return json.dumps([{"id": "openai", "name": "OpenAI", "api_pattern": "https://x", "models": models}]).encode()


def post(server: ServerProcess, path: str, body: bytes, **asked: str) -> httpx.Response:
    url = f"{server.url}/api/v1/prices{path}"
    return httpx.post(url, content=body, params=asked, headers=server.headers, timeout=60)


def cost(server: ServerProcess, model: str, at: str | None = None) -> str | None:
    usage = {"input_tokens": 1_000_000, "output_tokens": 0}
    asked = {"model": model, "provider": "openai", "usage": usage} | ({"at": at} if at else {})
    answer = httpx.post(f"{server.url}/api/v1/prices/explain", json=asked, headers=server.headers)
    return answer.json()["cost_usd"]


def test_newer_data_holds_from_today_and_what_is_suspicious_waits(running: ServerProcess) -> None:
    told = post(running, "/update", data("0.3"), dry_run="true").json()
    assert (told["applied"], told["held"]) == (False, [])
    assert {(c["after"]["model"], c["after"]["bucket"], c["what"]) for c in told["changes"]} >= {
        ("gpt-4o-mini", "input", "changed"),
        ("quill-9", "input", "added"),
    }
    assert cost(running, "gpt-4o-mini") == "0.15"
    assert post(running, "/update", data("0.3"), source="a file").json()["applied"]
    assert (cost(running, "gpt-4o-mini"), cost(running, "quill-9")) == ("0.3", "1")
    assert cost(running, "gpt-4o-mini", "2026-01-01T00:00:00Z") == "0.15"
    assert cost(running, "gpt-4o") == "2.5"
    wild = post(running, "/update", data("300")).json()
    assert wild["held"] == [{"provider": "openai", "model": "gpt-4o-mini"}]
    assert "another unit" in next(c["suspicious"] for c in wild["changes"] if c["suspicious"])
    assert cost(running, "gpt-4o-mini") == "0.3"
    running.restart()
    assert cost(running, "gpt-4o-mini") == "0.3"
    [waiting, *_] = running.get("/api/v1/prices/update")["data"]
    assert waiting["after"]["model"] == "gpt-4o-mini"
    confirm = {"models": [["openai", "gpt-4o-mini"]]}
    url = f"{running.url}/api/v1/prices/update/confirm"
    assert httpx.post(url, json=confirm, headers=running.headers).status_code == 204
    assert cost(running, "gpt-4o-mini") == "300"
    assert cost(running, "gpt-4o-mini", "2026-01-01T00:00:00Z") == "0.15"
    assert httpx.post(url, json={}, headers=running.headers).status_code == 404


def test_a_foreign_list_is_taken_in_but_for_what_is_suspicious(running: ServerProcess) -> None:
    entries = {
        "sparrow-1": {"litellm_provider": "openai", "input_cost_per_token": 2e-06, "output_cost_per_token": 4e-06},
        "gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 2.5, "output_cost_per_token": 10},
    }
    body = json.dumps(entries).encode()
    told = post(running, "/import", body, format="litellm").json()
    assert told["held"] == [{"provider": "openai", "model": "gpt-4o"}]
    assert (cost(running, "sparrow-1"), cost(running, "gpt-4o")) == ("2", "2.5")
    assert post(running, "/import", body, format="litellm", confirmed="true").json()["held"] == []
    assert cost(running, "gpt-4o") == "2500000"


def test_what_is_no_list_is_refused(running: ServerProcess) -> None:
    assert post(running, "/update", b"hats").status_code == 400
    assert post(running, "/update", b'[{"id": 1}]').status_code == 400
    assert post(running, "/import", b"hats", format="litellm").status_code == 400
    assert post(running, "/import", b"{}", format="hats").status_code == 400


def test_lists_are_given_out(running: ServerProcess) -> None:
    def exported(form: str) -> httpx.Response:
        url = f"{running.url}/api/v1/prices/export"
        return httpx.get(url, params={"format": form}, headers=running.headers, timeout=60)

    assert exported("litellm").json()["openai/gpt-4o-mini"]["litellm_provider"] == "openai"
    assert "gpt-4o-mini" in exported("openlit").json()["chat"]
    assert exported("csv").text.startswith("provider,")
    assert exported("hats").status_code == 400
