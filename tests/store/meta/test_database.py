"""Databases of both kinds are opened, migrated, written by many at once, and refused with a sentence when unfit."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import postgres
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from farthing import errors
from farthing.store.meta import facts
from farthing.store.meta.database import HEAD, Database
from farthing.store.meta.tables import SCHEMA_TABLE

NOBODY = 65534


def test_a_new_database_gets_the_schema_and_keeps_what_is_written(meta_url: str) -> None:
    with closing(Database.open(meta_url)) as database:
        database.migrate()
        with database.write() as transaction:
            facts.put(transaction, "settled_commit", "41")
            facts.put(transaction, "settled_commit", "42")
    with closing(Database.open(meta_url)) as database:
        database.migrate()
        database.ping()
        with database.read() as transaction:
            assert facts.get(transaction, "settled_commit") == "42"


def test_the_newest_migration_is_the_one_the_code_knows() -> None:
    config = Config()
    config.set_main_option("script_location", "farthing.store.meta:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_newer_database_is_refused(meta_url: str) -> None:
    with closing(Database.open(meta_url)) as database:
        database.migrate()
        with database.write() as transaction:
            transaction.execute(text(f"UPDATE {SCHEMA_TABLE} SET version_num = '0999'"))
    with (
        closing(Database.open(meta_url)) as database,
        pytest.raises(
            errors.StartError, match=r"was written by a newer Farthing \(schema 0999, .*; install that version"
        ),
    ):
        database.migrate()


def test_several_servers_may_migrate_at_once(meta_url: str) -> None:
    def start() -> None:
        with closing(Database.open(meta_url)) as database:
            database.migrate()

    with ThreadPoolExecutor(6) as threads:
        for done in [threads.submit(start) for _ in range(6)]:
            done.result()
    with closing(Database.open(meta_url)) as database, database.read() as transaction:
        assert transaction.execute(text(f"SELECT version_num FROM {SCHEMA_TABLE}")).scalars().all() == [HEAD]


def test_making_tables_leaves_nothing_behind_where_it_fails(meta_url: str) -> None:
    with closing(Database.open(meta_url)) as database:
        with database.write() as transaction:
            transaction.execute(text("CREATE TABLE users (id INTEGER)"))
        with pytest.raises(errors.StartError, match="already exists"):
            database.migrate()
        with database.write() as transaction:
            transaction.execute(text("DROP TABLE users"))
        database.migrate()


def test_a_transaction_that_fails_is_undone(meta_url: str) -> None:
    with closing(Database.open(meta_url)) as database:
        database.migrate()
        with pytest.raises(ZeroDivisionError), database.write() as transaction:
            facts.put(transaction, "a", "1")
            _ = 1 / 0
        with database.read() as transaction:
            assert facts.get(transaction, "a") is None


def test_threads_that_read_and_then_write_lose_nothing(meta_url: str) -> None:
    with closing(Database.open(meta_url)) as database:
        database.migrate()

        def count() -> None:
            for _ in range(10):
                with database.exclusive() as transaction:
                    facts.put(transaction, "n", str(int(facts.get(transaction, "n") or 0) + 1))

        with ThreadPoolExecutor(8) as threads:
            for done in [threads.submit(count) for _ in range(8)]:
                done.result()
        with database.read() as transaction:
            assert facts.get(transaction, "n") == "80"


_COUNTER = """
import sys
from farthing.store.meta import facts
from farthing.store.meta.database import Database
database = Database.open(sys.argv[1], lock_wait=60)
database.migrate()
for _ in range(20):
    with database.exclusive() as transaction:
        facts.put(transaction, "n", str(int(facts.get(transaction, "n") or 0) + 1))
