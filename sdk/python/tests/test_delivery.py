"""Records on their way to a server that answers, refuses, throttles, rests, hangs, lies or is dead."""

from __future__ import annotations

import logging
import socket
import threading
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from stub_farthing import Sent, StubFarthing, status

import farthing_sdk
from farthing_sdk import DeliveryError, Result, track

if TYPE_CHECKING:
    from conftest import MakeClient


def tell(count: int) -> list[str]:
    """So many calls, told of one after the other; their ids."""
    return [
        track(provider="openai", model="gpt-4o-mini", input_tokens=3, output_tokens=number) for number in range(count)
    ]


def test_every_record_of_many_threads_arrives_once(stub: StubFarthing, init: MakeClient) -> None:
    client = init()
    told: list[list[str]] = []
    threads = [threading.Thread(target=lambda: told.append(tell(250))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.flush(10)
    assert sorted(stub.ids) == sorted(name for some in told for name in some)
    assert client.stats().accepted == 2000
    assert max(map(len, stub.batches)) <= 500


def test_a_record_waits_for_others_and_goes_without_flush(stub: StubFarthing, init: MakeClient) -> None:
    init(flush_interval=0.2)
    names = tell(10)
    stub.wait_for(lambda: len(stub.records) == 10)
    assert len(stub.batches) == 1
    assert stub.ids == names
    assert stub.sent[0].path == "/v1/ingest/llm-requests"
    assert stub.sent[0].headers["X-API-Key"] == "fk_test"


def test_a_full_batch_does_not_wait(stub: StubFarthing, init: MakeClient) -> None:
    init(flush_interval=600.0, batch_size=20)
    tell(20)
    stub.wait_for(lambda: len(stub.records) == 20)


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503])
def test_what_may_pass_is_tried_again_under_the_same_id(stub: StubFarthing, init: MakeClient, code: int) -> None:
    client = init()
    stub.replies = [status(code), status(code)]
    [name] = tell(1)
    assert client.flush(10)
    assert stub.ids == [name, name, name]
    assert client.stats().retries == 2
    assert client.stats().accepted == 1


