"""The noun that every sort of channel is: its settings, which of them are secret, when they are sound, and how it sends."""

from collections.abc import Callable
from typing import Any, NamedTuple

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels.posting import Send


class Kind(NamedTuple):
    """One sort of channel."""

    name: str
    settings: type[Any]
    """A struct; its fields are what an operator enters."""
    secrets: tuple[str, ...]
    """Those of its fields that are kept encrypted and never shown."""
    check: Callable[[Any, Addresses], None]
    """Raises `ParameterError` for settings that can't be."""
    send: Send[Any]
    holds_open: bool = False
    """Whether what it is told of stays open there until it is told that it is over."""
