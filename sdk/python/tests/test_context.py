"""Attribution said in one place, and where it reaches."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import farthing_sdk
from farthing_sdk import call, context, in_context, new_request_id, track

if TYPE_CHECKING:
    from conftest import MakeClient
    from stub_farthing import StubFarthing


@pytest.fixture
def stub_and_client(stub: StubFarthing, init: MakeClient) -> StubFarthing:
    """Somebody to tell."""
    init()
    return stub


def told(stub: StubFarthing) -> dict[str, dict[str, Any]]:
    """What arrived, by model."""
    assert farthing_sdk.flush(10)
    return {record["model"]: record for record in stub.records}


def test_it_nests_and_what_a_call_says_itself_wins(stub_and_client: StubFarthing) -> None:
    with context(feature="outer", team="t", metadata={"a": 1, "b": 1}):
        with context(feature="inner", user_id="u", session_id="s", tenant="acme", metadata={"b": 2}):
            track(model="one", metadata={"c": 3})
            track(model="two", feature="own")
        track(model="three")
    track(model="four")
    records = told(stub_and_client)
    assert records["one"]["metadata"] == {"a": 1, "b": 2, "c": 3}
    assert (records["one"]["endpointTag"], records["one"]["team"]) == ("inner", "t")
    assert (records["one"]["userId"], records["one"]["sessionId"], records["one"]["tenantId"]) == ("u", "s", "acme")
    assert records["two"]["endpointTag"] == "own"
    assert (records["three"]["endpointTag"], records["three"]["metadata"]) == ("outer", {"a": 1, "b": 1})
    assert "userId" not in records["three"]
    assert not {"endpointTag", "team", "metadata"} & records["four"].keys()


def test_tasks_keep_apart_what_is_theirs(stub_and_client: StubFarthing) -> None:
    async def ask(user: str) -> None:
        async with context(user_id=user):
            await asyncio.sleep(0)
            track(model=user)
            await asyncio.to_thread(track, model=f"{user}-thread")

    async def main() -> None:
        with context(team="t"):
            await asyncio.gather(*(ask(f"u{number}") for number in range(5)))

    asyncio.run(main())
    records = told(stub_and_client)
    for number in range(5):
        for model in (f"u{number}", f"u{number}-thread"):
            assert (records[model]["userId"], records[model]["team"]) == (f"u{number}", "t")


def test_threads_take_it_along_when_bound(stub_and_client: StubFarthing) -> None:
    def ask(model: str) -> None:
        track(model=model)

    with context(feature="f"), ThreadPoolExecutor(2) as pool:
        bound = in_context(ask)
        list(pool.map(bound, ["bound-1", "bound-2"]))
        list(pool.map(ask, ["loose"]))
    records = told(stub_and_client)
    assert records["bound-1"]["endpointTag"] == records["bound-2"]["endpointTag"] == "f"
    assert "endpointTag" not in records["loose"]


def test_what_a_client_says_of_all_its_calls(stub: StubFarthing, init: MakeClient) -> None:
    init(environment="staging", team="search", data_mode="test", metadata={"region": "eu", "b": 1})
    track(model="one")
    with call(model="two", environment="dev", metadata={"b": 2}):
        pass
    records = told(stub)
    assert (records["one"]["environment"], records["one"]["team"]) == ("staging", "search")
    assert (records["one"]["dataMode"], records["one"]["metadata"]) == ("test", {"region": "eu", "b": 1})
    assert (records["two"]["environment"], records["two"]["metadata"]) == ("dev", {"region": "eu", "b": 2})


def test_what_the_application_changes_later_is_not_sent(stub: StubFarthing, init: MakeClient) -> None:
    init(flush_interval=600.0)
    tags = {"a": 1}
    track(model="m", metadata=tags)
    tags["a"] = 2
    assert told(stub)["m"]["metadata"] == {"a": 1}


def test_ids_are_new_each_time() -> None:
    assert len({new_request_id() for _ in range(1000)}) == 1000
    assert len(new_request_id()) == len("ext_") + 24
