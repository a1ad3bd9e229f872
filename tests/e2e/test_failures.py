"""What goes wrong around a server: told in one sentence, and nothing that was acknowledged is lost."""

import contextlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from e2e import wire
from e2e.accounts import assert_once
from e2e.cut_traces import batches
from e2e.refusals import as_bound_by_permissions, refusal
from e2e.senders import Applications, send
from e2e.waiting import until, wait_until_settled
from google.rpc.status_pb2 import Status
from server_process import ServerProcess
from small_disk import SmallDisk

STOPPED_WITHIN_S = 10
STOPPED_IDLE_WITHIN_S = 4
REFUSED_WITHIN_S = 30


@pytest.fixture
def taken_port() -> Generator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def stopped(tmp_path: Path) -> ServerProcess:
    """A server that ran once on its folder, and does not now."""
    server = ServerProcess(tmp_path)
    server.start()
    assert server.stop() == 0
    return server


@pytest.mark.parametrize("variable", ["FARTHING_PORT", "FARTHING_OTLP_PORT"])
def test_a_port_in_use(tmp_path: Path, taken_port: int, variable: str) -> None:
    said = refusal(ServerProcess(tmp_path, {variable: str(taken_port)}))
    assert f"Port {taken_port} on 127.0.0.1 can't be used" in said
    assert variable in said


def test_a_folder_in_use(server: ServerProcess, tmp_path: Path) -> None:
    said = refusal(ServerProcess(tmp_path))
    assert f"{server.data} is in use by another Farthing (process {server.pid})" in said
    assert server.get("/healthz")["status"] == "ok"


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    server.data.mkdir(mode=0o500)
    assert f"{server.data} can't be used: Permission denied" in refusal(server, as_bound_by_permissions())


def test_a_file_in_the_folders_place(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    server.data.write_text("no folder")
    assert f"{server.data} can't be used: File exists" in refusal(server)


@pytest.mark.parametrize("name", ["spans.sql", "format_version.txt"])
def test_damaged_telemetry(stopped: ServerProcess, name: str) -> None:
    for file in stopped.data.glob(f"telemetry/store/*/*/{name}"):
        file.write_bytes(bytes(range(256)))
    said = refusal(stopped)
    assert f"{stopped.data}/telemetry" in said
    assert f"{name} is damaged" in said


def test_telemetry_that_lost_a_part(stopped: ServerProcess) -> None:
    stopped.start()
    send(stopped, next(batches(1, time.time_ns())))
    stopped.kill()
    spans = Path(f"{stopped.data}/telemetry/data/default/spans").resolve()
    parts = list(spans.glob("*_*_*_*"))
    assert parts
    for part in parts:
        # A small part is one file.
        name = "data.packed" if (part / "data.packed").exists() else "columns.txt"
        (part / name).write_text("rubbish")
    said = refusal(stopped)
    assert "of its parts, which can't be read" in said
    assert "Restore a backup" in said


@pytest.mark.parametrize("links", ["followed", "left out"])
def test_a_copy_of_the_folder_made_by_a_tool_that_keeps_no_links(
    stopped: ServerProcess, tmp_path: Path, links: str
) -> None:
    stopped.start()
    send(stopped, next(batches(1, time.time_ns())))
    wait_until_settled(stopped)
    asked = {"from": "now-60d", "by": "model", "granularity": "none"}
    before = stopped.get("/api/v1/spend", **asked)
    assert before["total"]["calls"]
    assert stopped.stop() == 0
    copied = ServerProcess(tmp_path / "copied")
    shutil.copytree(stopped.data, copied.data, symlinks=links == "left out")
    for link in [path for path in copied.data.rglob("*") if path.is_symlink()]:
        link.unlink()
    copied.start()
    try:
        after = copied.get("/api/v1/spend", **asked)
    finally:
        copied.kill()
    assert (after["total"], after["groups"]) == (before["total"], before["groups"])


@pytest.mark.parametrize("at", [0, 8_192])
def test_a_damaged_meta_database(stopped: ServerProcess, at: int) -> None:
    with (stopped.data / "meta.db").open("r+b") as file:
        file.seek(at)
        file.write(b"rubbish " * 2_000)
    said = refusal(stopped)
    assert f"The meta database {stopped.data}/meta.db" in said
    assert "damaged" in said


def test_telemetry_of_a_newer_version(stopped: ServerProcess) -> None:
    newer = (
        "import sys, clickhouse_connect as c\n"
        "c.get_client(dsn=sys.argv[1]).command(\"INSERT INTO schema_migrations (version, name) VALUES (9999, 'later')\")"
    )
    url = f"chdb://{stopped.data}/telemetry"
    subprocess.run([sys.executable, "-c", newer, url], check=True, timeout=60)
    said = refusal(stopped)
    assert "written by a newer Farthing (schema 9999" in said


def test_a_meta_database_of_a_newer_version(stopped: ServerProcess) -> None:
    with contextlib.closing(sqlite3.connect(stopped.data / "meta.db")) as database:
        (table,) = [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%version_num%' AND type = 'table'")
        ]  # fmt: skip
        database.execute(f"UPDATE {table} SET version_num = '9999'")
        database.commit()
    assert "written by a newer Farthing (schema 9999" in refusal(stopped)


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk", 400)
    yield disk
    disk.unmount()


def test_a_full_disk(tmp_path: Path, small_disk: SmallDisk) -> None:
    server = ServerProcess(tmp_path, {"FARTHING_DATA": str(small_disk.folder / "data")})
    server.start()
    applications = Applications(server, 1)
    try:
        applications.start()
        applications.book.wait_for(5)
        small_disk.fill()
        until(lambda: probe(server).status_code != 200, REFUSED_WITHIN_S)
        refused = probe(server)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) >= 1
        assert "disk" in Status.FromString(refused.content).message
        assert server.get("/healthz")["status"] == "ok"
        small_disk.free()
        applications.book.wait_for(10)
        applications.stop()
        applications.join()
        kept, unanswered = applications.book.acknowledged, applications.unanswered()
        wait_until_settled(server)
        assert_once(server, kept, unanswered)
        send(server, unanswered)
        wait_until_settled(server)
        assert_once(server, kept + unanswered, [])
        assert server.stop() == 0
        server.start()
        assert_once(server, kept + unanswered, [])
    except BaseException as error:
        error.add_note(server.output())
        raise
    finally:
        applications.stop()
        server.kill()


