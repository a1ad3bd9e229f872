"""`farthing apply`: a file in; the server as the file says, after the difference was shown, out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from farthing.cli.options import Data, KeyOption, Url, connect
from farthing.cli.screen import Screen
from farthing.errors import BadRequestError

if TYPE_CHECKING:
    from farthing.cli.client import Client
    from farthing.cli.differing import Step

out = Screen()

_COLOURS = {"+": "green", "~": "yellow", "-": "red"}


def apply(
    file: Annotated[
        Path, typer.Option("--file", "-f", exists=True, dir_okay=False, help="What should be: YAML or JSON.")
    ] = Path("farthing.yml"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the difference.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove what the file doesn't name, in the sections that it has.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before changing anything.")] = False,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Make the server as a file says: first it shows the difference, then it asks, then it applies it. Twice is as good as once.

    Sections: accounts, environments, configs (with variants and rollouts), limits, budgets, prices, channels, alerts, evaluations. What a section doesn't
    name stays, and so does a field that isn't given. docs/gateway-settings.md shows a whole file.
    """
    from farthing.cli import (
        declared_alerts,
        declared_channels,
        declared_evaluations,
        declared_gateway,
        declared_spending,
    )
    from farthing.cli.declared import read

    sections = {
        "accounts": declared_gateway.accounts,
        "environments": declared_gateway.environments,
        "configs": declared_gateway.configs,
        "limits": declared_gateway.limits,
        "budgets": declared_spending.budgets,
        "prices": declared_spending.prices,
        "channels": declared_channels.channels,
        "alerts": declared_alerts.alerts,
        "evaluations": declared_evaluations.evaluations,
    }
    declared = read(file)
    unknown = sorted(set(declared) - set(sections))
    if unknown:
        msg = f"{file} has a section {unknown[0]!r}; there are {', '.join(sections)}."
        raise BadRequestError(msg)
    client = connect(data, url, key)
    found: list[Step] = []
    removed: list[Step] = []
    for name, section in sections.items():
        if name in declared:
            steps = section(client, declared, prune=prune)
            found += [step for step in steps if step.sign != "-"]
            # What others name goes after them.
            removed[:0] = [step for step in steps if step.sign == "-"]
    found += removed
    _show([(step.sign, step.subject, step.lines) for step in found])
    if not found or dry_run:
        return
    if not yes:
        typer.confirm(f"Make {len(found)} {'change' if len(found) == 1 else 'changes'}?", abort=True)
    _take_all(client, found)
    out.print(f"Done: {len(found)} {'change' if len(found) == 1 else 'changes'}.")


def _take_all(client: "Client", found: Sequence["Step"]) -> None:
    from farthing.cli.client import RefusedError
    from farthing.cli.differing import take

    for made, step in enumerate(found):
        try:
            take(client, step)
        except RefusedError as error:
            msg = f"{step.subject}: {error}" + (f" {made} of {len(found)} changes had been made." if made else "")
            raise RefusedError(msg) from error


def _show(found: Sequence[tuple[str, str, Sequence[str]]]) -> None:
    for sign, subject, lines in found:
        out.print(f"[{_COLOURS[sign]}]{sign} {escape(subject)}[/]", highlight=False, soft_wrap=True)
        for line in lines:
            out.print(f"    {escape(line)}", highlight=False, soft_wrap=True)
    if not found:
        out.print("Nothing to change.")
