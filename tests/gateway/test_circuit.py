"""Attempts that fail and succeed at told times in; which place is left alone, and until when, out."""

from farthing.gateway.circuit import FAILURES, MOST, REST_S, WINDOW_S, Circuits

HERE, THERE = ("a", "m"), ("b", "m")


def opened(at: float = 0.0) -> Circuits:
    circuits = Circuits()
    for _ in range(FAILURES):
        assert not circuits.is_open(HERE, at)
        circuits.failed(HERE, at)
    return circuits


def test_enough_failures_in_a_window_open_it_for_a_while() -> None:
    circuits = opened()
    assert circuits.is_open(HERE, REST_S - 0.1)
    assert not circuits.is_open(THERE, 1)
    assert not circuits.is_open(HERE, REST_S)


def test_failures_that_are_far_apart_do_not() -> None:
    circuits = Circuits()
    for number in range(3 * FAILURES):
        circuits.failed(HERE, number * WINDOW_S / (FAILURES - 2))
        assert not circuits.is_open(HERE, number * WINDOW_S / (FAILURES - 2))


def test_one_call_finds_out_while_others_stay_away() -> None:
    circuits = opened()
    circuits.trying(HERE, REST_S)
    assert circuits.is_open(HERE, REST_S + 1)
    circuits.succeeded(HERE)
    assert not circuits.is_open(HERE, REST_S + 1)
    circuits.failed(HERE, REST_S + 2)
    assert not circuits.is_open(HERE, REST_S + 2), "what was before is forgotten"


def test_one_more_failure_leaves_it_alone_again() -> None:
    circuits = opened()
    circuits.trying(HERE, REST_S)
    circuits.failed(HERE, REST_S + 5)
    assert circuits.is_open(HERE, 2 * REST_S + 4)
    assert not circuits.is_open(HERE, 2 * REST_S + 5)


def test_a_call_that_finds_out_nothing_does_not_keep_others_away_for_ever() -> None:
    circuits = opened()
    circuits.trying(HERE, REST_S)
    assert not circuits.is_open(HERE, 2 * REST_S)


def test_as_many_places_as_there_are_names_are_bounded() -> None:
    circuits = opened()
    for number in range(MOST):
        circuits.failed(("a", str(number)), 1)
    assert not circuits.is_open(HERE, 2)
