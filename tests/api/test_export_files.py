"""Pages of rows in, files out: what would run in a spreadsheet does not, and many pages are one file."""

import csv
import io
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest

from farthing.api.export import as_csv
from farthing.store.telemetry import parquet

Json = dict[str, Any]


def rows_of(columns: list[str], pages: list[list[Json]]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(as_csv(columns, pages)).decode(), newline="")))


@pytest.mark.parametrize(
    "evil",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "\uff1d1", "-2+3+cmd|' /C calc'!A0"],
)
def test_text_that_begins_like_a_formula_is_text(evil: str) -> None:
    assert rows_of(["feature"], [[{"feature": evil}]])[1] == [f"'{evil}"]


def test_names_of_columns_are_text_too() -> None:
    assert rows_of(["tag.a", "=x"], [])[0] == ["tag.a", "'=x"]


def test_figures_texts_and_unknown_stand_as_they_are() -> None:
    row = {
        "cost_usd": "-0.000541",
        "input_tokens": 0,
        "feature": 'a,"b"\nc',
        "user_id": None,
        "streaming": True,
        "tags": {"k": "=v"},
    }
    assert rows_of(list(row), [[row]])[1] == ["-0.000541", "0", 'a,"b"\nc', "", "true", '{"k":"=v"}']


def test_pages_are_one_file() -> None:
    pages = [[{"cost_usd": f"0.{at:024d}", "start_time": "2026-11-21T00:00:00.000000001Z"}] * 3_000 for at in range(40)]
    pieces = list(parquet.written(["cost_usd", "start_time"], pages))
    assert len(pieces) == 3  # two groups of rows, then the rest and the end
    found = pq.ParquetFile(io.BytesIO(b"".join(pieces)))
    assert (found.metadata.num_rows, found.metadata.num_row_groups) == (120_000, 3)
    assert sum(cost for cost in found.read()["cost_usd"].to_pylist() if cost is not None) == sum(
        Decimal(page[0]["cost_usd"]) * 3_000 for page in pages
    )
