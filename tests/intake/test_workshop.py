"""Requests are prepared here and in a process of its own, with the same result, whatever becomes of that process."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import NamedTuple

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from farthing import beside
from farthing.beside import Beside, Order, OutdatedError
from farthing.errors import BadRequestError
from farthing.intake import workshop
from farthing.intake.body import Limits
from farthing.intake.workshop import PROTOBUF, Bounded, Job, Workshop
from farthing.prepare import Prepared, Sender
from farthing.pricing.overrides import Kind, Override, OverrideRate
from farthing.pricing.snapshot import Snapshot, Terms
from farthing.store.telemetry import contents

NOW_NS = 1_795_000_000 * 10**9
LIMITS = Limits(1 << 20)
STARTED_WITHIN_S = 30


class Fixed:
    """Prices that change when the test says so."""

    def __init__(self) -> None:
        self.current = Snapshot(Terms())


def job(number: int, tokens: int = 0) -> Job:
    span = Span(
        trace_id=number.to_bytes(16),
        span_id=number.to_bytes(8),
        name="chat",
        start_time_unix_nano=NOW_NS,
        end_time_unix_nano=NOW_NS + 1,
    )
    said = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.prompt": f"Number {number}?",
    }
    for key, value in said.items():
        span.attributes.add(key=key).value.string_value = value
    for key in ("input", "output") if tokens else ():
        span.attributes.add(key=f"gen_ai.usage.{key}_tokens").value.int_value = tokens
    body = ExportTraceServiceRequest(resource_spans=[ResourceSpans(scope_spans=[ScopeSpans(spans=[span])])])
    # Every other one comes with a key that keeps content.
    return Job(Sender("p", "k", number % 2 == 0), PROTOBUF, "", body.SerializeToString(), NOW_NS)


class Filled(NamedTuple):
    """A job that fills the pipe."""

    data: bytes

    def done(self, prices: Snapshot) -> None:
        raise AssertionError(prices)


class Asking:
    """A job that tells when it is on its way."""

    def __init__(self) -> None:
        self.is_sent = threading.Event()

    def __reduce__(self) -> tuple[type[Filled], tuple[bytes]]:
        self.is_sent.set()
        return Filled, (b"",)

    def done(self, prices: Snapshot) -> None:
        raise AssertionError(prices)


def costs(made: Prepared) -> list[Decimal | None]:
    assert made.calls is not None
    return made.calls.column("cost").to_pylist()


@pytest.fixture
def prices() -> Fixed:
    return Fixed()


MODULES = ("farthing.intake.workshop",)


@pytest.fixture
def helping() -> Iterator[Beside]:
    helping = Beside(MODULES)
    yield helping
    helping.close()


@pytest.fixture
def shop(prices: Fixed, helping: Beside) -> Iterator[Workshop]:
    shop = Workshop(LIMITS, prices, helping)
    yield shop
    shop.close()


def make_busy(shop: Workshop, helping: Beside) -> int:
    """Work until the process has taken something over; its process id."""
    give_up = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < give_up:
        shop.prepare(job(1), waiting=1)
        if helping.process_id:
            return helping.process_id
    pytest.fail("no process was ready in time")


def test_few_requests_need_no_process(shop: Workshop, helping: Beside) -> None:
    for number in range(1, 20):
        assert shop.prepare(job(number), waiting=0).spans.num_rows == 1
    assert helping.process_id is None


def test_a_process_that_asks_no_engine_loads_no_driver() -> None:
    program = "import sys, farthing.beside, farthing.intake.workshop, farthing.gateway.accounted; print('clickhouse_connect' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout == "False\n"


def test_both_places_give_the_same_rows(shop: Workshop, helping: Beside) -> None:
    alone = Workshop(LIMITS, Fixed(), Beside(MODULES))
    expected = [alone.prepare(job(number), waiting=0) for number in range(1, 101)]
    make_busy(shop, helping)
    with ThreadPoolExecutor(workshop.AT_ONCE) as threads:
        asked = [threads.submit(shop.prepare, job(number), 1) for number in range(1, 101)]
        made = [one.result() for one in asked]
    assert [m.spans for m in made] == [e.spans for e in expected]
    assert [m.calls for m in made] == [e.calls for e in expected]
    assert [m.others for m in made] == [e.others for e in expected]
    assert sum(contents.NAME in m.others for m in made) == 50


def test_a_request_that_cant_be_read_is_refused_there_too(shop: Workshop, helping: Beside) -> None:
    make_busy(shop, helping)
    for _ in range(5):
        with pytest.raises(BadRequestError):
            shop.prepare(Job(Sender("p"), PROTOBUF, "", b"\xff\xff", NOW_NS), waiting=1)
    assert shop.prepare(job(1), waiting=1).spans.num_rows == 1


@pytest.mark.skipif(sys.platform != "linux", reason="waits for the process's end by pidfd")
def test_a_killed_process_loses_nothing(shop: Workshop, helping: Beside) -> None:
    first = make_busy(shop, helping)
    process = os.pidfd_open(first)
    os.kill(first, signal.SIGKILL)
    assert select.select([process], [], [], STARTED_WITHIN_S)[0]
    os.close(process)
    for number in range(1, 20):
        assert shop.prepare(job(number), waiting=1).spans.num_rows == 1
    assert make_busy(shop, helping) != first


@pytest.mark.skipif(sys.platform != "linux", reason="waits for the process's end by pidfd")
@pytest.mark.parametrize("size", [0, 3 << 20], ids=["tells_nothing", "takes_nothing"])
def test_a_process_that_hangs_is_ended_and_its_work_done_here(
    shop: Workshop, helping: Beside, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    hanging = make_busy(shop, helping)
    process = os.pidfd_open(hanging)
    monkeypatch.setattr(beside, "ANSWERS_WITHIN_S", 0.1)
    os.kill(hanging, signal.SIGSTOP)
    assert helping.do(Filled(bytes(size)), Snapshot(Terms())) is None
    assert select.select([process], [], [], STARTED_WITHIN_S)[0]
    os.close(process)
    for number in range(1, 20):
        assert shop.prepare(job(number), waiting=1).spans.num_rows == 1
    assert helping.process_id is None, "it rests: the next one would hang as well"


@pytest.mark.skipif(sys.platform != "linux", reason="waits for the process's end by pidfd")
def test_who_stops_does_not_wait_for_a_process_that_hangs(
    shop: Workshop, helping: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = make_busy(shop, helping)
    process = os.pidfd_open(hanging)
    monkeypatch.setattr(beside, "CLOSED_WITHIN_S", 0.1)
    os.kill(hanging, signal.SIGSTOP)
    asked = Asking()
    with ThreadPoolExecutor(1) as threads:
        made = threads.submit(helping.do, asked, Snapshot(Terms()))
        assert asked.is_sent.wait(STARTED_WITHIN_S)
        helping.close()
        assert made.result(STARTED_WITHIN_S) is None
    assert select.select([process], [], [], STARTED_WITHIN_S)[0]
    os.close(process)


@pytest.mark.skipif(sys.platform != "linux", reason="waits for the process's end by pidfd")
def test_an_idle_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "IDLE_SECONDS", 0.2)
    helping = Beside(MODULES)
    shop = Workshop(LIMITS, Fixed(), helping)
    process = os.pidfd_open(make_busy(shop, helping))
    assert select.select([process], [], [], STARTED_WITHIN_S)[0]
    os.close(process)
    assert helping.process_id is None
    shop.close()


def test_no_job_is_done_by_outdated_prices(shop: Workshop, helping: Beside, prices: Fixed) -> None:
    make_busy(shop, helping)
    for number in range(1, 40):
        deal = Override(
            id="deal",
            kind=Kind.RATES,
            provider="openai",
            model="gpt-4o-mini",
            rates={
                "input": OverrideRate(f"{number}"),
                "output": OverrideRate("0"),
            },
        )
        prices.current = Snapshot(Terms((deal,)))
        with ThreadPoolExecutor(workshop.AT_ONCE) as threads:
            made = [one.result() for one in [threads.submit(shop.prepare, job(n, 1_000_000), 1) for n in (1, 2)]]
        assert [costs(one) for one in made] == [[Decimal(number)]] * 2


def test_prices_that_are_not_those_asked_for_are_refused() -> None:
    old, new = Snapshot(Terms()), Snapshot(Terms(data_source="x", data=b"[]", read_on="2026-11-21"))
    asked = Bounded(job(1), 1 << 20)
    told = Order(asked, new.version, new.terms)
    assert beside.as_ordered(told, old).version == new.version
    with pytest.raises(OutdatedError):
        beside.as_ordered(Order(asked, new.version), old)
