"""Command-line options in; the side-by-side table out: `python -m benchmarks.ingest`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import environments, machine
from benchmarks.ingest import limit, measure, report
from benchmarks.ingest.measure import Plan, Result
from benchmarks.process import StartFailedError
from benchmarks.systems import System
from benchmarks.systems.farthing import Farthing
from benchmarks.systems.mlflow import MLflow
from benchmarks.systems.phoenix import Phoenix

_HELP = """Send the same LLM spans to Farthing, Arize Phoenix and MLflow on this
machine, and print what each did with them.

Every system runs alone, twice, each time on an empty folder. First
undisturbed: how fast are spans acknowledged, and how fast can they all be
read back through the system's own API? Then it is killed with SIGKILL right
after its last 2xx and started again: how many acknowledged spans are gone?
Memory, start-up and processor time are taken along the way, over all
processes of the system. The rivals are installed from PyPI, once, into
benchmarks/.envs.

\b
[bold]All three, about six minutes:[/]
  python -m benchmarks.ingest
[bold]Ours alone, under a minute:[/]
  python -m benchmarks.ingest --only farthing
[bold]Longer, and kept as JSON:[/]
  python -m benchmarks.ingest --spans 500000 --json benchmarks/results/a.json
[bold]MLflow exactly as `mlflow server` starts it:[/]
  python -m benchmarks.ingest --only mlflow --mlflow-workers 0

benchmarks/README.md says how every figure is taken. Close what else keeps
the machine busy; its load average is printed with the figures.
"""


class Name(StrEnum):
    """The systems, in the order of the table."""

    FARTHING = "farthing"
    PHOENIX = "phoenix"
    MLFLOW = "mlflow"


app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(help=_HELP)
def main(  # noqa: PLR0913 - every option of the command line is one argument
    only: Annotated[list[Name] | None, typer.Option(help="One system; may be repeated. Default: all three.")] = None,
    spans: Annotated[int, typer.Option(min=1, help="Spans for Farthing.")] = 50_000,
    phoenix_spans: Annotated[int, typer.Option(min=1, help="Spans for Phoenix.")] = 5_000,
    mlflow_spans: Annotated[int, typer.Option(min=1, help="Spans for MLflow.")] = 3_000,
    seconds: Annotated[
        float, typer.Option("--limit", min=1, help="Seconds a run may take; what is readable by then is what counts.")
    ] = 60,
    connections: Annotated[int, typer.Option(min=1, help="Kept-alive connections that send at once.")] = 4,
    batch: Annotated[int, typer.Option(min=1, help="Spans per request.")] = 512,
    mlflow_workers: Annotated[
        int, typer.Option(min=0, help="MLflow's worker processes; 0: its defaults, 4 and the job runner.")
    ] = 1,
    json: Annotated[Path | None, typer.Option(help="Write everything there as JSON as well.")] = None,
) -> None:
    """See `_HELP`."""
    console = Console()
    known: dict[Name, tuple[System, int]] = {
        Name.FARTHING: (Farthing(), spans),
        Name.PHOENIX: (Phoenix(), phoenix_spans),
        Name.MLFLOW: (MLflow(mlflow_workers), mlflow_spans),
    }
    chosen = [(known[name], name) for name in Name if not only or name in only]
    try:
        for (system, _), _ in chosen:
            system.prepare(console)
        plans = [
            (
                system,
                Plan(spans=n, kill_spans=max(batch, n // 2), limit_s=seconds, connections=connections, batch=batch),
            )
            for (system, n), _ in chosen
        ]
        made = _run(plans, console)
    except (environments.InstallError, StartFailedError) as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise typer.Exit(1) from error
    report.show(made, console)
    for sentence in report.failures(made.results):
        console.print(f"[red]{sentence}[/]", highlight=False)
    if json:
        report.save(made, json)
        console.print(f"Written to {json}")


def _run(plans: Sequence[tuple[System, Plan]], console: Console) -> report.Report:
    here = machine.inspect(("chdb-core", "clickhouse-connect", "uvicorn"))
    taken_at = datetime.now(UTC).isoformat(timespec="seconds")
    results: list[Result] = []
    found: limit.Limit | None = None
    for system, plan in plans:
        result, own_limit = _one(system, plan, console)
        results.append(result)
        found = found or own_limit
    return report.Report(taken_at, here, tuple(results), found)


def _one(system: System, plan: Plan, console: Console) -> tuple[Result, limit.Limit | None]:
    """Both runs of one system, and for Farthing the engine's limit on the rows of the first."""
    found: limit.Limit | None = None
    with console.status("") as status:

        def say(text: str) -> None:
            status.update(f"[bold]{system.name}[/]: {text}")

        def weigh(data: Path) -> None:
            nonlocal found
            say("measuring the engine's own speed on the same rows")
            found = limit.measure(Farthing.telemetry(data))

        result = measure.measure(system, plan, say, weigh if isinstance(system, Farthing) else None)
    console.print(f"[green]✓[/] {system.name}: {result.speed.durable_per_s:,.0f} durable spans/s", highlight=False)
    return result, found


if __name__ == "__main__":
    app()
