"""Projects over HTTP at a running server: made, renamed, kept apart."""

from typing import Any

import httpx
import pytest
from server_process import ServerProcess


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Any:
    server = ServerProcess(tmp_path_factory.mktemp("projects"))
    server.start()
    yield server
    server.kill()


def ask(server: ServerProcess, method: str, path: str, body: Any = None) -> httpx.Response:
    return httpx.request(method, f"{server.url}/api/v1{path}", json=body, headers=server.headers, timeout=30)


def test_a_project_is_made_once_and_can_be_renamed(running: ServerProcess) -> None:
    made = ask(running, "POST", "/projects", {"id": "shop", "name": " The shop "})
    assert made.status_code == 201, made.text
    assert made.json()["name"] == "The shop"
    assert ask(running, "POST", "/projects", {"id": "shop", "name": "Again"}).status_code == 409
    assert ask(running, "POST", "/projects", {"id": "No good", "name": "x"}).status_code == 400
    assert ask(running, "PATCH", "/projects/shop", {"name": "Web shop"}).json()["name"] == "Web shop"
    assert ask(running, "PATCH", "/projects/none", {"name": "x"}).status_code == 404
    listed = ask(running, "GET", "/projects").json()["data"]
    assert [(one["id"], one["name"]) for one in listed] == [("default", "Default"), ("shop", "Web shop")]


def test_nobody_without_a_key_sees_any(running: ServerProcess) -> None:
    assert httpx.get(f"{running.url}/api/v1/projects").status_code == 401
    assert httpx.get(f"{running.url}/api/v1/ingest/health").status_code == 401
