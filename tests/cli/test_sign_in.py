"""A new link on the command line lets in once, and whoever was signed in before is signed out."""

import re
from collections.abc import Generator

import httpx
import pytest
from server_process import ServerProcess

PASSWORD = "correct horse battery"
OURS = {"X-Farthing-UI": "1"}
FIRST = {"FARTHING_INIT_ADMIN_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server whose admin has a password."""
    server = ServerProcess(tmp_path_factory.mktemp("sign-in"), FIRST)
    server.start()
    yield server
    server.kill()


def test_a_new_link_leads_in_once_and_ends_what_was_before(running: ServerProcess) -> None:
    with (
        httpx.Client(base_url=running.url, headers=OURS) as before,
        httpx.Client(base_url=running.url, headers=OURS) as after,
    ):
        assert before.post("/api/v1/session", json={"login": "admin", "password": PASSWORD}).status_code == 200
        [token] = re.findall(rf"{running.url}/sign-in\?token=(\S+)", running.run_cli("sign-in"))
        body = {"token": token, "password": "another horse"}
        assert after.post("/api/v1/session/link", json=body).status_code == 200
        assert after.get("/api/v1/session").json()["user"]["name"] == "admin"
        assert after.post("/api/v1/session/link", json=body).status_code == 401
        assert before.get("/api/v1/session").status_code == 401


def test_nobody_of_that_name_is_said(running: ServerProcess) -> None:
    answer = httpx.post(f"{running.url}/api/v1/session/links", json={"login": "eve"}, headers=running.headers)
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is nobody called 'eve'.")


def test_only_admins_make_links(running: ServerProcess) -> None:
    made = httpx.post(f"{running.url}/api/v1/keys", json={"name": "r", "scopes": ["read"]}, headers=running.headers)
    for headers, status in (({}, 401), ({"X-API-Key": made.json()["secret"]}, 403)):
        answer = httpx.post(f"{running.url}/api/v1/session/links", json={}, headers=headers)
        assert answer.status_code == status
