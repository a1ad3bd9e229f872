"""The pipeline on a real engine: kept, settled, exact, whatever the order, the repetition or the crash."""

import itertools
import threading
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from farthing.errors import BusyError
from farthing.model import money
from farthing.model.call import Call
from farthing.model.flaw import DropReason
from farthing.model.ledger import Cost
from farthing.model.span import Resource, Scope, Span
from farthing.pipeline import Pipeline
from farthing.pricing import base
from farthing.pricing.cost import price
from farthing.pricing.overrides import Scope as PriceScope
from farthing.store.telemetry import quarantine_rows
from farthing.store.telemetry.engine import Engine

NOW = 1_790_000_000_000_000_000
START = NOW - 60 * 10**9


class Marks:
    """A watermark and a rollup that remember what they were told."""

    def __init__(self) -> None:
        self.commit = 0
        self.touched: set[tuple[str, int]] = set()

    def read(self) -> int:
        return self.commit

    def save(self, commit: int) -> None:
        self.commit = commit

    @contextmanager
    def writing(self, starts_ns: Mapping[str, Iterable[int]]) -> Generator[None]:
        yield
        self.touched |= {(project_id, start) for project_id, starts in starts_ns.items() for start in starts}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("telemetry")


@pytest.fixture(scope="module")
def opened(folder: Path) -> Generator[Engine]:
    engine = Engine(f"chdb://{folder}/telemetry")
    engine.migrate()
    yield engine
    engine.close()


@pytest.fixture
def engine(opened: Engine) -> Engine:
    for table in ("spans", "calls", "rollup"):
        opened.command(f"TRUNCATE TABLE {table}")
    return opened


def pipeline(engine: Engine, marks: Marks, most_pending: int = 10_000) -> Pipeline:
    catalog = base.load()
    return Pipeline(
        engine, lambda call, _: price(call, catalog), marks, marks, most_pending=most_pending, clock=lambda: NOW
    )


def span(trace: int, number: int, parent: int = 0, **attributes: Any) -> Span:
    return Span(
        trace.to_bytes(16, "big"),
        number.to_bytes(8, "big"),
        parent.to_bytes(8, "big") if parent else b"",
        "chat gpt-4o-mini",
        3,
        START + number * 10**6,
        START + 10**9,
        0,
        "",
        Scope("my.app"),
        Resource({"service.name": "shop"}),
        attributes,
    )


def chat(trace: int, number: int, parent: int = 0, **more: Any) -> Span:
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.id": f"chatcmpl-{trace}-{number}",
        "gen_ai.usage.input_tokens": 21,
        "gen_ai.usage.output_tokens": 17,
    }
    return span(trace, number, parent, **(told | more))


def run(engine: Engine, marks: Marks, *batches: list[Span]) -> None:
    running = pipeline(engine, marks)
    running.start()
    for batch in batches:
        assert not running.keep("p", batch).result(30)
    assert running.stop(30)


def run_how(engine: Engine, marks: Marks, pieces: list[list[Span]], how: str) -> None:
    """All in "one batch", in "batches", or with "restarts" between them."""
    if how == "restarts":
        for piece in pieces:
            run(engine, marks, piece)
    elif how == "batches":
        run(engine, marks, *pieces)
    else:
        run(engine, marks, [span for piece in pieces for span in piece])


def totals(engine: Engine) -> tuple[int, str]:
    calls, cost = engine.query("SELECT count(), sum(cost) FROM calls FINAL WHERE is_owner").rows[0]
    return calls, money.decimal_text(cost) if cost is not None else "unknown"


def test_what_is_acknowledged_is_kept_and_priced(engine: Engine) -> None:
    marks = Marks()
    run(engine, marks, [chat(1, 1), chat(2, 1)])
    assert totals(engine) == (2, "0.0000267")
    assert marks.touched == {("p", START + 10**6)}
    assert marks.commit > 0


def test_a_span_sent_again_counts_once(engine: Engine) -> None:
    marks = Marks()
    run(engine, marks, [chat(1, 1), chat(1, 1)], [chat(1, 1), chat(2, 1)])
    run(engine, marks, [chat(2, 1)])
    assert totals(engine) == (2, "0.0000267")
    assert engine.query("SELECT count() FROM spans FINAL").rows == [(2,)]


def seen_twice() -> list[list[Span]]:
    """One call as a framework's instrumentation and as the SDK's tell it, each in a trace of its own; and another call."""
    framework = msgspec.structs.replace(chat(1, 1), scope=Scope("opentelemetry.instrumentation.langchain"))
    again = {"gen_ai.response.id": "chatcmpl-1-1"}
    sdk = msgspec.structs.replace(chat(2, 2, 0, **again), scope=Scope("opentelemetry.instrumentation.openai.v1"))
    return [[framework], [sdk], [chat(3, 3)]]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("how", ["one batch", "batches", "restarts"])
