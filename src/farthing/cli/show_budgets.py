"""The API's answers about budgets in; tables for a terminal out. Money is printed as exactly as it came."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from farthing.cli.show import money

Json = dict[str, Any]

_COLOURS = {"ok": "green", "warning": "yellow", "exceeded": "red"}


def table(console: Console, rows: Sequence[Json]) -> None:
    """One budget a line."""
    drawn = Table(title="Budgets", title_justify="left")
    for name in ("id", "name", "for"):
        drawn.add_column(name, overflow="fold")
    for name in ("spent", "limit"):
        drawn.add_column(name, justify="right", overflow="fold")
    for name in ("period", "status"):
        drawn.add_column(name, overflow="fold")
    for row in rows:
        drawn.add_row(
            row["id"],
            escape(row["name"]),
            escape(_scope(row["filters"])),
            money(row["spent_usd"]),
            money(row["limit_usd"]),
            _period(row),
            _status(row),
        )
    console.print(drawn)
    _uncovered(console, rows)


def one(console: Console, row: Json) -> None:
    """All about one budget."""
    facts = {
        "status": _status(row),
        "spent": f"{money(row['spent_usd'])} of {money(row['limit_usd'])}",
        "corrected": money(row["corrected_usd"]),
        "left": money(row["remaining_usd"]),
        "forecast": money(row["forecast_usd"]),
        "period": f"{_period(row)}: {row['period_start']} to {row['period_end'] or 'no end'}",
        "for": escape(_scope(row["filters"])),
        "calls": f"{row['calls']:,}",
        "thresholds": ", ".join(f"{ratio:g}" for ratio in row["thresholds"]),
        "enforcement": row["enforcement"] + (", but budgets only observe now" if row["observe_only"] else ""),
    }
    if row["corrected_usd"] == "0":
        del facts["corrected"]
    console.print(f"[bold]{escape(row['name'])}[/] ({row['id']})", highlight=False)
    for name, value in facts.items():
        console.print(f"  {name:<12}{value}", soft_wrap=True, highlight=False)
    _uncovered(console, [row])


def outlook(console: Console, row: Json) -> None:
    """Where a budget leads, and who it was spent on."""
    console.print(f"{money(row['counted_usd'])} of {money(row['limit_usd'])}", highlight=False)
    if row["expected_usd"] is not None:
        console.print(f"  an even pace would be at {money(row['expected_usd'])}", highlight=False)
    found = row["outlook"]
    if found is None:
        console.print(f"  {row['why_not']}")
    else:
        console.print(
            f"  leads to ${found['usd']:,.2f}, four times in five between ${found['low_usd']:,.2f} and"
            f" ${found['high_usd']:,.2f}",
            soft_wrap=True,
            highlight=False,
        )
        when = f", about {found['reaches_limit_at']}" if found["reaches_limit_at"] else ""
        console.print(f"  reaches the limit with {found['chance_of_exceeding']:.0%}{when}", highlight=False)
    for name, rows in row["contributors"].items():
        drawn = Table(title=f"by {name}", title_justify="left")
        drawn.add_column(name, overflow="fold")
        for column in ("so far", "same part before"):
            drawn.add_column(column, justify="right", overflow="fold")
        for one in rows:
            value = "—" if one["value"] is None else escape(one["value"])
            drawn.add_row(value, money(one["cost_usd"]), money(one["before_usd"]))
        console.print(drawn)


def _uncovered(console: Console, rows: Sequence[Json]) -> None:
    if any(row["unpriced_calls"] or row["unknown_usage_calls"] for row in rows):
        console.print(
            "[yellow]Some calls are in no sum[/]: their models have no known rate, or their usage was not reported."
            " See: farthing prices unpriced",
            soft_wrap=True,
        )


def _status(row: Json) -> str:
    return f"[{_COLOURS[row['status']]}]{row['status']}[/]"


def _period(row: Json) -> str:
    length = f" {row['window']}" if row["window"] else ""
    zone = "" if row["period"] in ("rolling", "once") else f", {row['timezone']}"
    return f"{row['period']}{length}{zone}"


def _scope(filters: Json) -> str:
    told = (f"{name}={value if isinstance(value, str) else '|'.join(value)}" for name, value in filters.items())
    return ", ".join(told) or "everything"
