"""Every recording of every library passes the gate; nothing that was asked or answered is left in spans or log records."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from corpus import recording

from farthing.intake import otlp, otlp_logs
from farthing.privacy.logs import scrub_record
from farthing.privacy.scrub import SECRET_MARK, scrub

SAID = (
    "Observability tells you",  # what the model answers
    "Thinking about cost",
    "You are a terse FinOps assistant",
    "CACHED-PROMPT",
    "What is LLM observability",
    "Weather in Paris",
    "Summarise the policy",
    "celsius",  # within the arguments of a tool and its definition
    '"temp',  # what the tool answers
    "Current weather",
    "what is otel",  # what is embedded
    "what is cost",
    "0.009999999776482582",  # an embedding
)
"""What the recorded applications and the provider said to each other. As values; some are parts of other names."""

DECODE = {
    ("traces", ".pb"): otlp.decode_protobuf,
    ("traces", ".json"): otlp.decode_json,
    ("logs", ".pb"): otlp_logs.decode_protobuf,
    ("logs", ".json"): otlp_logs.decode_json,
}


def bodies(case: str) -> Iterator[tuple[str, bytes, Any]]:
    """Kind, bytes and what they hold."""
    for file in sorted((recording.RECORDINGS / case).iterdir()):
        kind = file.stem.partition("-")[2]
        if (kind, file.suffix) in DECODE:
            yield kind, file.read_bytes(), DECODE[kind, file.suffix](file.read_bytes(), recording.LONG_AFTER_NS)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for held in cast("dict[str, Any]", value).values():
            yield from strings(held)
    elif isinstance(value, list):
        for held in cast("list[Any]", value):
            yield from strings(held)
    else:
        yield str(value)


def kept(case: str) -> Iterator[str]:
    """All values that would be written."""
    for kind, _, decoded in bodies(case):
        if kind == "traces":
            for span in map(scrub, decoded.spans):
                yield from strings([span.name, span.status_message, span.attributes, span.resource.attributes])
                yield from strings([event.attributes for event in span.events])
        else:
            for record in map(scrub_record, decoded.records):
                yield from strings([record.body, record.attributes, record.resource.attributes])


@pytest.mark.parametrize("case", recording.cases())
def test_nothing_that_was_said_is_kept(case: str) -> None:
    values = [value for value in kept(case) if "Traceback" not in value and "temperature" not in value]
    assert [(said, value) for said in SAID for value in values if said in value] == []
    assert SECRET_MARK not in values


@pytest.mark.parametrize("said", SAID)
def test_it_was_said_in_what_was_sent(said: str) -> None:
    if said[0].isdigit():
        return  # sent in binary
    assert any(said.encode() in body for case in recording.cases() for _, body, _ in bodies(case))


def test_the_models_answers_are_among_it() -> None:
    answers = {str(call.get("output_text") or "") for case in recording.cases() for call in recording.truth(case)}
    unguarded = {answer for answer in answers if not any(said in answer for said in SAID)}
    assert unguarded <= {"", "4"}
