"""What people and SDKs want of datasets in; datasets and every version of their items, kept and audited, out."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from farthing.catalogue.overrides import Actor
from farthing.datasets import records, schema
from farthing.datasets.dataset import (
    ACTIVE,
    SHOWN,
    Dataset,
    Draft,
    Fault,
    FaultyItemsError,
    Item,
    changed,
    faults_of,
    name_of,
)
from farthing.errors import ConflictError, NotFoundError
from farthing.query.moments import EPOCH
from farthing.store.meta import audit
from farthing.store.meta import datasets as rows
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.datasets import StoredDataset, Wanted

SUBJECT = "dataset:"
MOST = 10_000
"""Datasets of one project."""
MOST_ITEMS = 1_000_000
"""Of one dataset."""
MOST_AT_ONCE = 10_000
"""Items that are put in at once."""
MOST_FAULTS = 1_000
_CHECKED_AT_ONCE = 1_000


class Put(msgspec.Struct, frozen=True):
    """What became of drafts: their items, in order, and how many of these are new or other than they were."""

    items: list[Item]
    new: int
    changed: int


class Datasets:
    """The datasets of all projects. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        """`clock` answers Unix nanoseconds."""
        self._database = database
        self._clock = clock

    def create(self, actor: Actor, told: Mapping[str, Any]) -> Dataset:
        """Add one. Raises `BadRequestError`, `ConflictError` where its name is taken."""
        return self._create(actor, told, lets_exist=False)

    def save(self, actor: Actor, told: Mapping[str, Any]) -> Dataset:
        """Add one, or change the one of that name: what is told that is not None. Raises `BadRequestError`."""
        return self._create(actor, told, lets_exist=True)

    def _create(self, actor: Actor, told: Mapping[str, Any], *, lets_exist: bool) -> Dataset:
        name, now = name_of(told.get("name")), self._moment()
        with self._database.exclusive() as session:
            before = rows.named(session, actor.project_id, name)
            if before is not None and not lets_exist:
                msg = f"There is a dataset {name!r} already."
                raise ConflictError(msg)
            if before is None:
                if rows.listing(session, actor.project_id, 0, 1)[1] >= MOST:
                    msg = f"There are {MOST:,} datasets in this project already; delete some that are not needed."
                    raise ConflictError(msg)
                new = f"ds_{secrets.token_hex(8)}"
                before_or_new = StoredDataset(new, actor.project_id, name, None, None, None, None, now, now)
            else:
                before_or_new = before
            wanted = {field: value for field, value in told.items() if value is not None}
            return self._put(session, actor, before, records.with_told(before_or_new, wanted, now))

    def change(self, actor: Actor, dataset_id: str, told: Mapping[str, Any]) -> Dataset:
        """Change the fields that are told. Raises `BadRequestError`, `NotFoundError`, `ConflictError`."""
        with self._database.exclusive() as session:
            before = _found(session, actor.project_id, dataset_id)
            after = records.with_told(before, told, self._moment())
            taken = rows.named(session, actor.project_id, after.name)
            if taken is not None and taken.id != before.id:
                msg = f"There is a dataset {after.name!r} already."
                raise ConflictError(msg)
            return self._put(session, actor, before, after)

    def _put(self, session: Transaction, actor: Actor, before: StoredDataset | None, after: StoredDataset) -> Dataset:
        if before is not None and (before.input_schema, before.expected_schema) != (
            after.input_schema,
            after.expected_schema,
        ):
            _must_fit(session, after)
        same = before is not None and msgspec.structs.replace(before, updated_at=after.updated_at) == after
        if before is not None and same:
            return records.dataset(before)
        rows.put(session, after)
        self._note(
            session,
            actor,
            "changed" if before else "created",
            after.id,
            (records.document(before), records.document(after)),
        )
        return records.dataset(after)

    def get(self, project_id: str, dataset_id: str) -> Dataset:
        """The one with this id, or this name. Raises `NotFoundError`."""
        with self._database.read() as session:
            return records.dataset(_found(session, project_id, dataset_id))

    def named(self, project_id: str, name: str) -> Dataset:
        """The one of this name. Raises `NotFoundError`."""
        for found in self.with_name(project_id, name):
            return found
        raise _missing(name)

    def with_name(self, project_id: str, name: str) -> list[Dataset]:
        """The one of this name, or none."""
        with self._database.read() as session:
            stored = rows.named(session, project_id, name)
        return [] if stored is None else [records.dataset(stored)]

    def listing(self, project_id: str, offset: int, limit: int) -> tuple[list[Dataset], int]:
        """A part of a project's, the newest first, and how many there are."""
        with self._database.read() as session:
            found, total = rows.listing(session, project_id, offset, limit)
            return [records.dataset(one) for one in found], total

    def counts(self, project_id: str, dataset_ids: Sequence[str]) -> dict[str, int]:
        """Dataset → how many active items it has; none are left out."""
        with self._database.read() as session:
            return rows.counts(session, project_id, dataset_ids)

    def remove(self, actor: Actor, dataset_id: str) -> Dataset:
        """Forget one, all its items and their history. Its runs stay. Raises `NotFoundError`."""
        with self._database.write() as session:
            before = _found(session, actor.project_id, dataset_id)
            rows.remove(session, before.id)
            self._note(session, actor, "removed", before.id, (records.document(before), None))
            return records.dataset(before)

    def put(
        self, actor: Actor, dataset_id: str, drafts: Sequence[Draft], *, keeps: bool = False, dry: bool = False
    ) -> Put:
        """Add items, or change those with the same ids: all of them or none.

        With `keeps`, what isn't told of an item that is there stays as it is. With `dry` nothing is kept.
        Raises `FaultyItemsError`, `BadRequestError`, `NotFoundError`.
        """
        if len(drafts) > MOST_AT_ONCE:
            raise FaultyItemsError(
                [Fault(0, "", f"at most {MOST_AT_ONCE:,} items at once; send them in several parts")]
            )
        with self._database.read() if dry else self._database.write() as session:
            dataset = _found(session, actor.project_id, dataset_id)
            if not dry:
                rows.lock(session, dataset.id)
            faults = _twice(drafts)
            made = self._made(session, dataset, drafts, faults, keeps=keeps)
            if faults:
                raise FaultyItemsError(faults[:MOST_FAULTS])
            new = [item for item, before in made if before is None]
            other = [item for item, before in made if before is not None and before != item]
            if new and rows.count(session, actor.project_id, Wanted(dataset.id)) + len(new) > MOST_ITEMS:
                msg = f"A dataset has at most {MOST_ITEMS:,} items."
                raise ConflictError(msg)
            if not dry and (new or other):
                rows.add(session, [records.stored(actor.project_id, one) for one in (*new, *other)])
                self._note(session, actor, "items", dataset.id, (None, _counted(new, other)))
            return Put([item for item, _ in made], len(new), len(other))

    def _made(
        self,
        session: Transaction,
        dataset: StoredDataset,
        drafts: Sequence[Draft],
        faults: list[Fault],
        *,
        keeps: bool,
    ) -> list[tuple[Item, Item | None]]:
        """Each draft's item and what it is now; what is wrong with them is added to the faults."""
        ids = [one.id if isinstance(one.id, str) else secrets.token_hex(16) for one in drafts]
        held = {name: records.item(one) for name, one in rows.items_of(session, dataset.project_id, ids).items()}
        newest = rows.newest(session, dataset.project_id, ids)
        now_ms = self._clock() // 1_000_000
        found: list[tuple[Item, Item | None]] = []
        for place, (name, draft) in enumerate(zip(ids, drafts, strict=True)):
            wrong = faults_of(draft)
            before = held.get(name)
            if before is not None and before.dataset_id != dataset.id:
                wrong.append(Fault(draft.line, "id", f"{name!r} is an item of another dataset of this project."))
            since = max(now_ms, newest.get(name, -1) + 1)
            blank = Item(name, dataset.id, ACTIVE, None, None, None, "", "", now_ms, since, place)
            after = changed(before or blank, draft, keeps=keeps)
            if not wrong and (before is None or after != before):
                after = msgspec.structs.replace(after, version_ms=since)
                wrong = _unfit(dataset, after, draft.line)
            faults += wrong
            found.append((after, before))
        return found

    def items(self, project_id: str, wanted: Wanted, offset: int, limit: int) -> list[Item]:
        """A part of the items, in the order they were made."""
        with self._database.read() as session:
            return [records.item(one) for one in rows.items(session, project_id, wanted, offset, limit)]

    def count(self, project_id: str, wanted: Wanted) -> int:
        """How many items there are."""
        with self._database.read() as session:
            return rows.count(session, project_id, wanted)

    def item(self, project_id: str, item_id: str) -> Item:
        """One as it is. Raises `NotFoundError`."""
        found = self.items_of(project_id, [item_id])
        if item_id not in found:
            raise _no_item(item_id)
        return found[item_id]

    def items_of(self, project_id: str, ids: Sequence[str], at_ms: int | None = None) -> dict[str, Item]:
        """Id → item as it is, or was then, of those that are there."""
        with self._database.read() as session:
            return {name: records.item(one) for name, one in rows.items_of(session, project_id, ids, at_ms).items()}

    def versions(self, project_id: str, item_id: str, limit: int) -> list[tuple[Item, int | None]]:
        """The latest versions of an item, the newest first, each with when it ended. Raises `NotFoundError`."""
        with self._database.read() as session:
            found = rows.versions(session, project_id, item_id, limit)
        if not found:
            raise _no_item(item_id)
        return [(records.item(stored), ended) for stored, ended in found]

    def remove_item(self, actor: Actor, item_id: str) -> None:
        """Take an item out; versions of its dataset from before still have it. Raises `NotFoundError`."""
        with self._database.write() as session:
            held = rows.items_of(session, actor.project_id, [item_id]).get(item_id)
            if held is None:
                raise _no_item(item_id)
            ended = max(self._clock() // 1_000_000, held.from_ms + 1)
            rows.end(session, actor.project_id, [(item_id, ended)])
            said = msgspec.json.encode({"item": item_id}).decode()
            self._note(session, actor, "item removed", held.dataset_id, (said, None))

    def history(self, project_id: str, dataset_id: str, limit: int) -> list[Entry]:
        """Who changed what of a dataset, the latest first."""
        with self._database.read() as session:
            return audit.listing(session, project_id, SUBJECT + dataset_id, limit)

    def _note(
        self, session: Transaction, actor: Actor, action: str, dataset_id: str, change: tuple[str | None, str | None]
    ) -> None:
        entry = Entry(self._moment(), str(actor), action, SUBJECT + dataset_id, actor.project_id, *change)
        audit.record(session, entry)

    def _moment(self) -> datetime:
        return EPOCH + timedelta(microseconds=self._clock() // 1000)


def _must_fit(session: Transaction, dataset: StoredDataset) -> None:
    """Raises `FaultyItemsError` where items that are there don't keep to the schemas."""
    wanted, faults = Wanted(dataset.id, status=ACTIVE), list[Fault]()
    while True:
        some = rows.items(session, dataset.project_id, wanted, 0, _CHECKED_AT_ONCE)
        for one in some:
            faults += [
                msgspec.structs.replace(fault, field=f"item {one.item_id!r}: {fault.field}")
                for fault in _unfit(dataset, records.item(one), 0)
            ]
        if len(some) < _CHECKED_AT_ONCE or len(faults) >= MOST_FAULTS:
            break
        wanted = msgspec.structs.replace(wanted, after=(some[-1].created_ms, some[-1].place, some[-1].item_id))
    if faults:
        raise FaultyItemsError(faults[:MOST_FAULTS])


def _unfit(dataset: StoredDataset, item: Item, line: int) -> list[Fault]:
    found: list[Fault] = []
    if item.status != ACTIVE:
        return found
    for document, field in ((dataset.input_schema, "input"), (dataset.expected_schema, "expected")):
        # What a case should answer may be unknown; a schema says only how it looks where it is known.
        value = getattr(item, field)
        if document is not None and not (field == "expected" and value is None):
            wrong = schema.check_of(document)(value)
            found += [Fault(line, SHOWN[field] + path, message) for path, message in wrong]
    return found


def _twice(drafts: Sequence[Draft]) -> list[Fault]:
    seen: dict[str, int] = {}
    found: list[Fault] = []
    for draft in drafts:
        if isinstance(draft.id, str):
            if draft.id in seen:
                found.append(Fault(draft.line, "id", f"{draft.id!r} stands on line {seen[draft.id]} too."))
            seen.setdefault(draft.id, draft.line)
    return found


def _counted(new: Sequence[Item], other: Sequence[Item]) -> str:
    ids = [one.id for one in (*new, *other)][:_NAMED]
    return msgspec.json.encode({"new": len(new), "changed": len(other), "ids": ids}).decode()


_NAMED = 20


def _found(session: Transaction, project_id: str, dataset_id: str) -> StoredDataset:
    stored = rows.get(session, project_id, dataset_id) or rows.named(session, project_id, dataset_id)
    if stored is None:
        raise _missing(dataset_id)
    return stored


def _missing(name: str) -> NotFoundError:
    return NotFoundError(f"There is no dataset {name[:80]!r} in this project.")


def _no_item(item_id: str) -> NotFoundError:
    return NotFoundError(f"There is no dataset item {item_id[:80]!r} in this project.")
