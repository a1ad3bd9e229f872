"""The record of an import, or what a source says it has, in; a summary for programs and a table for people out."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from farthing.cli.importing.record import Record

Json = dict[str, Any]

LISTED = (
    "prompt versions",
    "datasets",
    "dataset items",
    "dataset runs",
    "run items",
    "traces",
    "tellings of traces",
    "observations",
    "score configs",
    "scores",
)


def done(record: Record) -> tuple[Json, RenderableType]:
    """What was taken, what was refused and why, and what the source could not give."""
    lists = {name: record.lists[name] for name in LISTED if name in record.lists}
    table = Table(title=escape(f"From {record.source}"), title_justify="left")
    table.add_column("")
    for name in ("taken", "refused"):
        table.add_column(name, justify="right")
    lines: list[Text] = []
    told: Json = {"source": record.source, "since": record.since or None, "until": record.until, "lists": {}}
    for name, reading in lists.items():
        refused = sum(reading.refused.values())
        table.add_row(name, f"{reading.taken:,}", f"{refused:,}")
        reasons = [
            {"reason": reason, "count": count, "example": reading.examples.get(reason)}
            for reason, count in reading.refused.items()
        ]
        told["lists"][name] = {"taken": reading.taken, "refused": refused, "reasons": reasons}
        lines += [
            Text(f"Refused of {name}: {one['count']:,} such as {one['example']}: {one['reason']}") for one in reasons
        ]
    lines += [Text(f"What the source could not give: {sentence}") for sentence in record.missing]
    return {**told, "missing": record.missing}, Group(table, *lines)


def counted(counts: Mapping[str, int | None]) -> tuple[Json, RenderableType]:
    """What there is to be taken."""
    table = Table(title="What the source has", title_justify="left")
    table.add_column("list")
    table.add_column("entries", justify="right")
    for path, count in counts.items():
        table.add_row(path, "it doesn't say" if count is None else f"{count:,}")
    return {"counts": dict(counts)}, Group(table, Text("Nothing was kept."))
