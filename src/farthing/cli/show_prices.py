"""The API's answers about prices in; tables for a terminal out. Money is printed as exactly as it came."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from farthing.cli.show import NO_VALUE, money

Json = dict[str, Any]


def _table(title: str, *columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold", justify="right" if name in right else "left")
    return table


def rates(console: Console, answer: Json) -> None:
    """Rates, one a line, and how old the data is."""
    table = _table(
        escape(answer.get("matched_model", "Prices")),
        "model",
        "tier",
        "what",
        "price",
        "when",
        "source",
        right=("price",),
    )
    for row in answer["data"]:
        name = f"{row['provider']}/{row['model']}"
        cells = (name, _tier(row), row["bucket"] or "", _price(row), _when(row), _why(row))
        table.add_row(*map(escape, cells))
    age = answer["data_age_days"]
    table.caption = f"{answer['price_version']}, " + ("of unknown age" if age is None else f"{age} days old")
    console.print(table)
    if answer["next_cursor"]:
        console.print("There are more; narrow it down with a provider and --search, or raise --limit.")


def _tier(row: Json) -> str:
    parts = [row["tier"], row["region"], f"{row['hours']} UTC" if row["hours"] else None]
    if row["input_above"]:
        parts.append(f"input > {row['input_above']:,}")
    return ", ".join(part for part in parts if part)


def _price(row: Json) -> str:
    return f"x {row['factor']}" if row["factor"] else f"{money(row['usd'])} / {_per(row)}"


def _per(row: Json) -> str:
    if row["per"] == 1_000_000 and row["unit"] == "token":
        return "Mtok"
    return row["unit"] if row["per"] == 1 else f"{row['per']:,} {row['unit']}s"


def _when(row: Json) -> str:
    start, end = (text and text[:10] for text in (row["valid_from"], row["valid_until"]))
    return f"{start or ''} … {end or ''}" if start or end else ""


def _why(row: Json) -> str:
    return "; ".join(text for text in (row["note"], row["source"]) if text)


def explained(console: Console, answer: Json) -> None:
    """A cost, its lines, and the rule that found the price."""
    right = ("quantity", "rate", "amount")
    table = _table("Cost", "what", "quantity", "rate", "amount", "tier", "grade", "why", right=right)
    for line in answer["lines"]:
        rate = NO_VALUE if line["rate_usd"] is None else f"{money(line['rate_usd'])} / {_per(line)}"
        amount = money(line["amount_usd"])
        why = line["rule"] or ""
        cells = (line["bucket"], f"{line['quantity']:,}", rate, amount, line["tier"] or "", line["grade"], why)
        table.add_row(*map(escape, cells))
    table.add_section()
    table.add_row("total", "", "", money(answer["cost_usd"]), "", answer["cost_status"], "")
    console.print(table)
    told = f"{answer['matched_model'] or 'No model'}: {answer['rule'] or 'no rule fits'}"
    console.print(escape(told), soft_wrap=True)
    if answer["source"]:
        console.print(escape(f"{answer['price_version']}, {answer['source']}"), style="dim", soft_wrap=True)


def unpriced(console: Console, answer: Json) -> None:
    """Models without a price."""
    if not answer["data"]:
        console.print("Every call has a price.")
        return
    right = ("calls", "input tokens", "output tokens")
    table = _table(
        "Unpriced", "model", "calls", "input tokens", "output tokens", "last seen", "maybe", "why", right=right
    )
    for row in answer["data"]:
        maybe = "\n".join(f"{found['provider']}/{found['model']}" for found in row["suggestions"])
        counts = [NO_VALUE if row[n] is None else f"{row[n]:,}" for n in ("input_tokens", "output_tokens")]
        name = f"{row['provider'] or NO_VALUE}/{row['model'] or NO_VALUE}"
        why = "it has a price by now: farthing reprice" if row["priced_now"] else row["reason"] or ""
        cells = (name, f"{row['calls']:,}", *counts, row["last_seen"][:16], maybe, why)
        table.add_row(*map(escape, cells))
    console.print(table)
    console.print(
        f"{answer['unpriced_calls']:,} calls are in no sum. A price for one: farthing prices override add --help"
    )


def report(console: Console, answer: Json, confirm: str) -> None:
    """What a list changes, and what is held back."""
    table = _table("Changes", "model", "tier", "what", "before", "after", "", right=("before", "after"))
    for change in answer["changes"]:
        row = change["after"] or change["before"]
        before, after = (NO_VALUE if r is None else _price(r) for r in (change["before"], change["after"]))
        doubt = f"[yellow]{change['suspicious']}[/]" if change["suspicious"] else ""
        cells = (f"{row['provider']}/{row['model']}", _tier(row), row["bucket"] or "", before, after)
        table.add_row(*map(escape, cells), doubt)
    if answer["changes"]:
        console.print(table)
    console.print(f"{answer['changed_rates']:,} rates {'changed' if answer['applied'] else 'would change'}.")
    if answer["skipped"]:
        console.print(f"{len(answer['skipped']):,} entries hold no price that can be used; --json lists them.")
    if answer["held"]:
        names = ", ".join(f"{held['provider']}/{held['model']}" for held in answer["held"][:10])
        console.print(
            f"[yellow]Held back until you confirm:[/] {escape(names)}. When they are right: {escape(confirm)}",
            soft_wrap=True,
        )


def overrides(console: Console, rows: Sequence[Json]) -> None:
    """An operator's own prices."""
    table = _table("Overrides", "id", "whose", "what for", "price", "when", "source")
    for row in rows:
        scope = row["scope"]
        whose = f"key {scope['key']}" if scope["key"] else scope["level"]
        name = f"{row['provider']}/{row['model'] or '*'}"
        table.add_row(*map(escape, (row["id"], whose, name, _agreed(row), _when(row), row["source"] or "")))
    console.print(table)


def _agreed(row: Json) -> str:
    match row["kind"]:
        case "rates":
            return "\n".join(f"{bucket} {money(rate['usd'])}" for bucket, rate in row["rates"].items())
        case "discount":
            return f"{row['discount_percent']} % off"
        case "capacity":
            return "covered by capacity"
        case _:
            return f"the same as {row['of_provider'] or row['provider']}/{row['of_model']}"


def history(console: Console, rows: Sequence[Json]) -> None:
    """Changes, the latest first."""
    table = _table("Changes of overrides", "when", "who", "did", "what")
    for row in rows:
        told: Json = row["after"] or row["before"] or {}
        what = f"{row['subject'].partition(':')[2]} ({told.get('provider', '')}/{told.get('model', '')})"
        table.add_row(*map(escape, (row["at"][:19], row["actor"], row["action"], what)))
    console.print(table)
