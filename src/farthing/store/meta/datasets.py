"""Transactions in; datasets, and their items as they are or were at a moment, out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from farthing.store.meta.dataset_tables import DatasetItemRow, DatasetRow

_One = TypeVar("_One")

_AT_ONCE = 500
"""Ids in one question: SQLite takes 32,766 values, PostgreSQL's plans grow long before."""


class StoredDataset(msgspec.Struct, frozen=True):
    """A dataset; `meta` and the schemas are JSON."""

    id: str
    project_id: str
    name: str
    description: str | None
    meta: str | None
    input_schema: str | None
    expected_schema: str | None
    created_at: datetime
    updated_at: datetime


class StoredItem(msgspec.Struct, frozen=True):
    """One version of an item; contents are JSON. `from_ms`: since when it is so."""

    project_id: str
    dataset_id: str
    item_id: str
    from_ms: int
    created_ms: int
    place: int
    status: str
    input: str
    expected: str
    meta: str
    source_trace: str
    source_observation: str


class Wanted(msgspec.Struct, frozen=True):
    """Which items of a project: those that have all of this."""

    dataset_id: str = ""
    source_trace: str = ""
    source_observation: str = ""
    status: str = ""
    at_ms: int | None = None
    """As they were then; None: as they are."""
    after: tuple[int, int, str] | None = None
    """Those behind this one, by when it was made, place and id."""


_DATASET = StoredDataset.__struct_fields__
_ITEM = StoredItem.__struct_fields__
_COLUMNS = [getattr(DatasetItemRow, name) for name in _ITEM]
_ORDER = (DatasetItemRow.created_ms, DatasetItemRow.place, DatasetItemRow.item_id)


def get(session: Session, project_id: str, dataset_id: str) -> StoredDataset | None:
    """This project's dataset with that id."""
    row = session.get(DatasetRow, dataset_id)
    return _dataset(row) if row and row.project_id == project_id else None


def named(session: Session, project_id: str, name: str) -> StoredDataset | None:
    """This project's dataset of that name."""
    row = session.scalar(select(DatasetRow).where(DatasetRow.project_id == project_id, DatasetRow.name == name))
    return _dataset(row) if row else None


def lock(session: Session, dataset_id: str) -> None:
    """Nobody else changes this dataset's items until the transaction ends."""
    # SQLite has one writer at a time anyway, and leaves the lock out.
    session.execute(select(DatasetRow.id).where(DatasetRow.id == dataset_id).with_for_update())


def listing(session: Session, project_id: str, offset: int, limit: int) -> tuple[list[StoredDataset], int]:
    """A part of a project's datasets, the newest first, and how many there are in all."""
    mine = DatasetRow.project_id == project_id
    rows = session.scalars(
        select(DatasetRow).where(mine).order_by(DatasetRow.created_at.desc(), DatasetRow.id).offset(offset).limit(limit)
    )
    found = [_dataset(row) for row in rows]
    return found, session.scalar(select(func.count()).select_from(DatasetRow).where(mine)) or 0


def put(session: Session, stored: StoredDataset) -> None:
    """Keep a dataset, in place of the one with its id."""
    session.merge(DatasetRow(**{name: getattr(stored, name) for name in _DATASET}))
    session.flush()


def remove(session: Session, dataset_id: str) -> None:
    """Forget a dataset with all versions of its items."""
    session.execute(delete(DatasetItemRow).where(DatasetItemRow.dataset_id == dataset_id))
    session.execute(delete(DatasetRow).where(DatasetRow.id == dataset_id))


def items(session: Session, project_id: str, wanted: Wanted, offset: int, limit: int) -> list[StoredItem]:
    """A part of the items, in the order they were made."""
    asked = select(*_COLUMNS).where(*_conditions(project_id, wanted)).order_by(*_ORDER).offset(offset).limit(limit)
    return _items(session, asked)


def count(session: Session, project_id: str, wanted: Wanted) -> int:
    """How many items there are."""
    asked = select(func.count()).select_from(DatasetItemRow).where(*_conditions(project_id, wanted))
    return session.scalar(asked) or 0


def counts(session: Session, project_id: str, dataset_ids: Sequence[str]) -> dict[str, int]:
    """Dataset → how many active items it has."""
    asked = (
        select(DatasetItemRow.dataset_id, func.count())
        .where(
            DatasetItemRow.project_id == project_id,
            DatasetItemRow.dataset_id.in_(dataset_ids),
            DatasetItemRow.to_ms.is_(None),
            DatasetItemRow.status == "ACTIVE",
        )
        .group_by(DatasetItemRow.dataset_id)
    )
    return {row[0]: row[1] for row in session.execute(asked)}


