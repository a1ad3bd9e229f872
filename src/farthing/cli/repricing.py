"""A client and what to price again in; the job followed to its end, as a table of what changes by model and day, out."""

import threading
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from farthing.cli.client import Client
from farthing.cli.show import NO_VALUE, money

Json = dict[str, Any]

PATH = "/api/v1/prices/reprice"
LOOK_EVERY_S = 0.2
UNFINISHED = ("queued", "running", "undoing")

_NAMED = 6
"""Columns that a name has at least, however wide the sums beside it are."""


def follow(console: Console, client: Client, job: Json) -> Json:
    """Wait until a job has ended; it goes on by itself when this is interrupted."""
    pause = threading.Event()
    with console.status("") as status:
        while job["state"] in UNFINISHED:
            of = f" of about {job['calls_total']:,}" if job["calls_total"] else ""
            status.update(f"{job['id']} is {job['state']}: {job['calls_seen']:,}{of} calls seen")
            pause.wait(LOOK_EVERY_S)
            job = client.get(f"{PATH}/{job['id']}")
    return job


def show(console: Console, job: Json, *, by_day: bool) -> None:
    """What a job changes, or has changed."""
    if job["error"]:
        console.print(f"[red]{escape(job['error'])}[/]")
    would = "would get" if job["dry_run"] else "got"
    console.print(
        f"{job['touched']:,} of {job['calls_seen']:,} rows {would} another price, by {job['price_version'] or NO_VALUE}."
    )
    if job["restored"] is not None:
        console.print(f"{job['restored']:,} rows have their former price again. The job is {job['state']}.")
    if not job["touched"]:
        return
    rows = job["by_day_and_model"] if by_day else job["by_model"]
    table = Table(title="Days and models that change" if by_day else "Models that change", title_justify="left")
    for name in (*(("day",) if by_day else ()), "provider", "model"):
        table.add_column(name, overflow="fold", min_width=_NAMED)
    for name in ("changed calls", "old cost", "new cost", "difference", "unpriced before", "after"):
        # Folded where a terminal is narrow: an exact sum is not cut.
        table.add_column(name, justify="right", overflow="fold")
    for row in rows:
        named = [*([row["day"]] if by_day else []), row["provider"] or NO_VALUE, row["model"] or NO_VALUE]
        table.add_row(*map(escape, named), *_figures(row))
    table.add_section()
    table.add_row("all calls looked at", *([""] * (2 if by_day else 1)), *_figures(job["total"]))
    console.print(table)
    if by_day and job["truncated"]:
        console.print("There are more; ask for a shorter time.")


def _figures(row: Json) -> list[str]:
    old, new = row["old_cost_usd"], row["new_cost_usd"]
    difference = Decimal(new or 0) - Decimal(old or 0)
    return [
        f"{row['changed_calls']:,}",
        money(old),
        money(new),
        f"{'+' if difference > 0 else ''}{difference.normalize():f}",
        f"{row['old_unpriced_calls']:,}",
        f"{row['new_unpriced_calls']:,}",
    ]
