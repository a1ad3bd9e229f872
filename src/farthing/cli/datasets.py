"""The commands about datasets: words and files in, the running server asked, tables and files out."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from farthing.cli.client import Client, Json, RefusedError
from farthing.cli.files import parsed, write
from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen
from farthing.errors import BadRequestError

if TYPE_CHECKING:
    from farthing.datasets.dataset import Draft
    from farthing.datasets.reading import Read

app = typer.Typer(
    help="What experiments try things on: items with an input and, where it is known, the output to expect.",
    epilog="Begin with: farthing datasets create questions, then: farthing datasets import questions questions.csv",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
out = Screen()

PATH = "/api/v1/datasets"
MOST_ITEMS = 1_000
MOST_BYTES = 8 << 20
"""Of one part of a file, as it is sent."""
MOST_SHOWN = 50

Name = Annotated[str, typer.Argument(help="Its name, or its id.")]
Column = Annotated[list[str] | None, typer.Option(help="A column it is made of; several make an object.")]


@app.command("list")
def listing(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """All datasets, the newest first."""
    rows = list(_pages(connect(data, url, key)))
    if as_json:
        out.print_json(json.dumps(rows))
        return
    drawn = Table(title="Datasets", title_justify="left")
    for name in ("id", "name", "items", "changed", "about"):
        drawn.add_column(name, overflow="fold", justify="right" if name == "items" else "left")
    for row in rows:
        about = escape(row["description"] or "")
        drawn.add_row(row["id"], escape(row["name"]), f"{row['items']:,}", row["updated_at"], about)
    out.print(drawn)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Such as questions, or folder/questions.")],
    description: Annotated[str | None, typer.Option(help="For people.")] = None,
    input_schema: Annotated[Path | None, typer.Option(help="A file with a JSON Schema that inputs keep to.")] = None,
    expected_schema: Annotated[Path | None, typer.Option(help="Likewise for expected outputs.")] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a dataset."""
    body: Json = {
        "name": name,
        "description": description,
        "input_schema": _schema(input_schema),
        "expected_output_schema": _schema(expected_schema),
    }
    made = connect(data, url, key).post(PATH, body)
    if as_json:
        out.print_json(json.dumps(made))
    else:
        out.print(f"Dataset {escape(made['name'])} is there: {made['id']}", highlight=False)


