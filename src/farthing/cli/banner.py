"""A server that has just become ready in; what its operator must see once out."""

import shlex
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from farthing import __version__
from farthing.listening import Ready

KEY_AGAIN = "farthing keys create my-app"


def show(console: Console, ready: Ready, data: Path) -> None:
    """The link, the key on a first start, and the two lines to paste into an application's environment."""
    made = ready.made
    where = "" if data == Path("farthing-data").absolute() else escape(f" --data {shlex.quote(str(data))}")
    console.print(
        f"\n[bold]Farthing {__version__}[/] is serving on [link={ready.url}]{ready.url}[/]   data: {escape(str(data))}\n",
        soft_wrap=True,
    )
    if made.sign_in_token:
        link = f"{ready.url}/sign-in?token={made.sign_in_token}"
        console.print(f"Set the admin's password [yellow](good once, for a day)[/]:  [bold]{link}[/]\n", soft_wrap=True)
    if made.key:
        said = f"Key of project {made.project_id} [yellow](shown once)[/]:  [bold]{made.key}[/]\n"
        console.print(said, soft_wrap=True, highlight=False)
    console.print("Point an application at it:\n")
    console.print(f"  export OTEL_EXPORTER_OTLP_ENDPOINT={ready.otlp_url}", soft_wrap=True, highlight=False)
    shown = made.key or "<your key>"
    console.print(
        f'  export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20{shown}"', soft_wrap=True, highlight=False
    )
    if ready.grpc_url:
        console.print(
            f"\nor, for exporters that speak gRPC:\n\n  export OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_ENDPOINT={ready.grpc_url}",
            soft_wrap=True,
            highlight=False,
        )
    if not made.key:
        console.print(
            f"\nA key is shown once, when it is made; make another with: [bold]{KEY_AGAIN}{where}[/]", soft_wrap=True
        )
    console.print(f"\nThen watch:  [bold]farthing tail{where}[/]", soft_wrap=True)
    console.print(f"ask:         [bold]farthing spend --by model{where}[/]", soft_wrap=True)
    console.print("stop:        Ctrl-C\n")
