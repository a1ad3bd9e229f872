"""Transactions in; rules that judge calls, as the documents they are kept as, and what came of each call, out."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from farthing.store.meta import facts
from farthing.store.meta.evaluation_tables import EvaluationDayRow, EvaluationOutcomeRow, EvaluationRow
from farthing.store.meta.upserts import upsert

_STAMP = "evaluations.stamp"
_ASKED_AT_ONCE = 500


class StoredEvaluation(msgspec.Struct, frozen=True):
    """A rule: `document` is its JSON, `seen` the revision up to which calls were looked at."""

    id: str
    project_id: str
    document: str
    seen: int
    created_at: datetime
    updated_at: datetime


class StoredOutcome(msgspec.Struct, frozen=True):
    """What became of a call; `revision` is the one it had then."""

    evaluation_id: str
    call_id: str
    outcome: str
    attempts: int
    revision: int
    start_ns: int
    at_ns: int
    next_ns: int | None = None


class Came(msgspec.Struct, frozen=True):
    """So many calls came to this in a day (days since 1970), because of that."""

    evaluation_id: str
    day: int
    version: int
    outcome: str
    reason: str
    calls: int


def listing(session: Session, project_id: str = "") -> list[StoredEvaluation]:
    """A project's rules, or all projects', oldest first."""
    question = select(EvaluationRow).order_by(EvaluationRow.created_at, EvaluationRow.id)
    if project_id:
        question = question.where(EvaluationRow.project_id == project_id)
    return [_stored(row) for row in session.scalars(question)]


def get(session: Session, project_id: str, rule_id: str) -> StoredEvaluation | None:
    """This project's rule with that id."""
    row = session.get(EvaluationRow, rule_id)
    return _stored(row) if row and row.project_id == project_id else None


def put(session: Session, stored: StoredEvaluation) -> None:
    """Keep a rule, in place of the one with its id."""
    session.merge(EvaluationRow(**{name: getattr(stored, name) for name in StoredEvaluation.__struct_fields__}))
    _changed(session)


def remove(session: Session, rule_id: str) -> None:
    """Forget a rule and what it counted. Its scores stay."""
    for table in (EvaluationOutcomeRow, EvaluationDayRow):
        session.execute(delete(table).where(table.evaluation_id == rule_id))
    session.execute(delete(EvaluationRow).where(EvaluationRow.id == rule_id))
    _changed(session)


def stamp(session: Session) -> str:
    """Another one after every change of a rule, on whatever server it was made."""
    return facts.get(session, _STAMP) or ""


def saw(session: Session, rule_id: str, revision: int) -> None:
    """All calls up to this revision were looked at. It never goes back."""
    mine = (EvaluationRow.id == rule_id, EvaluationRow.seen < revision)
    session.execute(update(EvaluationRow).where(*mine).values(seen=revision))


def outcomes(session: Session, rule_id: str, calls: Sequence[str]) -> dict[str, StoredOutcome]:
    """What became of these calls, by their ids; nothing of those that were not looked at."""
    found: dict[str, StoredOutcome] = {}
    for at in range(0, len(calls), _ASKED_AT_ONCE):
        some = EvaluationOutcomeRow.call_id.in_(calls[at : at + _ASKED_AT_ONCE])
        question = select(EvaluationOutcomeRow).where(EvaluationOutcomeRow.evaluation_id == rule_id, some)
        found |= {row.call_id: _outcome(row) for row in session.scalars(question)}
    return found


def due(session: Session, rule_id: str, now_ns: int, most: int) -> list[StoredOutcome]:
    """The calls that are to be tried again by now, those that wait longest first."""
    mine = (EvaluationOutcomeRow.evaluation_id == rule_id, EvaluationOutcomeRow.next_ns <= now_ns)
    question = select(EvaluationOutcomeRow).where(*mine).order_by(EvaluationOutcomeRow.next_ns).limit(most)
    return [_outcome(row) for row in session.scalars(question)]


def waiting(session: Session) -> dict[str, int]:
    """Rule → how many calls it is going to try again."""
    counted = select(EvaluationOutcomeRow.evaluation_id, func.count())
    is_waiting = EvaluationOutcomeRow.next_ns.is_not(None)
    found = session.execute(counted.where(is_waiting).group_by(EvaluationOutcomeRow.evaluation_id))
    return {rule_id: count for rule_id, count in found}  # noqa: C416  rows are no pairs to the type checker


def keep(session: Session, kept: Iterable[StoredOutcome]) -> None:
    """What became of calls, in place of what was known of them."""
    for one in kept:
        values = {name: getattr(one, name) for name in StoredOutcome.__struct_fields__}
        statement = upsert(session, EvaluationOutcomeRow).values(**values)
        key = [EvaluationOutcomeRow.evaluation_id, EvaluationOutcomeRow.call_id]
        session.execute(statement.on_conflict_do_update(index_elements=key, set_=values))


def count(session: Session, came: Mapping[Came, int]) -> None:
    """Add so many calls to what is counted already."""
    for one, more in came.items():
        values = {name: getattr(one, name) for name in Came.__struct_fields__} | {"calls": more}
        statement = upsert(session, EvaluationDayRow).values(**values)
        columns = (EvaluationDayRow.evaluation_id, EvaluationDayRow.day, EvaluationDayRow.version)
        key = [*columns, EvaluationDayRow.outcome, EvaluationDayRow.reason]
        more_calls = {"calls": EvaluationDayRow.calls + more}
        session.execute(statement.on_conflict_do_update(index_elements=key, set_=more_calls))


def counted(session: Session, rule_ids: Sequence[str], from_day: int, to_day: int) -> list[Came]:
    """What calls came to from one day on and up to another, that one included."""
    within = (EvaluationDayRow.day >= from_day, EvaluationDayRow.day <= to_day)
    question = select(EvaluationDayRow).where(EvaluationDayRow.evaluation_id.in_(rule_ids), *within)
    return [
        Came(row.evaluation_id, row.day, row.version, row.outcome, row.reason, row.calls)
        for row in session.scalars(question)
    ]


def forget(session: Session, before_ns: int) -> None:
    """Forget what became of calls that were looked at last before this, unless they are tried again."""
    old = (EvaluationOutcomeRow.at_ns < before_ns, EvaluationOutcomeRow.next_ns.is_(None))
    session.execute(delete(EvaluationOutcomeRow).where(*old))


def _changed(session: Session) -> None:
    facts.put(session, _STAMP, secrets.token_hex(8))


def _stored(row: EvaluationRow) -> StoredEvaluation:
    return StoredEvaluation(row.id, row.project_id, row.document, row.seen, row.created_at, row.updated_at)


def _outcome(row: EvaluationOutcomeRow) -> StoredOutcome:
    return StoredOutcome(
        row.evaluation_id, row.call_id, row.outcome, row.attempts, row.revision, row.start_ns, row.at_ns, row.next_ns
    )  # fmt: skip
