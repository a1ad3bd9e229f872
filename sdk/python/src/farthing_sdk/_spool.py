"""Encoded records go in and lie on the disk, of several processes side by side; claimed batches come out until they are done.

One SQLite file in the given folder for each server and key. A process claims what it sends for a while; what a process
that died had claimed is free again after that. A record that is sent twice for it counts once: it carries its id.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import time
from pathlib import Path
from typing import Final, NamedTuple

from farthing_sdk._trouble import tell

_LEASE: Final = 120.0
_DROPPED_AT_ONCE: Final = 500

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS records (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  body BLOB NOT NULL,
  owner TEXT NOT NULL DEFAULT '',
  claimed_until REAL NOT NULL DEFAULT 0
)
"""


class Spooled(NamedTuple):
    """One record on the disk."""

    id: int
    body: bytes


_inherited: Final[list[sqlite3.Connection]] = []
"""Connections a forked child has from its parent: to close them there would harm the parent's file, so they are kept."""


class Spool:
    """Records on the disk. For one thread at a time; any number of processes."""

    def __init__(self, folder: str, endpoint: str, api_key: str, most_bytes: int) -> None:
        """Open the file, or make it. Raises OSError or sqlite3.Error where there can't be one."""
        place = Path(folder)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        whose = hashlib.sha256(f"{endpoint}\n{api_key}".encode()).hexdigest()[:12]
        self.path = place / f"farthing-{whose}.db"
        self._most_bytes = most_bytes
        self._owner = secrets.token_hex(8)
        try:
            self._database = self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            aside = self.path.with_suffix(f".broken-{int(time.time())}")
            self.path.replace(aside)
            tell("broken spool", "The spool %s can't be read (%s); it is kept as %s.", self.path, error, aside)
            self._database = self._open()

    def append(self, bodies: list[bytes]) -> int:
        """Keep them; how many of the oldest had to go for it."""
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("INSERT INTO records (body) VALUES (?)", [(body,) for body in bodies])
            dropped = 0
            while self._used() > self._most_bytes:
                gone = self._database.execute(
                    "DELETE FROM records WHERE id IN (SELECT id FROM records ORDER BY id LIMIT ?)", (_DROPPED_AT_ONCE,)
                ).rowcount
                if not gone:
                    break
                dropped += gone
        return dropped

    def claim(self, most: int) -> list[Spooled]:
        """The oldest that nobody has claimed, ours until they are done or released, or the claim runs out."""
        now = time.time()
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            rows = self._database.execute(
                "SELECT id, body FROM records WHERE claimed_until < ? ORDER BY id LIMIT ?", (now, most)
            ).fetchall()
            self._database.executemany(
                "UPDATE records SET owner = ?, claimed_until = ? WHERE id = ?",
                [(self._owner, now + _LEASE, row[0]) for row in rows],
            )
        return [Spooled(*row) for row in rows]

    def done(self, ids: list[int]) -> None:
        """They were delivered or refused: forget them."""
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("DELETE FROM records WHERE id = ?", [(one,) for one in ids])

    def release(self) -> None:
        """Give back whatever we have claimed; another process may send it at once."""
        with self._database:
            self._database.execute("UPDATE records SET claimed_until = 0 WHERE owner = ?", (self._owner,))

    def close(self) -> None:
        """Release, and close the file."""
        try:
            self.release()
        finally:
            self._database.close()

    def abandon(self) -> None:
        """In a forked child: the file is the parent's."""
        _inherited.append(self._database)

    def _open(self) -> sqlite3.Connection:
        # What calls tell of themselves is nobody else's business.
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        database = sqlite3.connect(self.path, timeout=5.0, isolation_level=None, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(_SCHEMA)
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _used(self) -> int:
        def pragma(name: str) -> int:
            return int(self._database.execute(f"PRAGMA {name}").fetchone()[0])

        return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
