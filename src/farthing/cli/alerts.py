"""The commands about alerts: words in, the running server asked, tables out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape

from farthing.cli import filters
from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen

if TYPE_CHECKING:
    from farthing.cli.client import Client

app = typer.Typer(
    help="What you want to be told of; what went wrong, since when and because of what.",
    epilog="Begin with: farthing alerts presets, then: farthing alerts add spend-24h --limit 500",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
out = Screen()

PATH = "/api/v1/alerts"

RuleName = Annotated[str, typer.Argument(help="The rule's name, or its id.")]
IncidentId = Annotated[str, typer.Argument(help="The id shown by: farthing alerts incidents")]


def _place(kind: str, one: str, more: str = "") -> str:
    return f"{PATH}/{kind}/{quote(one, safe='')}{more}"


@app.command()
def presets(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """Rules that many want, each made by one command: farthing alerts add NAME."""
    from farthing.cli import show_alerts

    rows = connect(data, url, key).get(f"{PATH}/presets")["data"]
    if as_json:
        out.print_json(json.dumps(rows))
    else:
        show_alerts.presets(out, rows)


@app.command()
def rules(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """All rules, and how many incidents each has open."""
    from farthing.cli import show_alerts

    rows = connect(data, url, key).get(f"{PATH}/rules")["data"]
    if as_json:
        out.print_json(json.dumps(rows))
    else:
        show_alerts.rules(out, rows)


@app.command()
def add(
    preset: Annotated[str, typer.Argument(help="A preset to begin with, or a kind of rule: threshold, anomaly …")],
    name: Annotated[str | None, typer.Option(help="What to call it (default: the preset's name).")] = None,
    limit: Annotated[
        str | None, typer.Option(help="Dollars, calls, tokens, milliseconds, or a share such as 0.05.")
    ] = None,
    critical: Annotated[str | None, typer.Option(help="From here on an incident is critical.")] = None,
    measure: Annotated[
        str | None, typer.Option(help="cost, calls, tokens, error_rate, latency_p95, ttft_p95 …")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Dimensions: an incident for each group, such as feature,model.")
    ] = None,
    window: Annotated[
        str | None, typer.Option(help="Which time is added up: 5m, 24h; of an anomaly how far back: 14d.")
    ] = None,
    past: Annotated[str | None, typer.Option(help="Compare with so long a time right before: 7d.")] = None,
    ago: Annotated[str | None, typer.Option(help="Compare with the same window so long ago: 7d.")] = None,
    ratio: Annotated[str, typer.Option(help="How many times as much is too much.")] = "2",
    sensitivity: Annotated[str | None, typer.Option(help="Of an anomaly: how many times the usual.")] = None,
    least_usd: Annotated[str | None, typer.Option(help="With less at stake nobody is told.")] = None,
    least_calls: Annotated[int | None, typer.Option(help="With fewer calls nothing is said.")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", "-w", help="Which calls: environment=production.")
    ] = None,
    severity: Annotated[str | None, typer.Option(help="info, warning or critical.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Who is told (default: all channels).")] = None,
    every: Annotated[str | None, typer.Option(help="How often it is judged: 60s, 5m.")] = None,
    cooldown: Annotated[str | None, typer.Option(help="So long nobody is told of the same again.")] = None,
    remind: Annotated[str | None, typer.Option(help="Tell again after so long: 4h.")] = None,
    quiet: Annotated[str | None, typer.Option(help="Hold back what isn't critical: 22:00-07:00.")] = None,
    timezone: Annotated[str, typer.Option("--tz", help="Of the quiet hours.")] = "UTC",
    observe: Annotated[bool, typer.Option("--observe", help="Keep incidents and tell nobody.")] = False,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a rule, from a preset or from a kind.

    Examples:
      farthing alerts add spend-24h --limit 500
      farthing alerts add spend-anomaly --by feature --window 14d --sensitivity 3
      farthing alerts add rate-limits --limit 5 --window 5m
      farthing alerts add threshold --name slow --measure latency_p95 --limit 20000 --window 15m
    """
    told: dict[str, Any] = {
        "name": name, "limit": limit, "critical_limit": critical, "measure": measure, "window": window,
        "sensitivity": sensitivity, "least_usd": least_usd, "least_calls": least_calls, "severity": severity,
        "every": every, "cooldown": cooldown, "remind": remind, "by": by, "channels": channel,
        "filters": filters.given(where) if where else None,
        "compare": {"past": past or "", "ago": ago or "", "ratio": ratio} if past or ago else None,
        "quiet_hours": _quiet(quiet, timezone) if quiet else None, "observe_only": observe or None,
    }  # fmt: skip
    _add(connect(data, url, key), preset, told, as_json=as_json)


