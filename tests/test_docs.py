"""What is written is true: every setting and every command stands in the documentation."""

from pathlib import Path

import pytest
from typer.main import get_command

from farthing.cli.main import app
from farthing.settings import Settings

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    line = next(
        line for line in (ROOT / "docs/settings.md").read_text().splitlines() if f"`FARTHING_{name.upper()}`" in line
    )
    assert (Settings.model_fields[name].description or "").replace("|", "/") in line


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    commands = getattr(get_command(app), "commands", {})
    assert commands
    assert not [name for name in commands if f"farthing {name}" not in readme]


def test_every_room_is_on_the_map() -> None:
    written = (ROOT / "ARCHITECTURE.md").read_text()
    rooms = [p.name for p in (ROOT / "src/farthing").iterdir() if p.is_dir() and not p.name.startswith("_")]
    assert not [room for room in rooms if f"{room}/" not in written]
