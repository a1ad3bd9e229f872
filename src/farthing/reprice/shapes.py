"""A job in; its JSON out, as the API shows it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from farthing.model import money
from farthing.query.moments import rfc3339
from farthing.reprice import asked, tally
from farthing.reprice.asked import Trial
from farthing.reprice.tally import Cell, Tally
from farthing.store.meta.reprice_jobs import Job

Json = dict[str, Any]

MOST_CELLS = 2_000
"""Days and models told apart; totals always have all."""


def job(of: Job, *, cells: bool = True) -> Json:
    """A job; with what changed by day and model, unless it stands in a list."""
    wanted = asked.from_kept(of.asked)
    done = tally.from_kept(of.progress)
    answer: Json = {
        "id": of.id,
        "state": of.state.value,
        "dry_run": of.dry_run,
        "tried": _tried(wanted.trial),
        "from": rfc3339(wanted.start_ns),
        "to": rfc3339(wanted.end_ns),
        "filters": wanted.filters,
        "created_at": _moment(of.created_at),
        "created_by": of.created_by,
        "finished_at": _moment(of.finished_at),
        "undone_at": _moment(of.undone_at),
        "undone_by": of.undone_by,
        "error": of.error or None,
        "price_version": of.progress.get("price_version"),
        "calls_total": of.progress.get("calls_total"),
        "calls_seen": of.progress.get("calls_seen", 0),
        "touched": done.touched,
        "restored": of.progress.get("restored"),
        "total": _cell(done.total),
    }
    return answer | (_told_apart(done) if cells else {})


def _tried(of: Trial | None) -> Json | None:
    if of is None:
        return None
    told = of.override
    return {"kind": told.kind.value, "provider": told.provider, "model": told.model, "replaces": of.replaces}


def _told_apart(done: Tally) -> Json:
    models: dict[tuple[str, str], Cell] = {}
    days: dict[int, Cell] = {}
    both = {key: cell for key, cell in sorted(done.cells.items()) if cell.changed or cell.restated_changed}
    for (day, provider, model), cell in both.items():
        models.setdefault((provider, model), Cell()).add(cell)
        days.setdefault(day, Cell()).add(cell)
    return {
        "by_model": [_model(*key) | _cell(cell) for key, cell in sorted(models.items())],
        "by_day": [{"day": _day(day)} | _cell(cell) for day, cell in sorted(days.items())],
        "by_day_and_model": [
            {"day": _day(day)} | _model(provider, model) | _cell(cell)
            for (day, provider, model), cell in list(both.items())[:MOST_CELLS]
        ],
        "truncated": len(both) > MOST_CELLS,
    }


def _model(provider: str, model: str) -> Json:
    return {"provider": provider or None, "model": model or None}


def _cell(cell: Cell) -> Json:
    return {
        "calls": cell.calls,
        "changed_calls": cell.changed,
        "changed_restated": cell.restated_changed,
        "old_cost_usd": _dollars(cell.old_cost),
        "new_cost_usd": _dollars(cell.new_cost),
        "old_unpriced_calls": cell.old_unpriced,
        "new_unpriced_calls": cell.new_unpriced,
    }


def _dollars(cost: Decimal | None) -> str | None:
    return None if cost is None else money.decimal_text(cost)


def _day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
