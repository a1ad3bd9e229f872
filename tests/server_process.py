"""A folder in, the real server as a process out: start, restart, kill, stop, what a client needs to reach it, and its last words."""

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import warm_start

KEY = "fk_end2end0_" + "k" * 32
"""The key every test server is set up with: all scopes of the project `default`."""

START_SECONDS = 60
STOP_SECONDS = 10
STACKS_SECONDS = 5
LOG_LINES = 60
"""How much of its log a server shows when a test failed."""

PORTS = range(20_000, 32_000)
"""Below those that the system gives to clients: while a server is down, nobody else gets its port."""

Process = subprocess.Popen[bytes] | warm_start.WarmProcess

FARTHING = Path(sys.executable).with_name("farthing")


class ServerProcess:
    """`farthing up` on a free port with its data in `folder`. Nothing else of the environment reaches it."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str] | None = None, command: Sequence[str] = ("up",)
    ) -> None:
        self._command = command
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.key = KEY
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: Process | None = None
        self._told = ""
        self._environment = {
            **plain_environment(),
            "FARTHING_HOST": "127.0.0.1",
            "FARTHING_PORT": str(self.port),
            "FARTHING_OTLP_PORT": "0",
            "FARTHING_GRPC_PORT": "0",
            "FARTHING_DATA": str(self.data),
            "FARTHING_INIT_KEY": self.key,
            **(environment or {}),
        }

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> Process:
        """Start it and come back when it answers `/readyz`."""
        process = self.launch()
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            try:
                # Waiting for an early end is the pause between two looks.
                code = process.wait(timeout=0.02)
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    self.kill()
                    raise AssertionError(f"not ready after {START_SECONDS} s") from None
            else:
                raise AssertionError(f"ended with exit code {code} before it was ready")
        return process

    def launch(self, *, cold: bool = False) -> Process:
        """Start it without waiting; `cold` as a user does, else with what has been imported for all servers once."""
        if warm_start.CAN and not cold:
            self._process = warm_start.start(self._command, self._environment, self.log.parent, self.log)
        else:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [FARTHING, *self._command],
                    env=self._environment,
                    cwd=self.log.parent,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
        self._told = ""
        if self not in LAUNCHED:
            LAUNCHED.append(self)
        return self._process

    def kill(self) -> None:
        """SIGKILL: nothing gets a chance to tidy up. When a test failed, what each thread did is asked before."""
        if sys.exception() is not None:
            self._tell()
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, and the exit code once it has drained."""
        return self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Stop in order and start again on the same folder and port."""
        self.stop()
        self.start()

    def output(self) -> str:
        """All it printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def was_ended(self) -> bool:
        """Whether we ended it ourselves, or it never began."""
        return self._process is None

    @property
    def is_running(self) -> bool:
        """Whether it was started and not ended since, by us or by itself."""
        return self._process is not None and self._process.poll() is None

    def last_words(self) -> str:
        """The end of its log and, unless it was ended in order, what its threads do now."""
        if self.is_running:
            self._tell()
        return self._told or self._end_of_log(None)

    def _tell(self) -> None:
        if self._process is None:
            # It was ended before, and has told then.
            return
        if self._process.poll() is not None:
            self._told = self._end_of_log(None)
            return
        before = self.log.stat().st_size
        threads = _threads(self.pid)
        self._process.send_signal(signal.SIGUSR1)
        deadline, size = time.monotonic() + STACKS_SECONDS, -1
        # They are all written once nothing was added from one look to the next.
        while time.monotonic() < deadline and (size <= before or size < self.log.stat().st_size):
            size = self.log.stat().st_size
            time.sleep(0.1)
        with self.log.open("rb") as log:
            log.seek(before)
            stacks = log.read().decode(errors="replace")
        self._told = f"{self._end_of_log(before)}\n--- its threads, as Python sees them:\n{stacks}\n--- and as the system does:\n{threads}"

    def _end_of_log(self, size: int | None) -> str:
        said = self.log.read_bytes()[:size].decode(errors="replace") if self.log.exists() else ""
        ended = "" if self.is_running or self._process is None else f"\n(ended with {self._process.poll()})"
        return "\n".join(said.splitlines()[-LOG_LINES:]) + ended

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON answer to a GET that must succeed."""
        # Reading all certificates of the machine takes longer than most answers, and here nothing is encrypted.
        answer = httpx.get(self.url + path, params=parameters, headers=self.headers, timeout=30, verify=False)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    @property
    def headers(self) -> dict[str, str]:
        """What a client sends to be let in."""
        return {"Authorization": f"Bearer {self.key}"}

    @property
    def client_environment(self) -> dict[str, str]:
        """What `farthing …` needs to find this server: the same settings, read from the same data folder."""
        return {**self._environment, "COLUMNS": "160"}

    def run_cli(self, *arguments: str) -> str:
        """What `farthing …` prints while this server runs; the command must succeed."""
        done = subprocess.run(
            [FARTHING, *arguments],
            env=self.client_environment,
            cwd=self.log.parent,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, f"farthing {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}"
        return done.stdout

    def _is_ready(self) -> bool:
        # httpx would read all certificates of this machine each time, and slow down what it waits for.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"still running {STOP_SECONDS} s after {number.name}") from None


LAUNCHED: list[ServerProcess] = []
"""The servers that the running test may have had to do with."""


def forget_ended() -> None:
    """Those that a test ended are of no interest to the next one; those that ended by themselves are."""
    LAUNCHED[:] = [server for server in LAUNCHED if not server.was_ended]


def free_port() -> int:
    """A loopback port that nobody listens on."""
    while True:
        with socket.socket() as probe:
            port = random.SystemRandom().choice(PORTS)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _threads(pid: int) -> str:
    """Name, state and what the system waits for, of each thread: those that know nothing of Python as well."""
    told: Counter[str] = Counter()
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            state = (task / "stat").read_text().rpartition(")")[2].split()[0]
            told[f"{(task / 'comm').read_text().strip()} {state} {(task / 'wchan').read_text()}"] += 1
        except OSError:
            # It ended meanwhile.
            continue
    return "\n".join(f"{number} x {what}" for what, number in sorted(told.items()))


def plain_environment() -> dict[str, str]:
    """What a process needs of ours, without any setting of Farthing's or OpenTelemetry's."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
