"""The load process as its parent sees it: started, told to go, listened to, and what it has reported so far."""

import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import msgspec

from benchmarks.ingest.load import Event

_ROOT = Path(__file__).parents[2]


class GeneratorError(RuntimeError):
    """The load process ended before it was ready."""


class Generator:
    """One load process. `acked`, `last_ack` and the like grow while it sends."""

    def __init__(
        self, port: int, headers: Mapping[str, str], spans: int, *, connections: int, batch: int, seed: int
    ) -> None:
        command = [sys.executable, "-m", "benchmarks.ingest.load", "--port", str(port), "--spans", str(spans)]
        command += ["--batch", str(batch), "--connections", str(connections), "--seed", str(seed)]
        command += [f"--header={key}={value}" for key, value in headers.items()]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT, start_new_session=True
        )
        self._ready = threading.Event()
        self._done = threading.Event()
        self.spans = spans
        self.size = 0
        self.acked = 0
        self.busy = 0
        self.failed = 0
        self.failure = ""
        self.first_byte = 0.0
        self.last_ack = 0.0
        self.cpu_s = 0.0
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> "Generator":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def wait_ready(self, limit: float = 600) -> None:
        """Until all bodies are built."""
        if not self._ready.wait(limit) or not self.size:
            raise GeneratorError("the load generator did not get ready")

    def go(self) -> None:
        """Start sending."""
        self._order("go")

    def stop(self) -> None:
        """Send nothing new; what is on the wire is finished."""
        self._order("stop")

    def wait_done(self, limit: float) -> bool:
        """Whether it has sent everything, or stopped, within `limit` seconds."""
        return self._done.wait(max(0.0, limit))

    @property
    def acked_per_s(self) -> float:
        """Acknowledged spans by the time from the first byte to the last 2xx so far."""
        elapsed = self.last_ack - self.first_byte
        return self.acked / elapsed if elapsed > 0 else 0.0

    def _order(self, word: str) -> None:
        if self._process.stdin and self._process.poll() is None:
            self._process.stdin.write(word.encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._hear(msgspec.json.decode(line, type=Event))
        self._ready.set()
        self._done.set()

    def _hear(self, event: Event) -> None:
        match event.kind:
            case "ready":
                self.size = event.size
                self._ready.set()
            case "first_byte":
                self.first_byte = event.at
            case "answer":
                self.acked += event.spans
                self.last_ack = event.at
            case "busy":
                self.busy += 1
            case "failed":
                self.failed += event.spans
                self.failure = event.text
            case _:
                self.cpu_s = event.cpu_s
                self._done.set()
