"""One event of Langfuse's ingestion in, as JSON; what it tells of which span, not scrubbed yet, out. Pure.

An observation's or a trace's body becomes attributes as Langfuse's own SDKs write them on spans, so that it is read, priced and
attributed as those are. What is JSON there is JSON here, texts too (`content_values.CONTENT_ENCODING`).
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec

from farthing.errors import BadRequestError
from farthing.langfuse.names import (
    LONGEST,
    OBSERVATION_ID,
    OTHER_USAGE,
    event_bytes,
    is_span_id,
    is_trace_id,
    span_bytes,
    trace_bytes,
)
from farthing.langfuse.shapes import Json, time_of
from farthing.model.fragment import Fragment
from farthing.model.span import NO_PARENT, Attributes
from farthing.normalize.content_values import CONTENT_ENCODING, JSON
from farthing.normalize.fragments import LEVEL, MESSAGE, OF_TRACE, TAGS, TRACE_ID, own_span
from farthing.privacy.names import Kind, kind_of
from farthing.privacy.scrub import CONTENT_MARK, SECRET_MARK

OBSERVATIONS: Mapping[str, str] = {
    "generation-create": "generation",
    "generation-update": "generation",
    "span-create": "span",
    "span-update": "span",
    "event-create": "event",
    "observation-create": "",
    "observation-update": "",
    "agent-create": "agent",
    "tool-create": "tool",
    "chain-create": "chain",
    "retriever-create": "retriever",
    "embedding-create": "embedding",
    "evaluator-create": "evaluator",
    "guardrail-create": "guardrail",
}
"""Type of event → type of observation; "" where the body tells it."""
TRACE, SCORE, LOG = "trace-create", "score-create", "sdk-log"

_O, _T = "langfuse.observation.", "langfuse.trace."
_MOST_VERSIONS = 2**31
_DEEPEST = 32
_LEVELS = frozenset({"DEBUG", "DEFAULT", "WARNING", "ERROR"})
_LEGACY_USAGE = (
    ("input", ("input", "promptTokens", "prompt_tokens")),
    ("output", ("output", "completionTokens", "completion_tokens")),
    ("total", ("total", "totalTokens", "total_tokens")),
)
_OTHER_UNITS = ("CHARACTERS", "MILLISECONDS", "SECONDS", "IMAGES", "REQUESTS")
_LEGACY_COST = (("input", "inputCost"), ("output", "outputCost"), ("total", "totalCost"))


class Told(msgspec.Struct, frozen=True):
    """An event that tells of a span; its attributes are not scrubbed yet."""

    fragment: Fragment
    trace: str
    """The trace's id as it was told."""


def of_trace(event: Json, body: Json, version: str) -> Told:
    """A trace's body. Raises `BadRequestError`."""
    told_id = _id(body, "id")
    attributes: Attributes = {CONTENT_ENCODING: JSON, OF_TRACE: True}
    _ids(attributes, told_id, None)
    for field, name in (
        ("name", _T + "name"),
        ("userId", "user.id"),
        ("sessionId", "session.id"),
        ("release", "langfuse.release"),
        ("version", "langfuse.version"),
        ("environment", "langfuse.environment"),
    ):
        if (text := _text(body, field)) is not None:
            attributes[name] = text
    if isinstance(body.get("public"), bool):
        attributes[_T + "public"] = body["public"]
    if isinstance(tags := body.get("tags"), list):
        attributes[TAGS] = [tag for tag in cast("list[Any]", tags) if isinstance(tag, str)]
    _values(attributes, _T, body)
    trace_id = trace_bytes(told_id)
    at = time_of("timestamp", body.get("timestamp"))
    fragment = Fragment(
        trace_id, own_span(trace_id), event_bytes(str(event["id"])), _when(event), False, _text(body, "name"),
        at, None, NO_PARENT, version, attributes,
    )  # fmt: skip
    return Told(fragment, told_id)


def of_implied(told: Told) -> Told:
    """The trace of an observation, where nobody has told of it."""
    trace_id, at = told.fragment.trace_id, told.fragment.start_ns
    attributes: Attributes = {CONTENT_ENCODING: JSON, OF_TRACE: True}
    _ids(attributes, told.trace, None)
    at = told.fragment.time_ns if at is None else at
    fragment = Fragment(
        trace_id, own_span(trace_id), event_bytes(""), 0, False, None, at, None, NO_PARENT,
        told.fragment.scope_version, attributes,
    )  # fmt: skip
    return Told(fragment, told.trace)


