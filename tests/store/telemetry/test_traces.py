"""Pieces of traces come one after the other; which of them have company is known without asking the store."""

from typing import Any

from farthing.store.telemetry.traces import Piece, Traces

NOW = 1_790_000_000_000_000_000
NOBODY: Any = None
LINK = 4711


def piece(number: int, *, of_gateway: bool, link: int = LINK) -> Piece:
    return Piece(number.to_bytes(16, "big"), NOW, NOW, links=(link,), of_gateway=of_gateway)


def known(traces: Traces, *pieces: Piece) -> list[Piece]:
    return traces.begun_earlier("p", pieces, NOW)


def test_calls_of_the_gateway_that_share_a_key_are_no_company() -> None:
    traces = Traces(NOBODY)
    assert known(traces, *(piece(number, of_gateway=True) for number in range(1, 101))) == []


def test_others_that_share_a_key_are_company_of_each_other_and_of_the_gateways() -> None:
    for first, second in ((False, False), (False, True), (True, False)):
        traces = Traces(NOBODY)
        earlier, later = piece(1, of_gateway=first), piece(2, of_gateway=second)
        assert known(traces, earlier, later) == [later]
        assert known(traces, piece(3, of_gateway=second, link=LINK + 1)) == []


def test_a_trace_that_goes_on_is_company_whoever_made_it() -> None:
    traces = Traces(NOBODY)
    assert known(traces, piece(1, of_gateway=True)) == []
    assert known(traces, piece(1, of_gateway=True)) == [piece(1, of_gateway=True)]
