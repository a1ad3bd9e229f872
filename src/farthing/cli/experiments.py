"""The commands about experiments: words in, a file run or the running server asked, tables and an exit code for CI out."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen
from farthing.settings import with_variables

if TYPE_CHECKING:
    from farthing.cli.client import Client

app = typer.Typer(
    help="Which prompt or model is good enough for the least money.",
    epilog="Begin with a file that calls farthing_sdk.experiments.run_experiment, then: farthing experiment run eval.py",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
out = Screen()
err = Screen(stderr=True)

PATH = "/api/v1/experiments"
REGRESSED = 3
"""The exit code that stops a pipeline."""

Base = Annotated[str | None, typer.Option(help="The baseline, by name or id.")]
Delta = Annotated[float, typer.Option(min=0, help="How much worse on average is still good enough.")]
Lower = Annotated[list[str] | None, typer.Option(help="A score of which less is better.")]
Scores = Annotated[list[str] | None, typer.Option("--score", help="A score that the choice goes by (default: all).")]
Failing = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if-regressed",
        metavar="SCORE",
        help=f"Exit with {REGRESSED} if this score is worse, or cases are missing.",
    ),
]
Dataset = Annotated[str | None, typer.Option(help="The id of the dataset whose runs are named.")]


@app.command("list")
def list_runs(
    dataset: Dataset = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="So many of the latest.")] = 20,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Runs, the latest first, with their scores and what they cost."""
    from farthing.cli import show_experiments

    asked = {"limit": str(limit)} | ({"dataset_id": dataset} if dataset else {})
    answer = connect(data, url, key).get(PATH, asked)
    if as_json:
        out.print_json(json.dumps(answer))
    else:
        show_experiments.listing(out, answer["data"])


@app.command()
def compare(
    runs: Annotated[list[str], typer.Argument(help="Two to six runs, by name or id.")],
    base: Base = None,
    delta: Delta = 0.05,
    score: Scores = None,
    lower: Lower = None,
    failing: Failing = None,
    dataset: Dataset = None,
    regressions: Annotated[int, typer.Option(min=0, max=100, help="So many items that became worse are named.")] = 5,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Runs beside each other: quality with how sure it is, beside cost. The first is the baseline unless said otherwise."""
    asked = {
        "runs": ",".join(runs), "base": base or runs[0], "delta": repr(delta), "score": ",".join(score or ()),
        "lower": ",".join(lower or ()), **({"dataset_id": dataset} if dataset else {}),
    }  # fmt: skip
    _compare(connect(data, url, key), asked, failing or [], regressions, as_json=as_json)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A Python file that calls run_experiment.")],
    base: Annotated[str | None, typer.Option(help="Compare what was run with this run, by name or id.")] = None,
    delta: Delta = 0.05,
    lower: Lower = None,
    failing: Failing = None,
    python: Annotated[str, typer.Option(help="The Python that has farthing-sdk (default: this one).")] = "",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Run a file of experiments against the server, then compare its runs. What follows the file's name is the file's."""
    client = connect(data, url, key)
    with tempfile.TemporaryDirectory(prefix="farthing-") as folder:
        report = Path(folder) / "runs.jsonl"
        # The file sees what any program started here sees, and where the server is.
        told = {
            "FARTHING_ENDPOINT": client.url,
            "FARTHING_API_KEY": client.secret,
            "FARTHING_EXPERIMENT_REPORT": str(report),
        }
        words = [python or sys.executable, str(file), *context.args]
        code = subprocess.run(words, env=with_variables(told), check=False).returncode
        made = [json.loads(line) for line in report.read_text().splitlines()] if report.exists() else []
    if code:
        raise typer.Exit(code)
    ids: list[str] = list(dict.fromkeys(row["run_id"] for row in made))
    if not ids:
        err.print("The file ran no experiment that was told to the server.")
        raise typer.Exit(1)
    first = base or ids[0]
    runs = [first, *(one for one in ids if one != first)]
    if len(runs) > 1:
        asked = {"runs": ",".join(runs), "base": first, "delta": repr(delta), "lower": ",".join(lower or ())}
        if base and made[0]["dataset_id"]:
            asked["dataset_id"] = made[0]["dataset_id"]
        _compare(client, asked, failing or [], 5, as_json=False)
    elif failing:
        err.print("There is nothing to compare with: name a --base.")
        raise typer.Exit(2)


def _compare(client: "Client", asked: dict[str, Any], failing: list[str], regressions: int, *, as_json: bool) -> None:
    from farthing.cli import show_experiments

    answer = client.get(f"{PATH}/compare", {name: value for name, value in asked.items() if value != ""})
    if as_json:
        out.print_json(json.dumps(answer))
    else:
        show_experiments.comparison(out, answer, regressions)
    found = show_experiments.failures(answer, failing)
    for why in found:
        err.print(f"[red]regressed:[/] {escape(why)}", soft_wrap=True, highlight=False)
    if found:
        raise typer.Exit(REGRESSED)