def of_observation(event: Json, body: Json, version: str, trace_of: Callable[[str], str | None]) -> Told:
    """An observation's body. `trace_of` answers the trace of an observation that was told before. Raises `BadRequestError`."""
    kind = str(event["type"])
    told_id = _id(body, "id") if body.get("id") is not None else str(event["id"])[:LONGEST]
    trace = _text(body, "traceId") or trace_of(told_id) or told_id
    attributes: Attributes = {CONTENT_ENCODING: JSON}
    observed = OBSERVATIONS[kind] or (_text(body, "type") or "span").lower()
    attributes[_O + "type"] = observed
    _ids(attributes, trace, told_id)
    for field, name in (
        ("model", _O + "model.name"),
        ("statusMessage", MESSAGE),
        ("version", "langfuse.version"),
        ("environment", "langfuse.environment"),
        ("promptName", _O + "prompt.name"),
    ):
        if (text := _text(body, field)) is not None:
            attributes[name] = text
    if (level := _text(body, "level")) is not None and level in _LEVELS:
        attributes[LEVEL] = level
    if isinstance(prompt := body.get("promptVersion"), int) and 0 <= prompt < _MOST_VERSIONS:
        attributes[_O + "prompt.version"] = prompt
    if isinstance(parameters := body.get("modelParameters"), dict):
        attributes[_O + "model.parameters"] = _json(parameters)
    if (first := time_of("completionStartTime", body.get("completionStartTime"))) is not None:
        attributes[_O + "completion_start_time"] = _json(str(body["completionStartTime"])) if first else ""
    _values(attributes, _O, body)
    _used(attributes, body)
    start, end = time_of("startTime", body.get("startTime")), time_of("endTime", body.get("endTime"))
    if observed == "event" and end is None:
        end = start
    fragment = Fragment(
        trace_bytes(trace), span_bytes(told_id), event_bytes(str(event["id"])), _when(event),
        kind.endswith("-update"), _text(body, "name"), start, end, _parent(body), version, attributes,
    )  # fmt: skip
    return Told(fragment, trace)


def _parent(body: Json) -> bytes | None:
    parent = _text(body, "parentObservationId")
    return None if parent is None else span_bytes(parent)


def _ids(attributes: Attributes, trace: str, observation: str | None) -> None:
    if not is_trace_id(trace):
        attributes[TRACE_ID] = trace
    if observation is not None and not is_span_id(observation):
        attributes[OBSERVATION_ID] = observation


def _values(attributes: Attributes, prefix: str, body: Json) -> None:
    """Input, output and metadata."""
    for field in ("input", "output"):
        if body.get(field) is not None:
            attributes[prefix + field] = _json(body[field])
    metadata = body.get("metadata")
    if isinstance(metadata, dict):
        for key, value in cast("Json", metadata).items():
            attributes[f"{prefix}metadata.{key}"] = _json(_safe(value, 0))
    elif metadata is not None:
        attributes[prefix + "metadata"] = _json(_safe(metadata, 0))


def _safe(value: Any, depth: int) -> Any:
    """Without what stands under the name of a credential: the gate doesn't look into JSON."""
    if depth >= _DEEPEST:
        return CONTENT_MARK
    if isinstance(value, dict):
        fields = cast("Json", value)
        return {
            name: SECRET_MARK
            if held and isinstance(held, str | dict | list) and kind_of(name) is Kind.SECRET
            else _safe(held, depth + 1)
            for name, held in fields.items()
        }
    if isinstance(value, list):
        return [_safe(held, depth + 1) for held in cast("list[Any]", value)]
    return value


def _used(attributes: Attributes, body: Json) -> None:
    """Usage and cost. Both forms of usage in one body are the same tokens: the newer one tells more."""
    legacy = cast("Json", body["usage"]) if isinstance(body.get("usage"), dict) else {}
    details = body.get("usageDetails")
    if not isinstance(details, dict) or not details:
        details = dict(legacy) if _is_of_provider(legacy) else _legacy_usage(legacy)
    if details:
        attributes[_O + "usage_details"] = _json(details)
    elif other := _other_usage(legacy):
        attributes[OTHER_USAGE] = _json(other)
    costs = body.get("costDetails")
    if not isinstance(costs, dict) or not costs:
        costs = {ours: legacy[theirs] for ours, theirs in _LEGACY_COST if isinstance(legacy.get(theirs), int | float)}
    if costs:
        attributes[_O + "cost_details"] = _json(costs)


def _is_of_provider(usage: Json) -> bool:
    return "prompt_tokens" in usage or "input_tokens" in usage


def _legacy_usage(usage: Json) -> Json:
    # Characters, seconds and images are no tokens.
    return {} if usage.get("unit") not in (None, "TOKENS") else _counts(usage)


def _other_usage(usage: Json) -> Json:
    if usage.get("unit") not in _OTHER_UNITS:
        return {}
    counts = {"input": 0, "output": 0, **_counts(usage)}
    return {"total": counts["input"] + counts["output"], **counts, "unit": usage["unit"]}


def _counts(usage: Json) -> Json:
    found: Json = {}
    for name, spellings in _LEGACY_USAGE:
        told = next((usage[one] for one in spellings if isinstance(usage.get(one), int | float)), None)
        if told is not None:
            found[name] = told
    return found


def _when(event: Json) -> int:
    at = time_of("timestamp", event.get("timestamp"))
    if at is None:
        msg = "timestamp has to be a time: of two events the later one holds."
        raise BadRequestError(msg)
    return at


def _id(body: Json, field: str) -> str:
    said = body.get(field)
    if not isinstance(said, str) or not 0 < len(said) <= LONGEST:
        msg = f"body.{field} has to be a text of 1 to {LONGEST} characters."
        raise BadRequestError(msg)
    return said


def _text(body: Json, field: str) -> str | None:
    said = body.get(field)
    return said if isinstance(said, str) and said else None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
