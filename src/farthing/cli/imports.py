"""The commands that bring over what another system holds: its address and keys in; it stands in the running server, out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from farthing.cli.client import RefusedError
from farthing.cli.importing.record import file_of, read
from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen
from farthing.settings import load

if TYPE_CHECKING:
    from farthing.cli.client import Client
    from farthing.cli.importing.peer import Peer

app = typer.Typer(
    help="Bring over what another system holds.",
    epilog="Such as: farthing import langfuse --host https://langfuse.example.com --public-key pk-lf-… --dry-run",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
_MAKE = (
    "To make one that sends and keeps what was said, and then give it as FARTHING_KEY: "
    "farthing keys create import --scopes read,ingest --content"
)
out = Screen()
err = Screen(stderr=True)


Host = Annotated[
    str, typer.Option(envvar=["LANGFUSE_BASE_URL", "LANGFUSE_HOST"], help="Where it is: https://langfuse.example.com")
]
PublicKey = Annotated[str, typer.Option(envvar="LANGFUSE_PUBLIC_KEY", help="The public key of its project: pk-lf-…")]
SecretKey = Annotated[
    str,
    typer.Option(
        envvar="LANGFUSE_SECRET_KEY",
        prompt="Secret key of the source",
        hide_input=True,
        help="Better in LANGFUSE_SECRET_KEY, or typed when asked for, than where others on this machine see it.",
    ),
]


@app.callback()
def root() -> None:
    """Bring over what another system holds."""


@app.command()
def langfuse(
    host: Host,
    public_key: PublicKey,
    secret_key: SecretKey,
    since: Annotated[str, typer.Option(help="Traces and scores from then on: 30d, 2026-11-01 (default: all).")] = "",
    only: Annotated[str, typer.Option(help="Some of: traces, scores, datasets, prompts; comma-separated.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what there is.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Read all of it from the beginning.")] = False,
    state: Annotated[
        Path | None, typer.Option(help="The file that tells how far it came (default: in the data folder).")
    ] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Bring over traces, scores, datasets and prompts of a server with Langfuse's public API.

    What was cut off goes on where it was; repeated, it changes nothing, because all that has an id keeps it. A run after
    one that went to its end reads what came since then. The key (--key, FARTHING_KEY) needs the scopes read and ingest, and
    keeps inputs and outputs only if it was made with --content.
    """
    from farthing.cli.importing import course, told
    from farthing.cli.importing.peer import Peer

    wanted = _wanted(only, tuple(course.STEPS))
    client = connect(data, url, key)
    source = Peer("The source", host, pair=(public_key, secret_key))
    target = Peer("Farthing", client.url, headers={"X-API-Key": client.secret}, is_near=True)
    folder = load(data=data).data
    try:
        project = course.project_of(target)
        if (source.url, course.project_of(source)) == (target.url, project):
            msg = "This server and this project would be imported into themselves."
            raise RefusedError(msg)
        place = state or file_of(folder, host, public_key, client.url, project, *wanted)
        before = read(place)
        held = course.begun(before, source.url, since, datetime.now(UTC), anew=again)
        _warn_of_content(client)
        if dry_run:
            _show(told.counted(course.counts(source, wanted, held.since)), as_json=as_json)
            return
        _may_send(target)
        if held is before:
            err.print("It goes on where it was cut off.", highlight=False)
        course.run(err, (source, target), (place, held), wanted)
    finally:
        source.close()
        target.close()
    _show(told.done(held), as_json=as_json)


def _wanted(only: str, known: tuple[str, ...]) -> list[str]:
    asked = {part.strip() for part in only.split(",") if part.strip()}
    if unknown := asked - set(known):
        msg = f"--only: {min(unknown)[:40]!r} is none of {', '.join(known)}."
        raise RefusedError(msg)
    return [one for one in known if not asked or one in asked]


def _may_send(target: "Peer") -> None:
    """Before anything is read. An empty batch changes nothing."""
    try:
        target.post("/ingestion", {"batch": []})
    except RefusedError as error:
        msg = f"{error} {_MAKE}"
        raise RefusedError(msg) from error


def _warn_of_content(client: "Client") -> None:
    """Only keys that may administer can be asked what they keep: the data folder's own is one of them."""
    try:
        keys = client.get("/api/v1/keys")["data"]
    except RefusedError:
        return
    if any(client.secret.startswith(one["prefix"]) and not one["content"] for one in keys):
        err.print(f"With this key inputs and outputs stay behind. {_MAKE}", highlight=False, soft_wrap=True)


def _show(told: tuple[dict[str, Any], Any], *, as_json: bool) -> None:
    as_data, drawn = told
    if as_json:
        out.print_json(json.dumps(as_data))
    else:
        out.print(drawn)
