"""The context of here goes in; the headers that tell a Farthing gateway of it come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from farthing_sdk._context import here

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMED: Final = {
    "feature": "x-farthing-feature",
    "user_id": "x-farthing-user",
    "session_id": "x-farthing-session",
    "team": "x-farthing-team",
    "tenant": "x-farthing-tenant",
    "prompt_version": "x-farthing-prompt-version",
    "data_mode": "x-farthing-data-mode",
}


def gateway_headers() -> dict[str, str]:
    """For calls through the gateway: whose they are, and which trace they are part of.

    `client.chat.completions.create(…, extra_headers=gateway_headers())`.
    """
    fields = here().fields
    headers = {header: _plain(fields[name]) for name, header in _NAMED.items() if fields.get(name)}
    trace = _trace(fields.get("traceparent"))
    if trace:
        headers["traceparent"] = trace
    tags: Mapping[str, Any] = fields.get("metadata") or {}
    if tags:
        headers["x-farthing-tags"] = ",".join(f"{_within(name)}={_within(value)}" for name, value in tags.items())
    return headers


def _trace(held: str | None) -> str | None:
    """Where the call is made: in OpenTelemetry's current span, unless that is of another trace than the context says."""
    from farthing_sdk._observed import traceparent  # noqa: PLC0415 - it brings what only wrapped clients need

    current = traceparent()
    if held is None or current is None:
        return held or current
    return current if current[:35] == held[:35] else held


def _plain(value: object) -> str:
    """What a header can carry: a letter that it can't is left out rather than the call."""
    return "".join(letter for letter in str(value) if " " <= letter <= "~")


def _within(value: object) -> str:
    """What can stand in a list of tags, where a comma divides."""
    return _plain(value).replace(",", " ")
