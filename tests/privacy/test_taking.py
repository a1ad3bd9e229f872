"""Spans and log records as received and as they may be written; what was taken out of them, without secrets and not too long."""

import json
from typing import Any

import pytest
from corpus import recording

from farthing.intake import otlp
from farthing.model.content import Content
from farthing.model.log import LogRecord
from farthing.model.span import Resource, Scope, Span, SpanEvent
from farthing.privacy import fitting, taking
from farthing.privacy.scrub import CONTENT_MARK, SECRET_MARK, scrub_all


def span(attributes: dict[str, Any], *events: dict[str, Any]) -> Span:
    told = tuple(SpanEvent("event", 1, one) for one in events)
    return Span(b"t" * 16, b"s" * 8, b"", "chat", 3, 7, 8, 1, "", Scope("lib"), Resource(), attributes, told)


def taken(attributes: dict[str, Any], *events: dict[str, Any]) -> Content | None:
    received = [span(attributes, *events)]
    return next(iter(taking.of_spans(received, scrub_all(received))), None)


def test_what_the_gate_takes_is_what_is_kept_and_nothing_else() -> None:
    found = taken(
        {"gen_ai.prompt.0.content": "hi", "gen_ai.request.model": "m", "input": {"a": [1, "2", None]}, "output": 5},
        {"index": 0},
        {"gen_ai.completion": "words", "index": 1},
    )
    assert found == Content(
        b"t" * 16, b"s" * 8, 7,
        {"gen_ai.prompt.0.content": "hi", "input": {"a": [1, "2", None]}},
        {1: {"gen_ai.completion": "words"}},
    )  # fmt: skip
    assert taken({"gen_ai.request.model": "m"}, {"index": 0}) is None


def test_nothing_that_was_said_in_a_recording_is_lost() -> None:
    spans = 0
    for case in recording.cases():
        for file in sorted((recording.RECORDINGS / case).glob("*-traces.pb")):
            received = otlp.decode_protobuf(file.read_bytes(), recording.LONG_AFTER_NS).spans
            passed = scrub_all(received)
            found = {one.span_id: one for one in taking.of_spans(received, passed)}
            for old, new in zip(received, passed, strict=True):
                marked = {key for key, value in new.attributes.items() if value == CONTENT_MARK}
                kept = found[old.span_id].attributes if marked else {}
                assert {key: kept.get(key) for key in marked} == {key: old.attributes[key] for key in marked}
                spans += bool(marked)
    assert spans > 300


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"api_key": "x", "n": 1}, {"api_key": SECRET_MARK, "n": 1}),
        ([{"headers": {"Authorization": "Bearer x", "accept": "*"}}], [{"headers": {"Authorization": SECRET_MARK, "accept": "*"}}]),
        ('{"args": {"password": "x"}}', f'{{"args":{{"password":"{SECRET_MARK}"}}}}'),
        ('[{"arguments": "{\\"access_token\\": \\"x\\"}"}]', None),
        ("[{'api_key': 'x', 'city': 'Paris'}]", f"[{{'api_key': '{SECRET_MARK}', 'city': 'Paris'}}]"),
        ("use sk-ant-api03-abcdefghijklmnop1234 now", f"use {SECRET_MARK} now"),
        ("postgres://me:hunter2@db/x", f"postgres://me:{SECRET_MARK}@db/x"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----", SECRET_MARK),
    ],
)  # fmt: skip
def test_secrets_leave_a_mark_at_any_depth(value: Any, kept: Any) -> None:
    found = taken({"input.value": value})
    assert found is not None
    if kept is not None:
        assert found.attributes == {"input.value": kept}
    said = json.dumps(found.attributes)
    assert SECRET_MARK in said
    assert '"x' not in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "value",
    [
        "the secret of a good password is its length, said the task-management-system-2000",
        '{"type": "object", "properties": {"password": {"type": "string"}, "city": {"type": "string"}}}',
        '{"cookie_count": 3,   "passwords": []}',
        '[{"content": "an api_key is \\"a key\\""}]',
        "{not json, but cookie",
    ],
)
def test_what_only_speaks_of_secrets_stays_as_it_was_written(value: str) -> None:
    assert (found := taken({"input.value": value})) is not None
    assert found.attributes == {"input.value": value}


def test_what_stood_under_a_secrets_name_is_not_taken() -> None:
    found = taken({"api_key": "sk-1", "url.full": "http://h/?key=1", "config": {"api_key": "k", "prompt": "p"}})
    assert found is not None
    assert found.attributes == {"config": {"api_key": SECRET_MARK, "prompt": "p"}}


def test_a_structure_as_deep_as_a_stack_is_cut() -> None:
    deep: Any = "bottom"
    for _ in range(900):
        deep = {"content": deep}
    found = taken({"input.value": deep})
    assert found is not None
    assert "bottom" not in json.dumps(found.attributes)


def record(body: Any, name: str = "gen_ai.user.message", **attributes: Any) -> LogRecord:
    return LogRecord(5, b"t" * 16, b"s" * 8, 9, "", name, body, Scope("lib"), Resource(), attributes)


def test_the_content_of_a_log_record_belongs_to_its_span() -> None:
    found = taking.of_record(record({"content": "hi", "role": "user"}, prompt="p", model="m"), b"r" * 16)
    assert found == Content(
        b"t" * 16, b"s" * 8, 5, {"prompt": "p"}, {}, b"r" * 16, "gen_ai.user.message", {"content": "hi", "role": "user"}
    )  # fmt: skip
    assert taking.of_record(record("a line of a log", ""), b"r" * 16) is None
    assert taking.of_record(record({"role": "user"}), b"r" * 16) is None
    nowhere = LogRecord(5, b"", b"", 9, "", "gen_ai.choice", {"content": "x"}, Scope(), Resource(), {})
    assert taking.of_record(nowhere, b"r" * 16) is None


def test_of_one_span_no_more_than_a_mebibyte_is_kept_and_what_is_cut_says_so() -> None:
    found = taken(
        {"gen_ai.prompt": "a" * 3_000_000, "gen_ai.completion": "é" * 1_000_000, "system": "short"},
        {"message": "e" * 2_000_000},
    )
    assert found is not None
    assert found.cut
    assert found.attributes["system"] == "short"
    assert found.attributes["gen_ai.prompt"].startswith("aaa")
    assert found.attributes["gen_ai.prompt"].endswith(" more characters not kept]")
    kept = [*found.attributes.values(), *(value for event in found.events.values() for value in event.values())]
    sizes = [len(value.encode()) for value in kept]
    assert sum(sizes) <= fitting.LONGEST
    assert min(sorted(sizes)[1:]) > fitting.LONGEST // 4


def test_ten_thousand_values_fit_too() -> None:
    found = taken({f"llm.input_messages.{number}.message.content": "x" * 500 for number in range(10_000)})
    assert found is not None
    assert found.cut
    assert len(json.dumps(found.attributes, ensure_ascii=False)) <= 1.05 * fitting.LONGEST


def test_what_is_short_enough_is_the_same_object() -> None:
    content = Content(b"", b"", 0, {"input": "x" * 1000}, {0: {"a": {"b": 1}}}, body={"c": "d"})
    assert fitting.fitted(content) is content