def test_a_call_told_in_two_traces_counts_once(engine: Engine, how: str, order: tuple[int, ...]) -> None:
    marks = Marks()
    run_how(engine, marks, [seen_twice()[at] for at in order], how)
    assert totals(engine) == (2, "0.0000267")
    restated = engine.query("SELECT trace_id, owner_trace_id FROM calls FINAL WHERE NOT is_owner").rows
    assert restated == [((2).to_bytes(16, "big"), (1).to_bytes(16, "big"))]
    assert marks.touched == {("p", START + number * 10**6) for number in (1, 2, 3)}


def sent_with_other_starts() -> list[Span]:
    """One span as it was sent three times, each time with another start, the earliest not yet a call; and another call."""
    first = chat(1, 1)
    later = msgspec.structs.replace(chat(1, 1, note="later"), start_ns=first.start_ns + 5)
    sooner = msgspec.structs.replace(span(1, 1), start_ns=first.start_ns - 5)
    return [first, later, sooner, chat(1, 2)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::3])
@pytest.mark.parametrize("how", ["one batch", "batches"])
def test_a_span_sent_again_with_another_start_counts_once(engine: Engine, how: str, order: tuple[int, ...]) -> None:
    marks = Marks()
    spans = [sent_with_other_starts()[at] for at in order]
    run(engine, marks, *([[one] for one in spans] if how == "batches" else [spans]))
    check_other_starts(engine)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 0, 3, 2), (2, 1, 3, 0), (3, 1, 0, 2)])
def test_a_span_sent_again_with_another_start_counts_once_after_restarts(
    engine: Engine, order: tuple[int, ...]
) -> None:
    marks = Marks()
    for at in order:
        run(engine, marks, [sent_with_other_starts()[at]])
    check_other_starts(engine)


def check_other_starts(engine: Engine) -> None:
    assert totals(engine) == (2, "0.0000267")
    rows = engine.query(
        "SELECT toUnixTimestamp64Nano(start_time), is_owner, owner_span_id FROM calls FINAL ORDER BY 1"
    ).rows
    first, nobody = START + 10**6, bytes(8)
    assert rows == [(first, True, nobody), (first + 5, False, chat(1, 1).span_id), (START + 2 * 10**6, True, nobody)]


def test_calls_told_in_two_traces_are_found_after_a_crash(engine: Engine) -> None:
    framework, sdk, other = seen_twice()
    marks = Marks()
    run(engine, marks, framework, other, sdk)
    marks.commit = 0  # as if nothing had been settled
    engine.command("TRUNCATE TABLE calls")
    run(engine, marks)
    assert totals(engine) == (2, "0.0000267")


def test_a_call_that_was_settled_meets_its_double_after_a_restart(engine: Engine) -> None:
    framework, sdk, other = seen_twice()
    marks = Marks()
    run(engine, marks, framework, other)
    run(engine, marks, sdk)
    assert totals(engine) == (2, "0.0000267")


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_ancestors_may_come_before_or_after(engine: Engine, restart: bool, backwards: bool) -> None:
    marks = Marks()
    pieces = [[span(1, 1, user_id="ada")], [span(1, 2, 1, feature="rank")], [chat(1, 3, 2)]]
    if backwards:
        pieces.reverse()
    run_how(engine, marks, pieces, "restarts" if restart else "batches")
    assert engine.query("SELECT user_id, feature FROM calls FINAL").rows == [("ada", "rank")]
    assert totals(engine) == (1, "0.00001335")


def test_a_duplicate_in_a_later_batch_takes_nothing_twice(engine: Engine) -> None:
    marks = Marks()
    again = {"gen_ai.response.id": "chatcmpl-1-1"}
    run(engine, marks, [chat(1, 1)])
    run(engine, marks, [chat(1, 2, parent=1, **again)])
    assert totals(engine) == (1, "0.00001335")
    assert engine.query("SELECT count() FROM calls FINAL").rows == [(2,)]


def passed(trace: int) -> Span:
    """A call that the gateway made of a provider that names all its answers alike."""
    told: dict[str, Any] = {
        "gen_ai.response.id": "answer",
        "farthing.usage": '{"prompt_tokens":21,"completion_tokens":17}',
    }
    return msgspec.structs.replace(chat(trace, trace, 0, **told), scope=Scope("farthing.gateway"))


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (0, 3, 1, 2)], ids=str)
@pytest.mark.parametrize("how", ["one batch", "batches", "restarts"])
def test_calls_of_the_gateway_are_as_many_as_it_made(engine: Engine, how: str, order: tuple[int, ...]) -> None:
    marks = Marks()
    # The application tells of one of them, too.
    seen = [passed(1), passed(2), passed(3), chat(4, 4, 0, **{"gen_ai.response.id": "answer"})]
    run_how(engine, marks, [[seen[at]] for at in order], how)
    assert totals(engine) == (3, "0.00004005")


