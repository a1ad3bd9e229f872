"""Scores as Langfuse's SDKs post them in, ours out; and ours as each of their versions parses them. Pure."""

import uuid
from typing import Any

from farthing.errors import BadRequestError
from farthing.langfuse.names import span_bytes, trace_bytes
from farthing.langfuse.shapes import Json, moment, time_of
from farthing.model.score import NO_SPAN, NO_TRACE, DataType, Score, Target
from farthing.query.score_posting import Posted, score_of

DEFAULT_ENVIRONMENT = "default"

_KINDS = {Target.TRACE: "trace", Target.OBSERVATION: "observation", Target.SESSION: "session", Target.RUN: "experiment"}
_LEGACY_OBSERVATION = "observationId"


def posted(body: Json, now_ns: int) -> Score:
    """A score. Raises `BadRequestError` with a sentence for its sender."""
    told_id = body.get("id")
    if told_id is not None and not isinstance(told_id, str):
        msg = "id has to be a text."
        raise BadRequestError(msg)
    trace, observation = _text(body, "traceId"), _text(body, _LEGACY_OBSERVATION)
    return score_of(
        Posted(
            name=body.get("name"),
            value=body.get("value"),
            id=told_id or str(uuid.uuid4()),
            time_ns=time_of("timestamp", body.get("timestamp")) or now_ns,
            now_ns=now_ns,
            data_type=body.get("dataType"),
            trace=trace,
            trace_id=trace_bytes(trace) if trace else NO_TRACE,
            observation=observation,
            span_id=span_bytes(observation) if observation else NO_SPAN,
            # Releases 4.0 and some that follow don't write it as the others do.
            session_id=_text(body, "sessionId") or _text(body, "session_id"),
            run_id=_text(body, "datasetRunId"),
            comment=body.get("comment"),
            metadata=body.get("metadata"),
            config_id=_text(body, "configId"),
            queue_id=_text(body, "queueId"),
            author=_text(body, "authorUserId"),
            environment=_text(body, "environment") or DEFAULT_ENVIRONMENT,
            origin=_text(body, "source") or "API",
        )
    )


def legacy(score: Score) -> Json:
    """As versions 2 to 4 parse it. A category needs a number there, too: 0 where it has none, as Langfuse has it."""
    said: Json = {
        "id": score.id,
        "traceId": trace_of(score),
        "sessionId": score.session_id or None,
        "observationId": observation_of(score),
        "datasetRunId": score.run_id or None,
        "value": 0 if score.value is None else score.value,
        "dataType": score.kind.value,
        "configId": score.config_id or None,
        "queueId": score.queue_id or None,
        **_about(score),
    }
    if score.kind is not DataType.NUMERIC:
        said["stringValue"] = score.label or score.text
    return said


def polymorphic(score: Score, project_id: str) -> Json:
    """As the third version of the list has it: the value is of the score's own kind, and what it judges is its subject."""
    value: Any = score.value
    if score.kind is DataType.BOOLEAN:
        value = bool(score.value)
    elif score.kind is not DataType.NUMERIC:
        value = score.label or score.text
    return {
        "id": score.id,
        "projectId": project_id,
        "value": value,
        "dataType": score.kind.value,
        "configId": score.config_id or None,
        "queueId": score.queue_id or None,
        "subject": _subject(score),
        **_about(score),
    }


def trace_of(score: Score) -> str | None:
    """The id of the trace as it was told."""
    return score.trace or (None if score.trace_id == NO_TRACE else score.trace_id.hex())


def observation_of(score: Score) -> str | None:
    """Likewise of the observation."""
    return score.observation or (None if score.span_id == NO_SPAN else score.span_id.hex())


def _subject(score: Score) -> Json:
    kind = _KINDS[score.target]
    if score.target is Target.OBSERVATION:
        return {"kind": kind, "id": observation_of(score) or "", "traceId": trace_of(score)}
    told = {Target.SESSION: score.session_id, Target.RUN: score.run_id, Target.TRACE: trace_of(score) or ""}
    return {"kind": kind, "id": told[score.target]}


def _about(score: Score) -> Json:
    return {
        "name": score.name,
        "source": score.origin or "EVAL",
        "timestamp": moment(score.time_ns),
        "createdAt": moment(score.created_ns),
        "updatedAt": moment(score.updated_ns),
        "authorUserId": score.author or None,
        "comment": score.explanation or None,
        "metadata": score.metadata if score.metadata is not None else {},
        "environment": score.environment or DEFAULT_ENVIRONMENT,
    }


def _text(body: Json, field: str) -> str:
    said = body.get(field)
    if said is None:
        return ""
    if not isinstance(said, str):
        msg = f"{field} has to be a text."
        raise BadRequestError(msg)
    return said
