"""The words that many commands have in common in; where the server is and how to ask it out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from farthing.settings import load

if TYPE_CHECKING:
    from farthing.cli.client import Client

Data = Annotated[Path | None, typer.Option(help="The data folder (default: FARTHING_DATA or ./farthing-data).")]
Url = Annotated[
    str | None, typer.Option(envvar="FARTHING_URL", help="The server (default: the one on the data folder).")
]
KeyOption = Annotated[
    str | None, typer.Option("--key", envvar="FARTHING_KEY", help="A key (default: the data folder's own).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's JSON instead.")]


def connect(data: Path | None, url: str | None, key: str | None) -> "Client":
    """A client of that server. Raises `RefusedError` when there is no key."""
    # Here and not on top: starting the server must not wait for what only other commands need.
    from farthing.cli.client import Client

    return Client(load(data=data), url, key)
