"""A server that is busy, away or odd: how long it is waited for, what is sent again, and what is made of its answers."""

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from farthing.cli.client import RefusedError
from farthing.cli.importing.peer import TRIES, DeclinedError, Peer

Answer = tuple[int, dict[str, str], bytes]


class Site(http.server.ThreadingHTTPServer):
    """Answers as it was told, one after the other, and at the end always the last one."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answers: list[Answer] = []
        self.asked = 0


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        site = self.server
        assert isinstance(site, Site)
        site.asked += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, content = site.answers.pop(0) if len(site.answers) > 1 else site.answers[0]
        if not status:
            # Hangs up.
            return
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815  the base class asks for this name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Not among the output of tests."""


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def peer(site: Site, waited: list[float]) -> Iterator[Peer]:
    made = Peer("The source", f"http://127.0.0.1:{site.server_port}/", is_near=True, wait=waited.append)
    yield made
    made.close()


def test_what_is_busy_is_asked_again_when_it_says(site: Site, peer: Peer, waited: list[float]) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    site.answers = [
        (429, {"Retry-After": "7"}, b""),
        (503, {"Retry-After": soon}, b""),
        (429, {"Retry-After": "1e9"}, b""),
        (502, {"Retry-After": "soon"}, b"<html>"),
        (200, {}, b'{"data": []}'),
    ]
    assert peer.get("/traces") == {"data": []}
    assert waited[0] == 7
    assert 50 < waited[1] <= 100
    assert waited[2] == 600
    assert 2 <= waited[3] <= 4


def test_nobody_is_asked_for_ever(site: Site, peer: Peer, waited: list[float]) -> None:
    site.answers = [(500, {}, b'{"message": "broken"}')]
    with pytest.raises(RefusedError, match="broken Run the same command again"):
        peer.get("/traces")
    assert (site.asked, len(waited)) == (TRIES, TRIES - 1)
    assert waited == sorted(waited) or max(waited) <= 60


def test_who_went_away_is_waited_for_and_who_never_was_there_is_not(
    site: Site, peer: Peer, waited: list[float]
) -> None:
    site.answers = [(200, {}, b"{}")]
    nobody = Peer("The source", "http://127.0.0.1:9", is_near=True, wait=waited.append)
    with pytest.raises(RefusedError, match="Is that its address"):
        nobody.get("/projects")
    assert waited == []
    nobody.close()
    with pytest.raises(RefusedError, match="no address"):
        Peer("The source", "http://[::1", is_near=True)
    peer.get("/projects")
    site.answers = [(0, {}, b"")] * (TRIES - 1) + [(200, {}, b'{"a": 1}')]
    assert peer.get("/projects") == {"a": 1}
    assert len(waited) == TRIES - 1


def test_what_must_not_be_done_twice_is_sent_again_only_where_nothing_was_done(site: Site, peer: Peer) -> None:
    site.answers = [(429, {"Retry-After": "0"}, b""), (201, {}, b'{"version": 1}')]
    assert peer.post("/v2/prompts", {}, is_repeatable=False) == {"version": 1}
    site.answers, site.asked = [(500, {}, b"")], 0
    with pytest.raises(DeclinedError, match="It answered 500"):
        peer.post("/v2/prompts", {}, is_repeatable=False)
    assert site.asked == 1


def test_wrong_keys_end_it_and_a_missing_list_does_not(site: Site, peer: Peer) -> None:
    site.answers = [(401, {}, b'{"message": "Invalid credentials"}')]
    with pytest.raises(RefusedError, match="let these keys in: Invalid credentials"):
        peer.get("/projects")
    site.answers = [(404, {}, b"<html>no</html>")]
    with pytest.raises(DeclinedError) as declined:
        peer.get("/v3/scores")
    assert declined.value.is_missing


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"a": "x\\ud800y"}', {"a": "x\ufffdy"}),
        (b'{"a": "\\ud83d\\ude00\\udc00"}', {"a": "\U0001f600\ufffd"}),
        (b'{"a": NaN, "b": 1e999, "c": 0.1}', {"a": None, "b": None, "c": 0.1}),
        (b'{"a": "\xff"}', {"a": "\ufffd"}),
    ],
)
def test_odd_json_is_read_as_far_as_it_goes(site: Site, peer: Peer, content: bytes, told: Any) -> None:
    site.answers = [(200, {}, content)]
    assert peer.get("/traces") == told


def test_what_is_no_json_is_said_to_be_none(site: Site, peer: Peer) -> None:
    site.answers = [(200, {"Content-Type": "text/html"}, b"<html>Sign in</html>")]
    with pytest.raises(DeclinedError, match="something other than JSON"):
        peer.get("/traces")
