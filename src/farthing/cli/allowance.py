"""The command about allowances: words in, the running server asked, what was agreed and what is left out."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from farthing.cli.screen import Screen
from farthing.settings import load

PATH = "/api/v1/allowance"

out = Screen()


def allowance(
    requests: Annotated[int | None, typer.Option(min=0, help="Calls in a calendar month in UTC.")] = None,
    per_minute: Annotated[int | None, typer.Option(min=0, help="Calls of one key in a minute.")] = None,
    plan: Annotated[str, typer.Option(help="What you call it; clients see it as planTier.")] = "",
    of_key: Annotated[str, typer.Option(help="Only for this key, by its id: calls in a minute.")] = "",
    none: Annotated[bool, typer.Option("--none", help="Take the limits away.")] = False,
    url: Annotated[str | None, typer.Option(envvar="FARTHING_URL", help="The server.")] = None,
    key: Annotated[str | None, typer.Option("--key", envvar="FARTHING_KEY", help="A key with the scope admin.")] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the API's JSON instead.")] = False,
) -> None:
    """How many calls may be posted as JSON, and how many were; with options, agree on that anew."""
    # Here and not on top: starting the server must not wait for what only this command needs.
    from farthing.cli.client import Client

    client = Client(load(data=data), url, key)
    if none or plan or requests is not None or per_minute is not None:
        wanted = {} if none else {"plan": plan, "requests": requests, "per_minute": per_minute}
        answer = client.put(f"{PATH}/keys/{of_key}" if of_key else PATH, wanted)
    else:
        answer = client.get(PATH)
    if as_json:
        out.print_json(json.dumps(answer))
    else:
        out.print("\n".join(_lines(answer)), highlight=False)


def _lines(answer: dict[str, Any]) -> list[str]:
    until = str(answer["period_end"])[:10]
    if answer["requests"] is None:
        lines = [f"{answer['plan']}: {answer['used']:,} calls posted this month, without a limit"]
    else:
        lines = [
            f"{answer['plan']}: {answer['used']:,} of {answer['requests']:,} calls used, {answer['remaining']:,} left until {until}"
        ]
    for one in answer["data"]:
        if one["per_minute"] is not None:
            lines.append(f"  {one['key_id'] or 'each key'}: {one['per_minute']:,} calls a minute")
    return lines
