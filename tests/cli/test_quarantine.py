"""`farthing quarantine …` against a running server: what was refused is listed, shown, sent again and dropped."""

import json
import os
import time
from collections.abc import Iterator

import pytest
from e2e import wire
from e2e.otlp_client import OtlpClient, accepted
from server_process import ServerProcess


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("cli"))
    server.start()
    yield server
    server.kill()


def refused(server: ServerProcess, start_ns: int) -> str:
    """The id of a span that was just refused."""
    odd = wire.span(os.urandom(16), os.urandom(8), start_ns, wire.chat(10, 1))
    with OtlpClient(server) as client:
        assert accepted(client.send(odd), wire.PROTOBUF).partial_success.rejected_spans == 1
    rows = json.loads(server.run_cli("quarantine", "list", "--json"))
    return next(row["id"] for row in rows if row["trace_id"] == odd.trace_id.hex())


def test_what_is_refused_is_listed_shown_and_dropped(running: ServerProcess) -> None:
    item = refused(running, 1)
    told = running.run_cli("quarantine", "list", "--reason", "too_old")
    assert item in told
    assert "too_old" in told
    shown = json.loads(running.run_cli("quarantine", "show", item))
    assert (shown["id"], shown["reason"], shown["replayable"]) == (item, "too_old", True)
    assert "resourceSpans" in shown["sample"]
    with pytest.raises(AssertionError, match=r"exit code 1"):
        running.run_cli("quarantine", "replay", item)
    assert "is gone" in running.run_cli("quarantine", "drop", item)
    assert "Nothing was refused" in running.run_cli("quarantine", "list", "--reason", "too_old")
    for command in ("show", "drop", "replay"):
        with pytest.raises(AssertionError, match=r"exit code 1[\s\S]*There is no"):
            running.run_cli("quarantine", command, item)


def test_what_was_too_early_is_sent_again(running: ServerProcess) -> None:
    day = 86_400 * 10**9
    item = refused(running, time.time_ns() + day + 2 * 10**9)
    deadline = time.monotonic() + 30
    while True:
        try:
            assert "is accepted" in running.run_cli("quarantine", "replay", item)
        except AssertionError:
            # Its moment comes within seconds.
            assert time.monotonic() < deadline
            continue
        break
    assert item not in running.run_cli("quarantine", "list")
