"""Who asks and what they wrote of prompts in; versions kept, labelled and audited, and the one that is meant, out."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import msgspec

from farthing.access.acting import actor
from farthing.access.identity import Identity
from farthing.errors import BadRequestError, ConflictError, NotFoundError
from farthing.prompts import composing
from farthing.prompts.composing import Reference, Whole
from farthing.prompts.prompt import (
    LATEST,
    PRODUCTION,
    Kind,
    Listed,
    Version,
    Written,
    checked,
    checked_kind,
    checked_labels,
    checked_name,
    checked_tags,
)
from farthing.shapes import Shape
from farthing.store.meta import audit, prompts
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.prompts import StoredPrompt, StoredVersion, Wanted

SUBJECT = "prompt:"
MOST = 20_000
"""Prompts of a project."""

_written = Shape(Written).of_json
_tags = Shape(tuple[str, ...]).of_json


class New(msgspec.Struct, frozen=True):
    """A version to be added, as a client told it: nothing of it is checked yet. Tags that aren't told stay as they are."""

    name: Any
    prompt: Any
    kind: Any = None
    config: Any = None
    labels: Any = None
    tags: Any = None
    message: Any = None


class Prompts:
    """The prompts of all projects. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """`clock` answers an aware moment."""
        self._database = database
        self._clock = clock

    def create(self, who: Identity, new: New) -> Version:
        """Add a version. What it quotes has to be there. Raises `BadRequestError`, `ConflictError`."""
        name, kind = checked_name(new.name), checked_kind(new.kind, new.prompt)
        written = checked(kind, new.prompt, {} if new.config is None else new.config, new.message)
        labels = checked_labels(new.labels, lets_latest=True)
        tags = None if new.tags is None else checked_tags(new.tags)
        now = self._clock()
        with self._database.write() as session:
            prompt = prompts.next_number(session, who.project_id, name, kind, now)
            if prompt.kind != kind:
                msg = f"The prompt {name!r} is a {prompt.kind}; a {kind} needs another name."
                raise BadRequestError(msg)
            if prompt.last_number == 1 and prompts.count(session, who.project_id) > MOST:
                msg = f"There are {MOST} prompts already."
                raise ConflictError(msg)
            if tags is not None:
                prompts.touch(session, prompt.id, now, msgspec.json.encode(tags).decode())
            document = msgspec.json.encode(written).decode()
            number = prompt.last_number
            prompts.add(session, StoredVersion(prompt.id, number, document, now, actor(who)))
            prompts.put_labels(session, prompt.id, number, labels)
            made = _found(session, who.project_id, name, number)
            composing.whole(made, _finder(session, who.project_id))
            self._note(session, who, "created", _subject(name, made.number), (None, _told(made)))
        return made

    def get(self, project_id: str, name: str, number: int | None = None, label: str | None = None) -> Version:
        """The version of that number, else the one a label stands on. Raises `BadRequestError`, `NotFoundError`."""
        if number is not None and label is not None:
            msg = "Ask for a version or for a label, not for both."
            raise BadRequestError(msg)
        with self._database.read() as session:
            return _found(session, project_id, name, number, label or PRODUCTION)

    def whole(self, version: Version, project_id: str) -> Whole:
        """The version with the texts of all it quotes. Raises `ConflictError`."""
        with self._database.read() as session:
            return composing.whole(version, _finder(session, project_id))

    def versions(self, project_id: str, name: str) -> list[Version]:
        """All versions, the newest first. Raises `NotFoundError`."""
        with self._database.read() as session:
            prompt = _prompt(session, project_id, name)
            labels = prompts.labels(session, prompt.id)
            stored = prompts.versions(session, prompt.id)
            return [_version(prompt, one, labels, stored[0].number) for one in stored]

    def listing(self, project_id: str, wanted: Wanted, offset: int, limit: int) -> tuple[list[Listed], int]:
        """A part of a project's prompts, by name, and how many there are in all."""
        if wanted.label == LATEST:
            wanted = msgspec.structs.replace(wanted, label="")
        with self._database.read() as session:
            found, total = prompts.listing(session, project_id, wanted, offset, limit)
            ids = [prompt.id for prompt in found]
            labels, numbers = prompts.labels_of(session, ids), prompts.numbers_of(session, ids)
            # One that is being removed may have no versions any more.
            left = [one for one in found if one.id in numbers]
            return [_listed(session, one, labels.get(one.id, {}), numbers[one.id]) for one in left], total

    def label(self, who: Identity, name: str, number: int, labels: Any, *, only: bool) -> Version:
        """Let labels stand on a version besides those that do; with `only`, in their place. Raises `BadRequestError`, `NotFoundError`."""
        wanted = checked_labels(labels)
        with self._database.write() as session:
            prompt = _prompt(session, who.project_id, name)
            prompts.touch(session, prompt.id, self._clock())
            before = _found(session, who.project_id, name, number)
            if only:
                prompts.remove_labels(session, prompt.id, set(before.labels) - {*wanted, LATEST})
            prompts.put_labels(session, prompt.id, number, wanted)
            after = _found(session, who.project_id, name, number)
            change = ({"labels": before.labels}, {"labels": after.labels})
            self._note(session, who, "labelled", _subject(name, number), change)
        return after

    def tag(self, who: Identity, name: str, tags: Any) -> Listed:
        """Give a prompt other tags. Raises `BadRequestError`, `NotFoundError`."""
        wanted = checked_tags(tags)
        with self._database.write() as session:
            before = _prompt(session, who.project_id, name)
            prompts.touch(session, before.id, self._clock(), msgspec.json.encode(wanted).decode())
            prompt = _prompt(session, who.project_id, name)
            labels = prompts.labels(session, prompt.id)
            numbers = prompts.numbers_of(session, [prompt.id])[prompt.id]
            change = ({"tags": _tags(before.tags)}, {"tags": wanted})
            self._note(session, who, "tagged", _subject(name), change)
            return _listed(session, prompt, labels, numbers)

    def remove(self, who: Identity, name: str, number: int | None = None, label: str | None = None) -> None:
        """Forget one version, that which a label stands on, or all. Raises `ConflictError` when others quote it, `NotFoundError`."""
        with self._database.write() as session:
            prompt = _prompt(session, who.project_id, name)
            prompts.touch(session, prompt.id, self._clock())
            labels, numbers = prompts.labels(session, prompt.id), prompts.numbers_of(session, [prompt.id])[prompt.id]
            chosen = numbers
            if number is not None or label is not None:
                chosen = [_found(session, who.project_id, name, number, label or PRODUCTION).number]
                if label is not None and labels.get(label, chosen[0] if label == LATEST else None) != chosen[0]:
                    raise NotFoundError(_missing(name, number, label))
            gone = [_found(session, who.project_id, name, one) for one in chosen]
            prompts.remove(session, prompt.id, chosen)
            _check_quoting(session, who.project_id, name, labels, chosen)
            for version in gone:
                self._note(session, who, "removed", _subject(name, version.number), (_told(version), None))

    def history(self, project_id: str, name: str, limit: int) -> list[Entry]:
        """Who changed what of a prompt, the latest first."""
        with self._database.read() as session:
            return audit.listing(session, project_id, _subject(name), limit)

    def _note(self, session: Transaction, who: Identity, action: str, subject: str, change: tuple[Any, Any]) -> None:
        was, now = (None if told is None else msgspec.json.encode(told).decode() for told in change)
        audit.record(session, Entry(self._clock(), actor(who), action, subject, who.project_id, was, now))


