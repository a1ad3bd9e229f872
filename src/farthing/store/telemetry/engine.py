"""A ClickHouse URL in, a thread-safe engine out: embedded (chDB) or a server, the same SQL either way."""

import errno
import os
import queue
import re
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError

from farthing import errors
from farthing.store.telemetry import links, schema
from farthing.store.telemetry.disk import Disk

if TYPE_CHECKING:
    import pyarrow as pa
    from clickhouse_connect.driver.client import Client

_EMBEDDED = "chdb://"

_LONGEST_S = 30
"""How long a question may take."""

READERS = 4
"""Handles for questions; more only queue up on the few cores of one machine."""

_SESSION = {
    # An insert answers when its part is on disk, never when it merely stands in a server-side buffer.
    "async_insert": "0",
    # Looking for equal keys within one insert costs 40 % of it. A fresh part (level 0) may hold a key twice: FINAL knows.
    "optimize_on_insert": "0",
    # One span may be as old as it likes: a batch that touches many months must not be refused for that.
    "max_partitions_per_insert_block": "0",
    # Parts of different months can't hold the same key, so FINAL may look at each month alone.
    "do_not_merge_across_partitions_select_final": "1",
}
_ALONE = {
    # Of a part of many columns each would have a thread to load its marks, and another to begin reading it. They stay in this process, and
    # each holds memory. It is meant for disks far away: a server may have these, and an older one does not know the settings.
    "load_marks_asynchronously": "0",
    "merge_tree_use_prefixes_deserialization_thread_pool": "0",
}
_INSERT = {
    # A few thousand rows are one block: more threads have nothing to do, and starting them costs more than the rows.
    "max_threads": "1",
    # Merges make them; who waits for an acknowledgement must not wait for them.
    "exclude_materialize_skip_indexes_on_insert": "by_tag,by_id",
}
_NO_SPACE = re.compile(r"NOT_ENOUGH_SPACE|No space left|Code: 243\b")
_TIMED_OUT = re.compile(r"TIMEOUT_EXCEEDED|Code: 159\b")


class Result(NamedTuple):
    """What a query answered: column names and rows."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


Columns = Mapping[str, Sequence[Any]]
"""An answer's columns by their names, each of one length."""


class QueryTimeoutError(errors.StoreError):
    """A question took longer than it may."""

    code = "query_timeout"


