"""Transactions in; what was said of runs of experiments, out."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from farthing.store.meta.dataset_tables import DatasetRunRow
from farthing.store.meta.upserts import upsert


class StoredRun(msgspec.Struct, frozen=True):
    """A run; `meta` is JSON. `dataset_id`: "" where the data is in no dataset."""

    project_id: str
    id: str
    dataset_id: str
    name: str
    description: str | None
    meta: str | None
    version_ms: int | None
    created_at: datetime
    updated_at: datetime


_RUN = StoredRun.__struct_fields__


def put(session: Session, stored: StoredRun) -> None:
    """Keep a run. Of one that is there already, what is told now replaces what was; what isn't told stays."""
    new = upsert(session, DatasetRunRow)
    told = {name: getattr(stored, name) for name in _RUN}
    later = {name: told[name] for name in ("description", "meta", "version_ms") if told[name] is not None}
    session.execute(
        new.values(**told).on_conflict_do_update(
            index_elements=[DatasetRunRow.project_id, DatasetRunRow.id], set_={**later, "updated_at": stored.updated_at}
        )
    )


def get(session: Session, project_id: str, run_id: str) -> StoredRun | None:
    """This project's run with that id."""
    row = session.get(DatasetRunRow, (project_id, run_id))
    return _run(row) if row else None


def of_dataset(session: Session, project_id: str, dataset_id: str | None) -> list[StoredRun]:
    """The runs on a dataset, or all of a project, the newest first."""
    asked = select(DatasetRunRow).where(DatasetRunRow.project_id == project_id)
    if dataset_id is not None:
        asked = asked.where(DatasetRunRow.dataset_id == dataset_id)
    return [_run(row) for row in session.scalars(asked.order_by(DatasetRunRow.created_at.desc(), DatasetRunRow.id))]


def of_ids(session: Session, project_id: str, ids: Sequence[str]) -> dict[str, StoredRun]:
    """Id → run, of those that are there."""
    asked = select(DatasetRunRow).where(DatasetRunRow.project_id == project_id, DatasetRunRow.id.in_(ids))
    return {row.id: _run(row) for row in session.scalars(asked)}


def remove(session: Session, project_id: str, run_id: str) -> None:
    """Forget a run."""
    session.execute(delete(DatasetRunRow).where(DatasetRunRow.project_id == project_id, DatasetRunRow.id == run_id))


def _run(row: DatasetRunRow) -> StoredRun:
    return StoredRun(*[getattr(row, name) for name in _RUN])
