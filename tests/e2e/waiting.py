"""A condition that no event tells of in; come back when it holds, or fail."""

import re
import threading
import time
from collections.abc import Callable

import httpx
from server_process import ServerProcess

LOOK_EVERY_S = 0.05


def until(holds: Callable[[], bool], within: float) -> None:
    """Look again and again, at most `within` seconds."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not holds():
        assert time.monotonic() < deadline, f"not so after {within} s"
        pause.wait(LOOK_EVERY_S)


def wait_until_settled(server: ServerProcess, within: float = 30) -> None:
    """Come back when the server says that nothing it keeps is left to be settled."""
    until(lambda: metric(server, "farthing_spans_pending") == 0, within)


def metric(server: ServerProcess, name: str) -> float:
    """A figure that the server tells about itself."""
    text = httpx.get(server.url + "/metrics", headers=server.headers, timeout=30).text
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    assert found, text
    return float(found[1])