@app.command("import")
def take_in(
    dataset: Name,
    file: Annotated[Path, typer.Argument(help="A .csv, .jsonl or .json file.", exists=True, dir_okay=False)],
    form: Annotated[
        str | None, typer.Option("--format", help="csv, jsonl or json, where its name doesn't say.")
    ] = None,
    input: Column = None,  # noqa: A002
    expected: Column = None,
    metadata: Column = None,
    item_id: Annotated[
        str | None, typer.Option("--id", help="The column with ids; items that have one are replaced.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is wrong, line by line.")] = False,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Put the items of a file in. Where any line is wrong, all that are wrong are told and nothing is kept.

    Examples:
      farthing datasets import questions questions.csv --input question --input context --expected answer
      farthing datasets import questions more.jsonl --dry-run
    """
    columns = {"input": input, "expected_output": expected, "metadata": metadata, "id": [item_id] if item_id else None}
    read = _read(file, form or file.suffix.lstrip(".").lower(), {name: held for name, held in columns.items() if held})
    client = connect(data, url, key)
    path = f"{PATH}/{_id(client, dataset)}/items"
    faults = [(one.line, one.field, one.message) for one in read.faults]
    for part in _followed(read.drafts, "looked at"):
        told = client.post(f"{path}?dry_run=true", {"items": [_item(one) for one in part]})
        faults += [
            (part[one["line"] - 1].line if one["line"] else 0, one["field"], one["message"]) for one in told["errors"]
        ]
    if read.ignored:
        out.print(f"Nothing was made of these columns: {escape(', '.join(read.ignored))}", highlight=False)
    if faults:
        _refuse(sorted(faults))
    if not read.drafts:
        out.print(
            f"There is no item in {escape(str(file))}: it is empty, or has only names of columns.", soft_wrap=True
        )
        return
    if dry_run:
        out.print(f"{len(read.drafts):,} items, and nothing is wrong with them. Nothing was kept.", highlight=False)
        return
    new = changed = 0
    for part in _followed(read.drafts, "kept"):
        told = client.post(path, {"items": [_item(one) for one in part]})
        new, changed = new + told["new"], changed + told["changed"]
    same = len(read.drafts) - new - changed
    out.print(f"{new:,} new, {changed:,} changed, {same:,} as they were.", highlight=False)


@app.command()
def export(
    dataset: Name,
    to: Annotated[Path | None, typer.Option("--to", "-o", help="A file (default: print it).")] = None,
    form: Annotated[str | None, typer.Option("--format", help="jsonl, json or csv.")] = None,
    version: Annotated[str | None, typer.Option(help="As it was then: 2026-11-01T12:00:00Z.")] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Write all active items as a file that `import` reads."""
    client = connect(data, url, key)
    kind = form or (to.suffix.lstrip(".").lower() if to and to.suffix else "jsonl")
    asked = {"format": kind} | ({"version": version} if version else {})
    content = client.download(f"{PATH}/{_id(client, dataset)}/export", asked)
    if to is None:
        sys.stdout.write(content.decode())
    else:
        write(to, content)


def _pages(client: Client) -> Iterator[Json]:
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(PATH, {"cursor": cursor} if cursor else {})
        yield from page["data"]
        cursor = page["next_cursor"]


def _id(client: Client, dataset: str) -> str:
    """A name may have what an address may not."""
    found = client.get(PATH, {"name": dataset})["data"]
    if not found and not dataset.startswith("ds_"):
        msg = f"There is no dataset {dataset!r}. Make it with: farthing datasets create"
        raise RefusedError(msg)
    return str(found[0]["id"]) if found else dataset


def _schema(file: Path | None) -> Any:
    return None if file is None else parsed(file)


def _read(file: Path, form: str, columns: dict[str, list[str]]) -> "Read":
    from farthing.datasets import reading

    try:
        return reading.read({"ndjson": "jsonl"}.get(form, form), file.read_bytes(), columns)
    except (OSError, BadRequestError) as error:
        msg = f"{file}: {error}"
        raise RefusedError(msg) from error


def _followed(drafts: "Sequence[Draft]", done: str) -> "Iterator[list[Draft]]":
    """The same parts; somebody who looks at a terminal sees how far they are, and where it broke off."""
    far = 0
    with out.status("") as shown:
        for part in _parts(drafts):
            shown.update(f"{far:,} of {len(drafts):,} {done}")
            yield part
            far += len(part)


def _parts(drafts: "Sequence[Draft]") -> "Iterator[list[Draft]]":
    part: list[Draft] = []
    size = 0
    for draft in drafts:
        bytes_ = len(json.dumps(_item(draft)))
        if part and (len(part) == MOST_ITEMS or size + bytes_ > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(draft)
        size += bytes_
    if part:
        yield part


def _item(draft: "Draft") -> Json:
    import msgspec

    names = {
        "expected": "expected_output",
        "source_trace": "source_trace_id",
        "source_observation": "source_observation_id",
    }
    told = {field: getattr(draft, field) for field in draft.__struct_fields__ if field != "line"}
    return {names.get(name, name): value for name, value in told.items() if value is not msgspec.UNSET}


def _refuse(faults: Sequence[tuple[int, str, str]]) -> None:
    for line, field, message in faults[:MOST_SHOWN]:
        where = f"line {line}: " if line else ""
        out.print(escape(f"{where}{field + ': ' if field else ''}{message}"), highlight=False, soft_wrap=True)
    if len(faults) > MOST_SHOWN:
        out.print(f"… and {len(faults) - MOST_SHOWN:,} more.", highlight=False)
    told = "One thing is" if len(faults) == 1 else f"{len(faults):,} things are"
    msg = f"{told} wrong. Nothing was kept."
    raise RefusedError(msg)