def _add(client: "Client", preset: str, told: dict[str, Any], *, as_json: bool) -> None:
    from farthing.cli import show_alerts

    known = {one["name"]: one["rule"] for one in client.get(f"{PATH}/presets")["data"]}
    given = {field: value for field, value in told.items() if value is not None}
    if "by" in given:
        given["by"] = [part.strip() for part in given["by"].split(",") if part.strip()]
    body = known.get(preset, {"kind": preset, "name": preset}) | given
    if "limit" in given and "critical_limit" not in given:
        body.pop("critical_limit", None)  # the preset's belongs to the preset's limit
    made = client.post(f"{PATH}/rules", body)
    if as_json:
        out.print_json(json.dumps(made))
    else:
        show_alerts.rules(out, [made])


def _quiet(text: str, timezone: str) -> dict[str, str]:
    since, _, until = text.partition("-")
    return {"from": since.strip(), "to": until.strip(), "timezone": timezone}


@app.command()
def show(rule: RuleName, url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """One rule, and what it says right now; nothing is kept and nobody is told."""
    from farthing.cli import show_alerts

    client = connect(data, url, key)
    found = client.get(_place("rules", rule))
    verdicts = client.get(_place("rules", rule, "/verdicts"))["data"]
    if as_json:
        out.print_json(json.dumps({"rule": found, "verdicts": verdicts}))
    else:
        show_alerts.one_rule(out, found)
        show_alerts.verdicts(out, verdicts)


@app.command()
def enable(rule: RuleName, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Turn a rule on again."""
    connect(data, url, key).patch(_place("rules", rule), {"enabled": True})
    out.print(f"The rule {escape(rule)} is on.")


@app.command()
def disable(rule: RuleName, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Turn a rule off. Its incidents end."""
    connect(data, url, key).patch(_place("rules", rule), {"enabled": False})
    out.print(f"The rule {escape(rule)} is off.")


@app.command()
def delete(rule: RuleName, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Delete a rule. Its incidents end and stay."""
    connect(data, url, key).delete(_place("rules", rule))
    out.print(f"The rule {escape(rule)} is gone.")


@app.command()
def backtest(
    rule: RuleName,
    since: Annotated[str, typer.Option(help="How far back: 30d.")] = "30d",
    until: Annotated[str, typer.Option(help="Up to when.")] = "now",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What a rule would have fired on, and when; nothing is kept and nobody is told."""
    from farthing.cli import show_alerts

    body = {"rule_id": rule, "since": since, "until": until}
    found = connect(data, url, key).post(f"{PATH}/rules/backtest", body, patience_s=600)
    if as_json:
        out.print_json(json.dumps(found))
    else:
        show_alerts.backtest(out, found)


@app.command()
def incidents(
    status: Annotated[list[str] | None, typer.Option(help="open, acknowledged, recovered (default: all).")] = None,
    rule: Annotated[str, typer.Option(help="Of this rule's id only.")] = "",
    limit: Annotated[int, typer.Option(help="How many.")] = 50,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Incidents, the latest first."""
    from farthing.cli import show_alerts

    asked: dict[str, Any] = {"limit": str(limit), "rule_id": rule} | ({"status": status} if status else {})
    rows = connect(data, url, key).get(f"{PATH}/incidents", asked)["data"]
    if as_json:
        out.print_json(json.dumps(rows))
    else:
        show_alerts.incidents(out, rows)


@app.command()
def incident(
    incident_id: IncidentId, url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False
) -> None:
    """One incident: what, since when, because of what, and all that happened to it."""
    from farthing.cli import show_alerts

    found = connect(data, url, key).get(_place("incidents", incident_id))
    if as_json:
        out.print_json(json.dumps(found))
    else:
        show_alerts.one_incident(out, found)


@app.command()
def ack(incident_id: IncidentId, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """You look after it: nobody is reminded."""
    connect(data, url, key).patch(_place("incidents", incident_id), {"status": "acknowledged"})
    out.print(f"{incident_id} is acknowledged.")


@app.command()
def snooze(
    incident_id: IncidentId,
    length: Annotated[str, typer.Argument(help="How long: 2h, 1d; 0 ends it.")] = "1d",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Nobody is told anything of it for a while."""
    from datetime import UTC, datetime, timedelta

    from farthing.alerts.rule import length as seconds

    until = None if length == "0" else (datetime.now(UTC) + timedelta(seconds=seconds("length", length))).isoformat()
    connect(data, url, key).patch(_place("incidents", incident_id), {"snoozed_until": until})
    out.print(f"{incident_id} is quiet until {until}." if until else f"{incident_id} is told of again.")


@app.command()
def expect(
    incident_id: IncidentId,
    no: Annotated[bool, typer.Option("--no", help="It was not, after all.")] = False,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """It was to be expected: nobody is told, and its time is no part of any baseline."""
    connect(data, url, key).patch(_place("incidents", incident_id), {"expected": not no})
    out.print(f"{incident_id} is marked as {'un' if no else ''}expected.")


@app.command("apply")
def apply_rules(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Sections alerts and channels: YAML or JSON.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the difference.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove what the file doesn't name.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before changing anything.")] = False,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Make the rules as a file says: first it shows the difference. Twice is as good as once."""
    from farthing.cli.apply import apply

    apply(file=file, dry_run=dry_run, prune=prune, yes=yes, url=url, key=key, data=data)
