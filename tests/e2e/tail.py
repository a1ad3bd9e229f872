"""A running server in, the calls that `farthing tail` shows out, each with the moment it was shown."""

import json
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from server_process import FARTHING, ServerProcess

LOOK_EVERY = 0.05


class Tail:
    """`with Tail(server) as tail:` watches until the block ends."""

    def __init__(self, server: ServerProcess) -> None:
        self._process = subprocess.Popen(
            [FARTHING, "tail", "--json"], env=server.client_environment, stdout=subprocess.PIPE, text=True
        )
        self._lines: queue.SimpleQueue[tuple[float, str]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with self._process:
            self._process.terminate()
            self._reader.join()

    def calls(self, enough: Callable[[set[str]], bool], since: float, within: float) -> list[dict[str, Any]]:
        """What is shown until that is enough by its ids, at most `within` seconds after the moment `since` (monotonic)."""
        shown: list[dict[str, Any]] = []
        while not enough({call["id"] for call in shown}):
            try:
                at, line = self._lines.get(timeout=LOOK_EVERY)
            except queue.Empty:
                assert time.monotonic() - since <= within, f"not enough within {within} s: {shown}"
                continue
            assert at - since <= within, f"shown after {at - since:.1f} s: {line}"
            shown.append(json.loads(line))
        return shown

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put((time.monotonic(), line))
