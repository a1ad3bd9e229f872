"""Events for a server that takes few at once or refuses some in; the counts of what became of each, out."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from farthing.cli.importing.peer import Peer
from farthing.cli.importing.record import OTHERS, Reading
from farthing.cli.importing.sending import send

MOST_BYTES = 400


class _Door(http.server.BaseHTTPRequestHandler):
    """Takes bodies of few bytes, and no event whose name begins with "bad"."""

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        events: list[dict[str, Any]] = json.loads(self.rfile.read(size))["batch"]
        bad = [{"id": one["id"], "message": f"no {one['body']['id']}"} for one in events if one["id"].startswith("bad")]
        told = json.dumps({"message": "too large"} if size > MOST_BYTES else {"successes": [], "errors": bad}).encode()
        self.send_response(413 if size > MOST_BYTES else 207)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Not among the output of tests."""


@pytest.fixture(scope="module")
def target() -> Iterator[Peer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    peer = Peer("Farthing", f"http://127.0.0.1:{server.server_port}", is_near=True)
    yield peer
    peer.close()
    server.shutdown()
    server.server_close()
    thread.join()


def event(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": "trace-create", "body": {"id": f"trace of {name}", **more}}


def test_what_is_too_large_together_goes_in_parts_and_what_is_alone_is_refused(target: Peer) -> None:
    reading = Reading()
    large = event("large", input="x" * MOST_BYTES)
    send(target, reading, [*(event(f"e{number}") for number in range(20)), large, event("bad")])
    assert reading.taken == 20
    assert reading.refused == {"too large": 1, "no trace of bad": 1}
    assert reading.examples["too large"] == "trace of large"


def test_reasons_are_told_apart_up_to_a_number(target: Peer) -> None:
    reading = Reading()
    send(target, reading, [event(f"bad{number}") for number in range(60)])
    assert sum(reading.refused.values()) == 60
    assert reading.refused[OTHERS] == 10
