"""The commands about prices: words in, the running server asked, tables out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape

from farthing.cli.files import write
from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen

app = typer.Typer(
    help="What models cost here, and why: look prices up, bring them up to date, set your own.",
    epilog="Begin with: farthing prices unpriced, then farthing prices explain MODEL --input 1000 --output 100.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
override_app = typer.Typer(
    help="Prices you agreed with a provider, or of models nobody lists. They hold at once, and every change is audited.",
    no_args_is_help=True,
)
app.add_typer(override_app, name="override")
out = Screen()

DATA_URL = "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json"

Provider = Annotated[str, typer.Argument(help="Such as openai; see: farthing prices list")]
Model = Annotated[str, typer.Argument(help="A model's name, as your application writes it.")]
ListFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file.")]
Form = Annotated[str, typer.Option("--format", "-f", help="litellm, models.dev, openlit or csv.")]
Source = Annotated[str, typer.Option(help="Where it is from, for the ledger: an address.")]


def _show(what: str, answer: Any, *more: str, as_json: bool) -> None:
    from farthing.cli import show_prices

    if as_json:
        out.print_json(json.dumps(answer))
    else:
        getattr(show_prices, what)(out, answer, *more)


@app.command("list")
def listing(
    provider: Annotated[str, typer.Argument(help="Only this provider's.")] = "",
    search: Annotated[str, typer.Option("--search", "-q", help="A part of the model's name.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Also prices that hold no more, or not yet.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=5000, help="How many rates.")] = 200,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Rates of the catalogue, your own included.

    Example: farthing prices list anthropic -q sonnet
    """
    asked = {"provider": provider, "q": search, "now": str(not every).lower(), "limit": str(limit)}
    answer = connect(data, url, key).get("/api/v1/prices", asked)
    _show("rates", answer, as_json=as_json)


@app.command("show")
def show_model(
    provider: Provider, model: Model, url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False
) -> None:
    """All rates a model ever had, with where each was read.

    Example: farthing prices show openai gpt-4o
    """
    answer = connect(data, url, key).get(f"/api/v1/prices/{quote(provider, safe='')}/{quote(model)}")
    _show("rates", answer, as_json=as_json)


