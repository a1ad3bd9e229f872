"""A command in; a running server out, with its memory, processor time and end, all counted over its whole process tree."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

HOST = "127.0.0.1"

# Settings of the shell we run in must not leak into the systems that are compared.
_FOREIGN = ("OTEL_", "PHOENIX_", "MLFLOW_", "FARTHING_", "PYTHON", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class StartFailedError(RuntimeError):
    """The server ended, or did not answer in time; the message carries the end of its log."""


class Memory(msgspec.Struct, frozen=True):
    """Memory of a process tree in MiB; zeros where the system does not tell.

    `resident` counts pages that several processes share once per process, `proportional` counts them once.
    `peak` adds up each process's own highest resident size.
    """

    resident: float
    proportional: float
    peak: float


def free_port() -> int:
    """A port on loopback that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Server:
    """A server started in its own session, so that all of it can be measured and ended by its process ids."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], folder: Path, port: int) -> None:
        self.port = port
        self._log = folder / "server.log"
        self._started = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**_own_environment(folder), **env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def wait_healthy(self, path: str, limit: float = 120) -> float:
        """Seconds from the start to the first 2xx on `path`."""
        while time.monotonic() - self._started < limit:
            if self._process.poll() is not None:
                raise StartFailedError(f"the server ended with {self._process.returncode}:\n{self.log_tail()}")
            if _answers(self.port, path):
                return time.monotonic() - self._started
            time.sleep(0.02)
        raise StartFailedError(f"no answer on {path} within {limit:.0f} s:\n{self.log_tail()}")

    def memory(self) -> Memory:
        """Memory of the tree as it is now."""
        sums = {"VmRSS": 0, "Pss": 0, "VmHWM": 0}
        for pid in self._tree():
            for source, keys in (("status", ("VmRSS", "VmHWM")), ("smaps_rollup", ("Pss",))):
                for key in keys:
                    sums[key] += _kib(pid, source, key)
        return Memory(sums["VmRSS"] / 1024, sums["Pss"] / 1024, sums["VmHWM"] / 1024)

    def cpu_seconds(self) -> float:
        """Processor time of the processes that are alive, user and system."""
        return sum(_cpu_ticks(pid) for pid in self._tree()) / os.sysconf("SC_CLK_TCK")

    def terminate(self, limit: float = 15) -> float:
        """Ask it to end and wait; returns the seconds it took. What is left after `limit` is killed."""
        asked = time.monotonic()
        tree = self._tree()
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(limit)
        took = time.monotonic() - asked
        self._end(tree)
        return took

    def kill(self) -> None:
        """SIGKILL for the whole tree, the main process first."""
        self._end(self._tree())

    def log_tail(self, lines: int = 20) -> str:
        """The end of what the server printed."""
        text = self._log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def _end(self, tree: Sequence[int]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pid in tree:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def _tree(self) -> list[int]:
        if self._process.poll() is not None:
            return []
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            fields = _stat(int(entry.parent.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
        tree, queue = list[int](), [self._process.pid]
        while queue:
            pid = queue.pop()
            tree.append(pid)
            queue.extend(children.get(pid, ()))
        return tree


def get(port: int, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> bytes:
    """The body of a 2xx answer from a server on loopback; GET, or POST when there is a `body`."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request("GET" if body is None else "POST", path, body, dict(headers or {}))
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise OSError(f"{path} answered {answer.status}: {content[:300]!r}")
    return content


def _answers(port: int, path: str) -> bool:
    try:
        get(port, path)
    except (OSError, http.client.HTTPException):
        return False
    return True


def _own_environment(folder: Path) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.upper().startswith(_FOREIGN)}
    # Whatever still wants to call home meets a closed port on loopback.
    closed = f"http://{HOST}:9"
    proxies = {"HTTP_PROXY": closed, "HTTPS_PROXY": closed, "NO_PROXY": f"{HOST},localhost"}
    return {
        **inherited,
        **proxies,
        **{k.lower(): v for k, v in proxies.items()},
        "HOME": str(folder),
        "DO_NOT_TRACK": "true",
        "PYTHONUNBUFFERED": "1",
    }


def _stat(pid: int) -> list[str]:
    """The fields after the command's name: state, parent, …"""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def _cpu_ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _kib(pid: int, source: str, key: str) -> int:
    try:
        text = Path(f"/proc/{pid}/{source}").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    for line in text.splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1])
    return 0
