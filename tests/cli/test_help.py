"""Every command's help in; whether all of its words are shown, out."""

from collections.abc import Iterator

import typer
from rich.text import Text

from farthing.cli.main import app


def helps(group: typer.Typer, name: str = "farthing") -> Iterator[tuple[str, str]]:
    """Of every command below: its name and each sentence of its help."""
    waiting = [(name, typer.main.get_command(group))]
    while waiting:
        called, command = waiting.pop()
        waiting += [(f"{called} {part}", below) for part, below in getattr(command, "commands", {}).items()]
        for text in (command.help, *(getattr(one, "help", None) for one in command.params)):
            if text:
                yield called, text


def test_nothing_in_brackets_is_taken_for_markup() -> None:
    told = list(helps(app))
    assert len({called for called, _ in told}) > 50
    assert [(called, text) for called, text in told if Text.from_markup(text).plain != text] == []
