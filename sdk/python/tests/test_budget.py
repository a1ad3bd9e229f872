"""A guard before the call, and what it goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import farthing_sdk
from farthing_sdk import BudgetExceeded, call, context, guard, track, tracked

if TYPE_CHECKING:
    from conftest import MakeClient
    from stub_farthing import StubFarthing


def asked(stub: StubFarthing) -> bool:
    """The client has asked how the project stands."""
    return any(one.path == "/v1/diagnostics/workspace-status" for one in stub.sent)


def test_what_is_not_known_forbids_nothing(stub: StubFarthing, init: MakeClient) -> None:
    init()
    guard(feature="f")
    with call(guard=True, model="m"):
        pass


def test_an_answer_that_says_exceeded_stops_the_next_call_of_the_same_kind(
    stub: StubFarthing, init: MakeClient
) -> None:
    client = init()
    stub.budget = {"budgetExceeded": True, "warnings": ["Budget 'summaries' of 10 US dollars a day is spent."]}
    track(feature="summaries", user_id="u", model="m")
    assert client.flush(10)
    made: list[str] = []
    with (
        pytest.raises(BudgetExceeded, match="summaries"),
        call(guard=True, feature="summaries", user_id="u", model="m"),
    ):
        made.append("not to be made")
    with context(feature="summaries", user_id="u"), pytest.raises(BudgetExceeded):
        guard(model="m")

    @tracked(guard=True, feature="summaries", user_id="u", model="m")
    def ask() -> None:
        made.append("not to be made")

    with pytest.raises(BudgetExceeded):
        ask()
    assert made == []
    with call(guard=True, feature="other", user_id="u", model="m"):
        made.append("other")
    with call(feature="summaries", user_id="u", model="m"):
        made.append("not guarded")
    assert made == ["other", "not guarded"]
    stub.budget = {"budgetExceeded": False}
    track(feature="summaries", user_id="u", model="m")
    assert client.flush(10)
    guard(feature="summaries", user_id="u", model="m")


def test_hashed_users_are_guarded_all_the_same(stub: StubFarthing, init: MakeClient) -> None:
    client = init(hash_user_ids=True, user_id_salt="pepper", environment="prod", team="t")
    stub.budget = {"budgetExceeded": True}
    track(user_id="ada@example.org", model="m")
    assert client.flush(10)
    assert stub.records[0]["userId"].startswith("u_")
    with pytest.raises(BudgetExceeded):
        guard(user_id="ada@example.org", model="m")


def test_the_project_s_state_is_asked_for_in_the_background(stub: StubFarthing, init: MakeClient) -> None:
    stub.workspace = {
        "isBudgetExceeded": True,
        "budget": {"daily": {"isExceeded": True, "limitUsd": "100", "currentSpendUsd": "100.5"}},
    }
    client = init(guard=True)
    stub.wait_for(lambda: asked(stub))
    # The answer is behind the question; a record sent after it is behind both.
    track(model="m")
    assert client.flush(10)
    with pytest.raises(BudgetExceeded, match=r"daily budget of 100 US dollars is spent \(100\.5\)"), call(model="m"):
        pass
    with call(model="m", guard=False):
        pass


def test_old_news_forbid_nothing(stub: StubFarthing, init: MakeClient) -> None:
    client = init(budget_max_age=0.0)
    stub.budget = {"budgetExceeded": True}
    track(model="m")
    assert client.flush(10)
    guard(model="m")


def test_a_disabled_client_guards_nothing_and_sends_nothing(stub: StubFarthing, init: MakeClient) -> None:
    client = init(enabled=False, guard=True)
    track(model="m")
    with call(model="m"):
        pass
    guard()
    assert client.flush(1)
    assert stub.sent == []
    assert farthing_sdk.current() is client
