"""What an application gave to SDKs of several versions, as their spans tell it; the same JSON values again."""

from typing import Any

import pytest
from corpus import recording

from farthing.intake import otlp
from farthing.model.span import Scope, Span, SpanEvent
from farthing.normalize.content_values import CONTENT_ENCODING, JSON, Values, values

SDK = {major: Scope("langfuse-sdk", version) for major, version in {3: "3.15.0", 4: "4.0.0", 5: "5.0.4"}.items()}


@pytest.mark.parametrize("major", SDK)
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("plain words", "plain words"),
        ('"quoted" words', '"quoted" words'),
        ('"quoted"', '"quoted"'),
        ('{"a": [1, "2", null, 1.5, true]}', {"a": [1, "2", None, 1.5, True]}),
        ("[]", []),
        ("4", 4),
        ("-0.5", -0.5),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("007", "007"),
        ("1e3", "1e3"),
        ("true", True),
        ("{broken", "{broken"),
        ("", ""),
    ],
)
def test_an_input_is_what_was_given(major: int, written: str, value: Any) -> None:
    found = values({"langfuse.observation.input": written, "langfuse.trace.output": written}, (), SDK[major])
    assert (found.input, found.trace_output) == (value, value)
    assert type(found.input) is type(value)


def test_metadata_is_json_from_version_5_on() -> None:
    told = {f"langfuse.observation.metadata.{key}": value for key, value in {"a": '"1"', "b": "1", "c": "{}"}.items()}
    assert values(told, (), SDK[5]).metadata == {"a": "1", "b": 1, "c": {}}
    assert values(told, (), SDK[3]).metadata == {"a": '"1"', "b": "1", "c": {}}
    assert values({"langfuse.observation.metadata": '["x"]'}, (), SDK[3]).metadata == {"metadata": ["x"]}
    assert values({"langfuse.trace.metadata.n": 1}, (), SDK[3]).trace_metadata == {"n": 1}


@pytest.mark.parametrize(
    ("version", "language", "written", "read"),
    [
        ("3.0.0", "python", ['"4"', "4", "[1]", '"x"'], ["4", 4, [1], "x"]),
        ("3.2.5", "python", ['"4"', "4", "[1]", '"x"'], ["4", 4, [1], "x"]),
        ("3.2.6", "python", ['"4"', "4", "[1]", "x"], ['"4"', 4, [1], "x"]),
        ("5.11.1", "nodejs", ['"4"', "4", "[1]", "x"], ['"4"', 4, [1], "x"]),
    ],
)
def test_early_releases_write_texts_as_json(version: str, language: str, written: list[str], read: list[Any]) -> None:
    scope = Scope("langfuse-sdk", version)
    for text, value in zip(written, read, strict=True):
        assert values({"langfuse.observation.output": text}, (), scope, language).output == value


@pytest.mark.parametrize(
    ("version", "language", "read"),
    [
        ("3.0.8", "python", ["s", 1, 1.5, True, "007"]),
        ("3.1.0", "python", ['"s"', "1", 1.5, "true", "007"]),
        ("4.0.0", "python", ['"s"', "1", 1.5, "true", "007"]),
        ("5.0.4", "python", ["s", 1, 1.5, True, "007"]),
        ("4.4.9", "nodejs", ['"s"', 1, 1.5, True, "007"]),
        ("5.11.1", "nodejs", ['"s"', 1, 1.5, True, "007"]),
    ],
)
def test_metadata_are_read_as_their_writer_wrote_them(version: str, language: str, read: list[Any]) -> None:
    """Of Python's releases between, whole numbers and truth values come as such; what reads so was a text."""
    written = {f"langfuse.trace.metadata.{n}": text for n, text in enumerate(('"s"', "1", "1.5", "true", "007"))}
    found = values(written, (), Scope("langfuse-sdk", version), language).trace_metadata
    assert list((found or {}).values()) == read


def test_a_file_in_place_of_a_value_is_its_reference() -> None:
    reference = "@@@langfuseMedia:type=image/png|id=abc|source=bytes@@@"
    told = {f"langfuse.observation.{name}": f'"{reference}"' for name in ("output", "metadata.picture")}
    for scope in SDK.values():
        found = values(told, (), scope)
        assert (found.output, found.metadata) == (reference, {"picture": reference})


def test_a_span_of_ours_says_that_all_of_it_is_json() -> None:
    told = {CONTENT_ENCODING: JSON, "langfuse.observation.input": '"4"', "langfuse.observation.metadata.a": '"1"'}
    assert values(told) == Values(input="4", metadata={"a": "1"})


def test_what_is_not_kept_is_not_told() -> None:
    mark = "[content not kept]"
    told = {"langfuse.observation.input": mark, "langfuse.trace.input": mark, "langfuse.observation.metadata.q": mark}
    assert values(told) == Values()


@pytest.mark.parametrize(
    ("attributes", "given", "answered"),
    [
        ({"input.value": '{"q": 1}', "output.value": "words"}, {"q": 1}, "words"),
        ({"mlflow.spanInputs": '"words"', "mlflow.spanOutputs": "5"}, "words", 5),
        ({"gen_ai.input.messages": '[{"role": "user"}]', "input.value": "x"}, [{"role": "user"}], None),
        ({"ai.prompt": '{"prompt": "hi"}', "ai.response.text": "{}x"}, {"prompt": "hi"}, "{}x"),
        ({"traceloop.entity.input": '{"args": []}'}, {"args": []}, None),
    ],
)
def test_other_libraries_are_read_too(attributes: dict[str, Any], given: Any, answered: Any) -> None:
    found = values(attributes)
    assert (found.input, found.output) == (given, answered)


def test_what_stands_in_an_event_is_found() -> None:
    assert values({}, (SpanEvent("x", 1, {"gen_ai.output.messages": [{"role": "assistant"}]}),)).output == [
        {"role": "assistant"}
    ]


def spans_of(case: str) -> list[Span]:
    files = sorted((recording.RECORDINGS / case).glob("*-traces.pb"))
    return [s for file in files for s in otlp.decode_protobuf(file.read_bytes(), recording.LONG_AFTER_NS).spans]


@pytest.mark.parametrize("library", ["langfuse-v3", "langfuse-v4", "langfuse-v5"])
def test_recordings_of_langfuses_sdks_tell_messages_and_texts(library: str) -> None:
    found = [values(span.attributes, span.events, span.scope) for span in spans_of(f"{library}/chat")]
    asked = next(one for one in found if one.input)
    assert asked.input[-1]["role"] == "user"
    assert asked.output["role"] == "assistant"
    assert asked.output["content"].startswith("Observability tells you why a café ☕ costs")
    streamed = [values(span.attributes, span.events, span.scope) for span in spans_of(f"{library}/chat_stream")]
    assert any(isinstance(one.output, str) and one.output.startswith("Observability") for one in streamed)
