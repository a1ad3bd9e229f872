"""The API's answers about runs of experiments in; tables for a terminal, and whether a run may pass, out."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from farthing.cli.show import NO_VALUE, money

Json = dict[str, Any]

_VERDICTS = {
    "better": "[green]better[/]",
    "worse": "[red]worse[/]",
    "no_difference_seen": "no difference seen",
    "too_few_cases": "[yellow]too few to tell[/]",
}


def listing(console: Console, rows: Sequence[Json]) -> None:
    """One run a line."""
    drawn = Table(title="Runs", title_justify="left")
    for name in ("id", "run", "items", "errors", "scores", "cost", "p50 / p95"):
        right = name in ("items", "errors", "cost", "p50 / p95")
        drawn.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows:
        told: Json = row["summary"] or {}
        scores = [f"{escape(one['name'])} {_figure(one)}" for one in told.get("scores", ())]
        drawn.add_row(
            row["id"], escape(row["name"]), f"{row['items']:,}", f"{row['errors']:,}", "\n".join(scores) or NO_VALUE,
            money(told.get("cost_usd")), _latency(told),
        )  # fmt: skip
    console.print(drawn)


def comparison(console: Console, answer: Json, regressions: int) -> None:
    """Runs side by side: scores first, then what they took; the choice, what regressed, and warnings below."""
    runs: list[Json] = answer["runs"]
    names = {run["id"]: run["name"] for run in runs}
    drawn = Table(title=f"{len(runs)} runs, {answer['items']:,} items", title_justify="left")
    drawn.add_column("")
    for run in runs:
        drawn.add_column(escape(run["name"]) + (" [dim](base)[/]" if run["is_base"] else ""), justify="right")
    for score in answer["scores"]:
        drawn.add_row(*_score(score, runs))
    drawn.add_section()
    for name, cells in _took(runs).items():
        drawn.add_row(name, *cells)
    console.print(drawn)
    _choice(console, answer["choice"], names)
    for score in answer["scores"] if regressions else ():
        _regressed(console, score, names, regressions)
    for warned in answer["warnings"]:
        console.print(f"[yellow]![/] {escape(warned['text'])}", soft_wrap=True, highlight=False)


def failures(answer: Json, scores: Sequence[str]) -> list[str]:
    """Why these scores may not pass, in sentences; none: they may.

    A run fails that is worse, that lacks cases which the baseline has, and, where there are too few cases to tell, that is worse
    on average by more than delta.
    """
    names = {run["id"]: run["name"] for run in answer["runs"]}
    known = {score["name"]: score for score in answer["scores"]}
    found: list[str] = []
    for name in scores:
        if name not in known:
            found.append(f"No case has the score {name}.")
            continue
        score = known[name]
        found += [
            f"{name} of {names[one['run_id']]} {why}"
            for one in score["differences"]
            for why in _why(one, score, answer)
        ]
        found += [
            f"{name} of {names[one['run_id']]} is of labels: whether they are worse can't be told."
            for one in score["agreements"]
        ]
    return found


def _why(one: Json, score: Json, answer: Json) -> list[str]:
    loss = (one["mean"] or 0.0) * (1 if score["lower_is_better"] else -1)
    found: list[str] = []
    if one["verdict"] == "worse":
        found.append(f"is worse: {_change(one)}, {one['losses']} items regressed.")
    elif one["verdict"] == "too_few_cases" and (not one["pairs"] or loss > answer["choice"]["delta"]):
        found.append(f"is of {one['pairs']} cases, too few to tell, and {'worse' if one['pairs'] else 'none is left'}.")
    if one["missing"]["total"]:
        found.append(f"lacks {one['missing']['total']} cases, which is no pass.")
    return found


def _score(score: Json, runs: Sequence[Json]) -> list[str]:
    by_run = {one["run_id"]: one for one in score["differences"]}
    agreements = {one["run_id"]: one for one in score["agreements"]}
    cells = [escape(score["name"]) + ("\n[dim]less is better[/]" if score["lower_is_better"] else "")]
    for run in runs:
        told = score["runs"][run["id"]]
        lines = [_figure(told)]
        if one := by_run.get(run["id"]):
            lines += [f"{_change(one)}  {_VERDICTS[one['verdict']]}", _counts(one)]
        if one := agreements.get(run["id"]):
            lines.append(f"{one['same']} of {one['pairs']} as the base")
        cells.append("\n".join(lines))
    return cells


def _figure(told: Json) -> str:
    if told["mean"] is None:
        return ", ".join(f"{escape(label)} {count}" for label, count in list(told["labels"].items())[:4]) or NO_VALUE
    return f"{told['mean']:.3f}"


def _change(one: Json) -> str:
    if one["mean"] is None:
        return NO_VALUE
    sure = "" if one["low"] is None else f" [dim]{escape('[')}{one['low']:+.3f}, {one['high']:+.3f}][/]"
    return f"{one['mean']:+.3f}{sure}"


def _counts(one: Json) -> str:
    missing = one["missing"]["total"]
    told = f"[dim]{one['wins']} won, {one['losses']} lost, {one['ties']} same[/]"
    return told + (f", [yellow]{missing} missing[/]" if missing else "")


def _took(runs: Sequence[Json]) -> dict[str, list[str]]:
    rows = {
        "cost": [_cost(run) for run in runs],
        "cost per case": [money(run["cost_per_case_usd"]) for run in runs],
        "judging cost": [money(run["evaluation_cost_usd"]) for run in runs],
        "tokens in / out": [f"{_count(run['input_tokens'])} / {_count(run['output_tokens'])}" for run in runs],
        "latency p50 / p95": [_latency(run) for run in runs],
        "errors": [f"{run['errors']:,} of {run['cases']:,}" for run in runs],
    }
    if all(run["evaluation_cost_usd"] is None for run in runs):
        del rows["judging cost"]
    return rows


def _cost(run: Json) -> str:
    told = money(run["cost_usd"])
    change, cost = run["cost_change_usd"], run["cost_usd"]
    if not run["is_base"] and change is not None and cost is not None and run["unknown_cost_cases"] == 0:
        before = Decimal(cost) - Decimal(change)
        told += f" [dim]({100 * Decimal(change) / before:+.0f} %)[/]" if before else ""
    return told + (f"\n[yellow]{run['unknown_cost_cases']} unknown[/]" if run["unknown_cost_cases"] else "")


def _latency(told: Json) -> str:
    p50, p95 = told.get("latency_p50_ms"), told.get("latency_p95_ms")
    return NO_VALUE if p50 is None else f"{p50:,} / {p95:,} ms"


def _choice(console: Console, choice: Json, names: dict[str, str]) -> None:
    which = f"not worse by more than {choice['delta']:g} in {', '.join(choice['scores']) or 'any score'}"
    if choice["run_id"] is None:
        console.print("Which is the cheapest can't be told: no cost is known.")
        return
    console.print(
        f"Cheapest that is {escape(which)}: [bold]{escape(names[choice['run_id']])}[/]", soft_wrap=True, highlight=False
    )
    for run in choice["runs"]:
        sure = (
            "nothing to judge by"
            if run["confidence"] is None
            else f"{math.floor(1000 * run['confidence']) / 10} % sure"
        )
        console.print(f"  {escape(names[run['run_id']])}: {sure}", soft_wrap=True, highlight=False)


def _regressed(console: Console, score: Json, names: dict[str, str], most: int) -> None:
    for one in score["differences"]:
        shown = one["regressions"][:most]
        if shown:
            items = ", ".join(f"{item['item_id']} ({item['base']:g} → {item['value']:g})" for item in shown)
            more = f" and {one['losses'] - len(shown):,} more" if one["losses"] > len(shown) else ""
            text = f"{score['name']} regressed in {names[one['run_id']]}: {items}{more}"
            console.print(escape(text), soft_wrap=True, highlight=False)


def _count(number: int | None) -> str:
    return NO_VALUE if number is None else f"{number:,}"
