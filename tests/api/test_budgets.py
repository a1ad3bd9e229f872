"""Budgets over HTTP: their shape, exact sums beside spend's, what is refused and by what name, and who may do what."""

from collections.abc import Generator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from api.conftest import RANGE, Json
from server_process import ServerProcess

PATH = "/api/v1/budgets"
ONCE = {"period": "once", "starts_at": "2026-09-21T00:00:00Z", "ends_at": "2026-09-22T00:00:00Z"}


def send(server: ServerProcess, method: str, path: str, body: Any = None, key: str = "") -> httpx.Response:
    headers = {"X-API-Key": key} if key else server.headers
    return httpx.request(method, server.url + path, json=body, headers=headers, timeout=30)


def make(server: ServerProcess, **fields: Any) -> Json:
    answer = send(server, "POST", PATH, {"name": "b", "limit_usd": "1", "period": "month", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def clean(filled: ServerProcess) -> Generator[ServerProcess]:
    """The server, and afterwards without any budget."""
    yield filled
    for row in filled.get(PATH)["data"]:
        assert send(filled, "DELETE", f"{PATH}/{row['id']}").status_code == 204


def test_the_shape_is_what_was_sent_and_how_it_stands(clean: ServerProcess) -> None:
    sent = {
        "name": "chat in Berlin",
        "limit_usd": "0.000000000000000000000001",
        "period": "quarter",
        "timezone": "Europe/Berlin",
        "filters": {"feature": "chat", "tag.tier": ["free", "!paid"]},
        "thresholds": [0.5, 0.9],
        "warning_ratio": 0.9,
        "enforcement": "block",
    }
    made = make(clean, **sent)
    assert made | sent == made
    assert made["id"].startswith("bg_")
    assert made["period_start"] < made["created_at"] < made["period_end"]
    standing = {"spent_usd": "0", "reserved_usd": "0", "remaining_usd": sent["limit_usd"], "status": "ok", "calls": 0}
    assert made | standing == made
    assert clean.get(f"{PATH}/{made['id']}") == made
    assert clean.get(PATH) == {"data": [made], "next_cursor": None}


def test_what_isn_t_said_is_as_documented(clean: ServerProcess) -> None:
    made = make(clean, limit_usd=12.5)
    assert made["limit_usd"] == "12.5"
    assert (made["timezone"], made["filters"], made["enforcement"]) == ("UTC", {}, "none")
    assert (made["thresholds"], made["warning_ratio"]) == ([0.5, 0.8, 1.0], 0.8)
    assert (made["window"], made["starts_at"], made["ends_at"]) == (None, None, None)


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"feature": "chat"},
        {"feature": ["chat", ""]},
        {"feature": "!chat", "user": ["u1", "u2"]},
        {"model": "gpt-4o"},
        {"tag.tenantSlug": "acme", "provider": "openai"},
        {"status": "429"},
        {"min_cost": "0.0003"},
        {"q": "r12"},
        {"model": "quill-9"},
        {"key": "!nobody's"},
    ],
)
def test_sums_are_those_of_spend(clean: ServerProcess, filters: Json) -> None:
    total = clean.get("/api/v1/spend", **RANGE, **filters)["total"]
    made = make(clean, **ONCE, filters=filters)
    for name in ("calls", "unpriced_calls", "unknown_usage_calls"):
        assert made[name] == total[name]
    assert made["spent_usd"] == total["cost_usd"]


def test_status_and_thresholds_follow_what_was_spent(clean: ServerProcess) -> None:
    spent = Decimal(clean.get("/api/v1/spend", **RANGE)["total"]["cost_usd"])
    found = [make(clean, **ONCE, limit_usd=str(spent * share)) for share in (4, 2, Decimal("1.25"), 1)]
    assert [row["status"] for row in found] == ["ok", "ok", "warning", "exceeded"]
    assert [row["thresholds_reached"] for row in found] == [[], [0.5], [0.5, 0.8], [0.5, 0.8, 1.0]]
    assert [Decimal(row["remaining_usd"]) for row in found] == [3 * spent, spent, spent / 4, 0]
    assert Decimal(found[0]["forecast_usd"]) == spent  # it is over


