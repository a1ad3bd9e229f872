"""The hook that builds the UI: whether it would build is told by what the sources hold, and by what the environment wishes."""

import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


class _Hook:
    """What hatchling gives a hook, as far as ours asks for it."""

    def __class_getitem__(cls, _: Any) -> Any:
        return cls

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.target_name = "wheel"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module; hatchling itself is only there while a package is built."""
    names = [".".join(["hatchling", "builders", "hooks", "plugin", "interface"][: at + 1]) for at in range(5)]
    for name in names:
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    vars(sys.modules[names[-1]])["BuildHookInterface"] = _Hook
    monkeypatch.delenv("FARTHING_UI", raising=False)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree whose UI was never built."""
    (tmp_path / "frontend" / "src").mkdir(parents=True)
    (tmp_path / "frontend" / "src" / "main.tsx").write_text("one")
    (tmp_path / "frontend" / "package-lock.json").write_text("{}")
    return tmp_path


def was_built(module: Any, tree: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What npm is asked to do when a package is made; a page is there afterwards."""
    asked: list[tuple[str, ...]] = []

    def run(hook: Any, *arguments: str) -> None:
        asked.append(arguments)
        page = Path(hook.root) / "src" / "farthing" / "web" / "dist" / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("built")

    monkeypatch.setattr(module.UiBuildHook, "_run", run)
    module.UiBuildHook(tree).initialize("standard", {})
    return asked


def test_built_once_and_again_when_the_sources_change(built: Any, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert was_built(built, tree, monkeypatch) == [("ci",), ("run", "build")]
    assert was_built(built, tree, monkeypatch) == []
    (tree / "frontend" / "src" / "main.test.tsx").write_text("a test is no part of it")
    assert was_built(built, tree, monkeypatch) == []
    (tree / "frontend" / "src" / "main.tsx").write_text("two")
    assert was_built(built, tree, monkeypatch)[-1] == ("run", "build")


def test_skipped_and_forced_by_the_environment(built: Any, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARTHING_UI", "skip")
    assert was_built(built, tree, monkeypatch) == []
    monkeypatch.delenv("FARTHING_UI")
    was_built(built, tree, monkeypatch)
    monkeypatch.setenv("FARTHING_UI", "force")
    assert was_built(built, tree, monkeypatch)[-1] == ("run", "build")


def test_node_is_asked_for_only_where_it_has_to_run_and_is_not(
    built: Any, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(built, "_npm", list[str])
    assert built.UiBuildHook(tree).dependencies() == [built.NODE]
    monkeypatch.setenv("FARTHING_UI", "skip")
    assert built.UiBuildHook(tree).dependencies() == []
    monkeypatch.delenv("FARTHING_UI")
    was_built(built, tree, monkeypatch)
    assert built.UiBuildHook(tree).dependencies() == []


def test_a_source_package_without_ui_sources_keeps_what_it_carries(
    built: Any, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_built(built, tree, monkeypatch)
    (tree / "frontend").rename(tree / "elsewhere")
    assert was_built(built, tree, monkeypatch) == []


def test_the_lock_file_names_no_place_to_fetch_from() -> None:
    lock = (ROOT / "frontend" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
