"""What is known of one LLM call goes in, field by field; a record that can be sent comes out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, TypedDict, Union

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from typing_extensions import Unpack

    from farthing_sdk._attempts import Attempts
    from farthing_sdk._unread import Unread
    from farthing_sdk._web import WebRequest

Scalar = Union[str, int, float, bool]
"""What a tag may be."""


class AttributionFields(TypedDict, total=False):
    """Who and what a call is for. What isn't named is taken from the surrounding `context`."""

    feature: str | None
    user_id: str | None
    session_id: str | None
    team: str | None
    tenant: str | None
    environment: str | None
    prompt_version: str | None
    data_mode: str | None
    """`real`, `test` or `demo`."""
    traceparent: str | None
    metadata: Mapping[str, Scalar] | None
    """Tags of your own."""


class ContextFields(AttributionFields, total=False):
    """What holds for all calls of a place in the application."""

    external_request_id: str | None
    """Of the one call that is made here, the same for all its attempts."""


class UsageFields(TypedDict, total=False):
    """What a call used, as the provider told it. What it didn't tell is absent or None, never 0.

    `input_tokens` is the whole input, including what was read from and written to a cache and audio; `output_tokens` the
    whole output, including reasoning and audio. The other kinds are parts of these two, each token in one part.
    """

    input_tokens: int | None
    cached_input_tokens: int | None
    cache_write_tokens: int | None
    """Written to a cache for five minutes, or for an unnamed time."""
    cache_write_30m_tokens: int | None
    cache_write_1h_tokens: int | None
    cache_write_12h_tokens: int | None
    audio_input_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    audio_output_tokens: int | None
    image_input_tokens: int | None
    image_output_tokens: int | None
    total_tokens: int | None
    web_searches: int | None
    """Searches that the provider charges for."""
    web_fetches: int | None
    file_searches: int | None
    code_sessions: int | None
    """Containers of the provider's that code ran in."""
    images: int | None
    """Images made, where they are charged by the piece and not by tokens."""
    image_quality: str | None
    image_size: str | None
    """What the price of such an image goes by: `hd`, `1024x1792`."""
    characters: int | None
    """Characters spoken, where they are charged and not tokens."""
    audio_seconds: float | None
    """Seconds of audio heard, likewise."""
    response_model: str | None
    """The model that answered."""
    response_id: str | None
    """The provider's id of its answer, by which others' telling of the same call is known."""
    service_tier: str | None
    """The tier that was served."""
    region: str | None
    """Where it was served, in the provider's own words: `eu-west-1`, `us`, `global`."""
    cost_usd: Decimal | str | None
    """What the emitter believes it cost. The server keeps it beside its own figure."""


class CallFields(ContextFields, UsageFields, total=False):
    """All that can be told of one call."""

    provider: str | None
    model: str | None
    """The model asked for."""
    operation: str | None
    """`chat`, `text_completion`, `embeddings` …"""
    latency_ms: int | None
    ttft_ms: int | None
    """Time to the first token."""
    streaming: bool | None
    status: str
    """`success` or `error`."""
    error_code: str | None
    attempts: int
    created_at: float | datetime
    """When the call began, Unix seconds; a datetime does as well."""
    input_content: Any
    """Messages as sent; leave the process only with `capture_content`."""
    output_content: Any
    """The answer; likewise."""


class Record:
    """One LLM call. Fill it while the call lasts, then give it to `Client.submit` and let it be.

    The fields mean what `CallFields` says of them.
    """

    external_request_id: str | None = None
    provider: str | None = None
    model: str | None = None
    response_model: str | None = None
    response_id: str | None = None
    operation: str | None = None
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_30m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    cache_write_12h_tokens: int | None = None
    audio_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    audio_output_tokens: int | None = None
    image_input_tokens: int | None = None
    image_output_tokens: int | None = None
    total_tokens: int | None = None
    web_searches: int | None = None
    web_fetches: int | None = None
    file_searches: int | None = None
    code_sessions: int | None = None
    images: int | None = None
    image_quality: str | None = None
    image_size: str | None = None
    characters: int | None = None
    audio_seconds: float | None = None
    latency_ms: int | None = None
    ttft_ms: int | None = None
    streaming: bool | None = None
    status: str = "success"
    error_code: str | None = None
    service_tier: str | None = None
    region: str | None = None
    cost_usd: Decimal | str | None = None
    attempts: int = 1
    feature: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    team: str | None = None
    tenant: str | None = None
    environment: str | None = None
    prompt_version: str | None = None
    data_mode: str | None = None
    traceparent: str | None = None
    metadata: Mapping[str, Scalar] | None = None
    created_at: float | datetime
    input_content: Any = None
    output_content: Any = None
    attributed: bool = False
    """The context's fields are filled in; another context that the call ends in has no say any more."""
    attempts_at: Attempts | None = None
    """What this is an attempt at, until it is submitted."""
    unread: Unread | None = None
    """What the provider said besides, which whoever sends the record reads."""
    web_request: WebRequest | None = None
    """The web request it was made for, if that is watched."""

    def __init__(self, **fields: Unpack[CallFields]) -> None:
        """A record with these fields; `created_at` is now unless it is given."""
        self.created_at = time.time()
        if fields:
            if not FIELDS.issuperset(fields):
                raise TypeError(f"a call has no {', '.join(sorted(fields.keys() - FIELDS))}")
            self.__dict__.update(fields)

    def update(self, **fields: Unpack[CallFields]) -> None:
        """Fill in what has become known; None leaves a field as it is."""
        for name, value in fields.items():
            if name not in FIELDS:
                raise TypeError(f"a call has no {name}")
            if value is not None:
                setattr(self, name, value)

    def __repr__(self) -> str:
        """The fields that are known."""
        known = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items() if value is not None)
        return f"Record({known})"


FIELDS: Final = frozenset(CallFields.__annotations__)
"""The names of all fields that may be given."""
