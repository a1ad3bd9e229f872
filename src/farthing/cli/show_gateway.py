"""The API's answers about the gateway in; tables for a terminal out."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from farthing.cli.show import NO_VALUE

Json = dict[str, Any]


def accounts(console: Console, rows: Sequence[Json]) -> None:
    """One account a line, those that go before others first."""
    lines = [
        (row["slug"], row["provider"], row["level"], row["base_url"], _secret(row), "yes" if row["enabled"] else "no")
        for row in rows
    ]
    _table(console, "Accounts", ("slug", "provider", "level", "base URL", "secret", "on"), lines)


def account(console: Console, row: Json) -> None:
    """One of them."""
    accounts(console, [row])


def configs(console: Console, rows: Sequence[Json]) -> None:
    """One config a line."""
    lines = [(row["slug"], row["name"], row["updated_at"]) for row in rows]
    _table(console, "Configs", ("slug", "name", "changed"), lines)


def variants(console: Console, rows: Sequence[Json]) -> None:
    """One variant a line, as it is now."""
    lines: list[Sequence[Any]] = []
    for row in rows:
        latest: Json | None = row["latest"]
        if latest is None:
            lines.append((row["slug"], None, None, None, None))
        else:
            prompt: list[str] = latest["system_prompt"].strip().splitlines()
            told = prompt[0][:60] if prompt else None
            lines.append((row["slug"], latest["version"], _targets(latest), told, latest["note"]))
    _table(console, "Variants", ("slug", "version", "goes to", "system prompt", "note"), lines)


def environments(console: Console, rows: Sequence[Json]) -> None:
    """One environment a line."""
    lines = [(row["slug"], row["name"], "yes" if row["is_production"] else "") for row in rows]
    _table(console, "Environments", ("slug", "name", "production"), lines)


def rollouts(console: Console, rows: Sequence[Json]) -> None:
    """One rollout a line, those that go first on top."""
    ordered = sorted(rows, key=lambda row: (row["config"], row["environment"] or "", -row["priority"], -row["weight"]))
    lines = [
        (
            row["id"],
            row["config"],
            row["environment"] or "all",
            row["variant"],
            row["version"] or "latest",
            row["priority"],
            row["weight"] if row["enabled"] else "off",
            json.dumps(row["conditions"]) if row["conditions"] else "",
        )
        for row in ordered
    ]
    columns = ("id", "config", "environment", "variant", "version", "priority", "weight", "for")
    _table(console, "Rollouts", columns, lines)


def limits(console: Console, rows: Sequence[Json]) -> None:
    """One limit a line."""
    lines = [
        (
            row["key_id"] or "default",
            "any" if row["models"] is None else ", ".join(row["models"]),
            row["requests_per_minute"],
            row["tokens_per_minute"],
            row["concurrent"],
        )
        for row in rows
    ]
    _table(console, "Limits", ("key", "models", "requests/min", "tokens/min", "at once"), lines)


def differences(console: Console, answer: Json) -> None:
    """What differs between two versions."""
    console.print(f"[bold]Version {answer['before']} → {answer['after']}[/]", highlight=False)
    for row in answer["data"]:
        if row["lines"]:
            console.print(f"  {escape(row['field'])}", highlight=False)
            for line in row["lines"][2:]:
                colour = {"+": "green", "-": "red"}.get(line[:1], "dim")
                console.print(f"    [{colour}]{escape(line)}[/]", soft_wrap=True, highlight=False)
        else:
            before, after = (json.dumps(row[side], ensure_ascii=False) for side in ("before", "after"))
            told = f"  {escape(row['field'])}: [red]{escape(before)}[/] → [green]{escape(after)}[/]"
            console.print(told, soft_wrap=True, highlight=False)
    if not answer["data"]:
        console.print("  nothing differs")


def _targets(content: Json) -> str:
    told: list[str] = []
    for one in content["targets"]:
        where = f"@{one['account']}/" if one["account"] else f"{one['provider']}/" if one["provider"] else ""
        told.append(where + (one["model"] or "as asked"))
    return (" ⇄ " if content["strategy"] == "balance" else " → ").join(told)


def _secret(row: Json) -> str:
    return f"…{row['secret_hint']}" if row["secret_hint"] else "yes" if row["has_secret"] else "none"


def _table(console: Console, title: str, columns: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
    drawn = Table(title=title, title_justify="left")
    for name in columns:
        drawn.add_column(name, overflow="fold")
    for line in lines:
        drawn.add_row(*(escape(NO_VALUE if cell is None else str(cell)) for cell in line))
    console.print(drawn)
