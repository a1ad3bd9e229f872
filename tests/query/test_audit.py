"""Calls of which one restates another, in its own trace and in another one: who is said to have been merged into whom."""

import pytest
from stored_calls import new_project, stored_call, write

from farthing.query import audit, listing
from farthing.store.telemetry.engine import Engine

START = 1_790_000_000 * 10**9


def test_an_owner_names_its_duplicates_and_they_name_it(telemetry_engine: Engine) -> None:
    project = new_project()
    owner = stored_call(START, 1, trace=1)
    one, two = owner.call.trace_id, owner.call.span_id
    write(
        telemetry_engine,
        project,
        [
            owner,
            stored_call(START + 5, 2, trace=1, owner=two, dialect="anthropic_sdk"),
            stored_call(START + 3, 3, trace=2, owner=two, owner_trace=one, dialect="openinference"),
            stored_call(START, 1, trace=3),
            stored_call(START, 4, trace=3, owner=two),
        ],
    )
    owner_id = f"{one.hex()}-{two.hex()}"
    found = listing.one_call(telemetry_engine, project, owner_id)
    assert [(d["dialect"], d["id"][24:32]) for d in found["duplicates"]] == [
        ("openinference", "00000002"),
        ("anthropic_sdk", "00000001"),
    ]
    for duplicate in found["duplicates"]:
        restating = listing.one_call(telemetry_engine, project, duplicate["id"])
        assert (restating["restated"], restating["owner_id"], restating["duplicates"]) == (True, owner_id, [])


@pytest.mark.parametrize(
    ("convention", "flags", "said"),
    [
        ("", [], None),
        ("inclusive", [], "inclusive: gen_ai counts so"),
        ("exclusive", [], "exclusive: gen_ai counts so"),
        ("exclusive", ["cache_exceeds_input"], "exclusive: more was cached than the reported input holds"),
        ("exclusive", ["total_adds_cache"], "exclusive: the reported total is input, cache and output added up"),
    ],
)
def test_the_rule_for_the_cache_is_told(convention: str, flags: list[str], said: str | None) -> None:
    assert audit.usage_rule("gen_ai", convention, flags) == said


def test_usage_is_shown_as_it_was_reported() -> None:
    attributes = {
        "gen_ai.usage.input_tokens": 3,
        "llm.token_count.total": "4",
        "gen_ai.system": "openai",
        "usage": None,
    }
    assert audit.reported_usage(attributes) == {"gen_ai.usage.input_tokens": 3, "llm.token_count.total": "4"}
