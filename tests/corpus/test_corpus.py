"""Recorded telemetry of real libraries, compared with what the provider really served, to the token and the cent."""

import pytest
from corpus import recording, verdict

from farthing.model import money
from farthing.model.call import Call, Status
from farthing.pricing import base
from farthing.pricing.cost import price

EXPECTED = {library: recording.expected(library) for library in recording.libraries()}
TESTED = [case for library in EXPECTED for case in recording.cases(library)]
UNKNOWN = [f"{library}/{case}" for library, held in EXPECTED.items() for case in held.tokens_unknown]
COST = {f"{library}/{case}": cost for library, held in EXPECTED.items() for case, cost in held.cost.items()}


def served(case: str) -> list[Call]:
    return [call for call in recording.calls(case) if call.owner is None and call.status is Status.OK]


@pytest.mark.parametrize("case", TESTED)
def test_calls_tokens_and_parts_are_the_truth_or_unknown_for_a_reason(case: str) -> None:
    library, name = case.split("/")
    expected = EXPECTED[library]
    found = verdict.of(case)
    assert found.wrong == []
    assert bool(found.missing) == (name in expected.never_sent)
    assert bool(found.crashed) == (name in expected.crashed)
    assert bool(found.other_ids) == (name in expected.other_ids)
    assert bool(found.tokens_unknown) == (name in expected.tokens_unknown)
    assert bool(found.parts_unknown) == (name in expected.parts_unknown)


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_is_unknown_has_no_price(case: str) -> None:
    catalog = base.load()
    assert any(price(call, catalog).amount is None for call in served(case))


@pytest.mark.parametrize("case", sorted(COST))
def test_cost_is_exact(case: str) -> None:
    catalog = base.load()
    amounts = [price(call, catalog).amount for call in served(case)]
    known = [amount for amount in amounts if amount is not None]
    assert len(known) == len(amounts)
    assert money.to_text(sum(known)) == COST[case]


@pytest.mark.parametrize("library", EXPECTED)
def test_expectations_speak_of_cases_that_are_there(library: str) -> None:
    held = EXPECTED[library]
    named = [*held.never_sent, *held.tokens_unknown, *held.parts_unknown, *held.crashed, *held.other_ids, *held.cost]
    assert {f"{library}/{case}" for case in named} <= set(recording.cases(library))
