"""What a system under test must tell: how it is started, where spans go, how many of them can be read back."""

from pathlib import Path
from typing import Protocol

from rich.console import Console

from benchmarks.process import Server


class System(Protocol):
    """One system under test. `data` is the folder that keeps everything it writes."""

    @property
    def name(self) -> str:
        """The name in the table."""
        ...

    @property
    def version(self) -> str:
        """The version under test."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know about the set-up and about how spans are counted."""
        ...

    @property
    def health(self) -> str:
        """The path that answers 2xx as soon as the system can serve."""
        ...

    @property
    def headers(self) -> dict[str, str]:
        """What a sender has to add to a request to `/v1/traces`."""
        ...

    def prepare(self, console: Console) -> None:
        """Install what is missing."""
        ...

    def start(self, data: Path) -> Server:
        """A server over `data`, not waited for."""
        ...

    def count(self, server: Server) -> int:
        """How many spans the system's own read API finds now."""
        ...