database.close()
"""


def test_processes_that_read_and_then_write_lose_nothing(meta_url: str) -> None:
    running = [subprocess.Popen([sys.executable, "-c", _COUNTER, meta_url]) for _ in range(3)]
    assert [process.wait() for process in running] == [0] * 3
    with closing(Database.open(meta_url)) as database, database.read() as transaction:
        assert facts.get(transaction, "n") == "60"


def test_a_reader_is_not_held_up_by_a_writer(tmp_path: Path) -> None:
    with closing(_migrated(tmp_path)) as database, database.write() as writing:
        facts.put(writing, "a", "1")
        with database.read() as reading:
            assert facts.get(reading, "a") is None


def test_commits_are_synced_and_references_are_kept(tmp_path: Path) -> None:
    with closing(_migrated(tmp_path)) as database, database.write() as transaction:
        assert transaction.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert transaction.execute(text("PRAGMA synchronous")).scalar() == 2
        assert transaction.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    with closing(_migrated(tmp_path / "made" / "on the way")) as database, database.write() as transaction:
        facts.put(transaction, "a", "1")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "made" / "on the way").iterdir()}
    assert modes == {"meta.db": 0o600, "meta.db-wal": 0o600, "meta.db-shm": 0o600}


@pytest.mark.parametrize("name", ["100%", "a b", "ä", "a:b@c", "?x=1", "#"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    with closing(_migrated(tmp_path / name)):
        assert (tmp_path / name / "meta.db").exists()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "meta.db"
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(errors.StartError, match=r"meta\.db is damaged or no SQLite database; .*restore a backup"):
        Database.open(f"sqlite:///{path}")
    assert path.read_bytes() == b"this is no database" * 1000


@pytest.mark.parametrize("damage", ["a page overwritten", "cut short"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    with closing(_migrated(tmp_path)):
        pass
    path = tmp_path / "meta.db"
    whole = bytearray(path.read_bytes())
    if damage == "cut short":
        path.write_bytes(whole[: len(whole) // 2])
    else:
        whole[4096 * 2 : 4096 * 4] = os.urandom(4096 * 2)
        path.write_bytes(whole)
    with pytest.raises(errors.StartError, match="is damaged; restore a backup"):
        Database.open(f"sqlite:///{path}")


def test_a_locked_file_is_refused_after_a_while(tmp_path: Path) -> None:
    with closing(_migrated(tmp_path)):
        pass
    with closing(sqlite3.connect(tmp_path / "meta.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(errors.StartError, match="is locked by another process; stop the other Farthing"):
            Database.open(f"sqlite:///{tmp_path}/meta.db", lock_wait=0.05)


def test_a_write_that_waits_too_long_is_a_store_error(tmp_path: Path) -> None:
    with closing(Database.open(f"sqlite:///{tmp_path}/meta.db", lock_wait=0.05)) as database:
        database.migrate()
        with closing(sqlite3.connect(tmp_path / "meta.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with (
                pytest.raises(errors.StoreError, match="is locked by another process"),
                database.write() as transaction,
            ):
                facts.put(transaction, "a", "1")


def test_a_full_disk_is_told_apart(tmp_path: Path) -> None:
    with closing(_migrated(tmp_path)) as database:
        with pytest.raises(errors.StoreFullError, match="the disk is full"), database.write() as transaction:
            pages = transaction.execute(text("PRAGMA page_count")).scalar()
            transaction.execute(text(f"PRAGMA max_page_count = {pages}"))
            facts.put(transaction, "a", "x" * 100_000)
        with database.read() as transaction:
            assert facts.get(transaction, "a") is None


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.StartError, match=r"file/meta\.db can't be opened for writing: "):
        Database.open(f"sqlite:///{tmp_path}/file/meta.db")


def test_a_file_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    with closing(_migrated(tmp_path)):
        pass
    (tmp_path / "meta.db").chmod(0o444)
    with (
        _unprivileged(tmp_path),
        pytest.raises(errors.StartError, match=r"meta\.db can't be opened for writing: Permission denied"),
    ):
        Database.open(f"sqlite:///{tmp_path}/meta.db")


def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    with closing(_migrated(tmp_path)):
        pass
    (tmp_path / "meta.db").chmod(0o666)
    with _unprivileged(tmp_path), pytest.raises(errors.StartError, match="check that this user may"):
        Database.open(f"sqlite:///{tmp_path}/meta.db")


def test_an_unknown_kind_of_database_is_refused() -> None:
    with pytest.raises(errors.StartError, match="must begin with sqlite:/// or postgresql"):
        Database.open("mysql://u:secret@host/db")


def test_a_postgres_that_does_not_answer_is_refused_without_telling_the_password() -> None:
    with pytest.raises(
        errors.StartError, match=r"@127\.0\.0\.1:1/db does not answer as it should \(.*refused"
    ) as caught:
        Database.open("postgresql://farthing:hunter22@127.0.0.1:1/db")
    assert "hunter22" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_postgres_without_that_database_is_refused(postgres_server: postgres.PostgresServer) -> None:
    url = postgres_server.new_database().rpartition("/")[0] + "/nowhere"
    with pytest.raises(errors.StartError, match=r'does not answer as it should \(database "nowhere" does not exist\)'):
        Database.open(url)


def test_a_postgres_that_cuts_the_line_is_a_store_error_once(postgres_server: postgres.PostgresServer) -> None:
    with closing(Database.open(postgres_server.new_database())) as database:
        database.migrate()
        with pytest.raises(errors.StoreError), database.write() as transaction:
            mine = transaction.execute(text("SELECT pg_backend_pid()")).scalar()
            with database.write() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
            facts.put(transaction, "a", "1")
        with database.write() as transaction:
            facts.put(transaction, "a", "2")


def _migrated(folder: Path) -> Database:
    database = Database.open(f"sqlite:///{folder}/meta.db")
    database.migrate()
    return database


@contextmanager
def _unprivileged(folder: Path) -> Generator[None]:
    """As somebody who may pass through `folder` and read it, but owns nothing there."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        try:
            yield
        finally:
            folder.chmod(0o755)
        return
    above = [path for path in folder.parents if str(path).startswith("/tmp/")]
    for path in (folder, *above):
        path.chmod(path.stat().st_mode | 0o055)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
