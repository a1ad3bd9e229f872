"""Clients of the `anthropic` package go in; they come out telling what each call used, and are otherwise as they were."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from typing import Any, TypeVar

from farthing_sdk._hosts import provider_at, region_at
from farthing_sdk._observed import Observed
from farthing_sdk._record import Record
from farthing_sdk._usage_anthropic import Counted, answered, operation_of
from farthing_sdk._wrapped import unwrap_class, wrap_class, wrap_client

__all__ = ["instrument_anthropic", "uninstrument_anthropic", "wrap"]

C = TypeVar("C")


def wrap(client: C, provider: str | None = None) -> C:
    """The same client, whose messages are told of from here on.

    Sync or async, streaming or not, of Anthropic, Bedrock or Vertex; copies made with `with_options` are wrapped too.
    Wrapping twice is wrapping once. `provider` is who serves the calls, where the host doesn't say it.
    """
    wrap_client(client, functools.partial(_begin, provider=provider))
    return client


def instrument_anthropic() -> None:
    """Tell of the calls of all clients of the `anthropic` package in this process."""
    base = importlib.import_module("anthropic._base_client")
    for cls in (base.SyncAPIClient, base.AsyncAPIClient):
        wrap_class(cls, _begin)


def uninstrument_anthropic() -> None:
    """Undo `instrument_anthropic`."""
    base = importlib.import_module("anthropic._base_client")
    for cls in (base.SyncAPIClient, base.AsyncAPIClient):
        unwrap_class(cls)


def _begin(client: Any, options: Any, stream: bool, provider: str | None = None) -> Observed | None:
    operation = operation_of(str(options.url).partition("?")[0])
    body: Any = options.json_data
    if operation is None or str(options.method).lower() != "post" or not isinstance(body, Mapping):
        return None
    asked: dict[str, Any] = {**body}
    model = asked.get("model")
    name = type(client).__name__
    host = str(client.base_url.host)
    family = "bedrock" if "Bedrock" in name else "vertex_ai" if "Vertex" in name else "anthropic"
    record = Record(
        provider=provider or provider_at(host, family),
        model=model if isinstance(model, str) else None,
        operation=operation,
        region=region_at(host, model),
        streaming=stream or asked.get("stream") is True,
    )
    return Observed(record, options, answered, Counted().chunk)
