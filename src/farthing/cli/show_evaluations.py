"""The API's answers about evaluations in; tables for a terminal out."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from farthing.cli.show import NO_VALUE, money

Json = dict[str, Any]

_LONGEST_SAID = 60


def listing(console: Console, rows: Sequence[Json]) -> None:
    """One evaluation a line; what is in the way below."""
    drawn = Table(title="Evaluations", title_justify="left")
    for name in ("name", "judges", "of", "sample", "judged", "mean", "no content", "failed", "judge cost"):
        right = name in ("sample", "judged", "mean", "no content", "failed", "judge cost")
        drawn.add_column(name, justify="right" if right else "left", overflow="fold", no_wrap=name == "name")
    for row in rows:
        stands = row["standing"]
        state = " [dim](paused)[/]" if row["state"] == "paused" else ""
        drawn.add_row(
            f"{escape(row['name'])} [dim]v{row['version']}[/]{state}", row["evaluator"]["kind"], escape(_scope(row)),
            row["sample"], f"{stands['judged']:,}", _mean(stands), f"{stands['no_content']:,}", f"{stands['failed']:,}",
            NO_VALUE if stands["judge_calls"] is None else money(stands["judge_cost_usd"]),
        )  # fmt: skip
    console.print(drawn)
    for row in rows:
        stands = row["standing"]
        if stands["note"]:
            console.print(
                f"[yellow]![/] {escape(row['name'])}: {escape(stands['note'])}", soft_wrap=True, highlight=False
            )
        for one in stands["reasons"]:
            if one["outcome"] == "failed":
                told = f"  {escape(row['name'])}: {one['calls']:,} failed, {escape(one['reason'])}"
                console.print(told, soft_wrap=True, highlight=False)


def tried(console: Console, rows: Sequence[Json]) -> None:
    """One call a line."""
    if not rows:
        console.print("No call of the last 30 days passes these filters.")
        return
    drawn = Table(title="Nothing of this is kept", title_justify="left")
    for name in ("call", "score", "why", "answer"):
        drawn.add_column(name, overflow="fold")
    for row in rows:
        score = row["label"] or ("" if row["value"] is None else f"{row['value']:g}")
        why = row["explanation"] or row["reason"] or ""
        drawn.add_row(row["call_id"], score or NO_VALUE, escape(why), escape((row["output"] or "")[:_LONGEST_SAID]))
    console.print(drawn)


def _scope(row: Json) -> str:
    told = ((name, [values] if isinstance(values, str) else values) for name, values in row["filters"].items())
    return ", ".join(f"{name}={' or '.join(values)}" for name, values in told) or "all calls"


def _mean(stands: Json) -> str:
    if stands["mean"] is not None:
        return f"{stands['mean']:.3f}"
    return ", ".join(f"{escape(label)} {count:,}" for label, count in stands["labels"].items()) or NO_VALUE
