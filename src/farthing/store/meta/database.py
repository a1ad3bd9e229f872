"""A database URL in, transactions out: SQLite in WAL mode or PostgreSQL, brought up to this version's schema."""

import importlib.util
import os
import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from farthing import errors
from farthing.store.meta import faults, schema
from farthing.store.meta.tables import SCHEMA_TABLE

HEAD = "0015"
"""The newest schema this version knows; the newest file in `migrations/versions` bears it."""

LOCK_WAIT_S = 5.0
"""How long to wait for somebody else's transaction before giving up."""

# Any number will do, as long as all our servers ask for the same one.
_ADVISORY_LOCK = 4180_0001

Transaction = Session
"""What `read`, `write` and `exclusive` hand out, and the functions of `projects`, `keys`, `users`, `facts` take."""


class Database:
    """The meta database. Every method may be called from any thread and blocks it.

    A transaction is committed, durably, when its `with` block ends well, and undone when it doesn't. Don't open
    one while writing in another: it would wait for itself.
    """

    def __init__(self, engine: Engine, place: str, writers: AbstractContextManager[object]) -> None:
        """Use `Database.open`."""
        self._engine = engine
        self._place = place
        self._writers = writers
        # What SQLite's listener reads to choose how a transaction begins; PostgreSQL ignores it.
        self._writing = engine.execution_options(farthing_begin="IMMEDIATE")

    @classmethod
    def open(cls, url: str, *, lock_wait: float = LOCK_WAIT_S) -> Self:
        """Open `sqlite:///path` or `postgresql+psycopg://…`; a SQLite file that isn't there is made.

        Raises `StartError` when it can't be opened, is damaged, locked or not writable.
        """
        if url.startswith("sqlite:///"):
            path = Path(url.removeprefix("sqlite:///"))
            database = cls(_sqlite(path, lock_wait), str(path), threading.RLock())
        else:
            address = _postgres_address(url)
            engine = _postgres(address)
            database = cls(engine, address.render_as_string(hide_password=True), nullcontext())
        try:
            with database._writing.begin() as connection:  # a lock is taken: a read-only file shows now, not later
                sound = connection.dialect.name != "sqlite" or _is_sound(connection)
        except SQLAlchemyError as error:
            database.close()
            raise faults.at_start(database._place, error) from error
        if not sound:
            database.close()
            raise faults.damaged(database._place)
        return database

    @property
    def is_shared(self) -> bool:
        """Whether other servers may use it too; a SQLite file has one server."""
        return self._engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Close all connections. No transaction may be open."""
        self._engine.dispose()

    def migrate(self) -> None:
        """Bring the schema up to this version's. Several servers may do so at once.

        Raises `StartError` when the database was written by a newer Farthing, or can't be changed.
        """
        try:
            with self._engine.connect() as connection:
                if _revision(connection) == HEAD:
                    return
            with self._begin(self._writing) as session:
                _one_at_a_time(session)
                found = _revision(session.connection())
                if found is not None and found > HEAD:
                    msg = (
                        f"The meta database {self._place} was written by a newer Farthing (schema {found}, "
                        f"this one knows {HEAD}); install that version or restore a backup."
                    )
                    raise errors.StartError(msg)
                if found is None and not inspect(session.connection()).has_table(SCHEMA_TABLE):
                    schema.make(session.connection(), HEAD)
                elif found != HEAD:
                    upgrade(session.connection())
        except SQLAlchemyError as error:
            raise faults.at_start(self._place, error) from error

    @contextmanager
    def read(self) -> Generator[Session]:
        """A transaction that only reads."""
        with self._translated(), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Generator[Session]:
        """A transaction that writes. Raises `ConflictError`, `StoreError` or `StoreFullError`."""
        with self._translated(), self._begin(self._writing) as session:
            yield session

    @contextmanager
    def exclusive(self) -> Generator[Session]:
        """A transaction that no other exclusive one overlaps, on any server: for "make it unless it is there"."""
        with self.write() as session:
            _one_at_a_time(session)
            yield session

    def ping(self) -> None:
        """Return when the database answers. Raises `StoreError` when it doesn't."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    @contextmanager
    def _begin(self, engine: Engine) -> Generator[Session]:
        # SQLite has one writer at a time. Queueing here is fair and quick; its own waiting polls.
        with self._writers, Session(engine) as session, session.begin():
            session.connection()
            yield session

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise faults.at_work(self._place, error) from error


def _sqlite(path: Path, lock_wait: float) -> Engine:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # SQLite gives its WAL files the mode of the database, so this keeps all of them to the owner.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        msg = f"The meta database {path} can't be opened for writing: {error.strerror}."
        raise errors.StartError(msg) from error
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": lock_wait})

    @event.listens_for(engine, "connect")
    def set_up(raw: Any, _: object) -> None:
        # The driver's own idea of when to begin a transaction would lose a migration's atomicity.
        raw.isolation_level = None
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute("PRAGMA journal_mode = WAL")
        # In WAL mode anything less may lose the last commits when the power fails.
        raw.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that begins as a reader is refused at once, not made to wait, when another wrote meanwhile.
        mode = connection.get_execution_options().get("farthing_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgres_address(url: str) -> URL:
    scheme, _, rest = url.partition("://")
    if scheme not in ("postgresql+psycopg", "postgresql", "postgres") or not rest:
        msg = "The meta database's URL must begin with sqlite:/// or postgresql+psycopg://."
        raise errors.StartError(msg)
    if importlib.util.find_spec("psycopg") is None:
        msg = "PostgreSQL needs its driver; install it beside Farthing with: pip install 'psycopg[binary]>=3.2,<4'"
        raise errors.StartError(msg)
    try:
        return make_url(f"postgresql+psycopg://{rest}")
    except (SQLAlchemyError, ValueError) as error:
        msg = "The meta database's URL can't be read; it should look like postgresql+psycopg://user:password@host/name."
        raise errors.StartError(msg) from error


def _postgres(address: URL) -> Engine:
    # A server that vanished must be noticed within seconds, not after TCP's quarter of an hour.
    patience = {"connect_timeout": 5, "tcp_user_timeout": 10_000}
    return create_engine(
        address,
        pool_pre_ping=True,
        pool_timeout=10,
        connect_args={name: value for name, value in patience.items() if name not in address.query},
    )


def _is_sound(connection: Connection) -> bool:
    return connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"


def _one_at_a_time(session: Session) -> None:
    # SQLite's write transactions exclude each other anyway.
    if session.connection().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _ADVISORY_LOCK})


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(SCHEMA_TABLE):
        return None
    return connection.execute(text(f"SELECT max(version_num) FROM {SCHEMA_TABLE}")).scalar()


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing."""
    # Here and not on top: half a second of start-up that only a changed schema needs.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "farthing.store.meta:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
