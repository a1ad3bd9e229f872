"""How far an import came, kept in a file so that the next run goes on there; what was taken and what was refused, out."""

import contextlib
import hashlib
import os
from pathlib import Path

import msgspec

from farthing.cli.client import RefusedError
from farthing.shapes import Shape

MOST_REASONS = 50
"""Different ones of one list; the others are counted together."""
OTHERS = "for other reasons"
FOLDER = "imports"


class Reading(msgspec.Struct):
    """One list: up to where it was read, and what became of what stood in it."""

    way: int = 0
    """Which of several lists that tell the same is read."""
    within: str = ""
    """Of a list of lists, which one `place` is in."""
    place: str = ""
    done: bool = False
    total: int | None = None
    taken: int = 0
    refused: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """Reason → how many."""
    examples: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    """Reason → one that was refused for it."""
    marks: dict[str, bool] = msgspec.field(default_factory=dict[str, bool])
    """What is done of a list that isn't read in order."""

    def refuse(self, which: str, reason: str) -> None:
        """Count one that was not taken."""
        said = reason if reason in self.refused or len(self.refused) < MOST_REASONS else OTHERS
        self.refused[said] = self.refused.get(said, 0) + 1
        self.examples.setdefault(said, which[:200])


class Record(msgspec.Struct):
    """One import."""

    source: str
    asked: str = ""
    """From when on, as a person said it."""
    since: str = ""
    """From when on telemetry is read; "" from its beginning."""
    until: str = ""
    """Up to when: so a list doesn't grow at its head while it is read."""
    finished: bool = False
    lists: dict[str, Reading] = msgspec.field(default_factory=dict[str, Reading])
    runs: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    """The source's id of a run → its id here."""
    missing: list[str] = msgspec.field(default_factory=list[str])
    """Sentences about what the source could not give."""

    def reading(self, name: str) -> Reading:
        """Of the list of this name."""
        return self.lists.setdefault(name, Reading())

    def miss(self, sentence: str) -> None:
        """Note what the source could not give."""
        if sentence not in self.missing:
            self.missing.append(sentence)


_record = Shape(Record).of_json


def file_of(data: Path, *said_by: str) -> Path:
    """Where the record of an import stands: one for each source, each project it goes to and whatever is wanted of it."""
    said = msgspec.json.encode(said_by)
    return data / FOLDER / f"langfuse-{hashlib.blake2b(said, digest_size=8).hexdigest()}.json"


def read(file: Path) -> Record | None:
    """The record in this file; None where there is none. Raises `RefusedError`."""
    try:
        return _record(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        msg = f"{file} should tell how far the import came, and can't be read: {error}. Remove it to begin anew."
        raise RefusedError(msg) from error


def write(file: Path, record: Record) -> None:
    """Keep it: whole, or as it was before. Raises `RefusedError`."""
    new = file.with_suffix(".new")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(msgspec.json.encode(record))
        new.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink()
        msg = f"How far the import came can't be kept in {file}: {error.strerror}. Choose another place with --state."
        raise RefusedError(msg) from error
