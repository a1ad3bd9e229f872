"""Spend, calls, traces and spans over HTTP: what they add up to, how they page, and what they refuse."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from api.conftest import CALLS, RANGE, cost, every, told
from server_process import ServerProcess

TOTAL = sum((c for n in range(CALLS) if (c := cost(told(n))) is not None), Decimal(0))


def test_the_total_is_exact_and_says_what_it_does_not_cover(filled: ServerProcess) -> None:
    total = filled.get("/api/v1/spend", **RANGE)["total"]
    assert total["cost_usd"] == "0.005247"
    assert Decimal(total["cost_usd"]) == TOTAL
    assert Decimal(total["input_cost_usd"]) + Decimal(total["output_cost_usd"]) == TOTAL
    assert (total["calls"], total["errors"]) == (CALLS, 2)
    assert total["unpriced_calls"] == 3
    assert total["unknown_usage_calls"] == 4
    assert total["latency_ms"]["min"] == 1
    assert total["latency_ms"]["max"] == CALLS
    assert total["latency_ms"]["avg"] == 21  # of 1 to 40 ms: 20.5, and half a millisecond is rounded up


@pytest.mark.parametrize(
    "by", ["model", "feature", "user", "tag.tenantSlug", "tenant", "model,feature", "status", "provider"]
)
@pytest.mark.parametrize("granularity", ["hour", "day"])
def test_groups_and_steps_add_up_to_the_total(filled: ServerProcess, by: str, granularity: str) -> None:
    answer = filled.get("/api/v1/spend", **RANGE, by=by, granularity=granularity, tz="Asia/Kolkata")
    cells = [group for step in answer["series"] for group in step["groups"]]
    for parts in (answer["groups"], cells, [step["total"] for step in answer["series"]]):
        assert sum(Decimal(part["cost_usd"] or 0) for part in parts) == TOTAL
        assert sum(part["calls"] for part in parts) == CALLS


def test_a_group_of_which_nothing_is_priced_has_no_cost(filled: ServerProcess) -> None:
    groups = {g["model"]: g for g in filled.get("/api/v1/spend", **RANGE, by="model")["groups"]}
    assert groups["quill-9"]["cost_usd"] is None
    assert groups["gpt-4o"]["cost_usd"] == "0.00477"
    assert groups["gpt-4o-mini"]["cost_usd"] == "0.000477"


@pytest.mark.parametrize(
    "sort", ["-start_time", "start_time", "-cost", "cost", "-latency", "-input_tokens", "output_tokens"]
)
def test_pages_show_every_call_once_in_order(filled: ServerProcess, sort: str) -> None:
    rows = every(filled, "/api/v1/calls", sort=sort, limit="7")
    assert len({row["id"] for row in rows}) == len(rows) == CALLS
    keys: dict[str, Callable[[dict[str, Any]], Any]] = {
        "start_time": lambda r: r["start_time"],
        "cost": lambda r: Decimal(r["cost_usd"] or -1),
        "latency": lambda r: r["latency_ms"],
        "input_tokens": lambda r: -1 if r["input_tokens"] is None else r["input_tokens"],
        "output_tokens": lambda r: -1 if r["output_tokens"] is None else r["output_tokens"],
    }
    seen = [keys[sort.lstrip("-")](row) for row in rows]
    assert seen == sorted(seen, reverse=sort.startswith("-"))


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        ({"model": "gpt-4o"}, 16),
        ({"model": "!gpt-4o"}, 24),
        ({"feature": ""}, 13),
        ({"tag.tenantSlug": "acme"}, 20),
        ({"status": "429"}, 2),
        ({"status": "error", "user": "u3"}, 2),
        ({"min_latency": "39"}, 2),
        ({"q": "r12"}, 1),
        ({"min_cost": "0.0003"}, 12),
        ({"provider": "anthropic"}, 0),
    ],
)
def test_filters_are_the_same_for_lists_and_sums(filled: ServerProcess, filters: dict[str, str], number: int) -> None:
    assert len(every(filled, "/api/v1/calls", **filters)) == number
    assert filled.get("/api/v1/spend", **RANGE, **filters)["total"]["calls"] == number


def test_one_call_explains_its_cost(filled: ServerProcess) -> None:
    row = filled.get(f"/api/v1/calls/{1:032x}-{1:016x}")
    assert row["cost_usd"] == "0.000021"
    assert [(n["bucket"], n["quantity"], n["rate_usd"], n["per"], n["amount_usd"]) for n in row["cost_lines"]] == [
        ("input", 100, "0.15", 1_000_000, "0.000015"),
        ("output", 10, "0.6", 1_000_000, "0.000006"),
    ]
    assert all(n["grade"] == "computed" and n["price_version"] and n["source"] and n["rule"] for n in row["cost_lines"])
    assert row["attributes"]["gen_ai.usage.input_tokens"] == 100
    assert row["tags"] == {"tenantSlug": "acme"}


def test_traces_and_spans(filled: ServerProcess) -> None:
    rows = every(filled, "/api/v1/traces", limit="9")
    assert len({row["trace_id"] for row in rows}) == len(rows) == CALLS
    trace = filled.get(f"/api/v1/traces/{1:032x}")
    assert (trace["span_count"], trace["calls"], trace["cost_usd"]) == (1, 1, "0.000021")
    assert trace["spans"][0]["call"]["cost_usd"] == "0.000021"
    span = filled.get(f"/api/v1/spans/{1:032x}/{1:016x}")
    assert span["attributes"]["feature"] == "chat"


def test_a_long_answer_is_packed_for_who_takes_it_so(filled: ServerProcess) -> None:
    def ask(limit: int, encoding: str) -> httpx.Response:
        headers = {"X-API-Key": filled.key, "Accept-Encoding": encoding}
        return httpx.get(f"{filled.url}/api/v1/calls", params={**RANGE, "limit": limit}, headers=headers)

    packed, plain = ask(40, "gzip, deflate"), ask(40, "identity")
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) * 5 < int(plain.headers["content-length"])
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.json() == plain.json()
    assert "content-encoding" not in ask(1, "gzip").headers


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/spend?by=colour", 400, "by: there is no dimension 'colour'"),
        ("/api/v1/spend?from=soon", 400, "from"),
        ("/api/v1/spend?tz=Mars/Base", 400, "tz"),
        ("/api/v1/spend?modle=x", 400, "did you mean model?"),
        ("/api/v1/calls?limit=0", 400, "limit"),
        ("/api/v1/calls?sort=colour", 400, "sort"),
        ("/api/v1/calls?cursor=zzz", 400, "cursor"),
        ("/api/v1/calls/nope", 404, "There is no call 'nope'"),
        ("/api/v1/traces/" + "0" * 32, 404, "There is no trace"),
        ("/nowhere", 404, "nothing at /nowhere"),
    ],
)
def test_mistakes_are_told(filled: ServerProcess, path: str, status: int, said: str) -> None:
    answer = httpx.get(filled.url + path, headers=filled.headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_a_wrong_key_is_let_in_nowhere(filled: ServerProcess) -> None:
    paths = httpx.get(f"{filled.url}/openapi.json", timeout=60).json()["paths"]
    asked = [path for path, methods in paths.items() if "get" in methods and path.startswith("/api/")]
    assert len(asked) >= 8
    for path in asked:
        where = filled.url + path.replace("{", "").replace("}", "")
        # Files are got at addresses that are signed; no key opens one that isn't.
        refused = 403 if path.startswith("/api/v1/media/files/") else 401
        assert httpx.get(where).status_code == refused, path
        assert httpx.get(where, headers={"X-API-Key": "fk_" + "x" * 43}).status_code == refused, path


def test_a_key_for_telemetry_alone_may_not_ask(filled: ServerProcess) -> None:
    made = httpx.post(
        f"{filled.url}/api/v1/keys", json={"name": "app", "scopes": ["ingest"]}, headers=filled.headers
    ).json()
    with_it = {"X-API-Key": made["secret"]}
    assert httpx.get(f"{filled.url}/api/v1/spend", headers=with_it).status_code == 403
    assert (
        httpx.post(
            f"{filled.url}/v1/traces", content=b"{}", headers=with_it | {"Content-Type": "application/json"}
        ).status_code
        == 200
    )
    assert httpx.post(f"{filled.url}/api/v1/keys/{made['id']}/revoke", headers=filled.headers).status_code == 200
    assert (
        httpx.post(
            f"{filled.url}/v1/traces", content=b"{}", headers=with_it | {"Content-Type": "application/json"}
        ).status_code
        == 401
    )


def test_probes(filled: ServerProcess) -> None:
    assert httpx.get(f"{filled.url}/healthz").json()["status"] == "ok"
    assert httpx.get(f"{filled.url}/readyz").json()["status"] == "ready"
    assert "farthing_spans_kept_total 40.0" in httpx.get(f"{filled.url}/metrics").text


@pytest.mark.parametrize("path", ["/api/v1/spend", "/api/v1/calls"])
def test_what_somebody_has_already_is_not_sent_again(filled: ServerProcess, path: str) -> None:
    with httpx.Client(base_url=filled.url, headers=filled.headers, params=RANGE, timeout=60) as client:
        answer = client.get(path)
        assert answer.headers["cache-control"] == "private, no-cache"
        known = {"If-None-Match": answer.headers["etag"]}
        again = client.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(path, params={**RANGE, "model": "gpt-4o"}, headers=known).status_code == 200
