"""The name of a sort of channel and what an operator entered in; its settings, sound, with secrets told apart, out."""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import msgspec

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels.discord import DISCORD
from farthing.alerts.channels.email import EMAIL
from farthing.alerts.channels.kind import Kind
from farthing.alerts.channels.pagerduty import PAGERDUTY
from farthing.alerts.channels.slack import SLACK
from farthing.alerts.channels.teams import TEAMS
from farthing.alerts.channels.webhook import WEBHOOK
from farthing.query.errors import ParameterError
from farthing.shapes import Shape

KINDS: Mapping[str, Kind] = {one.name: one for one in (SLACK, DISCORD, TEAMS, PAGERDUTY, WEBHOOK, EMAIL)}
_SETTINGS: Mapping[str, Shape[Any]] = {name: Shape(one.settings) for name, one in KINDS.items()}

_HINT, _SHORTEST_FOR_A_HINT = 4, 16


def kind_of(name: str) -> Kind:
    """Raises `ParameterError`."""
    if name not in KINDS:
        raise ParameterError("kind", f"one of {', '.join(KINDS)}.")
    return KINDS[name]


def read(kind: Kind, entered: Mapping[str, Any], addresses: Addresses) -> Any:
    """The settings, sound. Raises `ParameterError`."""
    told = {name: value for name, value in entered.items() if value is not None}
    try:
        # Half of a pair of letters, or a number beyond 64 bits, is JSON to some, and can't be kept.
        msgspec.json.encode(told)
    except (ValueError, OverflowError, RecursionError) as error:
        raise ParameterError("settings", "text and numbers that can be written as JSON.") from error
    try:
        settings = _SETTINGS[kind.name].of(told)
    except msgspec.ValidationError as error:
        raise _in_words(kind, told, error) from error
    kind.check(settings, addresses)
    return settings


def _in_words(kind: Kind, told: Mapping[str, Any], error: msgspec.ValidationError) -> ParameterError:
    fields = get_type_hints(kind.settings)
    unknown = [name for name in told if name not in fields]
    if unknown:
        return ParameterError("settings", f"there is no {unknown[0][:60]!r}; there are {', '.join(fields)}.")
    for name, value in told.items():
        choices = get_args(fields[name]) if get_origin(fields[name]) is Literal else ()
        if choices and value not in choices:
            return ParameterError(f"settings.{name}", f"one of {', '.join(choices)}.")
    return ParameterError("settings", f"{error}.")


def parted(kind: Kind, settings: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What may be shown of settings, and what may not."""
    told = msgspec.to_builtins(settings)
    secret = {name: told.pop(name) for name in kind.secrets}
    return told, {name: value for name, value in secret.items() if value}


def hints(secret: Mapping[str, Any]) -> dict[str, str]:
    """What to recognise secrets by, without giving them away."""
    return {name: _hint(value) for name, value in secret.items()}


def _hint(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(sorted(str(name) for name in value)) or "set"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    text = str(value)
    # Of a short secret, four letters would be too much of it.
    ending = f"…{text[-_HINT:]}" if len(text) >= _SHORTEST_FOR_A_HINT else "…"
    parts = urlsplit(text)
    # A URL without a path, or with a short one, holds no secret worth its name; its last letters are hidden all the same.
    return f"{parts.scheme}://{parts.hostname}/{ending}" if parts.scheme in ("https", "http") else ending
