"""Clients of the `openai` package go in; they come out telling what each call used, and are otherwise as they were."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast

from farthing_sdk._hosts import provider_at, region_at
from farthing_sdk._observed import Observed, Refusing
from farthing_sdk._record import CallFields, Record
from farthing_sdk._usage_openai import answered, chunk, operation_of
from farthing_sdk._wrapped import unwrap_class, wrap_class, wrap_client

__all__ = ["instrument_openai", "uninstrument_openai", "wrap"]

C = TypeVar("C")

_refusing: Final = Refusing()
_OF_TOKENS: Final = frozenset({"chat", "text_completion", "embeddings"})


def wrap(client: C, provider: str | None = None) -> C:
    """The same client, whose calls are told of from here on: chat, completions, responses, embeddings, images, audio.

    Sync or async, streaming or not, of OpenAI, Azure or whoever speaks their language; copies made with `with_options` are
    wrapped too. Wrapping twice is wrapping once. `provider` is who serves the calls, where the host doesn't say it.
    """
    wrap_client(client, functools.partial(_begin, provider=provider))
    return client


def instrument_openai() -> None:
    """Tell of the calls of all clients of the `openai` package in this process."""
    base = importlib.import_module("openai._base_client")
    for cls in (base.SyncAPIClient, base.AsyncAPIClient):
        wrap_class(cls, _begin)


def uninstrument_openai() -> None:
    """Undo `instrument_openai`."""
    base = importlib.import_module("openai._base_client")
    for cls in (base.SyncAPIClient, base.AsyncAPIClient):
        unwrap_class(cls)


def _begin(client: Any, options: Any, stream: bool, provider: str | None = None) -> Observed | None:
    path = str(options.url).partition("?")[0]
    operation = operation_of(path)
    body: Any = options.json_data
    if operation is None or str(options.method).lower() != "post" or not isinstance(body, Mapping):
        return None
    extra: Any = getattr(options, "extra_json", None)
    asked: dict[str, Any] = {**body, **extra} if isinstance(extra, Mapping) else {**body}
    model = asked.get("model")
    host = str(client.base_url.host)
    streaming = stream or asked.get("stream") is True
    record = Record(
        provider=provider or provider_at(host, "azure" if "Azure" in type(client).__name__ else "openai"),
        model=model if isinstance(model, str) else None,
        operation=operation,
        region=region_at(host, model),
        streaming=streaming,
    )
    if operation in _OF_TOKENS:
        call = Observed(record, options, answered, chunk)
    else:
        from farthing_sdk._usage_media import asked_of, reading_of  # noqa: PLC0415 - few make images or speech

        record.update(**cast("CallFields", asked_of(operation, asked)))
        call = Observed(record, options, *reading_of(operation, asked))
    # A stream of Responses tells its usage unasked, and refuses to be asked.
    if streaming and path.endswith("/completions") and host not in _refusing:
        _ask_for_usage(call, asked.get("stream_options"), host)
    return call


def _ask_for_usage(call: Observed, given: Any, host: str) -> None:
    """Have the stream tell its usage, without touching anything that is the application's."""
    wanted: dict[str, Any] = {**given} if isinstance(given, Mapping) else {}
    if wanted.get("include_usage") is True:
        return
    options = call.options
    extra: Any = getattr(options, "extra_json", None)
    # What is extra overrides the rest.
    name = "extra_json" if isinstance(extra, Mapping) and "stream_options" in extra else "json_data"
    before: Any = getattr(options, name)
    setattr(options, name, {**before, "stream_options": {**wanted, "include_usage": True}})
    call.hiding = True

    def take_back() -> None:
        setattr(options, name, before)
        call.hiding = False
        call.served = lambda: _refusing.add(host)

    call.forced = take_back
