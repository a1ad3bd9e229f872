"""Sessions and users over HTTP: the same sums as spend's, pages in any order, times, refusals, and nobody else's data."""

import json
from collections.abc import Generator
from decimal import Decimal

import httpx
import pytest
from api.conftest import DAY, RANGE, Json, cost, every, fill, value
from server_process import ServerProcess

CALLS = 60
SLASHED = "a/b c?d/../é"


def told(number: int) -> Json:
    """The attributes of the n-th call: two calls a trace, four traces or so a session, a session's trace may be shared."""
    attributes: Json = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "quill-9" if number % 10 == 9 else ("gpt-4o-mini", "gpt-4o")[number % 2],
        "gen_ai.usage.input_tokens": 100 + number,
        "gen_ai.usage.output_tokens": 10,
        "feature": ("chat", "search", "")[number % 3],
        "user_id": f"u{number // 8 % 4}" if number < 48 else "",
        "session.id": SLASHED if number < 4 else f"s{number // 7}",
    }
    if number % 8 == 7:
        del attributes["gen_ai.usage.input_tokens"], attributes["gen_ai.usage.output_tokens"]
    if number >= 56:
        del attributes["session.id"]
    return attributes


def start(number: int) -> int:
    return (DAY + 600 * number) * 10**9 + number


def spans() -> list[Json]:
    return [
        {
            "traceId": f"{number // 2 + 1:032x}",
            "spanId": f"{number + 1:016x}",
            "name": "chat",
            "startTimeUnixNano": str(start(number)),
            "endTimeUnixNano": str(start(number) + 10**9),
            "attributes": [{"key": key, "value": value(of)} for key, of in told(number).items()],
        }
        for number in range(CALLS)
    ]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """The server, once everything sent can be read."""
    server = ServerProcess(tmp_path_factory.mktemp("sessions"))
    server.start()
    try:
        fill(server, json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans()}]}]}).encode(), CALLS)
        yield server
    finally:
        server.kill()


def known_cost(numbers: list[int]) -> Decimal | None:
    """Dollars of these calls, as far as they are known."""
    known = [c for n in numbers if (c := cost(told(n))) is not None]
    return sum(known, Decimal(0)) if known else None


def of(key: str, name: str) -> list[int]:
    return [n for n in range(CALLS) if told(n).get(key) == name]


@pytest.mark.parametrize(("path", "by"), [("/api/v1/sessions", "session"), ("/api/v1/users", "user")])
@pytest.mark.parametrize("filters", [{}, {"feature": "chat"}, {"model": "!gpt-4o"}, {"min_cost": "0.0003"}])
def test_sums_are_those_of_spend(filled: ServerProcess, path: str, by: str, filters: dict[str, str]) -> None:
    groups = filled.get("/api/v1/spend", **RANGE, by=by, **filters)["groups"]
    expected = {group.pop(by): group for group in groups if group[by] is not None}
    rows = {row[f"{by}_id"]: row for row in every(filled, path, limit="3", **filters)}
    assert {name: {key: row[key] for key in expected[name]} for name, row in rows.items()} == expected
    for name in rows:
        if not filters:
            told_cost = rows[name]["cost_usd"]
            assert (None if told_cost is None else Decimal(told_cost)) == known_cost(
                of("session.id" if by == "session" else "user_id", name)
            )


@pytest.mark.parametrize("path", ["/api/v1/sessions", "/api/v1/users"])
@pytest.mark.parametrize("sort", [None, "-last_seen", "last_seen", "-cost", "cost", "-calls", "calls"])
def test_pages_show_everyone_once_in_order(filled: ServerProcess, path: str, sort: str | None) -> None:
    rows = every(filled, path, limit="2", **({"sort": sort} if sort else {}))
    name = "session_id" if path.endswith("sessions") else "user_id"
    assert len({row[name] for row in rows}) == len(rows) == (9 if name == "session_id" else 4)
    by = (sort or "-last_seen").lstrip("-")
    seen = [Decimal(r["cost_usd"] or -1) if by == "cost" else r[by] for r in rows]
    assert seen == sorted(seen, reverse=(sort or "-").startswith("-"))