@app.command()
def explain(
    model: Model,
    provider: Annotated[str, typer.Option(help="Who serves it; found by the name if left out.")] = "",
    input_tokens: Annotated[int, typer.Option("--input", min=0, help="Input tokens, cached included.")] = 0,
    cached: Annotated[int, typer.Option(min=0, help="Of these, read from a cache.")] = 0,
    cache_write: Annotated[int, typer.Option(min=0, help="Of these, written to a cache.")] = 0,
    output_tokens: Annotated[int, typer.Option("--output", min=0, help="Output tokens, reasoning included.")] = 0,
    reasoning: Annotated[int, typer.Option(min=0, help="Of these, spent on reasoning.")] = 0,
    tier: Annotated[str, typer.Option(help="The service tier: batch, flex, priority …")] = "",
    region: Annotated[str, typer.Option(help="Where it is served.")] = "",
    at: Annotated[str, typer.Option(help="When, as 2026-11-01T08:30:00Z; now by default.")] = "",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What a call costs, line by line, and why.

    Example: farthing prices explain claude-sonnet-4-5 --input 10000 --cached 8000 --output 500
    """
    parts = {"cached_input_tokens": cached, "cache_write_tokens": cache_write, "reasoning_tokens": reasoning}
    usage = {"input_tokens": input_tokens, "output_tokens": output_tokens}
    usage |= {name: count for name, count in parts.items() if count}
    body: dict[str, Any] = {
        "model": model,
        "provider": provider,
        "usage": usage,
        "service_tier": tier,
        "region": region,
    }
    if at:
        body["at"] = at
    answer = connect(data, url, key).post("/api/v1/prices/explain", body)
    _show("explained", answer, as_json=as_json)


@app.command()
def unpriced(
    since: Annotated[str, typer.Option(help="How far back: 24h, 7d, or a time.")] = "30d",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Models that were used and have no price, with what their names may mean.

    Give one a price with: farthing prices override add --help
    """
    start = f"now-{since}" if since[:-1].isdigit() else since
    answer = connect(data, url, key).get("/api/v1/prices/unpriced", {"from": start})
    _show("unpriced", answer, as_json=as_json)


@app.command()
def update(
    file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file brought here by hand, instead of the network."),
    ] = None,
    confirm: Annotated[bool, typer.Option(help="Let prices hold that were held back as suspicious.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only show what would change.")] = False,
    source: Source = DATA_URL,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Bring the price data up to date; nothing else ever does so by itself.

    Without a network of its own the server takes a file: load data.json of genai-prices elsewhere, carry it here, and
    run farthing prices update --file data.json. A rate twenty times off its last is held back until you have
    looked at it and run farthing prices update --confirm.
    """
    client = connect(data, url, key)
    if confirm:
        client.post("/api/v1/prices/update/confirm", {"models": []})
        out.print("The prices that were held back hold now.")
        return
    content = file.read_bytes() if file else _fetched(source)
    asked = {"source": str(file) if file and source == DATA_URL else source, "dry_run": str(dry_run).lower()}
    answer = client.upload("/api/v1/prices/update", content, asked)
    _show("report", answer, "farthing prices update --confirm", as_json=as_json)


@app.command()
def diff(
    file: ListFile,
    form: Annotated[str, typer.Option("--format", "-f", help="genai, litellm, models.dev, openlit or csv.")] = "genai",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What a price list would change here; nothing is changed.

    Example: farthing prices diff model_prices.json -f litellm
    """
    client, asked = connect(data, url, key), {"dry_run": "true"}
    if form == "genai":
        answer = client.upload("/api/v1/prices/update", file.read_bytes(), asked)
    else:
        answer = client.upload("/api/v1/prices/import", file.read_bytes(), asked | {"format": form})
    _show("report", answer, "--confirm", as_json=as_json)


@app.command("import")
def take_in(
    file: ListFile,
    form: Form = "litellm",
    source: Source = "",
    confirm: Annotated[bool, typer.Option(help="Take in suspicious rates, too.")] = False,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take another tool's price list in, as overrides for the whole organisation.

    Only rates that differ from those that hold are taken. See them first with: farthing prices diff FILE -f FORMAT
    """
    asked = {"format": form, "source": source or file.name, "confirmed": str(confirm).lower()}
    answer = connect(data, url, key).upload("/api/v1/prices/import", file.read_bytes(), asked)
    _show("report", answer, f"farthing prices import {file} -f {form} --confirm", as_json=as_json)


@app.command()
def export(
    form: Annotated[str, typer.Option("--format", "-f", help="litellm, openlit or csv.")] = "csv",
    to: Annotated[Path | None, typer.Option("--output", "-o", help="The file (default: standard output).")] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Give the prices that hold here to another tool.

    Example: farthing prices export -f openlit -o pricing.json
    """
    content = connect(data, url, key).download("/api/v1/prices/export", {"format": form})
    if to is None:
        typer.echo(content.decode(), nl=False)
    else:
        write(to, content)
        out.print(escape(f"{len(content):,} bytes are in {to}."))


def _fetched(source: str) -> bytes:
    from farthing.cli.fetching import fetch

    return fetch(source)


@override_app.command("list")
def overrides(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """Your own prices: this project's, and the whole organisation's."""
    answer = connect(data, url, key).get("/api/v1/prices/overrides")
    _show("overrides", answer["data"], as_json=as_json)


@override_app.command("add")
def override_add(
    provider: Annotated[str, typer.Argument(help="Whose price it is.")],
    model: Annotated[str, typer.Argument(help="A model; left out, all of the provider's (discounts, capacity).")] = "",
    rates: Annotated[
        list[str] | None,
        typer.Option("--rate", "-r", help="bucket=dollars, per million tokens or one of the rest: input=2.5"),
    ] = None,
    discount: Annotated[str, typer.Option(help="A percentage off the list price: 12.5")] = "",
    capacity: Annotated[bool, typer.Option(help="Tokens are covered by capacity paid for by time.")] = False,
    same_as: Annotated[str, typer.Option(help="The listed model this is a name for: openai/gpt-4o")] = "",
    organisation: Annotated[bool, typer.Option(help="For every project, not this one only.")] = False,
    for_key: Annotated[str, typer.Option(help="For calls of one key only: its id.")] = "",
    tier: Annotated[str, typer.Option(help="For one service tier only.")] = "standard",
    start: Annotated[str, typer.Option("--from", help="From when on: 2026-12-01T00:00:00Z")] = "",
    end: Annotated[str, typer.Option("--until", help="Until when, not included.")] = "",
    source: Annotated[str, typer.Option(help="Where this was agreed or read.")] = "",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Set a price of your own. It holds for calls from now on; re-price earlier ones with: farthing reprice

    Examples:
      farthing prices override add openai gpt-4o -r input=2 -r output=8 --source "contract 7"
      farthing prices override add anthropic --discount 12.5 --organisation
      farthing prices override add azure my-deployment --same-as azure/gpt-4o
    """
    kind = "rates" if rates else "discount" if discount else "capacity" if capacity else "alias"
    seller, _, named = same_as.partition("/")
    body: dict[str, Any] = {
        "kind": kind,
        "provider": provider,
        "model": model,
        "scope": {"level": "organisation" if organisation else "project", "key": for_key},
        "rates": {bucket: {"usd": usd} for bucket, _, usd in (text.partition("=") for text in rates or [])},
        "discount_percent": discount,
        "of_provider": seller if named else "",
        "of_model": named or seller,
        "tier": tier,
        "valid_from": start or None,
        "valid_until": end or None,
        "source": source or f"the command line, {datetime.now(UTC).date()}",
    }
    made = connect(data, url, key).post("/api/v1/prices/overrides", body)
    out.print(f"Override {made['id']} holds now. See it with: farthing prices override list")


@override_app.command("remove")
def override_remove(
    override_id: Annotated[str, typer.Argument(help="The id shown by: farthing prices override list")],
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Take a price of your own back; the catalogue's holds again at once."""
    connect(data, url, key).delete(f"/api/v1/prices/overrides/{override_id}")
    out.print(f"Override {override_id} is gone.")


@override_app.command("history")
def override_history(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """Who changed which price of your own, when."""
    answer = connect(data, url, key).get("/api/v1/prices/overrides/history")
    _show("history", answer["data"], as_json=as_json)
