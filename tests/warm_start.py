"""What a process is to be started with in; `farthing` running with it, as a fork of a process that has imported it, out.

Importing is more than half of the work of a server's start, and a run of all tests starts some two hundred servers. Nothing
else is done before the fork: what reads settings, opens files or begins threads is done by each server for itself.
"""

import atexit
import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

CAN = hasattr(os, "pidfd_open") and hasattr(os, "fork")
"""Only Linux tells of the end of a process that isn't a child of ours."""

_MOST_BYTES = 1 << 17


class WarmProcess:
    """A process that runs, as `subprocess.Popen` has it."""

    def __init__(self, begun: "_Template", pid: int) -> None:
        """Use `start`."""
        self.pid = pid
        self.returncode: int | None = None
        self._begun = begun
        # Until it is asked how it ended the number isn't given to another one.
        self._end = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """How it ended, or None."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has. Raises `subprocess.TimeoutExpired`."""
        if self.returncode is None:
            watch = select.poll()
            watch.register(self._end, select.POLLIN)
            if not watch.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(["farthing"], timeout or 0)
            os.close(self._end)
            self.returncode = self._begun.ask(ended=self.pid)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._end, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


class _Template:
    """The process that has imported everything. It ends when we do."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        atexit.register(self._end)
        self._lock = threading.Lock()
        with theirs:
            number = str(theirs.fileno())
            # What a library finds out about its output when it is imported has to fit a log.
            self._process = subprocess.Popen(
                [sys.executable, __file__, number],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                env={name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ},
            )  # fmt: skip

    def _end(self) -> None:
        self._line.close()
        self._process.wait()

    def ask(self, **what: Any) -> int:
        with self._lock:
            self._line.send(json.dumps(what).encode())
            answer = self._line.recv(_MOST_BYTES)
        assert answer, "the process that servers are forked from has ended"
        return int(answer)


@cache
def _template() -> _Template:
    return _Template()


def start(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> WarmProcess:
    """`farthing` with these arguments, what it prints at the end of `log`."""
    template = _template()
    told = {"argv": ["farthing", *arguments], "environment": dict(environment), "folder": str(folder), "log": str(log)}
    return WarmProcess(template, template.ask(start=told))


def _serve(line: socket.socket) -> dict[str, Any]:
    """Fork whenever asked to. Returns in each child, with what it is to be; ends with the tests, and all children with it."""
    running: set[int] = set()
    while told := line.recv(_MOST_BYTES):
        match json.loads(told):
            case {"start": wanted}:
                pid = os.fork()
                if pid == 0:
                    return wanted
                running.add(pid)
                answer = pid
            case {"ended": pid}:
                running.remove(pid)
                answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            case other:
                raise ValueError(other)
        line.send(str(answer).encode())
    # Tests that were themselves killed could not do it.
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    sys.exit()


def _below(kind: type[Any]) -> list[type[Any]]:
    return [one for child in kind.__subclasses__() for one in (child, *_below(child))]


def _become(wanted: dict[str, Any]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    sys.argv = wanted["argv"]


if __name__ == "__main__":
    # Ctrl-C is for the tests, which then end their servers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # This file's folder holds tests, and no server should find them.
    sys.path[0:1] = []
    # `farthing up` imports it once it knows that it is to serve.
    importlib.import_module("farthing.app")
    # A server works out the models of the routes that it is asked for. Here it is done once for all servers.
    from farthing.api.model import Model, work_out

    work_out(_below(Model))
    from farthing.cli import main

    with socket.socket(fileno=int(sys.argv[1])) as given:
        becoming = _serve(given)
    _become(becoming)
    main()
