"""What a database driver complains of in, one sentence for a person with what to do about it out."""

import re
import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from farthing import errors

_SQLITE = {
    "NOTADB": "is damaged or no SQLite database; put it aside, or restore a backup",
    "CORRUPT": "is damaged; restore a backup",
    "CANTOPEN": "can't be opened; check that its folder exists and that this user may read and write it",
    "PERM": "can't be opened; check that this user may read and write it",
    "READONLY": "can't be written; check that this user may write the file and its folder",
    "BUSY": "is locked by another process; stop the other Farthing that uses this data folder",
    "LOCKED": "is locked by another process; stop the other Farthing that uses this data folder",
    "FULL": "can't be written because the disk is full; free some space",
    "IOERR": "can't be read or written; check the disk",
}
_POSTGRES_DISK_FULL = "53100"
# Before what it says itself, its driver tells where it was met.
_POSTGRES_SAYS = re.compile(r"connection failed: |connection to server .* failed: |(?:FATAL|ERROR):\s+")


def at_start(place: str, error: Exception) -> errors.StartError:
    """`error`, met while opening or migrating the database at `place`, as the reason not to start."""
    return errors.StartError(f"The meta database {place} {_complaint(error)}.")


def at_work(place: str, error: SQLAlchemyError) -> errors.FarthingError:
    """`error`, met while reading or writing: a conflict, a full disk, or a store that is out of order for now."""
    if isinstance(error, IntegrityError):
        return errors.ConflictError("This exists already, or belongs to something that doesn't exist.")
    sentence = f"The meta database {place} {_complaint(error)}."
    if _sqlite_code(error) == "FULL" or _sqlstate(error) == _POSTGRES_DISK_FULL:
        return errors.StoreFullError(sentence)
    return errors.StoreError(sentence)


def damaged(place: str) -> errors.StartError:
    """The file opens but its pages contradict each other."""
    return errors.StartError(f"The meta database {place} {_SQLITE['CORRUPT']}.")


def _complaint(error: Exception) -> str:
    code = _sqlite_code(error)
    if code in _SQLITE:
        return _SQLITE[code]
    if isinstance(error, PoolTimeoutError):
        return "has no free connection; try again"
    if isinstance(error, DBAPIError) and not isinstance(error.orig, sqlite3.Error):
        return f"does not answer as it should ({_first_words(error)}); check its URL and that its server runs"
    return f"can't be used ({_first_words(error)})"


def _sqlite_code(error: Exception) -> str:
    """SQLITE_IOERR_WRITE -> IOERR; "" when SQLite is not who complains."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    if not isinstance(cause, sqlite3.Error):
        return ""
    name = getattr(cause, "sqlite_errorname", "")
    return name.split("_")[1] if name else ""


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None


def _first_words(error: Exception) -> str:
    text = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return _POSTGRES_SAYS.split(text.partition("\n")[0])[-1].strip().rstrip(".")
