"""Spans with their content and their calls in; observations as each version of Langfuse's SDKs parses them, out. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec

from farthing.langfuse.names import OBSERVATION_ID
from farthing.langfuse.observation_usage import cost_details, json_of, legacy_usage, usage_details
from farthing.langfuse.shapes import Json, moment
from farthing.model.span import Value
from farthing.normalize.fragments import LEVEL, MESSAGE, OPEN, TRACE_ID, own_span
from farthing.query import of_traces
from farthing.query.observed import Observed
from farthing.query.of_traces import ENVIRONMENTS, SESSIONS, USERS

DEFAULT_ENVIRONMENT = "default"
GROUPS = ("core", "basic", "time", "io", "metadata", "model", "usage", "prompt", "metrics", "trace_context")
GROUPS_BY_DEFAULT = frozenset({"core", "basic"})

_O = "langfuse.observation."
_NS = Decimal(10**9)
_SHORT = 200
"""Characters of a value of the metadata, unless it is asked for by name."""
_PARAMETERS = "gen_ai.request."


def trace_id(one: Observed) -> str:
    """The trace's id as it was told."""
    told = one.attributes.get(TRACE_ID)
    return told if isinstance(told, str) else one.trace_id.hex()


def observation_id(one: Observed) -> str:
    """The observation's."""
    told = one.attributes.get(OBSERVATION_ID)
    return told if isinstance(told, str) else one.span_id.hex()


def parent_id(one: Observed, known: Mapping[bytes, Observed]) -> str | None:
    """That of the observation above; None below the trace itself."""
    parent = one.said.parent
    if not parent or parent == own_span(one.trace_id).hex():
        return None
    above = known.get(bytes.fromhex(parent))
    return parent if above is None else observation_id(above)


def view(one: Observed, known: Mapping[bytes, Observed]) -> Json:
    """As versions 2 to 4 parse it; `known` are spans of the same trace, by their ids."""
    usage, costs = usage_details(one), cost_details(one)
    prompt = _text(one.attributes.get(_O + "prompt.name"))
    return {
        "id": observation_id(one),
        "traceId": trace_id(one),
        "type": one.type,
        "name": one.name or None,
        "startTime": moment(one.start_ns),
        "endTime": end_time(one),
        "completionStartTime": first_token(one),
        "model": model(one),
        "modelParameters": parameters(one),
        "input": one.said.input,
        "output": one.said.output,
        "metadata": one.said.metadata,
        "version": _text(one.attributes.get("langfuse.version")),
        "level": level(one),
        "statusMessage": status_message(one),
        "parentObservationId": parent_id(one, known),
        "promptId": None,
        "promptName": prompt,
        "promptVersion": _whole(one.attributes.get(_O + "prompt.version")),
        "modelId": None,
        "environment": environment(one),
        "usage": legacy_usage(one, usage, costs),
        "usageDetails": usage,
        "costDetails": costs,
        "inputPrice": None,
        "outputPrice": None,
        "totalPrice": None,
        "calculatedInputCost": costs.get("input"),
        "calculatedOutputCost": costs.get("output"),
        "calculatedTotalCost": costs.get("total"),
        "latency": latency(one),
        "timeToFirstToken": until_first_token(one),
        "unit": "TOKENS",
        "promptTokens": usage.get("input", 0),
        "completionTokens": usage.get("output", 0),
        "totalTokens": usage.get("total", 0),
        "createdAt": moment(one.updated_ns),
        "updatedAt": moment(one.updated_ns),
    }


def grouped(
    one: Observed, known: Mapping[bytes, Observed], about: of_traces.About | None, asked: "Fields", project_id: str
) -> Json:
    """As the second version of the list has it: those groups of fields that are asked for."""
    told: Json = {
        "id": observation_id(one),
        "traceId": trace_id(one),
        "startTime": moment(one.start_ns),
        "endTime": end_time(one),
        "projectId": project_id,
        "parentObservationId": parent_id(one, known),
        "type": one.type,
    }
    for group, fields in _FIELDS.items():
        if group in asked.groups:
            told |= fields(one, about, asked)
    return told


class Fields(msgspec.Struct, frozen=True):
    """Which fields are asked for, and how."""

    groups: frozenset[str] = GROUPS_BY_DEFAULT
    whole_metadata: frozenset[str] = frozenset()
    parsed: bool = False
    """Whether inputs and outputs are told as JSON values; else as text."""


def _basic(one: Observed, about: of_traces.About | None, _: Fields) -> Json:
    return {
        "name": one.name or None,
        "level": level(one),
        "statusMessage": status_message(one),
        "version": _text(one.attributes.get("langfuse.version")),
        "environment": environment(one),
        "bookmarked": False,
        "public": one.attributes.get("langfuse.trace.public") is True,
        "userId": about.user_id or None if about else _first(one, USERS),
        "sessionId": about.session_id or None if about else _first(one, SESSIONS),
        "isRootObservation": is_root(one),
    }


