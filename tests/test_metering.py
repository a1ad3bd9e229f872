"""Metrics through the real pipeline: calls where nothing else tells of them, restated where something does, in any order."""

import itertools
import random
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from test_pipeline import Marks, chat, pipeline, totals

from farthing.model import money
from farthing.model.metric import Kind, Metric, Point, Temporality
from farthing.model.span import Resource, Scope, Span
from farthing.normalize.metered import NAME
from farthing.prepare import Prepared
from farthing.store.telemetry import point_rows, span_rows
from farthing.store.telemetry.engine import Engine

NOW = 1_790_000_000_000_000_000
MINUTE = 60 * 10**9
TOKENS, COST, USAGE = "claude_code.token.usage", "claude_code.cost.usage", "gen_ai.client.token.usage"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Generator[Engine]:
    engine = Engine(f"chdb://{tmp_path_factory.mktemp('metering')}/telemetry")
    engine.migrate()
    yield engine
    engine.close()


@pytest.fixture
def engine(opened: Engine) -> Engine:
    for table in ("spans", "calls", "rollup", "metric_points"):
        opened.command(f"TRUNCATE TABLE {table}")
    return opened


def tokens(minute: int, kind: str, amount: float, session: str = "s-1") -> Point:
    """What Claude Code counted in the minute that ended then."""
    metric = Metric(TOKENS, "tokens", Kind.SUM, Temporality.DELTA, True, SCOPE, AGENT)
    told = {"session.id": session, "model": "claude-sonnet-4-5", "type": kind}
    at = NOW + minute * MINUTE
    return Point(metric, at - MINUTE, at, told, amount)


def cost(minute: int, dollars: float, session: str = "s-1") -> Point:
    """What Claude Code took that minute to cost."""
    metric = Metric(COST, "USD", Kind.SUM, Temporality.DELTA, True, SCOPE, AGENT)
    at = NOW + minute * MINUTE
    return Point(metric, at - MINUTE, at, {"session.id": session, "model": "claude-sonnet-4-5"}, dollars)