def test_some_fields_are_changed_and_the_others_stay(clean: ServerProcess) -> None:
    made = make(clean, name="before", filters={"feature": "chat"})
    path = f"{PATH}/{made['id']}"
    changed = send(clean, "PATCH", path, {"name": "after", "period": "rolling", "window": "24h"}).json()
    assert changed | {"name": "after", "period": "rolling", "window": "24h", "filters": {"feature": "chat"}} == changed
    assert send(clean, "PATCH", path, {"period": "day"}).status_code == 400  # a window is left
    back = send(clean, "PATCH", path, {"period": "once", "window": None, "starts_at": "2026-11-01"}).json()
    assert (back["window"], back["starts_at"]) == (None, "2026-11-01T00:00:00Z")
    assert send(clean, "PATCH", path, {}).json()["name"] == "after"
    told = clean.get(f"{PATH}/history", budget_id=made["id"])["data"]
    assert [entry["action"] for entry in told][-1] == "created"
    assert (told[-2]["before"]["name"], told[-2]["after"]["name"]) == ("before", "after")
    assert told[0]["actor"].startswith("key ")


def test_a_moment_without_an_offset_is_one_of_the_time_zone(clean: ServerProcess) -> None:
    made = make(clean, period="once", timezone="Europe/Berlin", starts_at="2026-12-01", ends_at="2026-12-24T18:00:00")
    assert (made["period_start"], made["period_end"]) == ("2026-11-30T23:00:00Z", "2026-12-24T17:00:00Z")


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"name": ""}, 422, "name"),
        ({"name": None}, 422, "name"),
        ({"limit_usd": "0"}, 422, "limit_usd"),
        ({"limit_usd": "NaN"}, 422, "limit_usd"),
        ({"limit_usd": "1e400"}, 400, "limit_usd"),
        ({"limit_usd": "0.0000000000000000000000001"}, 400, "limit_usd"),
        ({"period": "year"}, 422, "period"),
        ({"period": "rolling"}, 400, "window"),
        ({"period": "rolling", "window": "1y"}, 400, "window"),
        ({"window": "24h"}, 400, "window"),
        ({"timezone": "Mars/Base"}, 400, "timezone"),
        ({"filters": {"colour": "red"}}, 400, "filters.colour"),
        ({"filters": {"feature": 7}}, 422, "filters.feature"),
        ({"filters": {"min_latency": "fast"}}, 400, "filters.min_latency"),
        ({"thresholds": [0]}, 422, "thresholds.0"),
        ({"thresholds": [11]}, 400, "thresholds"),
        ({"warning_ratio": 2}, 422, "warning_ratio"),
        ({"enforcement": "maybe"}, 422, "enforcement"),
        ({"starts_at": "2026-12-01"}, 400, "starts_at"),
        ({"period": "once", "starts_at": "0001-01-01"}, 400, "starts_at"),
        ({"period": "once", "starts_at": "2026-12-01", "ends_at": "2026-11-01"}, 400, "ends_at"),
        ({"colour": "red"}, 422, "colour"),
    ],
)
def test_mistakes_are_told_by_the_field_s_name(filled: ServerProcess, fields: Json, status: int, said: str) -> None:
    body = {"name": "b", "limit_usd": "1", "period": "month", **fields}
    answer = send(filled, "POST", PATH, body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(f"{said}: ") or answer.json()["detail"].startswith(f"{said}.")
    assert filled.get(PATH)["data"] == []


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_isn_t_there_is_not_found(filled: ServerProcess, method: str) -> None:
    answer = send(filled, method, f"{PATH}/bg_none", {} if method == "PATCH" else None)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_reading_needs_the_scope_read_and_changing_admin(clean: ServerProcess) -> None:
    made = make(clean)
    keys = {
        scope: send(clean, "POST", "/api/v1/keys", {"name": scope, "scopes": [scope]}).json()["secret"]
        for scope in ("read", "ingest")
    }
    path = f"{PATH}/{made['id']}"
    assert [send(clean, "GET", path, key=keys[scope]).status_code for scope in ("read", "ingest")] == [200, 403]
    for method, where, body in (("POST", PATH, {"name": "x", "limit_usd": 1, "period": "day"}), ("DELETE", path, None)):
        assert send(clean, method, where, body, keys["read"]).status_code == 403
    assert send(clean, "PATCH", path, {"name": "x"}, keys["read"]).status_code == 403
    assert clean.get(path) == made


def test_a_correction_counts_is_told_and_can_be_taken_back(clean: ServerProcess) -> None:
    made = make(clean, limit_usd="0.001", **ONCE)
    spent = Decimal(made["spent_usd"])
    assert made["status"] == "exceeded"
    assert (made["corrected_usd"], made["counted_usd"], made["corrections"]) == ("0", made["spent_usd"], [])
    path = f"{PATH}/{made['id']}/corrections"
    back = {"amount_usd": f"-{spent - Decimal('0.0001'):f}", "why": " priced twice ", "at": "2026-09-21T12:00:00"}
    answer = send(clean, "POST", path, back)
    assert answer.status_code == 201, answer.text
    corrected = answer.json()
    assert (corrected["spent_usd"], corrected["counted_usd"]) == (made["spent_usd"], "0.0001")
    assert (corrected["remaining_usd"], corrected["status"]) == ("0.0009", "ok")
    (one,) = corrected["corrections"]
    assert (one["amount_usd"], one["why"], one["at"]) == (back["amount_usd"], "priced twice", "2026-09-21T12:00:00Z")
    # One in another time has no say in this period.
    other = send(clean, "POST", path, {"amount_usd": "7", "why": "before", "at": "2026-09-20T23:59:59Z"}).json()
    assert other["counted_usd"] == "0.0001"
    assert send(clean, "DELETE", f"{path}/{one['id']}").json()["counted_usd"] == made["spent_usd"]
    assert send(clean, "DELETE", f"{path}/{one['id']}").status_code == 404
    actions = [row["action"] for row in clean.get(f"{PATH}/history", budget_id=made["id"])["data"]]
    assert actions == ["correction taken back", "corrected", "corrected", "created"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount_usd": "0", "why": "x"}, "amount_usd"),
        ({"amount_usd": "1e-25", "why": "x"}, "amount_usd"),
        ({"amount_usd": "1e999", "why": "x"}, "amount_usd"),
        ({"amount_usd": "1", "why": "   "}, "why"),
        ({"amount_usd": "1", "why": "x", "at": "1960-01-01"}, "at"),
    ],
)
def test_what_is_no_correction_is_refused_by_its_field(clean: ServerProcess, body: Json, field: str) -> None:
    made = make(clean)
    answer = send(clean, "POST", f"{PATH}/{made['id']}/corrections", body)
    assert answer.status_code in (400, 422)
    assert field in answer.text
    assert clean.get(f"{PATH}/{made['id']}")["corrections"] == []


