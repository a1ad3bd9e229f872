"""A stopped Farthing's telemetry folder in; bytes on disk per table and the engine's own speed on the same rows out.

The embedded engine opens a folder from one process only and one folder per process, so each step runs in its own:
`read` merges, weighs and exports the tables, `insert` puts the same rows into an empty folder as fast as it can.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import clickhouse_connect
import msgspec
import pyarrow as pa
from clickhouse_connect.driver.client import Client

TABLES = ("spans", "calls")
BATCH = 20_000
PASSES = 3
"""The fastest counts: a limit is what the engine reaches warm and undisturbed."""
_ROOT = Path(__file__).parents[2]


class Contents(msgspec.Struct, frozen=True):
    """What the folder held once merged: active parts in bytes per table, rows and the statement that made each table."""

    bytes_on_disk: dict[str, int]
    rows: dict[str, int]
    statements: dict[str, str]


class Speeds(msgspec.Struct, frozen=True):
    """Seconds the engine took per table."""

    seconds: dict[str, float]


class Limit(msgspec.Struct, frozen=True):
    """The physical limit: `rows` of all tables in `rows_per_s`; `calls` are the rows of `calls`."""

    calls: int
    rows: int
    rows_per_s: float
    table_rows_per_s: dict[str, float]
    bytes_on_disk: dict[str, int]


def measure(telemetry: Path) -> Limit:
    """Both steps, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="farthing-limit-") as name:
        exported = Path(name) / "rows"
        exported.mkdir()
        contents = msgspec.json.decode(_run("read", telemetry, exported), type=Contents)
        speeds = msgspec.json.decode(_run("insert", Path(name) / "fresh", exported), type=Speeds)
    rows = sum(contents.rows[table] for table in TABLES)
    return Limit(
        calls=contents.rows["calls"],
        rows=rows,
        rows_per_s=rows / sum(speeds.seconds.values()),
        table_rows_per_s={table: contents.rows[table] / speeds.seconds[table] for table in TABLES},
        bytes_on_disk=contents.bytes_on_disk,
    )


def _run(step: str, *folders: Path) -> bytes:
    command = [sys.executable, "-m", "benchmarks.ingest.limit", step, *map(str, folders)]
    return subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE).stdout


@contextmanager
def _opened(folder: Path) -> Generator[Client]:
    client = clickhouse_connect.get_client(dsn=f"chdb://{folder.resolve()}")
    try:
        yield client
    finally:
        client.close()


def _read(telemetry: Path, target: Path) -> Contents:
    with _opened(telemetry) as client:
        names = [str(row[0]) for row in client.query("SHOW TABLES").result_rows]
        statements = {table: _statement(client, table) for table in TABLES}
        for name in names:
            if "MergeTree" in _statement(client, name):
                client.command(f"OPTIMIZE TABLE {name} FINAL")
        parts = client.query(
            "SELECT table, sum(bytes_on_disk) FROM system.parts "
            "WHERE active AND database = currentDatabase() GROUP BY table ORDER BY 2 DESC"
        ).result_rows
        rows = {table: _export(client, table, target) for table in TABLES}
    return Contents({str(name): int(size) for name, size in parts}, rows, statements)


def _statement(client: Client, table: str) -> str:
    """CREATE TABLE without the name of the database, so that it fits another one."""
    text = str(client.query(f"SHOW CREATE TABLE {table}").result_rows[0][0])
    return text.replace(f"{client.query('SELECT currentDatabase()').result_rows[0][0]}.{table}", table, 1)


def _export(client: Client, table: str, target: Path) -> int:
    # Merged rows lie sorted, which would spare the engine work that arriving rows make.
    arrow = client.query_arrow(f"SELECT * FROM {table} ORDER BY sipHash64(span_id)")
    with pa.OSFile(str(target / f"{table}.arrow"), "wb") as file, pa.ipc.new_file(file, arrow.schema) as writer:
        writer.write_table(arrow)
    (target / f"{table}.sql").write_text(_statement(client, table), encoding="utf-8")
    return arrow.num_rows


def _insert(fresh: Path, source: Path) -> Speeds:
    seconds: dict[str, float] = {}
    with _opened(fresh) as client:
        for table in TABLES:
            statement = (source / f"{table}.sql").read_text(encoding="utf-8")
            with pa.OSFile(str(source / f"{table}.arrow"), "rb") as file:
                rows = pa.ipc.open_file(file).read_all().combine_chunks()
            seconds[table] = min(_pass(client, table, statement, rows) for _ in range(PASSES))
    return Speeds(seconds)


def _pass(client: Client, table: str, statement: str, rows: pa.Table) -> float:
    """Seconds for all rows into an empty table."""
    client.command(f"DROP TABLE IF EXISTS {table} SYNC")
    client.command(statement)
    started = time.perf_counter()
    for first in range(0, rows.num_rows, BATCH):
        client.insert_arrow(table, rows.slice(first, BATCH))
    seconds = time.perf_counter() - started
    kept = int(client.query(f"SELECT count() FROM {table}").result_rows[0][0])
    if kept != rows.num_rows:
        raise RuntimeError(f"the engine kept {kept} of {rows.num_rows} rows of {table}")
    return seconds


def main() -> None:
    """One step, its result as JSON on standard output."""
    step, folder, rows = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    result = _read(folder, rows) if step == "read" else _insert(folder, rows)
    sys.stdout.buffer.write(msgspec.json.encode(result))


if __name__ == "__main__":
    main()