def test_a_session_with_any_id_tells_its_traces_in_order(filled: ServerProcess) -> None:
    session = filled.get(f"/api/v1/sessions/{SLASHED.replace('?', '%3F').replace('..', '%2E%2E')}", **RANGE)
    assert (session["session_id"], session["calls"], session["trace_count"]) == (SLASHED, 4, 2)
    assert (session["user_count"], session["user_ids"]) == (1, ["u0"])
    assert session["models"] == ["gpt-4o", "gpt-4o-mini"]
    # 100 and 102 at 0.15 and 0.60, 101 and 103 at 2.50 and 10, and ten out each.
    assert session["cost_usd"] == "0.0007523"
    assert session["first_seen"] == session["traces"]["data"][0]["start_time"]
    assert session["duration_ms"] == 1_801_000
    assert [t["trace_id"] for t in session["traces"]["data"]] == [f"{n:032x}" for n in (1, 2)]
    assert sum(Decimal(t["cost_usd"]) for t in session["traces"]["data"]) == Decimal("0.0007523")
    assert sum(Decimal(g["cost_usd"]) for g in session["by_model"]) == Decimal("0.0007523")


@pytest.mark.parametrize("number", range(1, 8))
def test_the_traces_of_a_session_add_up_to_it_though_they_hold_calls_of_others(
    filled: ServerProcess, number: int
) -> None:
    name = f"s{number}"
    pages: list[Json] = []
    cursor: dict[str, str] = {}
    while True:
        session = filled.get(f"/api/v1/sessions/{name}", **RANGE, limit="1", **cursor)
        pages += session["traces"]["data"]
        if session["traces"]["next_cursor"] is None:
            break
        cursor = {"cursor": session["traces"]["next_cursor"]}
    assert len(pages) == session["trace_count"]
    assert [page["start_time"] for page in pages] == sorted(page["start_time"] for page in pages)
    for measure in ("calls", "unpriced_calls", "unknown_usage_calls"):
        assert sum(page[measure] for page in pages) == session[measure]
    assert (
        sum(Decimal(page["cost_usd"] or 0) for page in pages)
        == Decimal(session["cost_usd"])
        == known_cost(of("session.id", name))
    )


def test_a_user_is_told_by_model_by_feature_and_with_sessions(filled: ServerProcess) -> None:
    user = filled.get("/api/v1/users/u1", **RANGE)
    mine = of("user_id", "u1")
    assert (user["user_id"], user["calls"], user["errors"]) == ("u1", len(mine), 0)
    assert Decimal(user["cost_usd"]) == known_cost(mine)
    for parts in (user["by_model"], user["by_feature"], user["sessions"]["data"]):
        assert sum(part["calls"] for part in parts) == len(mine)
        assert sum(Decimal(part["cost_usd"] or 0) for part in parts) == known_cost(mine)
    assert user["session_count"] == len(user["sessions"]["data"]) == 4
    assert user["by_model"] == filled.get("/api/v1/spend", **RANGE, user="u1", by="model")["groups"]
    assert filled.get("/api/v1/sessions", **RANGE, user="u1") == user["sessions"]


def test_what_nobody_can_price_is_unknown_and_never_zero(filled: ServerProcess) -> None:
    rows = every(filled, "/api/v1/sessions", model="quill-9")
    assert rows
    assert all(row["cost_usd"] is None and row["unpriced_calls"] + row["unknown_usage_calls"] for row in rows)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/sessions/nobody", 404, "There is no session 'nobody' in this project from"),
        ("/api/v1/sessions/", 404, ""),
        (f"/api/v1/sessions/s2?to={DAY}", 404, "choose another range"),
        ("/api/v1/users/nobody", 404, "There is no user 'nobody'"),
        ("/api/v1/sessions?sort=colour", 400, "last_seen, cost, calls"),
        ("/api/v1/sessions?limit=201", 400, "from 1 to 200"),
        ("/api/v1/users?cursor=zzz", 400, "cursor"),
        ("/api/v1/users?sort=cost&cursor=WyItY29zdCIsIjEiLCJ4Il0", 400, "another order"),
        ("/api/v1/users?sort=calls&cursor=WyJjYWxscyIsIjEuNSIsIngiXQ", 400, "cursor"),
        ("/api/v1/users?modle=x", 400, "did you mean model?"),
    ],
)
def test_mistakes_are_told(filled: ServerProcess, path: str, status: int, said: str) -> None:
    answer = httpx.get(filled.url + path, headers=filled.headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
