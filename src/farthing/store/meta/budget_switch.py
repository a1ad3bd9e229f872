"""Transactions in; which projects' budgets only observe, whoever said so and why, out."""

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from farthing.shapes import Shape
from farthing.store.meta import facts
from farthing.store.meta.tables import FactRow

_PREFIX = "budgets.observe_only/"


class ObserveOnly(msgspec.Struct, frozen=True):
    """Since when nothing is stopped because of a budget of a project."""

    since: datetime
    by: str
    why: str


_read = Shape(ObserveOnly).of_json


def every(session: Session) -> dict[str, ObserveOnly]:
    """By project; those where budgets are enforced aren't there."""
    rows = session.execute(select(FactRow.key, FactRow.value).where(FactRow.key.startswith(_PREFIX, autoescape=True)))
    return {key.removeprefix(_PREFIX): _read(value) for key, value in rows}


def get(session: Session, project_id: str) -> ObserveOnly | None:
    """Of one project."""
    value = facts.get(session, _PREFIX + project_id)
    return None if value is None else _read(value)


def put(session: Session, project_id: str, switched: ObserveOnly | None) -> None:
    """From now on; None: budgets are enforced as they say themselves."""
    if switched is None:
        facts.remove(session, _PREFIX + project_id)
    else:
        facts.put(session, _PREFIX + project_id, msgspec.json.encode(switched).decode())
