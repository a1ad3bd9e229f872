"""The commands about where people are told: words in, the running server asked, tables out."""

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape

from farthing.cli import files
from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen
from farthing.errors import BadRequestError
from farthing.settings import variables

app = typer.Typer(
    help="Where people are told: Slack, Discord, Teams, PagerDuty, webhooks, mails. Secrets are encrypted and never shown.",
    epilog="Begin with: farthing alerts channels add slack ops, then: farthing alerts channels test ops",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
out = Screen()

PATH = "/api/v1/alerts"
_SECRETS = {
    "slack": ("url", "The webhook's URL"),
    "discord": ("url", "The webhook's URL"),
    "teams": ("url", "The workflow's URL"),
    "webhook": ("url", "The URL"),
    "pagerduty": ("routing_key", "The integration key"),
    "email": ("password", "The password of the SMTP server"),
}

Name = Annotated[str, typer.Argument(help="What it is called, or its id.")]
SecretFrom = Annotated[
    str,
    typer.Option("--secret-from", help="The variable that holds its URL, integration key or password (default: asked for)."),
]  # fmt: skip
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", help="host=smtp.example.com, sender=…, username=…, security=tls, port=465; region=eu."),
]
To = Annotated[list[str] | None, typer.Option(help="Of mails: who gets them; repeat it for several.")]
Body = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="Of webhooks: a JSON file whose texts are templates.")
]
Least = Annotated[
    str | None, typer.Option(help="info, warning or critical: nothing less urgent; none: the digest alone.")
]
Every = Annotated[str | None, typer.Option("--digest", help="day or week; none for none.")]
At = Annotated[str, typer.Option(help="When the digest comes, by the clock of --tz.")]
Zone = Annotated[str, typer.Option("--tz", help="Whose days: Europe/Berlin.")]
Weekday = Annotated[str, typer.Option(help="Of a weekly digest: mon, tue …")]


@app.command("list")
def listing(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """All channels, and whether what is sent through them arrives."""
    from farthing.cli import show_channels

    rows = connect(data, url, key).get(f"{PATH}/channels")["data"]
    if as_json:
        out.print_json(json.dumps(rows))
    else:
        show_channels.channels(out, rows)


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help=f"{', '.join(_SECRETS)}.")],
    name: Annotated[str, typer.Argument(help="What to call it, such as ops.")],
    secret_from: SecretFrom = "",
    settings: Settings = None,
    to: To = None,
    body: Body = None,
    least: Least = None,
    digest: Every = None,
    at: At = "08:00",
    timezone: Zone = "UTC",
    weekday: Weekday = "mon",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add a channel.

    Examples:
      farthing alerts channels add slack ops --secret-from SLACK_WEBHOOK
      farthing alerts channels add email finance -s host=smtp.example.com -s sender=farthing@example.com -s username=farthing --to cfo@example.com --digest week --tz Europe/Berlin
    """
    from farthing.cli import show_channels

    given = _given(settings, to, body)
    # A relay that needs no sign-in has no password either.
    if kind in _SECRETS and (kind != "email" or "username" in given):
        field, told = _SECRETS[kind]
        given[field] = _secret(told, secret_from)
    wanted = {"name": name, "kind": kind, "settings": given, "digest": _digest(digest, at, timezone, weekday)}
    wanted |= {"least_severity": least} if least else {}
    made = connect(data, url, key).post(f"{PATH}/channels", wanted)
    if as_json:
        out.print_json(json.dumps(made))
    else:
        show_channels.made(out, made)


@app.command("set")
def change(
    name: Name,
    settings: Settings = None,
    to: To = None,
    body: Body = None,
    least: Least = None,
    digest: Every = None,
    at: At = "08:00",
    timezone: Zone = "UTC",
    weekday: Weekday = "mon",
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether anything is sent through it.")] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Change what is given of a channel; all else stays, its secrets too."""
    from farthing.cli import show_channels

    changes: dict[str, Any] = {"least_severity": least, "enabled": on, "settings": _given(settings, to, body)}
    changes = {field: value for field, value in changes.items() if value not in (None, {})}
    if digest is not None:
        changes["digest"] = _digest(digest, at, timezone, weekday)
    changed = connect(data, url, key).patch(_place(name), changes)
    if as_json:
        out.print_json(json.dumps(changed))
    else:
        show_channels.channels(out, [changed])


@app.command()
def secret(name: Name, secret_from: SecretFrom = "", url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Give a channel another URL, integration key or password."""
    client = connect(data, url, key)
    field, told = _SECRETS[client.get(_place(name))["kind"]]
    client.patch(_place(name), {"settings": {field: _secret(told, secret_from)}})
    out.print(escape(f"The channel {name} has it. Try it out: farthing alerts channels test {name}"), soft_wrap=True)


@app.command()
def test(name: Name, url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """Send a test through a channel, once, and say what happened."""
    done = connect(data, url, key).post(f"{_place(name)}/test")
    if as_json:
        out.print_json(json.dumps(done))
    else:
        out.print(
            f"[green]It was taken.[/] {escape(done['error'] or '')}"
            if done["ok"]
            else f"[red]It was not taken:[/] {escape(done['error'])}"
        )
    if not done["ok"]:
        raise typer.Exit(1)


@app.command()
def remove(name: Name, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Delete a channel and its secrets; what was still to be sent through it is given up."""
    connect(data, url, key).delete(_place(name))
    out.print(escape(f"The channel {name} is gone."))


def deliveries(
    channel: Annotated[str, typer.Option(help="Only through it: its name or id.")] = "",
    incident: Annotated[str, typer.Option(help="Only about this incident.")] = "",
    status: Annotated[str, typer.Option(help="pending, sent, failed or given_up.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What was sent, what is still to be sent, and what was not taken and why; the latest first."""
    from farthing.cli import show_channels

    asked = {"channel": channel, "incident": incident, "status": status, "limit": str(limit)}
    rows = connect(data, url, key).get(f"{PATH}/deliveries", {name: told for name, told in asked.items() if told})
    if as_json:
        out.print_json(json.dumps(rows["data"]))
    else:
        show_channels.deliveries(out, rows["data"])


def _place(name: str) -> str:
    return f"{PATH}/channels/{quote(name, safe='')}"


def _secret(told: str, variable: str) -> str:
    """Never from the command line itself: every user of a machine can read those."""
    if not variable:
        return typer.prompt(told, hide_input=True)
    found = variables([variable]).get(variable)
    if not found:
        msg = f"The variable {variable} is not set."
        raise BadRequestError(msg)
    return found


def _given(settings: list[str] | None, to: list[str] | None, body: Path | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in settings or ():
        name, sign, value = one.partition("=")
        if not sign or not name:
            msg = f"{one!r} is no setting; write name=value."
            raise BadRequestError(msg)
        found[name] = int(value) if value.isascii() and value.isdigit() and name == "port" else value
    if to:
        found["recipients"] = to
    if body is not None:
        found["body"] = files.parsed(body)
    return found


def _digest(every: str | None, at: str, timezone: str, weekday: str) -> dict[str, str] | None:
    if every in (None, "none"):
        return None
    return {"every": every or "", "at": at, "timezone": timezone, "weekday": weekday}
