"""Requests of keys that keep content and of keys that don't; what was said in their spans, as it is read back."""

import json
from datetime import date
from typing import Any

import msgspec
import pytest
from corpus import recording
from stored_calls import new_project

from farthing.intake import otlp_logs
from farthing.model.flaw import Flaws
from farthing.model.ledger import UNKNOWN
from farthing.model.log import LogRecord
from farthing.model.span import NO_PARENT, Resource, Scope, Span, SpanEvent
from farthing.prepare import Prepared, Sender, prepare, prepare_logs
from farthing.query import content, conversation
from farthing.store.telemetry import contents, span_rows
from farthing.store.telemetry.engine import Engine

START = 1_790_000_000 * 10**9
TRACE = b"\1" * 16
LANGFUSE = Scope("langfuse-sdk", "3.15.0")


def span(number: int, attributes: dict[str, Any], parent: int = 0, *events: SpanEvent, start: int = START) -> Span:
    above = bytes([parent]) * 8 if parent else NO_PARENT
    at = start + number
    return Span(TRACE, bytes([number]) * 8, above, "s", 1, at, at + 9, 1, "", LANGFUSE, Resource(), attributes, events)


def keep(engine: Engine, prepared: Prepared, commit: int = 1) -> None:
    for name, table in prepared.others.items():
        engine.insert(name, span_rows.numbered([table], "commit", commit))
    engine.insert("spans", span_rows.numbered([prepared.spans], "commit", commit))


def told(project: str, *spans: Span, keeps: bool = True) -> Prepared:
    return prepare(Sender(project, "k", keeps), list(spans), lambda _call, _scope: UNKNOWN)


def of_trace(engine: Engine, project: str) -> dict[str, content.Content]:
    return content.of_trace(engine, project, TRACE.hex())


GIVEN: dict[str, Any] = {
    "langfuse.observation.input": '{"q": "What?", "api_key": "sk-1"}',
    "langfuse.observation.output": "42",
    "langfuse.observation.metadata.query": "x",
    "langfuse.observation.metadata.lvl": 1,
    "langfuse.trace.output": "all of it",
    "gen_ai.request.model": "gpt-4o",
}


def test_what_was_said_is_read_back_equal(telemetry_engine: Engine) -> None:
    project = new_project()
    event = SpanEvent("gen_ai.choice", START, {"index": 0, "message": {"content": "hi"}})
    first = span(1, {"langfuse.observation.input": "root"}, 0, event)
    keep(telemetry_engine, told(project, first, span(2, GIVEN, 1)))
    found = of_trace(telemetry_engine, project)
    assert list(found) == ["01" * 8, "02" * 8]
    one = found["02" * 8]
    assert one.input == {"q": "What?", "api_key": "[secret removed]"}
    assert (one.output, one.metadata, one.kept, one.cut) == (42, {"query": "x", "lvl": 1}, True, False)
    assert one.attributes["gen_ai.request.model"] == "gpt-4o"
    assert found["01" * 8].events == (event,)
    whole = content.of_whole(found)
    assert (whole.input, whole.output) == ("root", "all of it")
    assert content.of_span(telemetry_engine, project, TRACE.hex(), "02" * 8) == one
    assert content.of_span(telemetry_engine, project, TRACE.hex(), "03" * 8) is None
    assert of_trace(telemetry_engine, new_project()) == {}


def test_of_keys_that_dont_keep_it_nothing_is_there(telemetry_engine: Engine) -> None:
    project = new_project()
    prepared = told(project, span(2, GIVEN), keeps=False)
    assert contents.NAME not in prepared.others
    keep(telemetry_engine, prepared)
    one = of_trace(telemetry_engine, project)["02" * 8]
    assert (one.kept, one.input, one.output, one.values.trace_output) == (False, None, None, None)
    assert one.metadata == {"lvl": 1}


def test_the_latest_word_of_a_span_holds(telemetry_engine: Engine) -> None:
    project = new_project()
    keep(telemetry_engine, told(project, span(2, GIVEN)), 1)
    keep(telemetry_engine, told(project, span(2, {**GIVEN, "langfuse.observation.output": "43"}, start=START + 5)), 2)
    assert of_trace(telemetry_engine, project)["02" * 8].output == 43