def items_of(session: Session, project_id: str, ids: Sequence[str], at_ms: int | None = None) -> dict[str, StoredItem]:
    """Id → item, of those that are, or were, there."""
    found: dict[str, StoredItem] = {}
    for some in _parts(list(dict.fromkeys(ids))):
        mine = (DatasetItemRow.project_id == project_id, DatasetItemRow.item_id.in_(some), _at(at_ms))
        found |= {one.item_id: one for one in _items(session, select(*_COLUMNS).where(*mine))}
    return found


def newest(session: Session, project_id: str, ids: Sequence[str]) -> dict[str, int]:
    """Id → when its latest change was, also of items that are gone."""
    found: dict[str, int] = {}
    latest = func.max(func.coalesce(DatasetItemRow.to_ms, DatasetItemRow.from_ms))
    for some in _parts(list(dict.fromkeys(ids))):
        mine = (DatasetItemRow.project_id == project_id, DatasetItemRow.item_id.in_(some))
        asked = select(DatasetItemRow.item_id, latest).where(*mine).group_by(DatasetItemRow.item_id)
        found |= {row[0]: row[1] for row in session.execute(asked)}
    return found


def changes(session: Session, project_id: str, dataset_ids: Sequence[str]) -> dict[str, list[int]]:
    """Dataset → when any of its items changed, came or went, the earliest first."""
    found: dict[str, set[int]] = {}
    row = DatasetItemRow
    for moment in (row.from_ms, row.to_ms):
        mine = (row.project_id == project_id, row.dataset_id.in_(dataset_ids))
        for dataset_id, at_ms in session.execute(select(row.dataset_id, moment).where(*mine).distinct()):
            if at_ms is not None:
                found.setdefault(dataset_id, set()).add(at_ms)
    return {dataset_id: sorted(moments) for dataset_id, moments in found.items()}


def add(session: Session, versions: Sequence[StoredItem]) -> None:
    """Keep these versions; the ones they follow end where they begin."""
    for some in _parts(versions):
        end(session, some[0].project_id, [(one.item_id, one.from_ms) for one in some])
        rows = [{name: getattr(one, name) for name in _ITEM} | {"to_ms": None} for one in some]
        session.execute(insert(DatasetItemRow), rows)


def end(session: Session, project_id: str, ends: Sequence[tuple[str, int]]) -> None:
    """Items, by id, that are as they are only up to a moment."""
    by_moment: dict[int, list[str]] = {}
    for item_id, moment in ends:
        by_moment.setdefault(moment, []).append(item_id)
    for moment, ids in by_moment.items():
        for some in _parts(ids):
            session.execute(
                update(DatasetItemRow)
                .where(
                    DatasetItemRow.project_id == project_id,
                    DatasetItemRow.item_id.in_(some),
                    DatasetItemRow.to_ms.is_(None),
                )
                .values(to_ms=moment)
            )


def versions(session: Session, project_id: str, item_id: str, limit: int) -> list[tuple[StoredItem, int | None]]:
    """The latest versions of an item, the newest first, and when each ended."""
    asked = (
        select(*_COLUMNS, DatasetItemRow.to_ms)
        .where(DatasetItemRow.project_id == project_id, DatasetItemRow.item_id == item_id)
        .order_by(DatasetItemRow.from_ms.desc())
        .limit(limit)
    )
    return [(StoredItem(*row[:-1]), row[-1]) for row in session.execute(asked)]


def _conditions(project_id: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield DatasetItemRow.project_id == project_id
    yield _at(wanted.at_ms)
    if wanted.dataset_id:
        yield DatasetItemRow.dataset_id == wanted.dataset_id
    if wanted.source_trace:
        yield DatasetItemRow.source_trace == wanted.source_trace
    if wanted.source_observation:
        yield DatasetItemRow.source_observation == wanted.source_observation
    if wanted.status:
        yield DatasetItemRow.status == wanted.status
    if wanted.after:
        made, place, item_id = wanted.after
        row = DatasetItemRow
        yield or_(
            row.created_ms > made,
            and_(row.created_ms == made, or_(row.place > place, and_(row.place == place, row.item_id > item_id))),
        )


def _parts(values: "Sequence[_One]") -> "Iterator[Sequence[_One]]":
    for at in range(0, len(values), _AT_ONCE):
        yield values[at : at + _AT_ONCE]


def _at(at_ms: int | None) -> ColumnElement[bool]:
    if at_ms is None:
        return DatasetItemRow.to_ms.is_(None)
    return and_(DatasetItemRow.from_ms <= at_ms, or_(DatasetItemRow.to_ms.is_(None), DatasetItemRow.to_ms > at_ms))


def _items(session: Session, asked: Any) -> list[StoredItem]:
    return [StoredItem(*row) for row in session.execute(asked)]


def _dataset(row: DatasetRow) -> StoredDataset:
    return StoredDataset(*[getattr(row, name) for name in _DATASET])
