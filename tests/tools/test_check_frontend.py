"""The check of the web UI's sources: it runs what the package calls `check`, installs when it must, and names a missing Node.js."""

import importlib.util
import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> Any:
    """The module; `tools` is no package."""
    spec = importlib.util.spec_from_file_location("check_frontend", ROOT / "tools" / "check_frontend.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def frontend(tmp_path: Path) -> Path:
    """A package that was never installed."""
    (tmp_path / "package-lock.json").write_text("{}")
    return tmp_path


def with_npm(folder: Path, does: str) -> dict[str, str]:
    """An environment whose npm notes what it is asked, and then does this."""
    programs = folder / "programs"
    programs.mkdir()
    for name, text in {"node": "", "npm": f'echo "$*" >> {folder}/asked\n{does}'}.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    return {"PATH": f"{programs}:{os.defpath}"}


def asked(folder: Path) -> list[str]:
    return (folder / "asked").read_text().splitlines()


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("1", 1)])
def test_without_node_it_says_so_and_only_ci_fails(
    tool: Any, frontend: Path, capsys: pytest.CaptureFixture[str], ci: str, code: int
) -> None:
    assert tool.check(frontend, {"PATH": str(frontend / "nothing"), "CI": ci}) == code
    assert "no Node.js" in capsys.readouterr().err


def test_it_installs_before_it_checks_and_only_then(tool: Any, frontend: Path) -> None:
    environment = with_npm(frontend, "true")
    assert tool.check(frontend, environment) == 0
    (frontend / "node_modules").mkdir()
    (frontend / "node_modules" / ".package-lock.json").write_text("{}")
    assert tool.check(frontend, environment) == 0
    assert asked(frontend) == ["ci --no-progress", "run --silent check", "run --silent check"]


def test_what_the_check_finds_is_a_failure(tool: Any, frontend: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert tool.check(frontend, with_npm(frontend, 'test "$1" = ci || { echo wrong; exit 2; }')) == 1
    assert "wrong" in capfd.readouterr().out


def test_a_failed_installation_ends_it(tool: Any, frontend: Path) -> None:
    assert tool.check(frontend, with_npm(frontend, "exit 1")) == 1
    assert asked(frontend) == ["ci --no-progress"]


def test_the_package_knows_the_check() -> None:
    told = json.loads((ROOT / "frontend" / "package.json").read_text())["scripts"]["check"]
    assert told == "tsc --noEmit && prettier --check --log-level warn . && vitest run"
