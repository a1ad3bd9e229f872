"""A server that hits a fatal signal is dead at once and has said where it was: it never stands still with its port open."""

import os
import signal
from pathlib import Path

import httpx
from server_process import ServerProcess

SECONDS = 30


def test_a_fatal_signal_ends_it_at_once_with_its_stacks_told_and_the_next_start_goes_on(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    process = server.start()
    os.kill(server.pid, signal.SIGUSR1)
    assert httpx.get(f"{server.url}/readyz", timeout=SECONDS).status_code == 200
    assert "most recent call first" in server.output()
    assert "Fatal Python error" not in server.output()
    os.kill(server.pid, signal.SIGSEGV)
    assert process.wait(SECONDS) == -signal.SIGSEGV
    assert "Fatal Python error: Segmentation fault" in server.output()
    server.start()
    assert server.stop() == 0