def test_a_span_that_is_refused_leaves_no_content() -> None:
    bad = Span(TRACE, b"short", NO_PARENT, "s", 1, START, START, 1, "", LANGFUSE, Resource(), GIVEN)
    prepared = told("p", bad, span(2, GIVEN))
    assert prepared.refused.total() == 1
    assert prepared.others[contents.NAME].column("span_id").to_pylist() == [b"\2" * 8]


def test_much_content_counts_as_many_rows() -> None:
    small, large = (told("p", span(2, {"input.value": "x" * size})).size for size in (10, 400_000))
    assert small == 2
    assert large > 90


def record(name: str, body: Any, **attributes: Any) -> LogRecord:
    return LogRecord(START + 3, TRACE, b"\2" * 8, 9, "", name, body, Scope("lib"), Resource(), attributes)


def test_log_records_tell_what_was_said_in_their_span(telemetry_engine: Engine) -> None:
    project = new_project()
    keep(telemetry_engine, told(project, span(2, {"gen_ai.request.model": "m"})))
    details = record(
        "gen_ai.client.inference.operation.details", None,
        **{"gen_ai.request.model": "m", "gen_ai.output.messages": [{"role": "assistant", "parts": []}]},
    )  # fmt: skip
    records = [record("gen_ai.user.message", {"content": "hi", "role": "user"}), details]
    prepared = prepare_logs(Sender(project, "k", True), records, lambda _call, _scope: UNKNOWN, Flaws())
    keep(telemetry_engine, prepared)
    assert prepared.others[contents.NAME].num_rows == 2
    for one in (
        of_trace(telemetry_engine, project)["02" * 8],
        content.of_span(telemetry_engine, project, TRACE.hex(), "02" * 8),
    ):
        assert one is not None
        assert {event.name for event in one.events} == {"gen_ai.user.message", details.event_name}
        assert one.output == [{"role": "assistant", "parts": []}]
        assert next(e for e in one.events if e.name == "gen_ai.user.message").attributes["content"] == "hi"


def test_days_over_age_are_dropped_whole(telemetry_engine: Engine) -> None:
    project = new_project()
    days = [date(2001, 1, 1), date(2001, 1, 2)]
    for number, day in enumerate(days, 2):
        start = (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400 * 10**9
        keep(telemetry_engine, told(project, span(number, GIVEN, start=start)))
    assert contents.drop_before(telemetry_engine, days[1]) == 1
    assert [one.kept for one in of_trace(telemetry_engine, project).values()] == [False, True]
    assert contents.drop_before(telemetry_engine, days[1]) == 0


@pytest.mark.parametrize("name", ["otelv2-default/chat", "otelgenai-content/chat"])
def test_recorded_log_records_are_written(name: str) -> None:
    for file in (recording.RECORDINGS / name).glob("*-logs.pb"):
        found = otlp_logs.decode_protobuf(file.read_bytes(), recording.LONG_AFTER_NS)
        prepared = prepare_logs(Sender("p", "k", True), found.records, lambda _call, _scope: UNKNOWN, found.flaws)
        assert prepared.others["logs"].num_rows == len(found.records)


def test_a_conversation_is_told_or_why_there_is_none(telemetry_engine: Engine) -> None:
    kept, not_kept, silent = new_project(), new_project(), new_project()
    said = {**GIVEN, "langfuse.observation.input": '[{"role": "user", "content": "hi"}]'}
    keep(telemetry_engine, told(kept, span(1, {}), span(2, said, 1)))
    keep(telemetry_engine, told(not_kept, span(2, said), keeps=False))
    keep(telemetry_engine, told(silent, span(2, {"gen_ai.request.model": "m"})))

    def of_span(project: str) -> dict[str, Any]:
        return conversation.of_span(content.of_span(telemetry_engine, project, TRACE.hex(), "02" * 8))

    found = json.loads(msgspec.json.encode(of_span(kept)))
    assert found["no_messages_because"] is None
    assert found["messages"]["input"] == [{"role": "user", "parts": [{"type": "text", "text": "hi"}]}]
    assert found["messages"]["output"] == [{"role": "assistant", "parts": [{"type": "text", "text": "42"}]}]
    assert "farthing keys change k --content" in of_span(not_kept)["no_messages_because"]
    assert of_span(silent)["no_messages_because"].startswith("Nothing that was said came")
    whole = conversation.of_trace(telemetry_engine, kept, TRACE.hex())["messages"]
    assert [part.text for one in whole["output"] for part in one.parts] == ["all of it"]
    assert conversation.of_trace(telemetry_engine, new_project(), TRACE.hex())["messages"] is None
