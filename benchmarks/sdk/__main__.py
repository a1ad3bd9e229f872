"""Command-line options in; what telling of a call costs its thread, side by side, out: `python -m benchmarks.sdk`."""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks import environments, machine

HERE = Path(__file__).parent
# What openlit asks for can't all be had together; this is the list it is tested with here.
OPENLIT = f"--requirement={HERE.parents[1] / 'tests/e2e/apps/openlit/requirements.txt'}"
SDKS = {"farthing": "", "langfuse": "langfuse==5.0.4", "openlit": OPENLIT}
PER_MINUTE = 100_000
"""What one process must be able to tell of."""

app = typer.Typer(add_completion=False)


@app.command()
def main(
    only: Annotated[list[str] | None, typer.Option(help="One SDK; may be repeated. Default: all three.")] = None,
    calls: Annotated[int, typer.Option(min=100, help="Calls told of with each.")] = 2_000,
    pace: Annotated[float, typer.Option(min=1, help="Calls a second.")] = PER_MINUTE / 60,
    rounds: Annotated[int, typer.Option(min=1, help="Turns; in each, every SDK is timed once.")] = 3,
    minute: Annotated[bool, typer.Option(help="Tell of 100,000 calls within a minute, too, with ours.")] = True,
    keep: Annotated[Path | None, typer.Option("--json", help="Write everything there as JSON as well.")] = None,
) -> None:
    """Time a call that takes no time itself; the SDKs take turns, so that a slow hour of the machine is slow for all."""
    console = Console()
    before = machine.inspect(("farthing", "farthing-sdk"))
    names = only or list(SDKS)
    pythons = {name: _python(name, console) for name in names}
    sink = subprocess.Popen([sys.executable, str(HERE / "sink.py")], stdout=subprocess.PIPE, text=True)
    try:
        assert sink.stdout is not None
        url = f"http://127.0.0.1:{int(sink.stdout.readline())}"
        told: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for number in range(rounds):
            for name in names:
                with console.status(f"[bold]{name}[/]: turn {number + 1} of {rounds}"):
                    told[name].append(_timed(pythons[name], name, url, calls, pace, "gaps"))
        _show(console, told)
        if minute and "farthing" in names:
            with console.status(f"[bold]farthing[/]: {PER_MINUTE:,} calls in a minute"):
                told["minute"] = [_timed(pythons["farthing"], "farthing", url, PER_MINUTE, PER_MINUTE / 60, "steady")]
            _show_minute(console, told["minute"][0])
    finally:
        sink.kill()
        sink.wait()
    console.print(machine.describe(before))
    if keep is not None:
        keep.write_text(json.dumps({"machine": str(before), "microseconds": told}, indent=1) + "\n", encoding="utf-8")


def _python(name: str, console: Console) -> str:
    return str(environments.ensure(f"sdk-{name}", SDKS[name], console) / "python") if SDKS[name] else sys.executable


def _timed(python: str, name: str, url: str, calls: int, pace: float, way: str) -> dict[str, Any]:
    caller = HERE / "callers" / f"{name}_caller.py"
    command = [python, str(HERE / "stopwatch.py"), str(caller), url, str(calls), str(pace), way]
    with tempfile.TemporaryDirectory() as home:
        # No setting of ours reaches it, and what it would send home goes nowhere.
        environment = {"PATH": "/usr/bin:/bin", "HOME": home, "DO_NOT_TRACK": "true", "NO_PROXY": "127.0.0.1,localhost"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        sys.exit(f"{name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _middle(turns: list[dict[str, Any]], kind: str, which: str) -> float:
    return statistics.median(one[kind][which] for one in turns)


def _show(console: Console, told: dict[str, list[dict[str, Any]]]) -> None:
    for kind, when in (("row", "50 calls in a row"), ("pause", "each after a pause")):
        table = Table(title=f"Microseconds added per call, {when}; the median of the turns")
        for heading in ("SDK", "p50", "x ours", "p95", "CPU of the thread", "of the process", "turns (p50)"):
            table.add_column(heading, justify="left" if heading == "SDK" else "right")
        ours = _middle(told["farthing"], kind, "p50") if "farthing" in told else None
        for name, turns in told.items():
            p50 = _middle(turns, kind, "p50")
            table.add_row(
                name,
                f"{p50:,.1f}",
                f"{p50 / ours:.1f}" if ours else "-",
                f"{_middle(turns, kind, 'p95'):,.1f}",
                f"{_middle(turns, kind, 'thread'):,.1f}",
                f"{_middle(turns, kind, 'process'):,.0f}",
                " ".join(f"{one[kind]['p50']:.1f}" for one in turns),
            )
        console.print(table)
    console.print("openlit's is what it adds to a call of the openai package that is answered at once.")


def _show_minute(console: Console, told: dict[str, Any]) -> None:
    console.print(
        f"{told['calls']:,} calls at {told['per_second'] * 60:,.0f} a minute: p50 {told['p50']:.1f} µs, "
        f"p99 {told['p99']:.1f} µs, {told['memory_mib']:.1f} MiB more memory at most, {told['remark']}"
    )


if __name__ == "__main__":
    app()
