"""Posted calls prepared together: the same rows of spans and calls, notes and pieces as the general way makes one by one."""

from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from farthing.intake.direct_calls import incoming
from farthing.model.call import PricedCall
from farthing.model.span import Span
from farthing.posting import Priced, prepare_posted
from farthing.prepare import Prepared, Sender, make_rows, prepare
from farthing.pricing.overrides import Kind, Override, OverrideRate
from farthing.pricing.snapshot import Snapshot, Terms
from farthing.store.telemetry import call_rows, external_requests, plain_rows
from farthing.store.telemetry.external_requests import Note

NOW = 1_795_217_047_000_000_000
SENDER = Sender("p", "k")

CALL: dict[str, Any] = {"externalRequestId": "req-1", "provider": "openai", "model": "gpt-4o", "status": "success"}
TEXTS = st.one_of(
    st.sampled_from(["", "a", "[content not kept]", '"quoted"', "[secret removed]", "[x", "us.anthropic.claude-v1"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
)
COUNTS = st.sampled_from([0, 1, 5, 100, 2**53])
VALUES = st.one_of(TEXTS, st.integers(-9, 9), st.booleans(), st.none(), st.lists(TEXTS, max_size=2))
OWN = st.dictionaries(
    st.one_of(
        st.sampled_from(
            ["plan", "team", "dataMode", "api_key", "prompt", "metadata", "tags", "environment", "user.id"]
        ),
        TEXTS,
    ),
    st.one_of(VALUES, st.dictionaries(TEXTS, VALUES, max_size=2)),
    max_size=4,
)
NAMES = [
    "responseModel",
    "operation",
    "responseId",
    "serviceTier",
    "region",
    "errorCode",
    "endpointTag",
    "feature",
    "featureTag",
    "promptVersion",
    "userId",
    "sessionId",
    "tenantId",
    "tenant",
    "team",
    "environment",
]
TOKENS = [
    "inputTokens",
    "outputTokens",
    "totalTokens",
    "cachedInputTokens",
    "cacheWriteTokens",
    "cacheWrite30mTokens",
    "cacheWrite1hTokens",
    "cacheWrite12hTokens",
    "reasoningTokens",
    "audioInputTokens",
    "audioOutputTokens",
    "imageInputTokens",
    "imageOutputTokens",
    "webSearches",
    "webFetches",
    "fileSearches",
    "codeSessions",
    "images",
    "characters",
    "audioSeconds",
]
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "provider": st.sampled_from(["openai", "Anthropic", "aws.bedrock", "langchain", "acme"]),
    "model": st.sampled_from(["gpt-4o", "claude-sonnet-4-5", "eu.anthropic.claude-sonnet-4-5", "gpt-4o-mini", "quill"]),
    "status": st.sampled_from(["success", "error"]),
    **dict.fromkeys(NAMES, st.one_of(st.none(), TEXTS)),
    "operation": st.sampled_from(["chat", "embedding", "embeddings", "invoke_agent", "execute_tool"]),
    **dict.fromkeys(TOKENS, COUNTS),
    "audioSeconds": st.sampled_from([0, 0.5, 7]),
    "imageQuality": st.sampled_from(["hd", "auto"]),
    "imageSize": st.sampled_from(["1024x1024", ""]),
    "costUsd": st.sampled_from(["0.1", "1e-9", 0.25, 3]),
    "latencyMs": st.sampled_from([0, 1.5, 820]),
    "ttftMs": st.sampled_from([0, 0.1, 31]),
    "streaming": st.booleans(),
    "dataMode": st.sampled_from(["real", "test", "demo"]),
    "traceparent": st.sampled_from([f"00-{'ab' * 16}-{'cd' * 8}-01", f"00-{'ab' * 16}-{'ef' * 8}-01", "nothing"]),
    "metadata": OWN,
}
CALLS = st.fixed_dictionaries({}, optional=FIELDS)


AN_HOUR = 3600 * 10**9


def agreed(model: str, provider: str, rates: dict[str, OverrideRate], **more: Any) -> Override:
    return Override(id=f"o-{model}", kind=Kind.RATES, provider=provider, model=model, rates=rates, **more)


PRICES = Snapshot(
    Terms(
        (
            agreed(
                "gpt-4o", "openai", {"input": OverrideRate("2"), "output": OverrideRate("8")}, valid_from=NOW - AN_HOUR
            ),
            agreed("quill", "acme", {"input": OverrideRate("1", steps=((50, "3"),)), "output": OverrideRate("0")}),
            agreed("quill-2", "acme", {"input": OverrideRate("1", steps=((50, "3"),), marginal=True)}),
            agreed("quill-3", "acme", {"input": OverrideRate(f"{10**13}"), "output": OverrideRate("7", per=3)}),
            agreed(
                "quill-4",
                "acme",
                {"input": OverrideRate("1"), "output": OverrideRate("2"), "request": OverrideRate("3")},
            ),
        )
    )
)


def note(span_id: bytes, priced: Priced | None) -> Note:
    told = None if priced is None else (None if priced.amount is None else str(priced.amount), priced.status)
    return Note(span_id.hex(), msgspec.Raw(msgspec.json.encode(told)))


def of(span_id: bytes, calls: list[PricedCall]) -> Priced | None:
    return next((Priced(one.cost.amount, one.cost.status) for one in calls if one.call.span_id == span_id), None)


def noted(prepared: Prepared) -> Prepared:
    """The general way, with the notes put in afterwards."""
    calls = {one.trace_id: found for one, found in zip(prepared.pieces, prepared.derived, strict=True)}
    ids: Any = zip(*[prepared.spans.column(name).to_pylist() for name in ("trace_id", "span_id")], strict=True)
    notes = {span_id: note(span_id, of(span_id, calls[trace_id])) for trace_id, span_id in ids}
    prepared.spans = external_requests.noted(prepared.spans, notes)
    return prepared


def span(number: int, told: dict[str, Any]) -> Span:
    return incoming({**CALL, "externalRequestId": f"r{number}", **told}, "p", "", NOW).span


def same(told: list[dict[str, Any]]) -> Prepared:
    spans = [span(number, one) for number, one in enumerate(told)]
    general = noted(prepare(SENDER, spans, PRICES.price, rows_later=True))
    short = prepare_posted(SENDER, spans, PRICES, note)
    told_of = plain_rows.table("p", short.plain) if short.plain else None
    assert told_of is None or told_of.equals(call_rows.table("p", [one.whole() for one in short.plain]))
    read = sorted([[one.whole()] for one in short.plain] + short.derived, key=str)
    assert read == sorted(general.derived, key=str)
    assert rows(short.spans) == rows(general.spans)
    assert (sorted(short.pieces, key=str), short.refused, short.repaired, short.others, short.told) == (
        sorted(general.pieces, key=str),
        general.refused,
        general.repaired,
        general.others,
        general.told,
    )
    assert make_rows("p", [short]) == make_rows("p", [general])
    assert short.calls is not None and general.calls is not None
    assert short.calls.schema == general.calls.schema
    assert rows(short.calls) == rows(general.calls)
    assert [piece.call_starts for piece in short.pieces] == starts(short)
    return short


def rows(table: pa.Table) -> list[dict[str, Any]]:
    return sorted(table.to_pylist(), key=lambda row: (row["trace_id"], row["span_id"]))


def starts(prepared: Prepared) -> list[tuple[int, ...]]:
    """When the calls of each piece began, by its rows' order."""
    assert prepared.calls is not None
    held: Any = prepared.calls.column("start_time").cast(pa.int64()).to_pylist()
    told = iter(held)
    return [tuple(next(told) for _ in piece.call_starts) for piece in prepared.pieces]


@given(st.lists(CALLS, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_ways_make_the_same_rows(told: list[dict[str, Any]]) -> None:
    same(told)


@pytest.mark.parametrize("own", [{"note": "x" * 70_000}, {f"k{n}": "y" * 9_000 for n in range(70)}])
def test_what_must_be_cut_is_cut_either_way(own: dict[str, str]) -> None:
    same([{"metadata": own, "inputTokens": 1, "outputTokens": 1}, {"inputTokens": 2}])


QUILLS = ("quill", "quill-2", "quill-3", "quill-4", "nobody's")
MODELS = [
    ("openai", "gpt-4o"),
    ("openai", "gpt-4o-mini"),
    ("anthropic", "claude-sonnet-4-5"),
    ("google", "gemini-2.5-pro"),
    ("deepseek", "deepseek-chat"),
    *[("acme", name) for name in QUILLS],
]
PLAIN = st.fixed_dictionaries(
    {"of": st.sampled_from(MODELS), "inputTokens": st.sampled_from([0, 9, 60, 300_000, 2**41])},
    optional={
        "outputTokens": st.sampled_from([0, 4, 2**41]),
        "cachedInputTokens": st.sampled_from([0, 9, 50]),
        "totalTokens": st.sampled_from([9, 13]),
        "createdAt": st.sampled_from([NOW // 10**9 - hours * 3600 for hours in (0, 2, 9_000)]),
        **{name: FIELDS[name] for name in (*NAMES, "costUsd", "ttftMs", "streaming", "dataMode", "metadata", "status")},
    },
)


def plain(told: dict[str, Any]) -> dict[str, Any]:
    (provider, model), rest = told["of"], {name: value for name, value in told.items() if name != "of"}
    return {"outputTokens": 3, **rest, "provider": provider, "model": model}


@given(st.lists(PLAIN, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_plain_calls_have_the_same_rows(told: list[dict[str, Any]]) -> None:
    same([plain(one) for one in told])


def test_a_usual_call_is_plain() -> None:
    usual = {"inputTokens": 1200, "outputTokens": 30, "userId": "u", "feature": "f", "metadata": {"plan": "pro"}}
    told = [usual, usual | {"cachedInputTokens": 200}, usual | {"cachedInputTokens": 0, "responseId": "r"}]
    found = same([*told, usual | {"dataMode": "test", "status": "error", "errorCode": "timeout"}])
    assert found.derived == []


@pytest.mark.parametrize(
    "odd",
    [
        {"provider": "acme", "model": "quill", "inputTokens": 60},
        {"provider": "acme", "model": "quill-2"},
        {"provider": "acme", "model": "quill-3", "inputTokens": 10**9},
        {"provider": "acme", "model": "quill-4"},
        {"provider": "acme", "model": "nobody's"},
        {"reasoningTokens": 1},
        {"feature": "[content not kept]"},
        {"inputTokens": 0, "outputTokens": 0},
    ],
)
def test_what_is_not_plain_is_read_one_by_one(odd: dict[str, Any]) -> None:
    usual = {"inputTokens": 9, "outputTokens": 3}
    found = prepare_posted(SENDER, [span(0, usual), span(1, usual | odd)], PRICES, note)
    assert [len(found.plain), len(found.derived)] == [1, 1]
    same([usual, usual | odd])


def test_many_calls_at_once_have_the_same_rows_as_each_alone() -> None:
    told = [{"inputTokens": n + 1, "outputTokens": 3, "model": f"gpt-4o{'-mini' * (n % 2)}"} for n in range(150)]
    told[7] |= {"reasoningTokens": 1}
    same(told)


def test_spans_of_one_trace_are_read_together() -> None:
    told = {"inputTokens": 9, "outputTokens": 3, "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
    spans = [span(number, told) for number in range(2)]
    assert prepare_posted(SENDER, spans, PRICES, note).plain == []
    same([told, told])
