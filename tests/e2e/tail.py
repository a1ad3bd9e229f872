"""A running server in, the calls that `farthing tail` shows out, each with the moment it was shown."""

import json
import queue
import subprocess
import threading
import time
from types import TracebackType
from typing import Any, Self

from server_process import FARTHING, ServerProcess


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

    def calls(self, number: int, since: float, within: float) -> list[dict[str, Any]]:
        """The next calls; each must be shown at most `within` seconds after the moment `since` (monotonic)."""
        shown: list[dict[str, Any]] = []
        while len(shown) < number:
            try:
                at, line = self._lines.get(timeout=max(0.0, since + within - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{len(shown)} of {number} calls shown within {within} s: {shown}") from None
            assert at - since <= within, f"shown after {at - since:.1f} s: {line}"
            shown.append(json.loads(line))
        return shown

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put((time.monotonic(), line))
