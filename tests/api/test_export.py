"""Files of calls and sums over HTTP: every format holds the same exact figures as the lists, and nothing that would run."""

import csv
import io
import json
from decimal import Decimal

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from api.conftest import CALLS, RANGE, Json, every
from server_process import ServerProcess

PATH = "/api/v1/export"


def asked(server: ServerProcess, **parameters: str) -> httpx.Response:
    return httpx.get(server.url + PATH, params={**RANGE, **parameters}, headers=server.headers, timeout=30)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def total(server: ServerProcess, **parameters: str) -> Json:
    return server.get("/api/v1/spend", **RANGE, **parameters)["total"]


@pytest.mark.parametrize("filters", [{}, {"feature": "chat"}, {"model": "!gpt-4o"}, {"tag.tenantSlug": "acme"}])
def test_lines_of_json_are_the_calls_of_the_list(filled: ServerProcess, filters: dict[str, str]) -> None:
    answer = asked(filled, format="jsonl", **filters)
    assert answer.headers["content-type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    listed = {row["id"]: row for row in every(filled, "/api/v1/calls", **filters)}
    assert {row["id"] for row in rows} == listed.keys()
    assert [row["start_time"] for row in rows] == sorted(row["start_time"] for row in rows)
    for row in rows:
        assert listed[row["id"]] | row == listed[row["id"]]


def test_csv_adds_up_to_spend_and_leaves_empty_what_nobody_knows(filled: ServerProcess) -> None:
    answer = asked(filled)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="farthing-calls-default-2026-09-21-2026-09-21.csv"'
    )
    rows = table(answer.text)
    assert len(rows) == CALLS
    known = [Decimal(row["cost_usd"]) for row in rows if row["cost_usd"]]
    assert 0 < len(known) < CALLS
    assert sum(known) == Decimal(total(filled)["cost_usd"])
    assert json.loads(rows[0]["tags"])


def test_columns_are_chosen_tags_included(filled: ServerProcess) -> None:
    answer = asked(filled, columns="id,tag.tenantSlug,cost_usd,tag.none")
    assert answer.text.splitlines()[0] == "id,tag.tenantSlug,cost_usd,tag.none"
    rows = table(answer.text)
    assert {row["tag.tenantSlug"] for row in rows} <= {"acme", "globex", ""}
    assert {row["tag.none"] for row in rows} == {""}


def test_parquet_holds_exact_decimals_and_times(filled: ServerProcess) -> None:
    answer = asked(filled, format="parquet")
    found = pq.read_table(io.BytesIO(answer.content))
    assert found.schema.field("cost_usd").type == pa.decimal128(38, 24)
    assert found.schema.field("start_time").type == pa.timestamp("ns", "UTC")
    costs = [cost for cost in found["cost_usd"].to_pylist() if cost is not None]
    assert (len(found), sum(costs)) == (CALLS, Decimal(total(filled)["cost_usd"]))
    assert {(at or 0) % 1_000 for at in found["start_time"].cast(pa.int64()).to_pylist()} == {5}  # nanoseconds are kept


def test_focus_adds_up_and_each_charge_is_quantity_by_price(filled: ServerProcess) -> None:
    rows = table(asked(filled, format="focus", columns="tag.tenantSlug").text)
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal(total(filled)["cost_usd"])
    for row in rows:
        assert Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"]) == Decimal(row["ListCost"])
        assert (row["ServiceCategory"], row["ServiceSubcategory"]) == ("AI and Machine Learning", "Generative AI")
        assert (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == ("2026-09-21T00:00:00Z", "2026-09-22T00:00:00Z")
        assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == ("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z")
        assert json.loads(row["Tags"])["tenant"] in {"acme", "globex"}
    assert {row["ConsumedUnit"] for row in rows} == {"token"}
    hourly = table(asked(filled, format="focus", granularity="hour").text)
    assert len({row["ChargePeriodStart"] for row in hourly}) > 10
    assert sum(Decimal(row["BilledCost"]) for row in hourly) == sum(Decimal(row["BilledCost"]) for row in rows)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_sums_by_a_dimension_are_those_of_spend(filled: ServerProcess, kind: str) -> None:
    answer = asked(filled, format=kind, by="tenant,model")
    assert 'filename="farthing-spend-by-tenant-model-' in answer.headers["content-disposition"]
    if kind == "csv":
        rows = table(answer.text)
        costs = [row["cost_usd"] for row in rows]
    elif kind == "jsonl":
        rows = [json.loads(line) for line in answer.text.splitlines()]
        costs = [row["cost_usd"] for row in rows]
    else:
        rows = pq.read_table(io.BytesIO(answer.content)).to_pylist()
        costs = [row["cost_usd"] for row in rows]
    assert sum(Decimal(cost) for cost in costs if cost) == Decimal(total(filled)["cost_usd"])
    assert sum(int(row["calls"]) for row in rows) == CALLS


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "focus"])
def test_nothing_is_a_file_too(filled: ServerProcess, kind: str) -> None:
    answer = asked(filled, format=kind, feature="nobody's")
    assert answer.status_code == 200
    if kind == "parquet":
        assert len(pq.read_table(io.BytesIO(answer.content))) == 0
    else:
        assert len(answer.text.splitlines()) == (0 if kind == "jsonl" else 1)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("format", {"format": "xlsx"}),
        ("columns", {"columns": "id,nonsense"}),
        ("columns", {"format": "focus", "columns": "id"}),
        ("granularity", {"format": "focus", "granularity": "week"}),
        ("by", {"by": "nonsense"}),
        ("feture", {"feture": "chat"}),
        ("project", {"project": "another"}),
    ],
)
def test_a_wrong_parameter_is_named_before_anything_is_sent(
    filled: ServerProcess, name: str, wrong: dict[str, str]
) -> None:
    answer = asked(filled, **wrong)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(f"{name}: ")


def test_a_key_that_may_not_read_gets_nothing(filled: ServerProcess) -> None:
    assert httpx.get(filled.url + PATH, params=RANGE).status_code == 401
