"""Traces, observations and scores as a Langfuse-compatible server lists them in; the events that tell of them out. Pure.

An event's id is made of what it tells: told again it is the same event, and changed at its source it is another one.
What the source doesn't know is left out: there are versions that write 0 for it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from farthing.cli.importing.peer import Json

DEFAULT_ENVIRONMENT = "default"

_OF_TRACE = (
    "id",
    "name",
    "timestamp",
    "userId",
    "sessionId",
    "release",
    "version",
    "tags",
    "input",
    "output",
    "metadata",
)
_OF_OBSERVATION = (
    "id", "traceId", "type", "name", "startTime", "endTime", "completionStartTime", "model", "modelParameters", "input",
    "output", "metadata", "version", "level", "statusMessage", "parentObservationId", "promptName", "promptVersion",
)  # fmt: skip
_OF_SCORE = ("id", "name", "dataType", "comment", "metadata", "authorUserId", "source", "timestamp")
_CALCULATED = (("input", "calculatedInputCost"), ("output", "calculatedOutputCost"), ("total", "calculatedTotalCost"))
_SUBJECTS = {"trace": "traceId", "observation": "observationId", "session": "sessionId", "experiment": "datasetRunId"}


def of_trace(trace: Json) -> Json:
    """The event of a trace from a list of traces."""
    body = _told(trace, _OF_TRACE) | _environment(trace)
    if trace.get("public") is True:
        body["public"] = True
    return _event("trace-create", body, trace, "timestamp")


def of_trace_beside(observation: Json) -> Json:
    """The event of a trace as one of its observations tells of it, where there is no list of traces."""
    body = _told(observation, ("userId", "sessionId", "release", "tags"))
    body |= {"id": observation.get("traceId"), "timestamp": observation.get("startTime")} | _environment(observation)
    if observation.get("traceName"):
        body["name"] = observation["traceName"]
    return _event("trace-create", body, observation, "startTime")


def of_observation(observation: Json) -> Json:
    """The event of an observation, whichever list it is from."""
    body = _told(observation, _OF_OBSERVATION) | _environment(observation)
    if used := _usage(observation):
        body["usageDetails"] = used
    if cost := _cost(observation):
        body["costDetails"] = cost
    return _event("observation-create", body, observation, "startTime")


def of_score(score: Json, configs: Mapping[str, str], runs: Mapping[str, str]) -> Json:
    """The event of a score, whichever list it is from. `configs` and `runs`: what the source's are called here.

    Raises `LookupError` for a score of a run that is not here.
    """
    body = _told(score, _OF_SCORE) | _environment(score) | _subject(score, runs)
    body["value"] = _value(score)
    if config := configs.get(str(score.get("configId"))):
        body["configId"] = config
    return _event("score-create", body, score, "timestamp")


def _subject(score: Json, runs: Mapping[str, str]) -> Json:
    """What it judges: one thing, as the narrowest id says."""
    subject = score.get("subject")
    if isinstance(subject, dict):
        told = cast("Json", subject)
        field = _SUBJECTS.get(str(told.get("kind")), "traceId")
        score = {field: told.get("id")} | ({"traceId": told["traceId"]} if told.get("traceId") else {})
    if run := score.get("datasetRunId"):
        if run not in runs:
            msg = "It judges a run that isn't here; import datasets, with their runs, as well."
            raise LookupError(msg)
        return {"datasetRunId": runs[run]}
    if score.get("traceId"):
        return _told(score, ("traceId", "observationId"))
    return _told(score, ("sessionId", "observationId"))


def _value(score: Json) -> Any:
    """Of a kind of its own: older lists write a number for a category, too."""
    kind, value, text = score.get("dataType"), score.get("value"), score.get("stringValue")
    if kind == "BOOLEAN":
        return int(value) if isinstance(value, bool | int | float) else value
    if kind in ("CATEGORICAL", "TEXT", "CORRECTION") or value is None:
        return text if isinstance(text, str) and text else value
    return value


def _usage(observation: Json) -> Json:
    told = observation.get("usageDetails")
    if isinstance(told, dict):
        return {name: count for name, count in cast("Json", told).items() if count is not None}
    legacy: Any = observation.get("usage")
    if not isinstance(legacy, dict):
        return {}
    counts = cast("Json", legacy)
    if counts.get("unit") not in (None, "TOKENS"):
        return {}
    found = {name: counts[name] for name in ("input", "output", "total") if counts.get(name) is not None}
    return found if any(found.values()) else {}


def _cost(observation: Json) -> Json:
    told = observation.get("costDetails")
    if isinstance(told, dict):
        return {name: amount for name, amount in cast("Json", told).items() if amount is not None}
    found = {name: observation[field] for name, field in _CALCULATED if observation.get(field) is not None}
    return found if any(found.values()) else {}


def _told(row: Json, fields: Iterable[str]) -> Json:
    return {field: row[field] for field in fields if row.get(field) not in (None, "", [], {})}


def _environment(row: Json) -> Json:
    """Where nobody told one, the default is listed."""
    told = row.get("environment")
    return {"environment": told} if told and told != DEFAULT_ENVIRONMENT else {}


def _event(kind: str, body: Json, row: Json, began: str) -> Json:
    content = hashlib.blake2b(json.dumps([kind, body]).encode(), digest_size=16).hexdigest()
    at = row.get("updatedAt") or row.get("createdAt") or row.get(began)
    return {"id": f"import-{content}", "type": kind, "timestamp": at, "body": body}
