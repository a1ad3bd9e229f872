"""A folder in, the real server as a process out: start, restart, kill, stop, and what a client needs to reach it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

KEY = "fk_end2end0_" + "k" * 32
"""The key every test server is set up with: all scopes of the project `default`."""

START_SECONDS = 30
STOP_SECONDS = 10

FARTHING = Path(sys.executable).with_name("farthing")


class ServerProcess:
    """`farthing up` on a free port with its data in `folder`. Nothing else of the environment reaches it."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.key = KEY
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
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

    def start(self) -> subprocess.Popen[bytes]:
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
                    raise AssertionError(f"not ready after {START_SECONDS} s\n{self.output()}") from None
            else:
                raise AssertionError(f"ended with exit code {code} before it was ready\n{self.output()}")
        return process

    def launch(self) -> subprocess.Popen[bytes]:
        """Start it without waiting."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [FARTHING, "up"], env=self._environment, cwd=self.log.parent, stdout=log, stderr=subprocess.STDOUT
            )
        return self._process

    def kill(self) -> None:
        """SIGKILL: nothing gets a chance to tidy up."""
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

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON answer to a GET that must succeed."""
        answer = httpx.get(self.url + path, params=parameters, headers=self.headers, timeout=30)
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
            raise AssertionError(f"still running {STOP_SECONDS} s after {number.name}\n{self.output()}") from None


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plain_environment() -> dict[str, str]:
    """What a process needs of ours, without any setting of Farthing's or OpenTelemetry's."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