class Engine:
    """Handles to one ClickHouse database. Every method may be called from any thread and blocks it."""

    def __init__(self, url: str) -> None:
        """Connect to `url` (`chdb:///folder` or `clickhouse://user:pass@host:8123/db`).

        Raises `StartError` when the database can't be opened.
        """
        self._url = url
        self._pool: queue.LifoQueue[Client] = queue.LifoQueue()
        self._slots = threading.BoundedSemaphore(READERS)
        said: list[str] = []
        if self.is_alone:
            links.mend(self._folder())
        try:
            with _held_back(said):
                self._pool.put(self._connect())
        except errors.StartError as error:
            damaged = re.search(rf"{re.escape(url.removeprefix(_EMBEDDED))}/[^\s:;,()'\"]+", "".join(said))
            if damaged is None:
                raise
            msg = (
                f"The telemetry database at {url} can't be opened because {damaged[0]} is damaged. Restore a backup, "
                "or move the folder away to begin anew."
            )
            raise errors.StartError(msg) from error
        sys.stderr.write("".join(said))
        self._disk = self._watched_disk()

    def _watched_disk(self) -> Disk | None:
        if not self.is_alone:
            return None
        disk = Disk(self._folder(), lambda sql: self.query(sql).rows, self._run)
        disk.watch()
        return disk

    def _folder(self) -> Path:
        return Path(self._url.removeprefix(_EMBEDDED).partition("?")[0])

    def _connect(self) -> "Client":
        try:
            client = clickhouse_connect.get_client(dsn=self._url)
            for name, value in (_SESSION | (_ALONE if self.is_alone else {})).items():
                client.set_client_setting(name, value)
        except (ClickHouseError, OSError, RuntimeError, ValueError) as error:
            msg = (
                f"The telemetry database at {_without_password(self._url)} can't be opened: {_first_line(error)}. "
                "Check that the folder is writable, undamaged and used by no other process, or restore a backup."
            )
            raise errors.StartError(msg) from error
        return client

    @property
    def is_alone(self) -> bool:
        """Whether nobody else can write: the embedded engine opens a folder from one process only."""
        return self._url.startswith(_EMBEDDED)

    def close(self) -> None:
        """Close all handles. Nothing may be running."""
        if self._disk:
            self._disk.close()
        while not self._pool.empty():
            self._pool.get_nowait().close()

    def ping(self) -> None:
        """Return when the database answers. Raises `StoreError` when it doesn't."""
        self.query("SELECT 1", timeout_s=5)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None, *, timeout_s: float = _LONGEST_S) -> Result:
        """Answer a SELECT; `{name:Type}` placeholders are bound by the server.

        Raises `QueryTimeoutError` after `timeout_s` seconds and `StoreError` when the engine fails.
        """
        with self._slots, self._handle() as client, _translated("A question could not be answered"):
            answer = client.query(sql, parameters=dict(parameters or {}), settings={"max_execution_time": timeout_s})
            return Result(tuple(answer.column_names), [tuple(row) for row in answer.result_rows])

    def columns(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Columns:
        """The same as lists of Python's values, each by its column's name; thousands of rows need no tuples of their own.

        Raises as `query` does.
        """
        with self._slots, self._handle() as client, _translated("A question could not be answered"):
            answer = client.query(
                sql,
                parameters=dict(parameters or {}),
                settings={"max_execution_time": _LONGEST_S},
                column_oriented=True,
            )
            # Of no rows the columns aren't told either: each that is asked for is empty.
            found: defaultdict[str, Sequence[Any]] = defaultdict(tuple)
            found.update(zip(answer.column_names, answer.result_columns, strict=True))
            return found

    def arrow(
        self, sql: str, parameters: Mapping[str, Any] | None = None, *, timeout_s: float = _LONGEST_S
    ) -> "pa.Table":
        """The same as columns, for answers of many rows."""
        with self._slots, self._handle() as client, _translated("A question could not be answered"):
            limit = {"max_execution_time": timeout_s}
            return client.query_arrow(sql, parameters=dict(parameters or {}), settings=limit, use_strings=True)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement that writes or changes the schema.

        Raises `StoreFullError` when the disk is full, `StoreError` when it could not be done.
        """
        with self._writing():
            self._run(sql, parameters)

    def _run(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        with self._handle() as client, _translated("A statement could not be run"):
            client.command(sql, parameters=dict(parameters or {}))

    def insert(self, table: str, batch: "pa.Table") -> None:
        """Add rows and return when they are durable.

        Raises `StoreFullError` when the disk is full, `StoreError` when they could not be kept.
        """
        with (
            self._writing(),
            self._handle() as client,
            _translated(f"{batch.num_rows} rows could not be written to {table}"),
        ):
            client.insert_arrow(table, batch.combine_chunks(), settings=_INSERT)

    def require_space(self) -> None:
        """Raises `StoreFullError` while no rows would be taken, for the disk is nearly full."""
        if self._disk:
            self._disk.require_space()

    def _writing(self) -> AbstractContextManager[None]:
        return self._disk.writing() if self._disk else nullcontext()

    @contextmanager
    def _handle(self) -> Generator["Client"]:
        # Writers don't take a slot: an insert must never wait for somebody's slow question.
        try:
            client = self._pool.get_nowait()
        except queue.Empty:
            client = self._connect()
        try:
            yield client
        finally:
            self._pool.put(client)

    def migrate(self) -> None:
        """Bring the schema up to this version's; refuse one that is newer, or one that lost a part.

        Raises `StartError` when the database was written by a newer Farthing or is damaged.
        """
        try:
            if self._disk:
                self._look_for_damage()
            schema.migrate(self, _without_password(self._url))
        except errors.StoreError as error:
            msg = f"The telemetry database at {_without_password(self._url)} can't be used. {error}"
            raise errors.StartError(msg) from error

    def _look_for_damage(self) -> None:
        # The engine puts unreadable parts aside and goes on as if they had never been. A merged one may be broken
        # by a power cut; then the parts it was made of are still there and take its place.
        lost = self.query(
            "SELECT path FROM system.detached_parts AS aside WHERE database = currentDatabase() AND reason LIKE 'broken%'"
            " AND NOT arrayExists(part -> part.1 = aside.table AND part.2 = aside.partition_id"
            " AND part.3 >= aside.min_block_number AND part.4 <= aside.max_block_number,"
            " (SELECT groupArray((table, partition_id, min_block_number, max_block_number)) FROM system.parts"
            " WHERE database = currentDatabase() AND active)) ORDER BY path"
        ).rows
        if lost:
            msg = (
                f"The telemetry database at {_without_password(self._url)} has lost {len(lost)} of its parts, which "
                f"can't be read; the first is {lost[0][0]}. Restore a backup, or remove them to go on without what they held."
            )
            raise errors.StartError(msg)


@contextmanager
def _held_back(said: list[str]) -> Generator[None]:
    """Collect what the engine's own code writes to stderr: people should read one sentence, and that one is ours."""
    with tempfile.TemporaryFile() as file:
        real = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(real, 2)
            os.close(real)
            file.seek(0)
            said.append(file.read().decode(errors="replace"))


@contextmanager
def _translated(what: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise errors.StoreFullError(_full(what)) from error
        msg = f"{what}: {_first_line(error)}."
        raise errors.StoreError(msg) from error
    except (ClickHouseError, RuntimeError) as error:
        text = str(error)
        if _NO_SPACE.search(text):
            raise errors.StoreFullError(_full(what)) from error
        if _TIMED_OUT.search(text):
            msg = "The question took too long. Ask for a shorter range or fewer dimensions."
            raise QueryTimeoutError(msg) from error
        msg = f"{what}: {_first_line(error)}."
        raise errors.StoreError(msg) from error


def _full(what: str) -> str:
    return f"{what}: the disk of the data folder is full. Free some space; senders will retry by themselves."


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300].rstrip(".") if lines else type(error).__name__


def _without_password(url: str) -> str:
    return re.sub(r"://([^:/@]*):[^@]*@", r"://\1:…@", url)
