"""Records on the disk: over restarts and kills, of several processes, in too little room, and in a broken file."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from stub_farthing import status

import farthing_sdk
from farthing_sdk import track
from farthing_sdk._spool import Spool

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from conftest import MakeClient
    from stub_farthing import StubFarthing

TELLS_AND_WAITS = """
import sys, farthing_sdk
client = farthing_sdk.init(sys.argv[1], "fk_test", spool=sys.argv[2], max_backoff=0.02)
names = [farthing_sdk.track(model="m", output_tokens=n) for n in range(int(sys.argv[3]))]
client.flush(0.5)
print(*names, flush=True)
sys.stdin.read()
"""


def spool(folder: Path, most_bytes: int = 2**24) -> Spool:
    """A spool of its own."""
    return Spool(str(folder), "http://127.0.0.1", "fk", most_bytes)


def test_what_a_killed_process_told_is_sent_by_the_next(stub: StubFarthing, init: MakeClient, tmp_path: Path) -> None:
    stub.replies = [status(503)] * 1000
    names: list[str] = []
    for _ in range(2):
        command = [sys.executable, "-c", TELLS_AND_WAITS, stub.url, str(tmp_path), "700"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        names += process.stdout.readline().split()
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert len(names) == 1400
    stub.replies = []
    stub.sent.clear()
    # What the dead have claimed is free when their time is up; nobody wants to wait for that here.
    [file] = tmp_path.glob("*.db")
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE records SET claimed_until = 0")
    client = init(spool=tmp_path)
    names += [track(model="m")]
    assert client.flush(20)
    assert sorted(stub.ids) == sorted(names)


def test_what_could_not_be_sent_at_exit_is_there_at_the_next_start(
    stub: StubFarthing, init: MakeClient, tmp_path: Path
) -> None:
    stub.replies = [status(503)] * 1000
    client = init(spool=tmp_path)
    names = [track(model="m") for _ in range(20)]
    assert not farthing_sdk.shutdown(0.3)
    assert client.stats().dropped == 0
    stub.replies = []
    stub.sent.clear()
    again = init(spool=tmp_path)
    assert again.flush(10)
    assert sorted(stub.ids) == sorted(names)


def test_two_share_a_folder_and_nothing_is_claimed_twice(tmp_path: Path) -> None:
    one, two = spool(tmp_path), spool(tmp_path)
    one.append([b"1", b"2", b"3"])
    two.append([b"4"])
    claimed = [item.body for item in one.claim(2)]
    others = two.claim(9)
    assert (claimed, [item.body for item in others]) == ([b"1", b"2"], [b"3", b"4"])
    assert one.claim(9) == []
    two.done([item.id for item in others])
    one.close()
    assert [item.body for item in two.claim(9)] == [b"1", b"2"]
    two.close()


def test_another_server_s_records_are_not_touched(tmp_path: Path) -> None:
    one, other = spool(tmp_path), Spool(str(tmp_path), "http://other", "fk", 2**24)
    one.append([b"1"])
    assert other.claim(9) == []
    one.close()
    other.close()


def test_what_the_disk_has_no_room_for_is_dropped_oldest_first(tmp_path: Path) -> None:
    kept = spool(tmp_path, 200_000)
    dropped = sum(
        kept.append([b"%06d" % number + b"x" * 994 for number in range(at, at + 100)]) for at in range(0, 2000, 100)
    )
    left = [int(item.body[:6]) for item in kept.claim(9999)]
    assert dropped + len(left) == 2000
    assert left == list(range(dropped, 2000))
    assert len(left) < 200
    kept.close()


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    kept = spool(tmp_path / "new")
    kept.append([b"1"])
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    kept.close()


def test_a_broken_file_is_put_aside(
    stub: StubFarthing, init: MakeClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Spool(str(tmp_path), stub.url, "fk_test", 2**24)
    kept.close()
    kept.path.write_bytes(b"this is no database " * 1000)
    client = init(spool=tmp_path)
    track(model="m")
    assert client.flush(10)
    assert len(stub.records) == 1
    assert "can't be read" in caplog.text
    assert any("broken" in path.name for path in tmp_path.iterdir())


def test_where_nothing_can_be_written_memory_must_do(
    stub: StubFarthing, init: MakeClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    client = init(spool=tmp_path / "file")
    track(model="m")
    assert client.flush(10)
    assert len(stub.records) == 1
    assert len(caplog.records) == 1


def test_a_forked_child_leaves_the_parent_s_file_alone(stub: StubFarthing, init: MakeClient, tmp_path: Path) -> None:
    client = init(spool=tmp_path)
    first = track(model="m")
    assert client.flush(10)
    pid = os.fork()
    if pid == 0:
        track(model="child")
        os._exit(0 if client.flush(10) else 1)
    assert os.waitpid(pid, 0)[1] == 0
    last = track(model="m")
    assert client.flush(10)
    assert [stub.ids[0], stub.ids[-1]] == [first, last]
    assert len(stub.records) == 3