def _subject(name: str, number: int | str = "") -> str:
    return f"{SUBJECT}{name[:200]}:{number}"


def _told(version: Version) -> dict[str, Any]:
    written = version.written
    return {
        "prompt": written.prompt,
        "config": written.config,
        "labels": version.labels,
        "tags": version.tags,
        "commit_message": written.message,
    }


def _prompt(session: Transaction, project_id: str, name: str) -> StoredPrompt:
    found = prompts.get(session, project_id, name)
    if found is None:
        msg = f"There is no prompt {name[:200]!r} in this project."
        raise NotFoundError(msg)
    return found


def _found(
    session: Transaction, project_id: str, name: str, number: int | None = None, label: str = PRODUCTION
) -> Version:
    prompt = _prompt(session, project_id, name)
    labels, newest = prompts.labels(session, prompt.id), prompts.newest(session, prompt.id)
    if number is None:
        number = newest if label == LATEST else labels.get(label)
        said = None
    else:
        said = number
    stored = None if number is None else prompts.version(session, prompt.id, number)
    if stored is None:
        raise NotFoundError(_missing(name, said, label))
    return _version(prompt, stored, labels, newest)


def _missing(name: str, number: int | None, label: str | None) -> str:
    if number is not None:
        return f"The prompt {name[:200]!r} has no version {number}."
    return f"The prompt {name[:200]!r} has no version with the label {label!r}."


def _finder(session: Transaction, project_id: str) -> Callable[[Reference], Version | None]:
    def find(reference: Reference) -> Version | None:
        try:
            return _found(session, project_id, reference.name, reference.number, reference.label)
        except NotFoundError:
            return None

    return find


def _check_quoting(
    session: Transaction, project_id: str, name: str, labels: dict[str, int], gone: Collection[int]
) -> None:
    """What could be read before, others still have to be able to quote."""
    find = _finder(session, project_id)
    for prompt, stored in prompts.quoting(session, project_id, f"name={msgspec.json.encode(name).decode()[1:-1]}"):
        for reference in composing.references(_written(stored.document).prompt):
            if reference.name != name or prompt.name == name:
                continue
            was = reference.number if reference.number is not None else labels.get(reference.label)
            if (was in gone or reference.label == LATEST) and find(reference) is None:
                msg = f"Version {stored.number} of the prompt {prompt.name!r} quotes {reference}. Change or remove that first."
                raise ConflictError(msg)


def _version(prompt: StoredPrompt, stored: StoredVersion, labels: dict[str, int], newest: int | None) -> Version:
    mine = sorted(label for label, number in labels.items() if number == stored.number)
    return Version(
        prompt.id,
        prompt.name,
        Kind(prompt.kind),
        stored.number,
        _written(stored.document),
        (*mine, LATEST) if stored.number == newest else tuple(mine),
        _tags(prompt.tags),
        stored.created_at,
        stored.created_by,
    )


def _listed(session: Transaction, prompt: StoredPrompt, labels: dict[str, int], numbers: list[int]) -> Listed:
    newest = prompts.version(session, prompt.id, numbers[-1])
    return Listed(
        prompt.id,
        prompt.name,
        Kind(prompt.kind),
        _tags(prompt.tags),
        {**dict(sorted(labels.items())), LATEST: numbers[-1]},
        tuple(numbers),
        prompt.created_at,
        prompt.updated_at,
        _written(newest.document).config if newest else None,
    )
