"""Transactions in; prompts, their versions and labels, as they are kept, out."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from farthing.store.meta.prompt_tables import PromptLabelRow, PromptRow, PromptVersionRow
from farthing.store.meta.upserts import upsert


class StoredPrompt(msgspec.Struct, frozen=True):
    """What all versions of a prompt share; `tags` is JSON."""

    id: str
    project_id: str
    name: str
    kind: str
    tags: str
    last_number: int
    created_at: datetime
    updated_at: datetime


class StoredVersion(msgspec.Struct, frozen=True):
    """A version: `document` is its JSON."""

    prompt_id: str
    number: int
    document: str
    created_at: datetime
    created_by: str


class Wanted(msgspec.Struct, frozen=True):
    """Which prompts of a project: those that have all of this. Times are of the last change; `to` is excluded."""

    name: str = ""
    text: str = ""
    """Somewhere in the name, in any case."""
    label: str = ""
    tag: str = ""
    since: datetime | None = None
    to: datetime | None = None


def get(session: Session, project_id: str, name: str) -> StoredPrompt | None:
    """The prompt of this name."""
    row = session.scalar(select(PromptRow).where(PromptRow.project_id == project_id, PromptRow.name == name))
    return _prompt(row) if row else None


def next_number(session: Session, project_id: str, name: str, kind: str, now: datetime) -> StoredPrompt:
    """The prompt, made if need be, and locked until the end of the transaction; `last_number` is for the next version."""
    new = upsert(session, PromptRow).values(
        id=f"prompt_{secrets.token_hex(8)}",
        project_id=project_id,
        name=name,
        kind=kind,
        tags="[]",
        last_number=0,
        created_at=now,
        updated_at=now,
    )
    session.execute(new.on_conflict_do_nothing(index_elements=[PromptRow.project_id, PromptRow.name]))
    session.execute(
        update(PromptRow)
        .where(PromptRow.project_id == project_id, PromptRow.name == name)
        .values(last_number=PromptRow.last_number + 1, updated_at=now)
    )
    found = get(session, project_id, name)
    assert found is not None  # noqa: S101  it was made or changed just now
    return found


def touch(session: Session, prompt_id: str, now: datetime, tags: str | None = None) -> None:
    """Note a change, and maybe new tags; the prompt is locked until the end of the transaction."""
    values: dict[str, datetime | str] = {"updated_at": now} | ({} if tags is None else {"tags": tags})
    session.execute(update(PromptRow).where(PromptRow.id == prompt_id).values(values))


def add(session: Session, stored: StoredVersion) -> None:
    """Keep a version."""
    session.add(PromptVersionRow(**{name: getattr(stored, name) for name in StoredVersion.__struct_fields__}))
    session.flush()


def put_labels(session: Session, prompt_id: str, number: int, labels: Collection[str]) -> None:
    """Let labels stand on this version, wherever they stood before."""
    remove_labels(session, prompt_id, labels)
    session.add_all(PromptLabelRow(prompt_id=prompt_id, label=label, number=number) for label in labels)
    session.flush()


def remove_labels(session: Session, prompt_id: str, labels: Collection[str]) -> None:
    """Let labels stand nowhere."""
    session.execute(
        delete(PromptLabelRow).where(PromptLabelRow.prompt_id == prompt_id, PromptLabelRow.label.in_(labels))
    )


def version(session: Session, prompt_id: str, number: int) -> StoredVersion | None:
    """The version of this number."""
    row = session.get(PromptVersionRow, (prompt_id, number))
    return _version(row) if row else None


def versions(session: Session, prompt_id: str) -> list[StoredVersion]:
    """All versions, the newest first."""
    question = select(PromptVersionRow).where(PromptVersionRow.prompt_id == prompt_id)
    return [_version(row) for row in session.scalars(question.order_by(PromptVersionRow.number.desc()))]


def labels(session: Session, prompt_id: str) -> dict[str, int]:
    """Each label with the number it stands on."""
    rows = session.scalars(select(PromptLabelRow).where(PromptLabelRow.prompt_id == prompt_id))
    return {row.label: row.number for row in rows}


def labels_of(session: Session, prompt_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """The same of several prompts at once."""
    found: dict[str, dict[str, int]] = {}
    for row in session.scalars(select(PromptLabelRow).where(PromptLabelRow.prompt_id.in_(prompt_ids))):
        found.setdefault(row.prompt_id, {})[row.label] = row.number
    return found


def numbers_of(session: Session, prompt_ids: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of several prompts' versions, growing."""
    found: dict[str, list[int]] = {}
    question = select(PromptVersionRow.prompt_id, PromptVersionRow.number)
    for prompt_id, number in session.execute(
        question.where(PromptVersionRow.prompt_id.in_(prompt_ids)).order_by(PromptVersionRow.number)
    ):
        found.setdefault(prompt_id, []).append(number)
    return found


