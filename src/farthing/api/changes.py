"""Entries of the audit in; what an operator changed, as the API shows it, out."""

from collections.abc import Iterable
from typing import Any

from farthing.api.price_schemas import Change, ChangeList
from farthing.shapes import Shape
from farthing.store.meta.audit import Entry

_read = Shape(dict[str, Any]).of_json

MOST = 1_000


def most(limit: int) -> int:
    """How many entries are shown when so many are asked for."""
    return max(1, min(limit, MOST))


def shown(entries: Iterable[Entry]) -> ChangeList:
    """They in their order."""
    return ChangeList(
        data=[
            Change(
                at=entry.at,
                actor=entry.actor,
                action=entry.action,
                subject=entry.subject,
                before=_document(entry.before),
                after=_document(entry.after),
            )
            for entry in entries
        ]
    )


def _document(text: str | None) -> dict[str, Any] | None:
    return None if text is None else _read(text)
