"""The API's answers about alerts in; tables for a terminal out. Money is printed as exactly as it came."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

Json = dict[str, Any]

_COLOURS = {"open": "red", "acknowledged": "yellow", "recovered": "green"}
_SEVERITIES = {"critical": "red", "warning": "yellow", "info": "cyan"}
_WHOLE = ("id", "name", "opened", "since", "over")
"""Columns that are copied or compared: a name cut in two is none."""
_UNITS = {"usd": "$", "ratio": "", "ms": " ms", "seconds": " s", "calls": " calls", "tokens": " tokens"}


def presets(console: Console, rows: Sequence[Json]) -> None:
    """One preset a line."""
    drawn = _table("Presets", "name", "what it is")
    for row in rows:
        drawn.add_row(row["name"], escape(row["about"]))
    console.print(drawn)


def rules(console: Console, rows: Sequence[Json]) -> None:
    """One rule a line."""
    drawn = _table("Alert rules", "id", "name", "kind", "for", "fires", "every", "open")
    for row in rows:
        opened = row["open_incidents"]
        state = "" if row["enabled"] else " [dim](off)[/]"
        drawn.add_row(
            row["id"],
            escape(row["name"]) + state,
            row["kind"],
            escape(_scope(row)),
            escape(_fires(row)),
            row["every"],
            f"[red]{opened}[/]" if opened else "0",
        )
    console.print(drawn)


def one_rule(console: Console, row: Json) -> None:
    """All about one rule."""
    console.print(f"[bold]{escape(row['name'])}[/] ({row['id']}): {row['kind']}", highlight=False)
    facts = {
        "for": _scope(row),
        "fires": _fires(row),
        "every": f"{row['every']}, cooldown {row['cooldown']}",
        "tells": "nobody" if row["observe_only"] else ", ".join(row["channels"]) or "all channels",
        "state": "on" if row["enabled"] else "off",
    }
    for name, value in facts.items():
        console.print(f"  {name:<8}{escape(value)}", soft_wrap=True, highlight=False)


def verdicts(console: Console, rows: Sequence[Json]) -> None:
    """What is said of each group, those that fire first."""
    drawn = _table("Right now", "group", "", "why")
    for row in sorted(rows, key=lambda row: (not row["firing"], str(row["group"]))):
        state = "[red]fires[/]" if row["firing"] else "ok" if row["judged"] else "[dim]unknown[/]"
        drawn.add_row(escape(group(row["group"])), state, escape(row["why"]))
    console.print(drawn)


def incidents(console: Console, rows: Sequence[Json]) -> None:
    """One incident a line."""
    drawn = _table("Incidents", "id", "rule", "group", "since", "status", "what")
    for row in rows:
        drawn.add_row(
            row["id"],
            f"[{_SEVERITIES[row['severity']]}]{escape(row['rule_name'])}[/]",
            escape(group(row["group"])),
            _moment(row["since"]),
            f"[{_COLOURS[row['status']]}]{row['status']}[/]" + (" (expected)" if row["expected_at"] else ""),
            escape(row["verdict"]["why"]),
        )
    console.print(drawn)


def one_incident(console: Console, row: Json) -> None:
    """What, since when, because of what."""
    verdict = row["verdict"]
    title = f"{row['rule_name']}: {group(row['group'])}"
    console.print(f"[bold]{escape(title)}[/] ({row['id']}), {row['severity']}, {row['status']}", highlight=False)
    facts = {
        "what": verdict["why"],
        "since": _moment(row["since"]),
        "over": _moment(row["recovered_at"]) if row["recovered_at"] else "not yet",
        "actual": amount(verdict["actual"], verdict["unit"]),
        "limit": amount(verdict["upper"] or verdict["lower"], verdict["unit"]),
        "usual": amount(verdict["expected"], verdict["unit"]),
        "peak": amount(row["peak"], verdict["unit"]),
        "told": f"{row['notices']} times",
    }
    for name, value in facts.items():
        console.print(f"  {name:<8}{escape(value)}", soft_wrap=True, highlight=False)
    if verdict["drivers"]:
        drawn = _table("What moved", "group", "change", "share")
        for driver in verdict["drivers"]:
            share = f"{float(driver['share']):.0%}" if driver["share"] is not None else ""
            drawn.add_row(escape(group(driver["group"])), amount(driver["change"], verdict["unit"]), share)
        console.print(drawn)
    drawn = _table("History", "at", "what", "by", "")
    for event in row["events"]:
        drawn.add_row(_moment(event["at"]), event["what"], escape(event["by"]), escape(event["text"]))
    console.print(drawn)


def backtest(console: Console, found: Json) -> None:
    """What would have fired, when."""
    rows = found["incidents"]
    told = f"{len(found['told'])} notices" if len(found["told"]) != 1 else "1 notice"
    many = f"{len(rows)} incidents" if len(rows) != 1 else "1 incident"
    span = f"{_moment(found['from'])} to {_moment(found['to'])}, a round every {found['step_seconds']} s"
    console.print(f"It would have fired: {many}, {told} ({span}).", highlight=False, soft_wrap=True)
    if not rows:
        return
    why: dict[str, str] = {}
    for told in found["told"]:
        why.setdefault(told["incident_id"], told["why"])
    drawn = _table("", "opened", "since", "over", "group", "peak", "why")
    for row in rows:
        drawn.add_row(
            _moment(row["opened_at"]),
            _moment(row["since"]),
            _moment(row["recovered_at"]) if row["recovered_at"] else "not yet",
            escape(group(row["group"])),
            amount(row["peak"], row["verdict"]["unit"]),
            escape(why.get(row["id"]) or row["verdict"]["why"]),
        )
    console.print(drawn)


def group(pairs: Sequence[Json]) -> str:
    """feature=chat, or all calls."""
    told = [f"{one['dimension']}={one['value'] if one['value'] is not None else '(none)'}" for one in pairs]
    return ", ".join(told) or "all calls"


def amount(value: str | None, unit: str) -> str:
    """A figure with its unit."""
    if value is None:
        return "unknown"
    return f"${value}" if unit == "usd" else f"{value}{_UNITS[unit]}"


def _fires(row: Json) -> str:
    if row["kind"] == "anomaly":
        return f"{row['measure']} {row['sensitivity']} times the usual of {row['window']}"
    if row["kind"] == "rate_limit":
        return f"{row['limit']} calls refused in {row['window']}"
    if row["kind"] == "runaway":
        return f"one call from {row['limit']} {row['measure']} on"
    compare = row["compare"]
    against = f"{row['limit']}" if row["limit"] is not None else ""
    if compare:
        than = f"the {compare['past']} before" if compare["past"] else f"{compare['ago']} ago"
        against = f"{against} or " * bool(against) + f"{compare['ratio']} times {than}"
    return f"{row['measure']} of {row['window']} {row['direction']} {against}" if against else f"window {row['window']}"


def _scope(row: Json) -> str:
    told = [f"{name}={'|'.join([v] if isinstance(v, str) else v)}" for name, v in row["filters"].items()]
    by = [f"by {', '.join(row['by'])}"] if row["by"] else []
    return ", ".join([*told, *by]) or "all calls"


def _moment(text: str) -> str:
    return text.partition(".")[0].removesuffix("Z").replace("T", " ")


def _table(title: str, *columns: str) -> Table:
    drawn = Table(title=title or None, title_justify="left")
    for name in columns:
        drawn.add_column(name, overflow="fold", no_wrap=name in _WHOLE)
    return drawn
