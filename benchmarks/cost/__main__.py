"""Command-line options in; microseconds per priced call, side by side, out: `python -m benchmarks.cost`."""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks import environments, machine

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "prices"
RIVALS = {"farthing": "", "genai-prices": "genai-prices==0.2.3", "litellm": "litellm==1.105.1"}
DIMENSIONS = ("input-output", "cache-read", "cache-write-5m-1h", "context-edge", "reasoning", "tier-batch", "tier-flex")
"""What all three can be asked: tokens in and out, caches, long contexts, tiers."""

app = typer.Typer(add_completion=False)


@app.command()
def main(
    only: Annotated[list[str] | None, typer.Option(help="One library; may be repeated. Default: all three.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Times each case is priced in a row.")] = 200,
    rival_rounds: Annotated[int, typer.Option(min=1, help="The same for the others.")] = 20,
    keep: Annotated[Path | None, typer.Option("--json", help="Write everything there as JSON as well.")] = None,
) -> None:
    """Time the same public cases in every library: the arguments are made before, the clock runs for the call alone."""
    console = Console()
    cases = [case for case in _cases() if case["dimension"] in DIMENSIONS]
    before = machine.inspect(("farthing", "genai-prices"))
    told = {
        name: _timed(name, cases, rounds if name == "farthing" else rival_rounds, console) for name in only or RIVALS
    }
    _show(console, cases, told)
    console.print(machine.describe(before))
    if keep is not None:
        keep.write_text(json.dumps({"machine": str(before), "microseconds": told}, indent=1) + "\n", encoding="utf-8")


def _cases() -> list[dict[str, Any]]:
    with (GOLDEN / "cases.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _timed(name: str, cases: list[dict[str, Any]], rounds: int, console: Console) -> dict[str, Any]:
    python = sys.executable
    if RIVALS[name]:
        python = str(environments.ensure(f"prices-{name}", RIVALS[name], console) / "python")
    adapter = GOLDEN / "adapters" / f"{name.replace('-', '_')}_adapter.py"
    timer = [python, str(Path(__file__).with_name("timer.py")), str(adapter), str(rounds)]
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    with console.status(f"[bold]{name}[/]: {len(cases)} cases"):
        done = subprocess.run(timer, input=lines, stdout=subprocess.PIPE, text=True, check=True, timeout=900)
    return json.loads(done.stdout.splitlines()[-1])


def _show(console: Console, cases: list[dict[str, Any]], told: dict[str, dict[str, Any]]) -> None:
    first = next(iter(told))
    table = Table(title="Microseconds to price one call, median of the cases (and times the first)")
    table.add_column("cases of")
    table.add_column("number", justify="right")
    for name in told:
        table.add_column(name, justify="right")
    for dimension in (*DIMENSIONS, "all"):
        ids = [case["id"] for case in cases if dimension in (case["dimension"], "all")]
        ours = _median(told[first], ids)
        cells = [_cell(_median(of, ids), ours, first == name) for name, of in told.items()]
        table.add_row(dimension, str(len(ids)), *cells)
    slowest = [max((us for us in of["cases"].values() if us is not None), default=0) for of in told.values()]
    table.add_row("slowest case", "1", *(f"{us:,.1f}" for us in slowest))
    table.add_row(
        "many at once", str(len(cases) * 5), *(f"{of['batch']:.1f}" if "batch" in of else "-" for of in told.values())
    )
    console.print(table)


def _median(of: dict[str, Any], ids: list[str]) -> float | None:
    known = [us for name in ids if (us := of["cases"].get(name)) is not None]
    return statistics.median(known) if known else None


def _cell(us: float | None, ours: float | None, is_first: bool) -> str:
    if us is None:
        return "-"
    return f"{us:,.1f}" if is_first or not ours else f"{us:,.1f} (x{us / ours:.0f})"


if __name__ == "__main__":
    app()
