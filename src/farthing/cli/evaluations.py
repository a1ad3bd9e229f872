"""The commands about evaluations: words in, the running server asked, tables out."""

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape

from farthing.cli import files, filters
from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen

app = typer.Typer(
    help="Judge a part of what models answer, and see the score beside cost.",
    epilog="Begin with: farthing evaluations try is-json --json-answer -w feature=support.reply, then the same with add and --sample 0.05",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
out = Screen()

PATH = "/api/v1/evaluations"
PATIENCE_S = 300
ALL = "1"

Name = Annotated[str, typer.Argument(help="Its name, which is that of its scores; or its id.")]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", "-w", help="Which calls: feature=support.reply. More than one must all hold."),
]
Sample = Annotated[str, typer.Option(help="The share of them that is judged: 0.05.")]
ContainsOption = Annotated[
    list[str] | None, typer.Option("--contains", help="Yes where one of these texts stands in it.")
]
ExcludesOption = Annotated[list[str] | None, typer.Option("--excludes", help="Yes where none of these texts does.")]
RegexOption = Annotated[str | None, typer.Option("--regex", help="Yes where something matches.")]
JsonOption = Annotated[bool, typer.Option("--json-answer", help="Yes where the answer is JSON.")]
SchemaOption = Annotated[
    Path | None,
    typer.Option("--json-schema", exists=True, dir_okay=False, help="Yes where it is as this JSON Schema says."),
]
LeastOption = Annotated[int | None, typer.Option("--least", help="Yes where it has at least so many characters.")]
MostOption = Annotated[int | None, typer.Option("--most", help="Yes where it has at most so many.")]
PromptOption = Annotated[
    Path | None,
    typer.Option(
        "--judge",
        exists=True,
        dir_okay=False,
        help="A prompt for a model that judges, with {input} and {output} in it.",
    ),
]
ModelOption = Annotated[str | None, typer.Option("--model", help="The model that judges, as the gateway knows it.")]
ConfigOption = Annotated[str | None, typer.Option("--config", help="Or the gateway config it is asked by.")]
ApiOption = Annotated[
    str, typer.Option("--api", help="How the judge is asked: chat (OpenAI's) or messages (Anthropic's).")
]
CategoryOption = Annotated[
    list[str] | None, typer.Option("--category", help="The judge names one of these, not a number.")
]
CallsOption = Annotated[int | None, typer.Option("--calls-per-day", help="So many are judged at most.")]
UsdOption = Annotated[str | None, typer.Option("--usd-per-day", help="The judge may cost so much: 0.50.")]


def _place(name: str, more: str = "") -> str:
    return f"{PATH}/{quote(name, safe='')}{more}"