def probe(server: ServerProcess) -> httpx.Response:
    """The answer to a span that isn't a call."""
    body = wire.request([wire.span(b"p" * 16, b"p" * 8, time.time_ns(), {})]).SerializeToString()
    headers = server.headers | {"Content-Type": wire.PROTOBUF}
    return httpx.post(f"{server.url}/v1/traces", content=body, headers=headers, timeout=60)


def test_a_disk_that_is_full_from_the_start(tmp_path: Path, small_disk: SmallDisk) -> None:
    small_disk.fill()
    said = refusal(ServerProcess(tmp_path, {"FARTHING_DATA": str(small_disk.folder / "data")}))
    assert str(small_disk.folder) in said
    assert "space" in said


def test_stopping_under_load_loses_nothing(server: ServerProcess) -> None:
    applications = Applications(server, 1)
    applications.start()
    applications.book.wait_for(20)
    assert seconds_to_stop(server) < STOPPED_WITHIN_S
    applications.join()
    server.start()
    wait_until_settled(server)
    assert_once(server, applications.book.acknowledged, applications.unanswered())


def test_stopping_when_idle_is_quick(server: ServerProcess) -> None:
    with httpx.Client(base_url=server.url) as client:
        client.get("/healthz")  # a connection that is kept alive must not hold it up
        assert seconds_to_stop(server) < STOPPED_IDLE_WITHIN_S


def test_stopping_does_not_wait_for_a_body_that_never_comes(server: ServerProcess) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        head = f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nX-API-Key: {server.key}\r\nContent-Length: 100\r\n"
        client.sendall(f"{head}Content-Type: {wire.PROTOBUF}\r\n\r\nhalf".encode())
        until(lambda: server.get("/healthz")["status"] == "ok", 5)
        assert seconds_to_stop(server) < STOPPED_WITHIN_S


def test_stopping_with_much_to_settle_is_in_time(server: ServerProcess) -> None:
    now = time.time_ns()
    headers = server.headers | {"Content-Type": wire.PROTOBUF}
    for number in range(1, 8):
        spans = (
            wire.span(number.to_bytes(2, "big") + at.to_bytes(14, "big"), b"s" * 8, now - at * 1_000, wire.chat(1, 1))
            for at in range(1, 15_001)
        )
        body = wire.request(spans).SerializeToString()
        assert httpx.post(f"{server.url}/v1/traces", content=body, headers=headers, timeout=60).status_code == 200
    assert seconds_to_stop(server) < STOPPED_WITHIN_S
    server.start()
    wait_until_settled(server, 90)
    total = server.get("/api/v1/spend", granularity="none")["total"]
    assert total["calls"] == 7 * 15_000


def seconds_to_stop(server: ServerProcess) -> float:
    """How long the server takes to end well after SIGTERM."""
    began = time.monotonic()
    assert server.stop() == 0, f"{signal.SIGTERM.name}\n{server.output()}"
    assert "Traceback" not in server.output()
    return time.monotonic() - began
