"""What every recorded library holds for a conversation; who said what, in one form."""

from collections import defaultdict
from typing import Any, cast

import msgspec
import pytest
from corpus import recording

from farthing.intake import otlp, otlp_logs
from farthing.model.span import Span, SpanEvent
from farthing.normalize.messages import Messages, messages
from farthing.normalize.said import Message, Part

ANSWER = "Observability tells you why a café ☕ costs $0.0042 per answer."


def recorded(case: str) -> list[tuple[Span, Messages]]:
    """Spans with what was said in them, log records included."""
    folder = recording.RECORDINGS / case
    beside: dict[bytes, list[SpanEvent]] = defaultdict(list)
    for file in sorted(folder.glob("*-logs.pb")):
        for record in otlp_logs.decode_protobuf(file.read_bytes(), recording.LONG_AFTER_NS).records:
            body = cast("dict[str, Any]", record.body if isinstance(record.body, dict) else {})
            beside[record.span_id].append(SpanEvent(record.event_name, record.time_ns, {**record.attributes, **body}))
    spans: list[Span] = []
    for file in sorted(folder.glob("*-traces.*")):
        decode = otlp.decode_json if file.suffix == ".json" else otlp.decode_protobuf
        spans += decode(file.read_bytes(), recording.LONG_AFTER_NS).spans
    return [(one, messages(one.attributes, (*one.events, *beside[one.span_id]))) for one in spans]


def texts(told: list[Message]) -> list[tuple[str, str]]:
    return [(one.role, (part.text or "").strip()) for one in told for part in one.parts if part.type == "text"]


def of_kind(told: list[Message], kind: str) -> list[Part]:
    return [part for one in told for part in one.parts if part.type == kind]


@pytest.mark.parametrize(
    "library",
    [
        "langchain-openinference", "langchain-openllmetry-0_40", "langchain_openai-openllmetry",
        "langfuse-v3", "langfuse-v4", "langfuse-v5", "litellm-otel", "litellm-otel-1_70", "logfire", "logfire-3",
        "logfire-4_41", "mlflow", "mlflow-3_5", "openinference", "openinference-2025", "openlit", "openlit-1_44",
        "openllmetry", "openllmetry-0_47", "otelgenai-content", "otelv2-latest", "pydantic-ai-1",
        "pydantic-ai-0_4", "pydantic-ai-v2fmt", "traceloop-sdk-0_40", "vercel-ai-v4", "vercel-ai-v5", "vercel-ai-v6",
        "vercel-ai-v7",
    ],
)  # fmt: skip
def test_every_library_tells_who_asked_and_what_was_answered(library: str) -> None:
    asked = answered = 0
    for case in recording.cases(library):
        for _, found in recorded(case):
            asked += any(role == "user" and said for role, said in texts(found.input))
            answered += ("assistant", ANSWER) in texts(found.output)
    assert asked
    assert answered


@pytest.mark.parametrize(
    "case",
    ["openinference/tools", "openllmetry/tools", "openlit/tools", "langfuse-v5/tools", "mlflow/tools", "vercel-ai-v6/tools",
     "otelgenai-content/tools", "logfire/tools", "openinference/anthropic_tools", "langchain-openinference/agent"],
)  # fmt: skip
def test_calls_of_tools_have_their_arguments_and_results(case: str) -> None:
    found = [told for _, told in recorded(case)]
    calls = [part for told in found for part in of_kind(told.output, "tool_call")]
    assert {part.name for part in calls} == {"get_weather"}
    assert {part.value["city"] for part in calls if isinstance(part.value, dict)} <= {"Paris", "Lisbon"}
    results = [part for told in found for part in of_kind(told.input, "tool_result")]
    assert results
    assert {part.id for part in results} <= {part.id for part in calls}


def test_reasoning_and_instructions_and_tools_stand_apart() -> None:
    found = [told for _, told in recorded("openinference/responses")]
    assert {part.text for told in found for part in of_kind(told.output, "reasoning")} == {"Thinking about cost."}
    told = messages(
        {
            "gen_ai.system_instructions": '[{"type": "text", "content": "Be terse."}]',
            "gen_ai.input.messages": '[{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]',
            "gen_ai.tool.definitions": '[{"name": "f"}]',
        }
    )
    assert told == Messages(
        [Message("user", [Part("text", text="hi")])], [], [Part("text", text="Be terse.")], [{"name": "f"}]
    )


@pytest.mark.parametrize(
    ("attributes", "given", "answered"),
    [
        ({"input.value": "hi", "output.value": "ho"}, [("user", "hi")], [("assistant", "ho")]),
        ({"input.value": '{"messages": [[{"lc": 1, "id": ["x", "HumanMessage"], "kwargs": {"content": "hi"}}]]}'}, [("user", "hi")], []),
        ({"mlflow.spanInputs": '{"system": "s", "messages": [{"role": "user", "content": "hi"}]}'}, [("system", "s"), ("user", "hi")], []),
        ({"mlflow.spanOutputs": '{"candidates": [{"content": {"parts": [{"text": "ho"}], "role": "model"}}]}'}, [], [("assistant", "ho")]),
        ({"gen_ai.prompt.1.content": "b", "gen_ai.prompt.0.content": "a", "gen_ai.prompt.0.role": "system"}, [("system", "a"), ("user", "b")], []),
        ({"langfuse.observation.output": '{"choices": [{"message": {"role": "assistant", "content": "ho"}}]}'}, [], [("assistant", "ho")]),
        ({"llm.openai.choices": "[{'index': 0, 'message': {'content': 'ho', 'role': 'assistant'}}]"}, [], [("assistant", "ho")]),
        ({"ai.prompt": '{"prompt": "hi"}', "ai.response.text": "ho"}, [("user", "hi")], [("assistant", "ho")]),
        ({"input.value": "[content not kept]"}, [], []),
        ({}, [], []),
    ],
)  # fmt: skip
def test_shapes_of_requests_and_responses_are_known(attributes: dict[str, Any], given: Any, answered: Any) -> None:
    found = messages(attributes)
    assert (texts(found.input), texts(found.output)) == (given, answered)
    assert bool(found) is bool(given or answered)


ODD: list[Any] = [{"a": 1}, [1, 2], 5, '{"a": ', [[[]]], {"messages": 7}, {"role": None}, [{"type": "image", "x": 1}]]


@pytest.mark.parametrize("value", ODD)
def test_what_nobody_knows_is_told_as_it_is_and_never_raises(value: Any) -> None:
    told = messages(
        {"langfuse.observation.input": value, "gen_ai.prompt.0.tool_calls": value, "gen_ai.output.messages": value}
    )
    msgspec.json.encode(told)


def test_no_recording_raises_and_what_is_recognised_is_most() -> None:
    parts = unknown = 0
    for case in recording.cases():
        for _, told in recorded(case):
            held = [part for one in (*told.input, *told.output) for part in one.parts]
            parts += len(held)
            unknown += sum(part.type == "json" for part in held)
    assert parts > 2000
    assert unknown < parts / 10
