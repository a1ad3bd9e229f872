"""What was sent and what was acknowledged in; complaints when the API tells anything else out."""

from decimal import Decimal
from typing import Any

from e2e.cut_traces import Batch, SentCall
from server_process import ServerProcess

SINCE = "now-60d"
"""Before everything that is sent."""


def assert_once(server: ServerProcess, kept: list[Batch], perhaps: list[Batch]) -> None:
    """All calls of `kept` are there, those of `perhaps` may be, no other is; once, with their exact cost, attributed."""
    sure, possible = calls_of(kept), calls_of(kept + perhaps)
    listed = everything(server)
    found = {f"{row['trace_id']}-{row['span_id']}": row for row in listed}
    assert len(found) == len(listed)
    assert sure.keys() - found.keys() == set()
    assert found.keys() - possible.keys() == set()
    spans = {span for batch in kept for span in batch.spans}
    for name, row in found.items():
        call = possible[name]
        assert Decimal(row["cost_usd"]) == call.cost
        if spans.issuperset(call.needs):
            assert (row["user_id"], row["feature"]) == (call.user, call.feature), name
    total = spend(server)
    assert total["calls"] == len(found)
    assert Decimal(total["cost_usd"]) == sum(possible[name].cost for name in found)
    if not perhaps:
        assert_groups(server, list(sure.values()))


def assert_groups(server: ServerProcess, calls: list[SentCall]) -> None:
    """Users, who stand on the root span alone, have the right number of calls and the right cost."""
    wanted: dict[str, tuple[int, Decimal]] = {}
    for call in calls:
        number, cost = wanted.get(call.user, (0, Decimal(0)))
        wanted[call.user] = number + 1, cost + call.cost
    answer = server.get("/api/v1/spend", **{"from": SINCE, "by": "user", "granularity": "none"})
    found = {group["user"]: (group["calls"], Decimal(group["cost_usd"])) for group in answer["groups"]}
    assert found == wanted


def spend(server: ServerProcess) -> dict[str, Any]:
    """The totals of everything."""
    answer = server.get("/api/v1/spend", **{"from": SINCE, "granularity": "none"})
    return answer["total"]


def everything(server: ServerProcess) -> list[Any]:
    """All calls, page by page."""
    rows: list[Any] = []
    more: dict[str, str] = {}
    while True:
        page = server.get("/api/v1/calls", **{"from": SINCE, "limit": "500"}, **more)
        rows += page["data"]
        if page["next_cursor"] is None:
            return rows
        more = {"cursor": page["next_cursor"]}


def calls_of(sent: list[Batch]) -> dict[str, SentCall]:
    """All calls of these batches, by id."""
    return {call.id: call for batch in sent for call in batch.calls}