def _time(one: Observed, _: of_traces.About | None, __: Fields) -> Json:
    updated = moment(one.updated_ns)
    return {"completionStartTime": first_token(one), "createdAt": updated, "updatedAt": updated}


def _io(one: Observed, _: of_traces.About | None, asked: Fields) -> Json:
    said = {"input": one.said.input, "output": one.said.output}
    return said if asked.parsed else {name: as_text(value) for name, value in said.items()}


def _metadata(one: Observed, _: of_traces.About | None, asked: Fields) -> Json:
    held = one.said.metadata or {}
    return {"metadata": {k: v if k in asked.whole_metadata else _shortened(v) for k, v in held.items()}}


def _model(one: Observed, _: of_traces.About | None, __: Fields) -> Json:
    return {"model": model(one), "internalModelId": None, "modelId": None, "modelParameters": parameters(one)}


def _usage(one: Observed, _: of_traces.About | None, __: Fields) -> Json:
    costs = cost_details(one)
    return {
        "usageDetails": usage_details(one),
        "costDetails": costs,
        "totalCost": costs.get("total"),
        "usagePricingTierName": (one.call or {}).get("served_tier") or None,
    }


def _prompt(one: Observed, _: of_traces.About | None, __: Fields) -> Json:
    name = _text(one.attributes.get(_O + "prompt.name"))
    return {"promptId": None, "promptName": name, "promptVersion": _whole(one.attributes.get(_O + "prompt.version"))}


def _metrics(one: Observed, _: of_traces.About | None, __: Fields) -> Json:
    return {"latency": latency(one), "timeToFirstToken": until_first_token(one)}


def _trace_context(_: Observed, about: of_traces.About | None, __: Fields) -> Json:
    told = about or of_traces.NOTHING
    return {"tags": list(told.tags), "release": told.release or None, "traceName": told.name or None}


_FIELDS = {
    "basic": _basic,
    "time": _time,
    "io": _io,
    "metadata": _metadata,
    "model": _model,
    "usage": _usage,
    "prompt": _prompt,
    "metrics": _metrics,
    "trace_context": _trace_context,
}


def as_text(value: Value) -> str | None:
    """A text as it is, all else as JSON."""
    return value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()


def level(one: Observed) -> str:
    """DEBUG, DEFAULT, WARNING or ERROR."""
    return _text(one.attributes.get(LEVEL)) or ("ERROR" if one.failed else "DEFAULT")


def status_message(one: Observed) -> str | None:
    """What is told of the level; else, of the span's own state."""
    return _text(one.attributes.get(MESSAGE)) or one.status_message or None


def environment(one: Observed) -> str:
    """The observation's own, else its process's."""
    return _first(one, ENVIRONMENTS) or DEFAULT_ENVIRONMENT


def is_root(one: Observed) -> bool:
    """Whether it is the topmost one that its process sent."""
    said = one.attributes
    marked = said.get("langfuse.internal.is_app_root") is True or said.get("langfuse.internal.as_root") is True
    return marked or one.said.parent in ("", own_span(one.trace_id).hex())


def end_time(one: Observed) -> str | None:
    """None where nobody said when it ended."""
    return None if one.attributes.get(OPEN) is True else moment(one.end_ns)


def latency(one: Observed) -> Decimal | None:
    """Seconds."""
    return None if one.attributes.get(OPEN) is True else (one.end_ns - one.start_ns) / _NS


def until_first_token(one: Observed) -> Decimal | None:
    """Seconds."""
    found = None if one.call is None else one.call["ttft_ns"]
    return None if found is None else found / _NS


def first_token(one: Observed) -> str | None:
    """When the first token came."""
    found = None if one.call is None else one.call["ttft_ns"]
    return None if found is None else moment(one.start_ns + found)


def model(one: Observed) -> str | None:
    """The one that the application named, else the one that answered."""
    told = _text(one.attributes.get(_O + "model.name"))
    if told or one.call is None:
        return told
    return one.call["response_model"] or one.call["request_model"] or None


def parameters(one: Observed) -> Json:
    """Those of the request."""
    told = json_of(one.attributes.get(_O + "model.parameters"))
    if isinstance(told, dict):
        return cast("Json", told)
    return {
        name.removeprefix(_PARAMETERS): value
        for name, value in one.attributes.items()
        if name.startswith(_PARAMETERS) and name != _PARAMETERS + "model"
    }


def _first(one: Observed, names: tuple[str, ...]) -> str | None:
    for held in (one.attributes, one.resource):
        for name in names:
            told = held.get(name)
            if isinstance(told, str) and told.strip('"'):
                return told.strip('"')
    return None


def _shortened(value: Value) -> Value:
    return value[:_SHORT] if isinstance(value, str) and len(value) > _SHORT else value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
