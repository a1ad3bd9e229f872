"""Transactions in; alert rules, as the documents they are kept as, out."""

import secrets
from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farthing.store.meta import facts
from farthing.store.meta.alert_tables import AlertRuleRow

_STAMP = "alert_rules.stamp"


class StoredRule(msgspec.Struct, frozen=True):
    """An alert rule: `document` is its JSON."""

    id: str
    project_id: str
    document: str
    created_at: datetime
    updated_at: datetime


def listing(session: Session, project_id: str = "") -> list[StoredRule]:
    """A project's rules, or all projects', oldest first."""
    question = select(AlertRuleRow).order_by(AlertRuleRow.created_at, AlertRuleRow.id)
    if project_id:
        question = question.where(AlertRuleRow.project_id == project_id)
    return [_stored(row) for row in session.scalars(question)]


def get(session: Session, project_id: str, rule_id: str) -> StoredRule | None:
    """This project's rule with that id."""
    row = session.get(AlertRuleRow, rule_id)
    return _stored(row) if row and row.project_id == project_id else None


def count(session: Session, project_id: str) -> int:
    """How many rules a project has."""
    mine = AlertRuleRow.project_id == project_id
    return session.scalar(select(func.count()).select_from(AlertRuleRow).where(mine)) or 0


def put(session: Session, stored: StoredRule) -> None:
    """Keep a rule, in place of the one with its id."""
    session.merge(AlertRuleRow(**{name: getattr(stored, name) for name in StoredRule.__struct_fields__}))
    _changed(session)


def remove(session: Session, rule_id: str) -> None:
    """Forget a rule. Its incidents stay."""
    row = session.get(AlertRuleRow, rule_id)
    if row is not None:
        session.delete(row)
        _changed(session)


def stamp(session: Session) -> str:
    """Another one after every change, on whatever server it was made."""
    return facts.get(session, _STAMP) or ""


def _changed(session: Session) -> None:
    facts.put(session, _STAMP, secrets.token_hex(8))


def _stored(row: AlertRuleRow) -> StoredRule:
    return StoredRule(row.id, row.project_id, row.document, row.created_at, row.updated_at)
