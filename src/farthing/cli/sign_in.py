"""The command for who can't sign in: a name in, the running server asked, a new one-time link out."""

import json
from typing import Annotated

import typer

from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen

PATH = "/api/v1/session/links"

out = Screen()


def sign_in(
    login: Annotated[str, typer.Argument(help="A name or e-mail; the first admin by default.")] = "",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a link that signs in to the UI once, within a day, and sets a new password."""
    client = connect(data, url, key)
    made = client.post(PATH, {"login": login})
    if as_json:
        out.print_json(json.dumps(made))
        return
    out.print(f"For {made['name']}, good once, for a day:", highlight=False)
    out.print(f"{client.url}{made['path']}", style="bold", soft_wrap=True, highlight=False)