@app.command("list")
def listing(
    since: Annotated[str, typer.Option("--from", help="How they did since then, in whole days of UTC.")] = "now-7d",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """All evaluations: state, what was judged, the scores' mean, what the judge cost, and what is in the way."""
    from farthing.cli import show_evaluations

    rows = connect(data, url, key).get(PATH, {"from": since})["data"]
    if as_json:
        out.print_json(json.dumps(rows))
    else:
        show_evaluations.listing(out, rows)


@app.command()
def add(
    name: Name,
    sample: Sample,
    where: Where = None,
    contains: ContainsOption = None,
    excludes: ExcludesOption = None,
    regex: RegexOption = None,
    is_json: JsonOption = False,
    json_schema: SchemaOption = None,
    least: LeastOption = None,
    most: MostOption = None,
    judge: PromptOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    api: ApiOption = "chat",
    category: CategoryOption = None,
    calls_per_day: CallsOption = None,
    usd_per_day: UsdOption = None,
    go_on_unpriced: Annotated[
        bool, typer.Option("--go-on-unpriced", help="Also while nobody knows what the judge costs.")
    ] = False,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Judge a share of what is answered from now on. Scores bear the evaluation's name.

    Examples:
      farthing evaluations add no-apology --sample 0.05 -w feature=support.reply --excludes "I'm sorry"
      farthing evaluations add is-order --sample 1 -w feature=orders --json-schema order.json
      farthing evaluations add polite --sample 0.02 -w feature=support.reply --judge polite.txt --model gpt-4o-mini --usd-per-day 0.50
    """
    from farthing.cli import show_evaluations

    told = {
        "contains": contains, "excludes": excludes, "regex": regex, "json": is_json, "json_schema": json_schema,
        "length": (least, most) if (least, most) != (None, None) else None, "judge": judge,
    }  # fmt: skip
    asked = {"model": model, "config": config, "api": api, "categories": category}
    body: dict[str, Any] = {"name": name, "sample": sample, "filters": filters.given(where)}
    body["evaluator"] = _evaluator(told, asked)
    body |= {"calls_per_day": calls_per_day, "usd_per_day": usd_per_day}
    body["when_unpriced"] = "continue" if go_on_unpriced else "stop"
    made = connect(data, url, key).post(PATH, body)
    if as_json:
        out.print_json(json.dumps(made))
    else:
        show_evaluations.listing(out, [made])


@app.command("try")
def try_out(
    name: Name,
    last: Annotated[int, typer.Option(help="How many of the latest matching calls, 1 to 20.")] = 5,
    where: Where = None,
    contains: ContainsOption = None,
    excludes: ExcludesOption = None,
    regex: RegexOption = None,
    is_json: JsonOption = False,
    json_schema: SchemaOption = None,
    least: LeastOption = None,
    most: MostOption = None,
    judge: PromptOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    api: ApiOption = "chat",
    category: CategoryOption = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What it would say of the latest matching calls. Nothing is kept; a judge's calls cost what they cost.

    One that is there already by its name alone, a new one with the same words as add:
      farthing evaluations try polite
      farthing evaluations try is-json --json-answer -w feature=support.reply --last 10
    """
    from farthing.cli import show_evaluations

    told = {
        "contains": contains, "excludes": excludes, "regex": regex, "json": is_json, "json_schema": json_schema,
        "length": (least, most) if (least, most) != (None, None) else None, "judge": judge,
    }  # fmt: skip
    client = connect(data, url, key)
    if any(told.values()):
        asked = {"model": model, "config": config, "api": api, "categories": category}
        wanted = {"name": name, "sample": ALL, "filters": filters.given(where), "evaluator": _evaluator(told, asked)}
        found = client.post(f"{PATH}/try", {"evaluation": wanted, "last": last}, patience_s=PATIENCE_S)
    else:
        found = client.post(_place(name, "/try"), {"last": last}, patience_s=PATIENCE_S)
    if as_json:
        out.print_json(json.dumps(found))
    else:
        show_evaluations.tried(out, found["data"])


@app.command()
def change(
    name: Name,
    new_name: Annotated[
        str | None, typer.Option("--new-name", help="What it and its scores are called from now on.")
    ] = None,
    sample: Annotated[str | None, typer.Option(help="The share of the calls that is judged: 0.05.")] = None,
    where: Where = None,
    contains: ContainsOption = None,
    excludes: ExcludesOption = None,
    regex: RegexOption = None,
    is_json: JsonOption = False,
    json_schema: SchemaOption = None,
    least: LeastOption = None,
    most: MostOption = None,
    judge: PromptOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    api: ApiOption = "chat",
    category: CategoryOption = None,
    calls_per_day: Annotated[
        int | None, typer.Option(help="So many are judged at most; 0 takes the bound away.")
    ] = None,
    usd_per_day: Annotated[str | None, typer.Option(help="The judge may cost so much; 0 takes the bound away.")] = None,
    when_unpriced: Annotated[
        str | None, typer.Option(help="While nobody knows what the judge costs: stop or continue.")
    ] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Change what is told, and nothing else. Another name, sample, filter or judgement makes a new version; scores stay as they are.

    Example: farthing evaluations change polite --sample 0.1 --usd-per-day 2
    """
    from farthing.cli import show_evaluations

    told = {
        "contains": contains, "excludes": excludes, "regex": regex, "json": is_json, "json_schema": json_schema,
        "length": (least, most) if (least, most) != (None, None) else None, "judge": judge,
    }  # fmt: skip
    body: dict[str, Any] = {"name": new_name, "sample": sample, "when_unpriced": when_unpriced}
    body |= {"filters": filters.given(where)} if where else {}
    asked = {"model": model, "config": config, "api": api, "categories": category}
    if any(told.values()):
        body["evaluator"] = _evaluator(told, asked)
    elif model or config or category:
        raise typer.BadParameter("say the judge's prompt, too: --judge polite.txt")
    body = {field: value for field, value in body.items() if value is not None}
    bounds = {"calls_per_day": calls_per_day, "usd_per_day": usd_per_day}
    body |= {bound: None if value in (0, "0") else value for bound, value in bounds.items() if value is not None}
    if not body:
        raise typer.BadParameter("say what is to change: --sample, --where, --usd-per-day …")
    changed = connect(data, url, key).patch(_place(name), body)
    if as_json:
        out.print_json(json.dumps(changed))
    else:
        show_evaluations.listing(out, [changed])


@app.command()
def pause(name: Name, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Judge nothing for the time being."""
    connect(data, url, key).patch(_place(name), {"state": "paused"})
    out.print(
        f"{escape(name)} is paused. What begins from now on is not judged, also not later: farthing evaluations resume {escape(name)}"
    )


@app.command()
def resume(name: Name, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Go on with what begins from now on."""
    connect(data, url, key).patch(_place(name), {"state": "active"})
    out.print(f"{escape(name)} judges what begins from now on.")


@app.command()
def remove(name: Name, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Remove one. Its scores stay."""
    connect(data, url, key).delete(_place(name))
    out.print(f"{escape(name)} is gone; its scores stay.")


def _evaluator(told: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """The one way of judging that was given."""
    given = [kind for kind, value in told.items() if value]
    if len(given) != 1:
        msg = "say how to judge by one of --contains, --excludes, --regex, --json-answer, --json-schema, --least/--most, --judge"
        raise typer.BadParameter(msg)
    (kind,) = given
    value = told[kind]
    if kind in ("contains", "excludes"):
        return {"kind": kind, "texts": value}
    if kind == "regex":
        return {"kind": kind, "pattern": value}
    if kind == "json_schema":
        return {"kind": kind, "schema": files.parsed(value)}
    if kind == "length":
        return {"kind": kind, "least": value[0], "most": value[1]}
    if kind == "judge":
        words = {name: one for name, one in asked.items() if one}
        return {"kind": kind, "prompt": files.text(value), **words}
    return {"kind": kind}
