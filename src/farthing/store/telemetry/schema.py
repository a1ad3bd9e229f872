"""A telemetry store of this or an earlier version, or an empty one, in; the same with this version's tables out.

An empty store is given the tables as `schema.sql` has them, which is quicker than making and changing them in every step there
ever was. The file may be behind: what it leaves out is done after it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple, Protocol

from farthing import errors

_FILES = resources.files("farthing.store.telemetry")
_HEAD = "-- Made by `make schema`: what the migrations lead to, up to "
_VERSIONS = (
    "CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32, name String, applied_at DateTime DEFAULT now())"
    " ENGINE = MergeTree ORDER BY version SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
)


class Step(NamedTuple):
    """A migration: its file's name and what stands in it."""

    name: str
    text: str


class Store(Protocol):
    """What is asked of the engine here."""

    @property
    def is_alone(self) -> bool:
        """Whether nobody else can be at work on it."""
        ...

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Answer a SELECT."""
        ...

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement."""
        ...


def steps() -> dict[int, Step]:
    """All migrations by their versions."""
    files = [file for file in (_FILES / "migrations").iterdir() if file.name.endswith(".sql")]
    return {int(file.name.split("_", 1)[0]): Step(file.name, file.read_text(encoding="utf-8")) for file in files}


def migrate(store: Store, place: str, known: Mapping[int, Step] | None = None, *, at_once: bool = True) -> None:
    """Do what is missing of `known`, else of all migrations; of an empty store at once, if that's wanted.

    Raises `StartError` when a newer version was here, and `StoreError` when it can't be done.
    """
    known = known or steps()
    if not store.query("EXISTS TABLE schema_migrations").rows[0][0]:
        store.command(_VERSIONS)
    applied = _applied(store)
    if applied and max(applied) > max(known):
        msg = (
            f"The telemetry database at {place} was written by a newer Farthing "
            f"(schema {max(applied)}, this one knows {max(known)}). Install that version or restore a backup."
        )
        raise errors.StartError(msg)
    if at_once and not applied and store.is_alone:
        applied = _make_at_once(store, known)
    for version, step in sorted(known.items()):
        if version not in applied:
            for statement in _statements(step.text):
                store.command(statement)
            _note(store, {version: step})


def described(store: Store, version: int) -> str:
    """The tables of a store that was migrated up to `version`, as `schema.sql` has them."""
    names = "SELECT name FROM system.tables WHERE database = currentDatabase() AND name != 'schema_migrations' ORDER BY name"
    made = [store.query(f"SHOW CREATE TABLE {name}").rows[0][0] for (name,) in store.query(names).rows]
    made = [re.sub(r"\A(CREATE TABLE )\w+\.", r"\1", text) for text in made]
    return "\n\n".join([f"{_HEAD}{version}.", *(f"{text};" for text in made)]) + "\n"


def _make_at_once(store: Store, known: Mapping[int, Step]) -> set[int]:
    """Answers which migrations need not be done any more."""
    text = (_FILES / "schema.sql").read_text(encoding="utf-8")
    version = int(text.removeprefix(_HEAD).split(".", 1)[0])
    done = {number: step for number, step in known.items() if number <= version}
    if version not in done or not _remove_begun(store, re.findall(r"^CREATE TABLE (\w+)", text, re.MULTILINE)):
        return set()
    for statement in _statements(text):
        store.command(statement)
    _note(store, done)
    return set(done)


def _remove_begun(store: Store, names: Sequence[str]) -> bool:
    """Remove the tables of a first start that was cut off; false when one has rows, so that it was something else."""
    found = store.query(
        "SELECT name, total_rows FROM system.tables WHERE database = currentDatabase() AND name IN {names:Array(String)}",
        {"names": list(names)},
    ).rows
    if any(rows != 0 for _, rows in found):
        return False
    for name, _ in found:
        store.command(f"DROP TABLE {name} SYNC")
    return True


def _applied(store: Store) -> set[int]:
    return {int(row[0]) for row in store.query("SELECT version FROM schema_migrations").rows}


def _note(store: Store, done: Mapping[int, Step]) -> None:
    store.command(
        "INSERT INTO schema_migrations (version, name)"
        " SELECT done.1, done.2 FROM (SELECT arrayJoin(arrayZip({versions:Array(UInt32)}, {names:Array(String)})) AS done)",
        {"versions": list(done), "names": [step.name for step in done.values()]},
    )


def _statements(text: str) -> Iterable[str]:
    # A crash between two statements of one migration runs it again: creation must not mind.
    bare = re.sub(r"--[^\n]*", "", text)
    bare = re.sub(r"\bCREATE TABLE (?!IF NOT)", "CREATE TABLE IF NOT EXISTS ", bare)
    return [part.strip() for part in bare.split(";") if part.strip()]
