"""The commands about what was refused: words in, the running server asked, tables and OTLP/JSON out."""

import json
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen

app = typer.Typer(
    help="What was refused, and why: look at it, send it again, take it off the list.",
    epilog="Begin with: farthing quarantine list",
    no_args_is_help=True,
)
out = Screen()

Item = Annotated[str, typer.Argument(help="The id shown by: farthing quarantine list")]

_PATH = "/api/v1/quarantine"


@app.command("list")
def listing(
    reason: Annotated[str, typer.Option(help="Only what was refused for this reason, such as too_old.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the latest first.")] = 50,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What was refused lately and why, the latest first."""
    asked = {"limit": str(limit)} | ({"reason": reason} if reason else {})
    rows = connect(data, url, key).get(_PATH, asked)["data"]
    if as_json:
        out.print_json(json.dumps(rows))
    elif not rows:
        out.print("Nothing was refused.")
    else:
        out.print(_table(rows), soft_wrap=True)


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Refused, the latest first", title_justify="left")
    for name in ("id", "received", "signal", "reason", "sent again"):
        table.add_column(name, no_wrap=name != "reason")
    for row in rows:
        why = f"{row['reason']}: {row['detail']}" if row["detail"] else row["reason"]
        table.add_row(
            row["id"], row["received_at"], row["signal"], escape(why), "possible" if row["replayable"] else "not here"
        )
    return table


@app.command("show")
def show(item: Item, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """All that is known of one of them, as JSON; `sample` is a request with it alone."""
    out.print_json(json.dumps(connect(data, url, key).get(f"{_PATH}/{item}")))


@app.command("replay")
def replay(
    items: Annotated[list[str], typer.Argument(help="Their ids.")],
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Send some of them again. What is accepted leaves the list; if one is not, the exit code is 1."""
    client = connect(data, url, key)
    refused = 0
    for item in items:
        answer = client.post(f"{_PATH}/{item}/replay")
        refused += not answer["accepted"]
        said = "is accepted" if answer["accepted"] else f"is refused still: {answer['detail']}"
        out.print(escape(f"{item} {said}"), soft_wrap=True, highlight=False)
    if refused:
        raise typer.Exit(1)


@app.command("drop")
def drop(
    items: Annotated[list[str], typer.Argument(help="Their ids.")],
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Take some of them off the list; nothing else is changed by it."""
    client = connect(data, url, key)
    for item in items:
        client.delete(f"{_PATH}/{item}")
        out.print(f"{item} is gone", highlight=False)
