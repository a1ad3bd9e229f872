"""A browser's cookie opens what a key with all scopes opens, and no other site can use it."""

import re
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from server_process import ServerProcess

PASSWORD = "correct horse battery"
OURS = {"X-Farthing-UI": "1", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server that was just set up."""
    running = ServerProcess(tmp_path_factory.mktemp("session"))
    running.start()
    yield running
    running.kill()


def test_the_link_of_the_first_start_leads_in(server: ServerProcess) -> None:
    (token,) = re.findall(r"/sign-in\?token=(\S+)", server.output())
    with httpx.Client(base_url=server.url) as browser:
        assert browser.get("/api/v1/session").status_code == 401
        entered = browser.post("/api/v1/session/link", json={"token": token, "password": PASSWORD}, headers=OURS)
        assert entered.status_code == 200
        assert entered.json()["user"]["name"] == "admin"
        assert entered.json()["projects"] == [{"id": "default", "name": "Default"}]
        cookie = entered.headers["set-cookie"]
        assert all(word in cookie for word in ("farthing_session=", "HttpOnly", "SameSite=lax", "Path=/"))
        assert browser.get("/api/v1/spend").json()["total"]["calls"] == 0
        assert browser.get("/api/v1/spend", headers={"X-Farthing-Project": "nope"}).status_code == 404
        # What another site could make this browser send.
        for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {**OURS, "Sec-Fetch-Site": "cross-site"}):
            refused = browser.post("/api/v1/keys", json={"name": "stolen"}, headers=headers)
            assert refused.status_code == 403
        assert browser.post("/api/v1/keys", json={"name": "mine"}, headers=OURS).status_code == 201
        assert browser.delete("/api/v1/session", headers=OURS).status_code == 204
        assert browser.get("/api/v1/spend").status_code == 401


def test_a_password_leads_in_and_outlives_a_restart(tmp_path: Path) -> None:
    running = ServerProcess(tmp_path, {"FARTHING_INIT_ADMIN_PASSWORD": PASSWORD})
    running.start()
    try:
        assert "/sign-in?token=" not in running.output()
        with httpx.Client(base_url=running.url, headers=OURS) as browser:
            wrong = browser.post("/api/v1/session", json={"login": "admin", "password": "wrong horse"})
            assert (wrong.status_code, wrong.json()["detail"]) == (401, "The name or the password is wrong.")
            assert browser.post("/api/v1/session", json={"login": "admin", "password": PASSWORD}).status_code == 200
            running.restart()
            assert browser.get("/api/v1/session").json()["user"]["name"] == "admin"
    finally:
        running.kill()


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"login":"a"}', b'{"login":"a","password":"' + b"x" * 2000 + b'"}'])
def test_a_body_that_makes_no_sense_is_told_so(server: ServerProcess, body: bytes) -> None:
    answer = httpx.post(
        f"{server.url}/api/v1/session", content=body, headers={**OURS, "Content-Type": "application/json"}
    )
    assert answer.status_code == 422
