"""Nothing in; Farthing's cold start to its first answer and its idle memory out: `python -m benchmarks.startup`."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import machine
from benchmarks.process import Memory, StartFailedError
from benchmarks.systems.farthing import Farthing

_HELP = """Start Farthing on an empty folder several times and print the medians: seconds from the start of the process
to the first 2xx of /readyz (both stores answer), and resident memory some seconds later, before any data."""

_IDLE_S = 3.0


class Start(msgspec.Struct, frozen=True):
    """One start: on an empty folder, then again on the folder that the first one left."""

    first_s: float
    again_s: float
    memory: Memory


app = typer.Typer(add_completion=False)


@app.command(help=_HELP)
def main(
    runs: Annotated[int, typer.Option(min=1, help="How often.")] = 5,
    json: Annotated[Path | None, typer.Option(help="Write everything there as JSON as well.")] = None,
) -> None:
    """See `_HELP`."""
    console = Console()
    here = machine.inspect(("farthing", "chdb-core", "uvicorn"))
    try:
        starts = [_start() for _ in track(range(runs), "Starting Farthing", console=console, transient=True)]
    except StartFailedError as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise typer.Exit(1) from error
    rows = {
        "empty folder to first answer": ("s", [start.first_s for start in starts]),
        "existing folder to first answer": ("s", [start.again_s for start in starts]),
        "idle memory (RSS)": ("MiB", [start.memory.resident for start in starts]),
        "highest while starting": ("MiB", [start.memory.peak for start in starts]),
    }
    table = Table("", "median", "lowest", "highest", title=f"Cold start, {runs} runs", title_justify="left")
    for label, (unit, values) in rows.items():
        table.add_row(label, *(f"{f(values):,.2f} {unit}" for f in (statistics.median, min, max)))
    console.print(table)
    console.print(f"[bold]Machine[/]: {machine.describe(here)}", highlight=False)
    if json:
        json.parent.mkdir(parents=True, exist_ok=True)
        json.write_bytes(msgspec.json.format(msgspec.json.encode({"machine": here, "starts": starts})) + b"\n")


def _start() -> Start:
    system = Farthing()
    with tempfile.TemporaryDirectory(prefix="farthing-bench-") as name:
        folder = Path(name)
        with system.start(folder) as server:
            first = server.wait_healthy(system.health)
            time.sleep(_IDLE_S)
            memory = server.memory()
            server.terminate()
        with system.start(folder) as server:
            again = server.wait_healthy(system.health)
            server.terminate()
    return Start(first, again, memory)


if __name__ == "__main__":
    app()
