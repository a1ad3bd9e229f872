"""Every command's help in; whether all of its words are shown, out."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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


def test_ctrl_c_while_the_commands_are_loaded_shows_no_traceback(tmp_path: Path) -> None:
    # Its first import is as if somebody had pressed the keys then.
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n")
    environment = {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "farthing", "--help"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "")
