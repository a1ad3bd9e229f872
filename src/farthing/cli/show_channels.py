"""The API's answers about channels and deliveries in; tables for a terminal out."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

Json = dict[str, Any]

_COLOURS = {"sent": "green", "pending": "yellow", "failed": "red", "given_up": "red"}


def channels(console: Console, rows: Sequence[Json]) -> None:
    """One channel a line."""
    drawn = Table(title="Channels", title_justify="left")
    for name in ("name", "kind", "to", "from", "digest", "last sent", "state"):
        drawn.add_column(name, overflow="fold")
    for row in rows:
        drawn.add_row(
            escape(row["name"]),
            row["kind"],
            escape(_to(row)),
            row["least_severity"],
            _digest(row["digest"]),
            row["last_sent_at"] or "never",
            _state(row),
        )
    console.print(drawn)


def made(console: Console, row: Json) -> None:
    """A new channel, and what is shown once."""
    name = escape(row["name"])
    console.print(f"The channel {name} is there. Try it out: farthing alerts channels test {name}", soft_wrap=True)
    if row.get("signing_secret"):
        console.print("Its requests are signed with this secret, shown once:")
        console.print(row["signing_secret"], style="bold", soft_wrap=True, highlight=False)


def deliveries(console: Console, rows: Sequence[Json]) -> None:
    """One delivery a line."""
    drawn = Table(title="Deliveries", title_justify="left")
    for name in ("when", "channel", "what", "title", "status", "tries", "why"):
        drawn.add_column(name, overflow="fold")
    for row in rows:
        status = f"[{_COLOURS[row['status']]}]{row['status']}[/]"
        drawn.add_row(
            row["created_at"],
            escape(row["channel"]),
            row["what"],
            escape(row["title"]),
            status,
            str(row["attempts"]),
            escape(row["error"] or ""),
        )
    console.print(drawn)


def _to(row: Json) -> str:
    settings = row["settings"]
    if row["kind"] == "email":
        return ", ".join(settings["recipients"])
    return row["secrets"].get("url") or row["secrets"].get("routing_key") or ""


def _digest(digest: Json | None) -> str:
    if digest is None:
        return ""
    day = f"{digest['weekday']} " if digest["every"] == "week" else ""
    return f"{digest['every']}, {day}{digest['at']} {digest['timezone']}"


def _state(row: Json) -> str:
    if not row["enabled"]:
        return "off"
    if row["failing_since"]:
        return f"[red]failing since {row['failing_since']}[/]: {escape(row['last_error'] or '')}"
    return f"{row['pending']} waiting" if row["pending"] else "[green]ok[/]"
