"""The API's answers in; tables and lines for a terminal out. Money is printed as exactly as it came."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from farthing.cli.screen import plain

Json = dict[str, Any]
BAR = 24
WIDE = 110
"""Columns of a terminal that has room for tokens too."""

_FIGURES = ("cost", "calls", "errors", "input tokens", "output tokens")
NO_VALUE = "—"


def spend(console: Console, answer: Json, by: Sequence[str], since: str) -> None:
    """A table of groups, dearest first, with bars, and what the total does not cover."""
    total = answer["total"]
    table = Table(title=escape(f"Spend since {since}"), title_justify="left", caption_justify="left")
    wide = console.width >= WIDE
    for dimension in by:
        table.add_column(escape(dimension), overflow="fold", min_width=12)
    for name in _FIGURES if wide else _FIGURES[:3]:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("share", no_wrap=True)
    groups = sorted(answer["groups"], key=lambda g: (Decimal(g["cost_usd"] or 0), g["calls"]), reverse=True)
    most = Decimal(total["cost_usd"] or 0)
    for group in groups:
        named = [_named(group, dimension) for dimension in by]
        table.add_row(*named, *_figures(group, wide), _bar(Decimal(group["cost_usd"] or 0), most, wide))
    table.add_section()
    table.add_row(*(["total"] + [""] * (len(by) - 1) if by else []), *_figures(total, wide), "")
    console.print(table)
    _uncovered(console, total)


def _named(group: Json, dimension: str) -> str:
    if group.get("others"):
        return "(others)"
    return escape(str(group.get(dimension) or ("(no score)" if dimension.startswith("score.") else NO_VALUE)))


def _figures(row: Json, wide: bool) -> list[str]:
    figures = [money(row["cost_usd"]), f"{row['calls']:,}", f"{row['errors']:,}"]
    return [*figures, _count(row["input_tokens"]), _count(row["output_tokens"])] if wide else figures


def _uncovered(console: Console, total: Json) -> None:
    if total["unpriced_calls"]:
        console.print(f"[yellow]{total['unpriced_calls']:,} calls are unpriced[/]: their models have no known rate.")
    if total["unknown_usage_calls"]:
        console.print(f"[yellow]{total['unknown_usage_calls']:,} calls are unknown[/]: their usage was not reported.")


def money(text: str | None) -> str:
    """Dollars as they came; a dash when nobody knows."""
    return NO_VALUE if text is None else f"${text}"


def _count(number: int | None) -> str:
    return NO_VALUE if number is None else f"{number:,}"


def _bar(part: Decimal, whole: Decimal, wide: bool) -> Text:
    if not whole:
        return Text("")
    eighths = int(part * (BAR if wide else BAR // 2) * 8 / whole)
    full, rest = divmod(eighths, 8)
    return Text("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else ""), style="cyan")


def call(row: Json) -> Text:
    """One call on one line: when, how it went, what it was, whose, how much."""
    failed = row["status"] == "error"
    tokens = f"{_count(row['input_tokens'])} → {_count(row['output_tokens'])}"
    line = Text()
    line.append(row["start_time"][11:23] + "  ", style="dim")
    line.append(("error" if failed else "ok").ljust(6), style="red" if failed else "green")
    line.append(plain(row["response_model"] or row["request_model"] or NO_VALUE).ljust(30) + " ")
    line.append(f"{tokens:>16}  ", style="dim")
    line.append(money(row["cost_usd"]).rjust(14) + "  ", style="bold")
    line.append(f"{row['latency_ms']:>7,} ms  ", style="dim")
    whose = (row["feature"], row["user_id"], row["error_type"] if failed else "")
    line.append(plain(" ".join(filter(None, whose))))
    return line


def keys(console: Console, rows: Sequence[Json]) -> None:
    """A table of keys; secrets are never in it."""
    table = Table(title="Keys", title_justify="left")
    for name in ("id", "name", "begins with", "scopes", "content", "created", "last used", "state"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(
            row["id"],
            escape(row["name"]),
            row["prefix"],
            ", ".join(row["scopes"]),
            "kept" if row["content"] else "no",
            _day(row["created_at"]),
            _day(row.get("last_used_at")),
            _state(row),
        )
    console.print(table)


def _state(row: Json) -> str:
    if row.get("revoked_at"):
        return f"revoked {_day(row['revoked_at'])}"
    if row.get("expires_at"):
        return f"until {row['expires_at']}"
    return "active"


def _day(moment: str | None) -> str:
    return moment[:10] if moment else NO_VALUE