def running(minute: int, kind: str, total: float, requests: int, service: str = "shop") -> Point:
    """What a conventional instrumentation counted since its process began, an hour before."""
    metric = Metric(
        USAGE,
        "{token}",
        Kind.HISTOGRAM,
        Temporality.CUMULATIVE,
        False,
        Scope("opentelemetry.instrumentation.openai_v2"),
        Resource({"service.name": service}),
    )
    told = {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini", "gen_ai.token.type": kind}
    # Each series begins with its first value.
    start = NOW - 60 * MINUTE + (kind == "output")
    return Point(metric, start, NOW + minute * MINUTE, told, count=requests, sum=total)


SCOPE, AGENT = Scope("com.anthropic.claude_code"), Resource({"service.name": "claude-code"})


Batch = Sequence[Point | Span]


def run(engine: Engine, marks: Marks, *batches: Batch) -> None:
    ran = pipeline(engine, marks)
    ran.start()
    for batch in batches:
        spans = [one for one in batch if isinstance(one, Span)]
        kept = ran.keep("p", spans) if spans else ran.keep_prepared(told(p for p in batch if isinstance(p, Point)))
        assert not kept.result(30)
    assert ran.stop(30)


def told(points: Iterable[Point]) -> Prepared:
    rows = {"metric_points": point_rows.table("p", list(points))}
    return Prepared("p", span_rows.table("p", []), None, [], Counter(), others=rows)


def rows(engine: Engine, *columns: str) -> list[tuple[Any, ...]]:
    return engine.query(
        f"SELECT {', '.join(columns)} FROM calls FINAL WHERE is_owner AND dialect = '{NAME}' ORDER BY start_time"
    ).rows


SESSION = [
    tokens(0, "input", 1000),
    tokens(0, "output", 200),
    tokens(0, "cacheRead", 300_000),
    tokens(0, "cacheCreation", 4000),
    cost(0, 0.111),
    tokens(1, "input", 10),
    tokens(1, "output", 20),
]


def test_a_counter_of_each_minute_is_a_call_a_minute(engine: Engine) -> None:
    marks = Marks()
    run(engine, marks, SESSION)
    first, second = rows(
        engine,
        "input_tokens",
        "cached_input_tokens",
        "output_tokens",
        "cost",
        "cost_status",
        "reported_cost",
        "session_id",
    )
    # 1,000 x $3 + 200 x $15 + 300,000 x $0.3 + 4,000 x $3.75 per million: the prices of prompts below 200,000 tokens.
    assert first == (305_000, 300_000, 200, Decimal("0.111"), "estimated", Decimal("0.111"), "s-1")
    assert second == (10, None, 20, Decimal("0.00033"), "estimated", None, "s-1")
    assert marks.touched == {("p", NOW), ("p", NOW + MINUTE)}


@pytest.mark.parametrize("seed", range(4))
def test_order_split_and_repetition_change_nothing(engine: Engine, seed: int) -> None:
    grown = [running(m, kind, n * m, m) for m in range(1, 6) for kind, n in (("input", 100), ("output", 10))]
    points = [*SESSION, *grown, *SESSION, *grown]
    rng = random.Random(seed)
    rng.shuffle(points)
    cuts = sorted(rng.sample(range(len(points)), 5))
    batches = [points[a:b] for a, b in itertools.pairwise([0, *cuts, len(points)])]
    marks = Marks()
    run(engine, marks, *batches[:3])
    run(engine, marks, *batches[3:])
    found = rows(engine, "start_time", "input_tokens", "output_tokens", "requests")
    assert [one[1:] for one in found if one[3] is None] == [(305_000, 200, None), (10, 20, None)]
    assert [one[1:] for one in found if one[3] is not None] == [(100, 10, 1)] * 5


def test_a_counter_that_stands_still_is_no_call_though_it_first_looked_like_one(engine: Engine) -> None:
    marks = Marks()
    run(engine, marks, [running(3, "input", 100, 1)])
    assert rows(engine, "input_tokens", "requests") == [(100, 1)]
    run(engine, marks, [running(2, "input", 100, 1)])
    assert rows(engine, "toUnixTimestamp64Nano(start_time)", "input_tokens") == [(NOW + 2 * MINUTE, 100)]


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("metrics_first", [False, True])
def test_what_a_span_tells_a_metric_only_restates(engine: Engine, metrics_first: bool, restarts: bool) -> None:
    marks = Marks()
    # Both exports come after the calls; the second one has nothing new.
    metrics = [running(m, kind, n, 1) for m in (0, 1) for kind, n in (("input", 21), ("output", 17))]
    batches: list[Batch] = [metrics, [chat(1, 1)]]
    if not metrics_first:
        batches.reverse()
    if restarts:
        for batch in batches:
            run(engine, marks, batch)
    else:
        run(engine, marks, *batches)
    assert totals(engine) == (1, "0.00001335")
    assert engine.query("SELECT dialect, input_tokens FROM calls FINAL WHERE NOT is_owner").rows == [(NAME, 21)]


def test_at_no_moment_do_both_own_their_tokens(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    insert = engine.insert
    seen: list[int] = []

    def watched(name: str, rows: Any) -> None:
        insert(name, rows)
        if name == "calls":
            seen.append(totals(engine)[0])

    marks = Marks()
    run(engine, marks, [running(0, kind, n, 1) for kind, n in (("input", 21), ("output", 17))])
    monkeypatch.setattr(engine, "insert", watched)
    run(engine, marks, [chat(1, 1)])
    assert seen
    assert set(seen) == {1}


def test_only_calls_of_the_same_source_take_over(engine: Engine) -> None:
    marks = Marks()
    other = [running(0, kind, 5, 1, service="mail") for kind in ("input", "output")]
    late = [running(m, kind, n, m) for m, n in ((30, 50), (31, 80)) for kind in ("input", "output")]
    run(engine, marks, [*other, *late], [chat(1, 1)])
    # The first of the late ones counts since before the span, and so restates it.
    assert rows(engine, "input_tokens", "tags['service.name']") == [(5, "mail"), (30, "shop")]


def test_sessions_that_both_tell_must_be_the_same(engine: Engine) -> None:
    agent = Resource({"service.name": "claude-code"})
    spans = [
        msgspec.structs.replace(chat(1, 1, session_id="s-2"), resource=agent),
        msgspec.structs.replace(chat(2, 1, session_id="s-3"), resource=agent),
    ]
    points = [tokens(0, "input", 7, session) for session in ("s-1", "s-2")]
    run(engine, Marks(), points, spans)
    assert rows(engine, "session_id", "input_tokens") == [("s-1", 7)]


def test_a_cost_alone_is_a_row_of_unknown_usage(engine: Engine) -> None:
    run(engine, Marks(), [cost(0, 0.25)])
    assert rows(engine, "usage_source", "cost", "cost_status", "reported_cost") == [
        ("missing", None, "unknown", Decimal("0.25"))
    ]


def test_what_was_kept_but_not_settled_is_settled_after_a_crash(engine: Engine) -> None:
    run(engine, Marks(), SESSION)
    engine.command("TRUNCATE TABLE calls")
    run(engine, Marks())
    assert [row[0] for row in rows(engine, "input_tokens")] == [305_000, 10]


def test_money_of_metrics_is_exact(engine: Engine) -> None:
    run(engine, Marks(), [cost(0, 0.1), cost(1, 0.2)])
    (total,) = engine.query("SELECT sum(reported_cost) FROM calls FINAL").rows[0]
    assert money.decimal_text(total) == "0.3"
