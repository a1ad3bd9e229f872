"""What is written for people, held against what is there: settings, commands, parts, links, targets, files."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from server_process import plain_environment
from typer.main import get_command

from farthing.cli.main import app
from farthing.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


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


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked: list[str] = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        asked += extra
    names = {re.split(r"[\[<>=!~; ]", line)[0].lower() for line in asked}
    rows = re.findall(r"^\| ([a-z0-9.-]+)", (ROOT / "docs/decisions/0002-parts.md").read_text(), re.MULTILINE)
    assert set(rows) - {"part"} == names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE))
    assert told <= targets


def test_the_files_of_the_example_exist() -> None:
    example = (ROOT / "CONTRIBUTING.md").read_text().partition("## Example: add a dialect")[2]
    paths = [Path(re.split(r"[^/]*<", path)[0]) for path in re.findall(r"^\| `([^`]+)`", example, re.MULTILINE)]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_make_alone_lists_every_target_with_a_sentence() -> None:
    # Without MAKEFLAGS and its kin, which are set when these tests are run by make themselves.
    listed = subprocess.run(
        ["make"], cwd=ROOT, env=plain_environment(), capture_output=True, text=True, check=True
    ).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    lines = [line.split(maxsplit=2) for line in listed.splitlines()]
    assert {name for _, name, sentence in lines if sentence} == set(phony[1].split())
