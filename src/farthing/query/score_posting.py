"""A score as it was posted, its fields already named alike, in; the score it is, or what is wrong with it, out. Pure."""

import math
import re
from typing import Any

import msgspec

from farthing.errors import BadRequestError
from farthing.model.score import NO_SPAN, NO_TRACE, DataType, Score, ScoreSource, Target
from farthing.model.span import Value

LONGEST_NAME = 256
LONGEST_ID = 255
LONGEST_TEXT = 500
LONGEST_CORRECTION = 65_536
LONGEST_COMMENT = 4_096
LONGEST_METADATA = 65_536

ORIGINS = ("API", "EVAL", "ANNOTATION")

_TRACE = re.compile(r"[0-9a-f]{32}")
_SPAN = re.compile(r"[0-9a-f]{16}")


class Posted(msgspec.Struct, frozen=True):
    """A score as told. Ids of traces and observations are given both as told and as spans have them."""

    name: Any
    value: Any
    id: str
    time_ns: int
    now_ns: int
    data_type: Any = None
    trace: str = ""
    trace_id: bytes = NO_TRACE
    observation: str = ""
    span_id: bytes = NO_SPAN
    session_id: str = ""
    run_id: str = ""
    comment: Any = None
    metadata: Value = None
    config_id: str = ""
    queue_id: str = ""
    author: str = ""
    environment: str = ""
    origin: str = "API"


def score_of(posted: Posted) -> Score:
    """The score. Raises `BadRequestError` with a sentence for its sender."""
    name = posted.name
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise BadRequestError(f"name has to be a text of 1 to {LONGEST_NAME} characters.")
    if not 0 < len(posted.id) <= LONGEST_ID:
        raise BadRequestError(f"id has to be a text of 1 to {LONGEST_ID} characters.")
    kind = _kind(posted.data_type, posted.value)
    value, label, text = _value(kind, posted.value)
    if posted.origin not in ORIGINS:
        raise BadRequestError(f"source is one of {', '.join(ORIGINS)}.")
    _check_metadata(posted.metadata)
    comment = posted.comment if isinstance(posted.comment, str) else ""
    return Score(
        posted.trace_id, posted.span_id, name, value, label, comment[:LONGEST_COMMENT], ScoreSource.API, posted.time_ns,
        posted.id, kind, text, _target(posted),
        "" if _TRACE.fullmatch(posted.trace) else posted.trace,
        "" if _SPAN.fullmatch(posted.observation) else posted.observation,
        posted.session_id, posted.run_id, posted.origin, posted.metadata, posted.config_id, posted.queue_id,
        posted.author, posted.environment, posted.now_ns,
    )  # fmt: skip


def _target(posted: Posted) -> Target:
    told = [bool(posted.trace or posted.observation), bool(posted.session_id), bool(posted.run_id)]
    if sum(told) != 1:
        raise BadRequestError("A score judges one thing: a trace, an observation of it, a session, or a dataset run.")
    if posted.run_id:
        return Target.RUN
    if posted.session_id:
        return Target.SESSION
    return Target.OBSERVATION if posted.observation else Target.TRACE


def _kind(told: Any, value: Any) -> DataType:
    if told is None:
        if isinstance(value, bool):
            return DataType.BOOLEAN
        return DataType.CATEGORICAL if isinstance(value, str) else DataType.NUMERIC
    try:
        return DataType(told)
    except ValueError as error:
        raise BadRequestError(f"dataType is one of {', '.join(DataType)}.") from error


def _value(kind: DataType, told: Any) -> tuple[float | None, str, str]:
    """Number, label, text."""
    if kind is DataType.NUMERIC:
        return _number(told), "", ""
    if kind is DataType.BOOLEAN:
        if told not in (0, 1):
            raise BadRequestError("value of a BOOLEAN score has to be 0 or 1.")
        return float(told), str(bool(told)), ""
    if not isinstance(told, str) or not told:
        raise BadRequestError(f"value of a {kind} score has to be a text.")
    if kind is DataType.CATEGORICAL:
        if len(told) > LONGEST_TEXT:
            raise BadRequestError(f"A category has at most {LONGEST_TEXT} characters.")
        return None, told, ""
    most = LONGEST_TEXT if kind is DataType.TEXT else LONGEST_CORRECTION
    if len(told) > most:
        raise BadRequestError(f"value of a {kind} score has at most {most} characters.")
    return None, "", told


def _number(told: Any) -> float:
    try:
        if not isinstance(told, bool) and isinstance(told, int | float) and math.isfinite(told):
            return float(told)
    except OverflowError:  # an integer that no float can hold
        pass
    raise BadRequestError("value has to be a number.")


def _check_metadata(told: Value) -> None:
    try:
        size = len(msgspec.json.encode(told))
    except (OverflowError, RecursionError, UnicodeError, msgspec.MsgspecError) as error:
        raise BadRequestError("metadata can't be kept as JSON.") from error
    if size > LONGEST_METADATA:
        raise BadRequestError(f"metadata may have {LONGEST_METADATA} bytes as JSON.")
