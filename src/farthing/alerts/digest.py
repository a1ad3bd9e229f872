"""When a digest is due, and the answers about its period and the one before, in; the notice that sums them up out. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import msgspec

from farthing.alerts import wording
from farthing.alerts.channels import chart
from farthing.alerts.channels.channel import WEEKDAYS, Digest
from farthing.alerts.incident import Incident, Severity
from farthing.alerts.notice import Listed, Notice
from farthing.alerts.verdict import Pairs
from farthing.budgets.budget import Budget
from farthing.budgets.state import BudgetState
from farthing.query import moments
from farthing.query.moments import NS, rfc3339

MOST = 5
"""Rows of each list."""

LATEST_S: Mapping[str, int] = {"day": 20 * 3_600, "week": 3 * 86_400}
"""So late it is still sent, when no server ran at its time."""

Json = dict[str, Any]
_TENTH = Decimal("0.1")


class Period(msgspec.Struct, frozen=True):
    """What one digest is about: Unix seconds. The period before has as many days of the time zone."""

    first: date
    before_s: int
    start_s: int
    end_s: int
    due_s: int


class Answers(msgspec.Struct, frozen=True):
    """What was asked: the shapes are those of `query.run.ask`, by dimension."""

    now: Mapping[str, Json]
    before: Mapping[str, Json]
    steps: Sequence[Json] = ()
    """The period hour by hour."""
    incidents: Sequence[Incident] = ()
    """Open ones."""
    budgets: Sequence[tuple[Budget, BudgetState]] = ()


def latest(digest: Digest, now_s: int) -> Period:
    """The period of the latest digest that was due by now: whole days before the day on which it is due."""
    zone = moments.zone(digest.timezone, "digest.timezone")
    days = 1 if digest.every == "day" else 7
    day = datetime.fromtimestamp(now_s, zone).date()
    while True:
        is_its_day = days == 1 or WEEKDAYS[day.weekday()] == digest.weekday
        # A time that the clocks skip is as much later; one that comes twice is meant the first time.
        due = datetime(day.year, day.month, day.day, digest.minute // 60, digest.minute % 60, tzinfo=zone)
        if is_its_day and due.timestamp() <= now_s:
            break
        day -= timedelta(days=1)
    first, before = day - timedelta(days=days), day - timedelta(days=2 * days)
    return Period(
        first,
        moments.midnight(before, zone),
        moments.midnight(first, zone),
        moments.midnight(day, zone),
        int(due.timestamp()),
    )


def is_late(digest: Digest, period: Period, now_s: int) -> bool:
    """Whether nobody wants it any more."""
    return now_s - period.due_s > LATEST_S[digest.every]


def identity(channel_id: str, digest: Digest, period: Period) -> str:
    """The id of the notice: a channel gets each digest once."""
    return f"digest:{channel_id}:{digest.every}:{period.first.isoformat()}"


def notice(channel_id: str, project_name: str, digest: Digest, period: Period, told: Answers, base_url: str) -> Notice:
    """What is told. Sums leave out what nobody knows, and say so."""
    total, past = told.now[""]["total"], told.before[""]["total"]
    days = f"{_day(period.first)}" if digest.every == "day" else f"the week from {_day(period.first)}"
    span = (rfc3339(period.start_s * NS), rfc3339(period.end_s * NS))
    return Notice(
        id=identity(channel_id, digest, period),
        what="digest",
        severity=max((one.severity for one in told.incidents), key=lambda s: s.rank, default=Severity.INFO).value,
        title=f"{project_name}: {_spent(total)} on {days}"
        if digest.every == "day"
        else f"{project_name}: {_spent(total)} in {days}",
        summary=" ".join(filter(None, [_summary(total, past, digest), _left_out(total)])),
        project_name=project_name,
        drivers=tuple(
            (name, change, _link(base_url, span, pairs)) for name, change, pairs in _moved(told.now, told.before)
        ),
        lists=tuple(one for one in _lists(told, base_url, span) if one.rows),
        link=_link(base_url, span, (), path="/"),
        at=rfc3339(period.due_s * NS),
        image_png=chart.draw([_bar(step["total"]) for step in told.steps]) if told.steps else None,
    )


def _summary(total: Json, past: Json, digest: Digest) -> str:
    before = "the day before" if digest.every == "day" else "the week before"
    calls = _calls(total["calls"])
    now, was = _usd(total), _usd(past)
    if now is None:
        return f"{calls}; what they cost is not known."
    told = f"{wording.dollars(now)} for {calls}"
    if was is None:
        return f"{told}; what {before} cost is not known."
    if now == was:
        return f"{told}, as much as {before}."
    ratio = f", {_percent(now - was, was)}" if was else ""
    return f"{told}: {wording.dollars(abs(now - was))} {'more' if now > was else 'less'} than {before}{ratio}."


def _left_out(total: Json) -> str:
    parts = [
        f"{_calls(total[field])} {why}"
        for field, why in (("unpriced_calls", "without a price"), ("unknown_usage_calls", "of unknown usage"))
        if total[field]
    ]
    return f"In no sum: {' and '.join(parts)}." if parts else ""


def _moved(now: Mapping[str, Json], before: Mapping[str, Json]) -> list[tuple[str, str, Pairs]]:
    """What changed most: values of one dimension each, whose cost is known in both periods."""
    found: list[tuple[Decimal, str, str, Pairs]] = []
    for name in now:
        if not name:
            continue
        was, is_now = _by_value(before[name], name), _by_value(now[name], name)
        for value in was.keys() | is_now.keys():
            old, new = was.get(value, Decimal(0)), is_now.get(value, Decimal(0))
            if old is not None and new is not None and old != new:
                sign = "+" if new > old else "-"
                change = (
                    f"{sign}{wording.dollars(abs(new - old))} (from {wording.dollars(old)} to {wording.dollars(new)})"
                )
                pairs: Pairs = ((name, value),)
                found.append((abs(new - old), wording.group(pairs), change, pairs))
    found.sort(key=lambda row: (-row[0], row[1]))
    return [(name, change, pairs) for _, name, change, pairs in found[:MOST]]


def _by_value(answer: Json, name: str) -> dict[str | None, Decimal | None]:
    return {group[name]: _usd(group) for group in answer["groups"] if not group.get("others")}


def _lists(told: Answers, base_url: str, span: tuple[str, str]) -> list[Listed]:
    incidents = [
        (
            f"{one.rule_name} ({wording.group(one.group)})" if one.group else one.rule_name,
            f"{one.severity.value}, since {rfc3339(one.opened_ns // NS * NS)}",
            f"{base_url}/alerts/incidents/{one.id}",
        )
        for one in told.incidents
    ]
    budgets = [(found.name, _budget(state), f"{base_url}/budgets") for found, state in told.budgets]
    unpriced = [
        (
            group["model"] or "(none)",
            _calls(group["unpriced_calls"]),
            _link(base_url, span, (("model", group["model"]),)),
        )
        for group in told.now["model"]["groups"]
        if group["unpriced_calls"] and not group.get("others")
    ]
    return [
        Listed("Open incidents", _first(incidents)),
        Listed("Budgets right now", _first(budgets)),
        Listed("Models without a price", _first(unpriced)),
    ]


def _first(rows: Sequence[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    more = len(rows) - MOST
    return (*rows[:MOST], (f"and {more} more", "", "")) if more > 0 else tuple(rows)


def _budget(state: BudgetState) -> str:
    limit = wording.dollars(state.limit_usd)
    if state.spent_usd is None:
        return f"unknown of {limit}"
    return f"{wording.dollars(state.spent_usd)} of {limit} ({_percent(state.spent_usd, state.limit_usd).lstrip('+')}), {state.status}"


def _calls(count: int) -> str:
    return f"{count:,} call{'' if count == 1 else 's'}"


def _usd(measured: Json) -> Decimal | None:
    told = measured["cost_usd"]
    return None if told is None else Decimal(told)


def _spent(total: Json) -> str:
    known = _usd(total)
    return "unknown" if known is None else wording.dollars(known)


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{(part * 100 / whole).quantize(_TENTH):+,f} %"


def _bar(measured: Json) -> chart.Bar:
    known = _usd(measured)
    return chart.Bar(None if known is None else float(known))


def _day(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).strftime("%a %-d %b %Y")


def _link(base_url: str, span: tuple[str, str], pairs: Pairs, path: str = "/requests") -> str:
    told = [("from", span[0]), ("to", span[1]), *((name, value or "") for name, value in pairs)]
    return f"{base_url}{path}?{urlencode(told)}"
