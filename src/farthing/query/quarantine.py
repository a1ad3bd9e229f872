"""Parameters in; a page of what was refused or can't be read, of one project, out."""

from typing import Any

import msgspec

from farthing.errors import NotFoundError
from farthing.model.flaw import DropReason, Unsettled
from farthing.query.errors import ParameterError
from farthing.query.moments import rfc3339
from farthing.query.question import Given, Pairs, take_limit
from farthing.query.shapes import Json
from farthing.shapes import Shape
from farthing.store.telemetry import quarantine_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.quarantine_rows import Listed

_read = Shape(dict[str, Any]).of_json

DEFAULT_ITEMS = 50
REASONS: dict[str, str] = {one.name.lower(): one.value for one in (*DropReason, *Unsettled)}
KEPT = frozenset(one.name.lower() for one in Unsettled)
"""Reasons of what is kept all the same: sending it again means settling it again."""


def page(engine: Engine, project_id: str, pairs: Pairs) -> Json:
    """The answer of `GET /api/v1/quarantine`, the latest first. Raises `ParameterError`, `StoreError`."""
    given = Given(pairs)
    limit = take_limit(given, DEFAULT_ITEMS, quarantine_rows.RING)
    reason, cursor = given.take("reason") or "", given.take("cursor") or ""
    given.finish(("reason", "limit", "cursor"))
    if reason and reason not in REASONS:
        raise ParameterError("reason", f"is one of {', '.join(REASONS)}.")
    if cursor and not (cursor.isascii() and cursor.isdigit() and 0 < int(cursor) < 2**63):
        raise ParameterError("cursor", "is the next_cursor of the page before.")
    found = quarantine_rows.load(engine, project_id, reason=reason, before=int(cursor or 0), most=limit + 1)
    more = str(found[limit - 1].number) if len(found) > limit else None
    return {"data": [_item(one) for one in found[:limit]], "next_cursor": more}


def one(engine: Engine, project_id: str, item_id: str) -> Listed:
    """One item by its id. Raises `NotFoundError`, `StoreError`."""
    try:
        known = len(bytes.fromhex(item_id)) == 16 and item_id.isalnum()
    except ValueError:
        known = False
    found = quarantine_rows.load(engine, project_id, of_id=item_id) if known else []
    if not found:
        msg = f"There is no {item_id[:80]!r} on this project's quarantine list."
        raise NotFoundError(msg)
    return found[0]


def shown(engine: Engine, project_id: str, item_id: str) -> Json:
    """The same as the list shows it. Raises `NotFoundError`, `StoreError`."""
    return _item(one(engine, project_id, item_id))


def _item(listed: Listed) -> Json:
    held = listed.held
    return {
        "id": listed.id.hex(),
        "received_at": rfc3339(listed.commit * 1000),
        "signal": held.signal,
        "reason": held.reason,
        "detail": REASONS.get(held.reason),
        "kept": held.reason in KEPT,
        "trace_id": held.trace_id.hex() or None,
        "replayable": held.replayable,
        "size": held.size,
        "sample": _sample(held.sample),
    }


def _sample(text: str) -> Json | str | None:
    """An OTLP/JSON request as it is, anything else as text."""
    if not text.startswith("{"):
        return text or None
    try:
        return _read(text)
    except msgspec.DecodeError:
        return text