def test_what_a_crash_left_unsettled_is_settled_at_the_next_start(engine: Engine) -> None:
    marks = Marks()
    run(engine, marks, [chat(1, 1), chat(2, 1)])
    engine.command("TRUNCATE TABLE calls")
    marks.commit = 0
    run(engine, marks)
    assert totals(engine) == (2, "0.0000267")


def test_commits_are_shared_and_all_are_answered(engine: Engine) -> None:
    running = pipeline(engine, Marks())
    done = [running.keep("p", [chat(trace, 1)]) for trace in range(1, 201)]
    running.start()
    assert all(not future.result(30) for future in done)
    assert running.wait_settled(30)
    assert totals(engine) == (200, "0.00267")
    assert engine.query("SELECT uniqExact(commit) FROM spans").rows == [(1,)]
    assert running.stop(30)


def test_a_full_queue_says_come_back_and_a_stopped_one_too(engine: Engine) -> None:
    running = pipeline(engine, Marks(), most_pending=3)
    assert not running.keep("p", [chat(1, 1), chat(2, 1)]).done()
    with pytest.raises(BusyError, match="2 spans are waiting"):
        running.keep("p", [chat(3, 1), chat(4, 1)])
    running.start()
    assert running.stop(30)
    with pytest.raises(BusyError, match="stopping"):
        running.keep("p", [chat(5, 1)])
    assert totals(engine) == (2, "0.0000267")


def test_one_request_that_cannot_be_written_costs_nobody_else_anything(engine: Engine) -> None:
    running = pipeline(engine, Marks())
    good = running.keep("p", [chat(1, 1)])
    bad = running.keep("p", [chat(2, 1, odd=2**70)])
    running.start()
    assert not good.result(30)
    assert bad.result(30) == {DropReason.NOT_WRITABLE: 1} or not bad.result(30)
    assert running.stop(30)
    assert totals(engine)[0] >= 1


def test_half_a_surrogate_pair_is_no_reason_to_lose_a_span(engine: Engine) -> None:
    marks = Marks()
    run(engine, marks, [chat(1, 1, feature="caf\ud83d", note={"deep": ["\udc00"]})])
    assert engine.query("SELECT feature FROM calls FINAL").rows == [("caf?",)]


def test_content_and_secrets_never_reach_the_disk(engine: Engine, folder: Path) -> None:
    secret = "tell-nobody-" + "x" * 20
    marks = Marks()
    run(
        engine, marks, [chat(1, 1, 0, **{"gen_ai.input.messages": secret, "http.request.header.authorization": secret})]
    )
    stored = engine.query("SELECT attributes FROM spans").rows[0][0]
    assert secret not in stored
    assert "[content not kept]" in stored
    assert not any(secret.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_one_project_never_sees_anothers(engine: Engine) -> None:
    running = pipeline(engine, Marks())
    running.start()
    running.keep("a", [span(1, 1, user_id="ada")]).result(30)
    running.keep("b", [chat(1, 2, 1)]).result(30)
    assert running.stop(30)
    assert engine.query("SELECT project_id, user_id FROM calls FINAL").rows == [("b", "")]


def test_readers_and_writers_work_at_the_same_time(engine: Engine) -> None:
    running = pipeline(engine, Marks())
    running.start()
    seen: list[int] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.append(totals(engine)[0])

    looking = threading.Thread(target=look)
    looking.start()
    for trace in range(1, 30):
        running.keep("p", [chat(trace, 1)]).result(30)
    assert running.stop(30)
    stop.set()
    looking.join()
    assert seen == sorted(seen)
    assert totals(engine) == (29, "0.00038715")


def test_a_trace_that_cannot_be_read_is_listed_and_settled_again_after_a_fix(engine: Engine) -> None:
    engine.command("TRUNCATE TABLE quarantine")
    catalog, broken = base.load(), True

    def priced(call: Call, scope: PriceScope) -> Cost:
        if broken and call.trace_id[-1] == 1:
            msg = "no way to price this"
            raise ZeroDivisionError(msg)
        return price(call, catalog)

    running = Pipeline(engine, priced, marks := Marks(), marks, most_pending=10, clock=time.time_ns)
    running.start()
    assert not running.keep("p", [chat(1, 1), chat(2, 1)]).result(30)
    assert running.wait_settled(30)
    assert totals(engine) == (1, "0.00001335")
    (item,) = quarantine_rows.load(engine, "p", most=9)
    assert (item.held.reason, item.held.trace_id) == ("trace_unreadable", chat(1, 1).trace_id)
    asked = ("p", item.held.trace_id, item.held.start_ns)
    assert running.settle_again(*asked) == "its trace can't be read; its spans are kept"
    broken = False
    assert not running.settle_again(*asked)
    assert running.stop(30)
    assert totals(engine) == (2, "0.0000267")
    quarantine_rows.remove(engine, "p", item.id)
    assert quarantine_rows.load(engine, "p", most=9) == []