def newest(session: Session, prompt_id: str) -> int | None:
    """The highest number that is left."""
    return session.scalar(select(func.max(PromptVersionRow.number)).where(PromptVersionRow.prompt_id == prompt_id))


def listing(
    session: Session, project_id: str, wanted: Wanted, offset: int, limit: int
) -> tuple[list[StoredPrompt], int]:
    """A part of the prompts that are wanted, by name, and how many there are in all."""
    which = _which(project_id, wanted)
    total = session.scalar(select(func.count()).select_from(PromptRow).where(*which)) or 0
    rows = session.scalars(select(PromptRow).where(*which).order_by(PromptRow.name).offset(offset).limit(limit))
    return [_prompt(row) for row in rows], total


def count(session: Session, project_id: str) -> int:
    """How many prompts a project has."""
    return session.scalar(select(func.count()).select_from(PromptRow).where(PromptRow.project_id == project_id)) or 0


def quoting(session: Session, project_id: str, text: str) -> list[tuple[StoredPrompt, StoredVersion]]:
    """The versions of a project that have this text in their document."""
    question = (
        select(PromptRow, PromptVersionRow)
        .join(PromptVersionRow, PromptVersionRow.prompt_id == PromptRow.id)
        .where(PromptRow.project_id == project_id, PromptVersionRow.document.contains(text, autoescape=True))
        .order_by(PromptRow.name, PromptVersionRow.number)
    )
    return [(_prompt(prompt), _version(row)) for prompt, row in session.execute(question)]


def remove(session: Session, prompt_id: str, numbers: Collection[int]) -> None:
    """Forget versions with their labels, and the prompt with its last one."""
    for row in (PromptLabelRow, PromptVersionRow):
        session.execute(delete(row).where(row.prompt_id == prompt_id, row.number.in_(numbers)))
    if newest(session, prompt_id) is None:
        session.execute(delete(PromptRow).where(PromptRow.id == prompt_id))
    session.flush()


def _which(project_id: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = [PromptRow.project_id == project_id]
    if wanted.name:
        which.append(PromptRow.name == wanted.name)
    if wanted.text:
        which.append(func.lower(PromptRow.name).contains(wanted.text.lower(), autoescape=True))
    if wanted.label:
        stands = exists().where(PromptLabelRow.prompt_id == PromptRow.id, PromptLabelRow.label == wanted.label)
        which.append(stands)
    if wanted.tag:
        which.append(PromptRow.tags.contains(msgspec.json.encode(wanted.tag).decode(), autoescape=True))
    if wanted.since is not None:
        which.append(PromptRow.updated_at >= wanted.since)
    if wanted.to is not None:
        which.append(PromptRow.updated_at < wanted.to)
    return which


def _prompt(row: PromptRow) -> StoredPrompt:
    return StoredPrompt(**{name: getattr(row, name) for name in StoredPrompt.__struct_fields__})


def _version(row: PromptVersionRow) -> StoredVersion:
    return StoredVersion(**{name: getattr(row, name) for name in StoredVersion.__struct_fields__})
