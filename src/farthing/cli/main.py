"""The commands. Each parses its words, calls the app or the running server, and prints; nothing more."""

import errno
import json
import logging
import os
import sys
import time
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from farthing import __version__, allocators, vitals
from farthing.cli import filters
from farthing.cli.alert_channels import app as channels_app
from farthing.cli.alert_channels import deliveries
from farthing.cli.alerts import app as alerts_app
from farthing.cli.allowance import allowance
from farthing.cli.apply import apply
from farthing.cli.budgets import app as budgets_app
from farthing.cli.datasets import app as datasets_app
from farthing.cli.evaluations import app as evaluations_app
from farthing.cli.experiments import app as experiments_app
from farthing.cli.gateway import app as gateway_app
from farthing.cli.imports import app as imports_app
from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.prices import app as prices_app
from farthing.cli.quarantine import app as quarantine_app
from farthing.cli.screen import Screen
from farthing.cli.sign_in import sign_in
from farthing.errors import FarthingError
from farthing.settings import Settings, load

app = typer.Typer(
    help="What your LLM calls cost, who caused it, and when it goes wrong.",
    epilog="First steps: farthing up, then send telemetry, then farthing spend --by model.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
keys_app = typer.Typer(help="Make, list, rotate and revoke keys.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
app.add_typer(prices_app, name="prices")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(budgets_app, name="budgets")
app.add_typer(gateway_app, name="gateway")
app.add_typer(alerts_app, name="alerts")
app.add_typer(datasets_app, name="datasets")
app.add_typer(evaluations_app, name="evaluations")
app.add_typer(experiments_app, name="experiment")
app.add_typer(imports_app, name="import")
alerts_app.add_typer(channels_app, name="channels")
alerts_app.command()(deliveries)
app.command()(allowance)
app.command()(apply)
app.command()(sign_in)

out = Screen()
err = Screen(stderr=True)


def main() -> None:
    """Run the command line; a known error is one sentence and a non-zero exit, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that has no letter for a bar or a name shows a question mark.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except FarthingError as error:
        err.print(f"[red]farthing:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        sys.exit(1)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EPIPE}:
            raise
        # What is left of the output can't go there at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == errno.ENOSPC:
            err.print(f"[red]farthing:[/] {error.strerror}; what was to be written is not whole.", highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")] = False,
) -> None:
    """What your LLM calls cost, who caused it, and when it goes wrong."""


@app.command()
def up(
    host: Annotated[str | None, typer.Option(help="The address to listen on (default: 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="The port of API and OTLP/HTTP (default: 4180).")] = None,
    data: Data = None,
) -> None:
    """Start the server. On the first start it makes a project and a key and prints the lines to paste.

    Every other knob is an environment variable: see docs/settings.md.
    """
    _serve(load(host=host, port=port, data=data))


@app.command()
def demo(
    calls: Annotated[int, typer.Option(min=1_000, max=10_000_000, help="How many LLM calls.")] = 200_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same traffic, up to the last full hour.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=365, help="Over how many days up to now.")] = 30,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port.")] = None,
    data: Annotated[Path, typer.Option(help="A data folder of its own.")] = Path("farthing-demo-data"),
) -> None:
    """Start a server filled with a month of a fictional company's traffic, sent through the real pipeline.

    A folder that is filled already is served as it is.
    """
    from farthing.cli import filling

    settings = load(host=host, port=port, data=data)
    filler = filling.Filling(out, settings, calls=calls, seed=seed, days=days)
    _serve(settings, filler)


def _serve(settings: Settings, filler: Any = None) -> None:
    vitals.calm_the_collector()
    allocators.give_back()
    from farthing.app import Server
    from farthing.cli import banner
    from farthing.listening import Ready

    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("clickhouse_connect", "httpx", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))

    def on_ready(ready: Ready) -> None:
        banner.show(out, ready, settings.data)
        if filler is not None:
            filler.start(ready)

    server = Server(settings, on_ready)
    try:
        server.run()
    finally:
        if filler is not None:
            filler.stop()


@app.command()
def spend(
    by: Annotated[
        str,
        typer.Option(
            help="One or more dimensions: model, feature, user, team, tag.<key>, score.<name> … comma-separated."
        ),
    ] = "model",
    edges: Annotated[str | None, typer.Option(help="Where ranges of a score begin: 0.5,0.8.")] = None,
    since: Annotated[str, typer.Option(help="How far back: 90m, 24h, 7d, or a time.")] = "24h",
    where: Annotated[
        list[str] | None, typer.Option("--where", "-w", help="A filter, such as feature=checkout or model=!gpt-4o.")
    ] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What was spent, on what, by whom: a table with bars."""
    from farthing.cli import show

    parameters: dict[str, Any] = {"by": by, "from": _moment(since), "granularity": "day"}
    parameters |= filters.given(where) | ({"edges": edges} if edges else {})
    answer = connect(data, url, key).get("/api/v1/spend", parameters)
    if as_json:
        out.print_json(json.dumps(answer))
    else:
        show.spend(out, answer, [d.strip() for d in by.split(",") if d.strip()], since)


def _moment(since: str) -> str:
    relative = since[:-1].isdigit() and since[-1:] in "smhdw"
    return f"now-{since}" if relative else since


@app.command()
def tail(
    once: Annotated[bool, typer.Option(help="Print the latest calls and stop.")] = False,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show calls as they come in, until Ctrl-C."""
    from farthing.cli.waiting import Waiting

    client = connect(data, url, key)
    cursor: str | None = None
    if once:
        rows = client.get("/api/v1/calls", {"limit": "20"})["data"]
        for row in reversed(rows):
            _print_call(row, as_json=as_json)
        return
    waiting = Waiting(lambda call_id: client.get(f"/api/v1/calls/{call_id}", {}))
    while True:
        page = client.get("/api/v1/calls/tail", {"cursor": cursor} if cursor else {})
        cursor = page["next_cursor"]
        for row in waiting.ready(page["data"], time.monotonic()):
            _print_call(row, as_json=as_json)


def _print_call(row: dict[str, Any], *, as_json: bool) -> None:
    from farthing.cli import show

    if as_json:
        # One line a call, at once: somebody pipes this.
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()
    else:
        out.print(show.call(row), soft_wrap=True)


@app.command()
def reprice(
    since: Annotated[str, typer.Option(help="From when on: 90m, 24h, 7d, or a time.")] = "30d",
    until: Annotated[str | None, typer.Option(help="Up to when (default: now).")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--filter", "-f", help="A filter, such as model=gpt-4o or cost_status=unpriced.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    by_day: Annotated[bool, typer.Option("--by-day", help="Show days and models, not models alone.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before changing anything.")] = False,
    undo: Annotated[str | None, typer.Option(help="A job that is to be taken back.")] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Price recorded calls again, by the prices known now for the time of each call. Intake goes on meanwhile.

    First it shows what would change and asks; then it changes it, and says how to take it back.
    """
    from farthing.cli import repricing

    client = connect(data, url, key)
    if undo is not None:
        job = repricing.follow(err, client, client.post(f"{repricing.PATH}/{undo}/undo"))
    else:
        asked: dict[str, Any] = {"from": _moment(since), "filters": filters.given(where)}
        asked |= {"to": _moment(until)} if until else {}
        job = repricing.follow(err, client, client.post(repricing.PATH, asked | {"dry_run": True}))
        if not dry_run and job["touched"]:
            if not yes:
                repricing.show(err, job, by_day=by_day)
                typer.confirm(f"Change {job['touched']:,} rows?", abort=True, err=True)
            asked |= {"from": job["from"], "to": job["to"]}
            job = repricing.follow(err, client, client.post(repricing.PATH, asked | {"dry_run": False}))
    if as_json:
        out.print_json(json.dumps(job))
        return
    repricing.show(out, job, by_day=by_day)
    if not job["dry_run"] and job["state"] == "done":
        out.print(f"To take it back: farthing reprice --undo {job['id']}", soft_wrap=True)


@app.command()
def doctor(data: Data = None) -> None:
    """Check ports, data folder, disk, versions, price age and clock, and say what to do."""
    from farthing.cli.doctor import examine

    bad = 0
    for finding in examine(load(data=data)):
        bad += not finding.ok
        mark = "[green]ok[/]  " if finding.ok else "[red]bad[/] "
        todo = f" [bold]→ {escape(finding.todo)}[/]" if finding.todo else ""
        out.print(f"{mark} {finding.what:<12} {escape(finding.seen)}{todo}", soft_wrap=True)
    if bad:
        raise typer.Exit(1)


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="What the key is for, such as checkout-service.")],
    scopes: Annotated[str, typer.Option(help="ingest, gateway, read, admin; comma-separated.")] = "ingest",
    environment: Annotated[
        str | None, typer.Option(help="Where what uses it runs, such as production; its gateway calls belong there.")
    ] = None,
    pair: Annotated[
        bool, typer.Option("--pair", help="A pair as Langfuse's SDKs send it: pk-lf-… and sk-lf-….")
    ] = False,
    content: Annotated[
        bool | None, typer.Option(help="Whether what is said in what it sends is kept (default: of pairs, yes).")
    ] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Make a key and show it, once."""
    body = {"name": name, "scopes": [scope.strip() for scope in scopes.split(",")], "environment": environment}
    body |= {"kind": "pair" if pair else "bearer", "content": content}
    _show_secret(connect(data, url, key).post("/api/v1/keys", body))


@keys_app.command("list")
def keys_list(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """List the project's keys; never their secrets."""
    from farthing.cli import show

    rows = connect(data, url, key).get("/api/v1/keys")["data"]
    if as_json:
        out.print_json(json.dumps(rows))
    else:
        show.keys(out, rows)


@keys_app.command("change")
def keys_change(
    key_id: Annotated[str, typer.Argument(help="The id shown by: farthing keys list")],
    content: Annotated[bool, typer.Option(help="Whether what is said in what it sends is kept from now on.")],
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Say whether content that comes with a key is kept; what is kept already stays until it is over age."""
    row = connect(data, url, key).patch(f"/api/v1/keys/{key_id}", {"content": content})
    said = "kept" if row["content"] else "not kept"
    out.print(f"Content that comes with key {row['id']} ({escape(row['name'])}) is {said} from now on.")


@keys_app.command("rotate")
def keys_rotate(
    key_id: Annotated[str, typer.Argument(help="The id shown by: farthing keys list")],
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Make a successor and show it, once; the old key goes on working for a day."""
    _show_secret(connect(data, url, key).post(f"/api/v1/keys/{key_id}/rotate"))


@keys_app.command("revoke")
def keys_revoke(
    key_id: Annotated[str, typer.Argument(help="The id shown by: farthing keys list")],
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Stop a key from working, now."""
    row = connect(data, url, key).post(f"/api/v1/keys/{key_id}/revoke")
    out.print(f"Key {row['id']} ({escape(row['name'])}) is revoked.")


def _show_secret(created: dict[str, Any]) -> None:
    out.print(f"Key {created['id']} ({escape(created['name'])}, {', '.join(created['scopes'])}), shown once:")
    if created["public_key"]:
        out.print(created["public_key"], soft_wrap=True)
    out.print(created["secret"], style="bold", soft_wrap=True, highlight=False)