@pytest.mark.parametrize("code", [301, 400, 401, 403, 404, 413, 422])
def test_what_is_refused_is_never_sent_again(
    stub: StubFarthing, init: MakeClient, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    heard: list[Result] = []
    client = init(on_result=heard.append)
    stub.replies = [status(code, body=b'{"detail": "no, because."}'), status(code)]
    for _ in range(2):
        tell(1)
        assert client.flush(10)
    assert len(stub.records) == 2
    assert next((one.status, one.error) for one in heard) == ("rejected", f"{code} no, because.")
    assert client.stats().rejected == 2
    assert len(caplog.records) == 1


def test_one_refused_record_does_not_take_the_others_with_it(stub: StubFarthing, init: MakeClient) -> None:
    body = (
        b'{"ok": false, "results": [{"ok": true}, {"ok": false, "reason": "invalid", "errors": '
        b'[{"field": "model", "message": "too long."}]}, {"ok": true, "duplicate": true}]}'
    )
    heard: list[Result] = []
    client = init(on_result=heard.append, flush_interval=600.0)
    stub.replies = [status(200, body=body)]
    tell(3)
    assert client.flush(10)
    assert [(one.status, one.error) for one in heard] == [
        ("accepted", None),
        ("rejected", "model: too long."),
        ("duplicate", None),
    ]


def test_too_large_a_batch_goes_in_halves(stub: StubFarthing, init: MakeClient) -> None:
    client = init(flush_interval=600.0)
    stub.replies = [status(413)]
    names = tell(9)
    assert client.flush(10)
    assert [len(batch) for batch in stub.batches] == [9, 4, 5]
    assert stub.ids[9:] == names
    assert client.stats().accepted == 9


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_honoured(stub: StubFarthing, init: MakeClient, as_date: bool) -> None:
    client = init()
    # A date has whole seconds, so this one is one to two seconds away.
    stub.replies = [status(429, {"Retry-After": formatdate(time.time() + 2, usegmt=True) if as_date else "1"})]
    tell(1)
    stub.wait_for(lambda: len(stub.batches) == 1)
    began = time.monotonic()
    stub.wait_for(lambda: len(stub.batches) == 2)
    assert 0.9 <= time.monotonic() - began < 8
    assert client.flush(10)


def test_a_spent_allowance_pauses_with_one_line(
    stub: StubFarthing, init: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    client = init(limit_pause=600.0)
    stub.replies = [status(402, body=b'{"reason": "plan_limit_reached", "telemetryPaused": true}')]
    tell(1)
    stub.wait_for(lambda: len(stub.batches) == 1)
    began = time.monotonic()
    # Whoever flushes isn't kept waiting for what can't come.
    assert not client.flush(60)
    assert time.monotonic() - began < 30
    tell(5)
    assert not client.flush(60)
    assert len(stub.batches) == 1
    assert client.stats().paused
    assert client.stats().queued == 6
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "10 minutes" in caplog.text


def test_after_the_pause_all_of_it_arrives(stub: StubFarthing, init: MakeClient) -> None:
    init(limit_pause=0.3)
    stub.replies = [status(402)]
    names = tell(3)
    stub.wait_for(lambda: len(stub.batches) >= 2 and set(stub.ids) == set(names))


def test_where_the_allowance_ends_within_a_batch_the_rest_pauses(stub: StubFarthing, init: MakeClient) -> None:
    client = init(limit_pause=0.2, flush_interval=600.0)
    body = b'{"ok": false, "results": [{"ok": true}, {"ok": false, "reason": "plan_limit_reached", "telemetryPaused": true}]}'
    stub.replies = [status(200, body=body)]
    first, second = tell(2)
    assert client.flush(10)
    assert stub.ids == [first, second, second]
    assert client.stats().accepted == 2


def test_an_answer_that_is_none_is_tried_again(stub: StubFarthing, init: MakeClient) -> None:
    client = init()
    stub.replies = [status(200, body=b"<html>Log in to the network"), status(200, body=b'{"results": []}')]
    tell(2)
    assert client.flush(10)
    assert client.stats().accepted == 2


def test_a_dead_server_costs_the_application_nothing_and_memory_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        heard: list[Result] = []
        client = farthing_sdk.init(
            f"http://127.0.0.1:{nobody.getsockname()[1]}", "fk", max_queue_records=100, batch_size=50,
            on_result=heard.append, flush_interval=0.0,
        )  # fmt: skip
        names = tell(1000)
        assert not client.flush(0.3)
        stats = client.stats()
    assert stats.queued <= 150
    assert stats.dropped == 1000 - stats.queued
    assert {one.status for one in heard} == {"dropped"}
    assert not {one.external_request_id for one in heard} & set(names[-50:])
    kinds = [record.getMessage().split(" ")[0] for record in caplog.records]
    assert sorted(kinds) == ["More", "The"]


def test_what_nobody_meant_to_be_a_tag_loses_no_call(init: MakeClient, stub: StubFarthing) -> None:
    client = init()
    odd: Any = {1: 2, None: b"x", "deep": {"a": object}}
    farthing_sdk.track(provider="openai", model="gpt-4o-mini", input_tokens=1, metadata=odd)
    assert client.flush(10)
    (record,) = stub.records
    assert (record["metadata"]["1"], record["metadata"]["None"]) == (2, "b'x'")


def test_memory_is_bounded_by_bytes_too(init: MakeClient, stub: StubFarthing) -> None:
    client = init(flush_interval=600.0, max_queue_bytes=100_000)
    for _ in range(50):
        track(model="m", metadata={"note": "x" * 10_000})
    assert 0 < client.stats().queued < 10
    track(model="m", metadata={"note": "x" * 200_000})
    assert client.stats().dropped + client.stats().queued == 51


def test_a_server_that_hangs_holds_up_nobody(stub: StubFarthing, init: MakeClient) -> None:
    client = init(timeout=0.2)
    let_go = threading.Event()

    def hang(_: Sent) -> None:
        let_go.wait(20)

    stub.replies = [hang]
    tell(1)
    stub.wait_for(lambda: len(stub.batches) == 1)
    began = time.monotonic()
    for _ in range(100):
        tell(1)
    assert time.monotonic() - began < 2
    assert client.flush(10)
    let_go.set()
    assert client.stats().accepted == 101


def test_when_a_server_comes_back_everything_arrives() -> None:
    with StubFarthing() as first:
        url = first.url
    client = farthing_sdk.init(url, "fk", flush_interval=0.01, max_backoff=0.02)
    names = tell(5)
    assert not client.flush(0.2)
    with StubFarthing(int(url.rsplit(":", 1)[1])) as second:
        assert client.flush(10)
        assert second.ids == names


def test_under_the_test_flag_flush_raises_what_was_refused(stub: StubFarthing, init: MakeClient) -> None:
    client = init(raise_errors=True)
    stub.replies = [status(400, body=b'{"detail": "model: say which."}')]
    tell(1)
    with pytest.raises(DeliveryError, match="model: say which"):
        client.flush(10)
    assert client.flush(10)


def test_a_listener_that_fails_harms_nothing(stub: StubFarthing, init: MakeClient) -> None:
    def fail(_: Result) -> None:
        raise RuntimeError("no")

    client = init(on_result=fail)
    tell(3)
    assert client.flush(10)
    tell(3)
    assert client.flush(10)
    assert len(stub.records) == 6


def test_results_say_what_became_of_a_call(stub: StubFarthing, init: MakeClient) -> None:
    heard: list[Result] = []
    client = init()
    end = client.listen(heard.append)
    [name] = tell(1)
    assert client.flush(10)
    end()
    tell(1)
    assert client.flush(10)
    [result] = heard
    assert (result.external_request_id, result.status) == (name, "accepted")
    assert (result.cost_usd, result.cost_status, result.budget_exceeded) == ("0.000541", "computed", False)


def test_what_is_told_after_the_end_is_dropped(stub: StubFarthing, init: MakeClient) -> None:
    client = init()
    assert client.close()
    client.track(model="m")
    assert client.stats().dropped == 1
    assert stub.records == []