def test_the_switch_lets_all_of_them_only_observe(clean: ServerProcess) -> None:
    made = make(clean, limit_usd="0.001", enforcement="block", **ONCE)
    assert (made["status"], made["observe_only"]) == ("exceeded", False)
    switched = send(clean, "PUT", f"{PATH}/observe-only", {"why": "the launch"}).json()
    assert (switched["on"], switched["why"]) == (True, "the launch")
    assert clean.get(f"{PATH}/observe-only") == switched
    found = clean.get(f"{PATH}/{made['id']}")
    assert (found["status"], found["enforcement"], found["observe_only"]) == ("exceeded", "block", True)
    assert send(clean, "DELETE", f"{PATH}/observe-only").status_code == 204
    assert clean.get(f"{PATH}/observe-only")["on"] is False
    assert clean.get(f"{PATH}/{made['id']}") == made
    told = [(row["action"], row["subject"]) for row in clean.get(f"{PATH}/history", budget_id="observe-only")["data"]]
    assert told == [("enforces", "budget:observe-only"), ("observes only", "budget:observe-only")]


def test_where_it_leads_and_who_it_was_spent_on(clean: ServerProcess) -> None:
    made = make(clean, limit_usd="1", **ONCE)
    told = clean.get(f"{PATH}/{made['id']}/outlook")
    # The period is over: nothing is left to be foreseen, but who it was is known.
    assert (told["counted_usd"], told["outlook"]) == (made["spent_usd"], None)
    assert "over" in told["why_not"]
    by_feature = clean.get("/api/v1/spend", **RANGE, by="feature")["groups"]
    costs = {row["feature"]: row["cost_usd"] for row in by_feature}
    assert {row["value"]: row["cost_usd"] for row in told["contributors"]["feature"]} == costs
    assert {row["before_usd"] for row in told["contributors"]["feature"]} == {None}
    endless = make(clean, period="rolling", window="30d")
    assert "no end" in clean.get(f"{PATH}/{endless['id']}/outlook")["why_not"]
