"""Change tokens over HTTP: told when calls were settled, of the own project only, bounded, and no hindrance to stopping."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from api.conftest import body, fill
from server_process import KEY, ServerProcess

from farthing.api import live

LINES_WITHIN_S = 10


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("live"))
    server.start()
    yield server
    server.kill()


def opened(server: ServerProcess, stack: ExitStack, **headers: str) -> tuple[httpx.Response, Iterator[str]]:
    """A stream that has begun, and its lines from the second on."""
    client = stack.enter_context(httpx.Client(timeout=LINES_WITHIN_S))
    answer = stack.enter_context(
        client.stream("GET", f"{server.url}/api/v1/live", headers={**server.headers, **headers})
    )
    assert answer.status_code == 200, answer.read()
    lines = answer.iter_lines()
    assert next(lines) == f"retry: {live.RECONNECT_MS}"
    return answer, lines


def token(lines: Iterator[str]) -> int:
    """The next one's number."""
    found: dict[str, Any] = {}
    for line in lines:
        name, _, told = line.partition(": ")
        found[name] = told
        if not line and "event" in found:
            break
    assert found["event"] == "change"
    watermark = json.loads(found["data"])["watermark"]
    assert found["id"] == str(watermark)
    return watermark


def test_a_token_comes_when_calls_can_be_read_and_rises(running: ServerProcess) -> None:
    with ExitStack() as stack:
        answer, lines = opened(running, stack)
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "no-cache" in answer.headers["cache-control"]
        fill(running, body(range(2)), 2)
        first = token(lines)
        fill(running, body(range(2, 5)), 5)
        assert token(lines) > first


def test_who_comes_back_learns_what_was_missed_at_once(running: ServerProcess) -> None:
    with ExitStack() as stack:
        _, lines = opened(running, stack)
        fill(running, body(range(5, 6)), 6)
        first = token(lines)
    fill(running, body(range(6, 7)), 7)
    with ExitStack() as stack:
        _, lines = opened(running, stack, **{"Last-Event-ID": str(first)})
        assert token(lines) > first


def test_who_comes_for_the_first_time_learns_of_a_change_of_a_moment_ago(running: ServerProcess) -> None:
    before = running.get("/api/v1/spend", **{"from": "now-60d"})["total"]["calls"]
    fill(running, body(range(7, 8)), before + 1)
    with ExitStack() as stack:
        _, lines = opened(running, stack)
        assert token(lines)


def test_nobody_without_a_key_listens(running: ServerProcess) -> None:
    answer = httpx.get(f"{running.url}/api/v1/live")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_the_number_of_listeners_is_bounded_and_who_leaves_makes_room(running: ServerProcess) -> None:
    url = f"{running.url}/api/v1/live"
    limits = httpx.Limits(max_connections=None)
    with httpx.Client(timeout=LINES_WITHIN_S, limits=limits, headers=running.headers) as client:
        with ExitStack() as stack:
            held = [stack.enter_context(client.stream("GET", url)) for _ in range(live.MOST)]
            assert {answer.status_code for answer in held} == {200}
            answer = client.get(url)
            assert answer.status_code == 503
            assert "connected" in answer.json()["detail"]
            assert running.get("/api/v1/calls", limit="1")["data"] is not None
        deadline = time.monotonic() + LINES_WITHIN_S
        while time.monotonic() < deadline:
            with client.stream("GET", url) as answer:
                if answer.status_code == 200:
                    return
        pytest.fail("nobody could listen any more")


def test_stopping_does_not_wait_for_listeners(tmp_path: Path) -> None:
    # Half of that is what requests under way are waited for: longer than the test does.
    server = ServerProcess(tmp_path, {"FARTHING_DRAIN_SECONDS": "60"})
    server.start()
    with ExitStack() as stack:
        _, lines = opened(server, stack)
        ended = threading.Event()
        reading = threading.Thread(target=lambda: (list(lines), ended.set()))
        reading.start()
        assert server.stop() == 0
        assert ended.wait(LINES_WITHIN_S)
        reading.join()
    assert "Traceback" not in server.output()
    assert KEY not in server.output()
