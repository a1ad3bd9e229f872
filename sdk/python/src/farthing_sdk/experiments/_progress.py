"""Results go in as they come; somebody who waits at a terminal sees how far it is."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from farthing_sdk.experiments._nouns import ItemResult


class Progress:
    """Says nothing: nobody is looking."""

    def __init__(self, name: str, total: int) -> None:
        """So many items are to come."""
        self.name = name
        self.total = total
        self.done = 0
        self.errors = 0

    def __enter__(self) -> Progress:
        """It begins."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """It is over."""

    def advance(self, result: ItemResult) -> None:
        """One more is done."""
        self.done += 1
        self.errors += bool(result.error)
        self.show()

    def show(self) -> None:
        """Let it be seen."""


class _Line(Progress):
    """One line that is written over again and again."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.stderr.write("\n")

    def show(self) -> None:
        errors = f", {self.errors} errors" if self.errors else ""
        sys.stderr.write(f"\r{self.name}: {self.done}/{self.total}{errors} ")
        sys.stderr.flush()


class _Bar(Progress):
    """Rich's, where that is installed."""

    def __init__(self, name: str, total: int, rich: Any) -> None:
        super().__init__(name, total)
        console = importlib.import_module("rich.console").Console(stderr=True)
        self._bar = rich.Progress(
            rich.TextColumn("{task.description}"), rich.BarColumn(), rich.MofNCompleteColumn(),
            rich.TimeRemainingColumn(), rich.TextColumn("{task.fields[errors]}"), console=console,
        )  # fmt: skip
        self._task = self._bar.add_task(name, total=total, errors="")

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self) -> None:
        self._bar.update(self._task, completed=self.done, errors=f"{self.errors} errors" if self.errors else "")


def progress(name: str, total: int, *, wanted: bool | None) -> Progress:
    """What fits the place: a bar with rich, a line without, nothing where nobody looks. `wanted` overrides that."""
    if wanted is False or (wanted is None and not sys.stderr.isatty()):
        return Progress(name, total)
    try:
        return _Bar(name, total, importlib.import_module("rich.progress"))
    except ImportError:
        return _Line(name, total)
