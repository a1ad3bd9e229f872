"""Columns of Arrow as the engine answers with them in; what arrays of them say, held to Python's own sums, out."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.model import money
from farthing.query import arrays
from farthing.store.telemetry.engine import Engine

MOST = 10**38 - 1
AMOUNTS = st.one_of(st.none(), st.integers(-MOST // 50, MOST // 50))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(AMOUNTS, st.integers(0, 3)), max_size=40))
def test_sums_of_money_are_exact_to_the_last_digit(told: list[tuple[int | None, int]]) -> None:
    amounts = [None if one is None else money.to_decimal(one) for one, _ in told]
    half, kind = len(told) // 2, pa.decimal128(38, 24)
    column = pa.chunked_array([pa.array(amounts[:half], kind), pa.array(amounts[half:], kind)])
    groups = np.array([group for _, group in told], np.int64)
    expected = [sum(one for one, group in told if one is not None and group == number) for number in range(4)]
    assert arrays.exact_sums(column, groups, 4) == expected


def test_what_the_engine_answers(telemetry_engine: Engine) -> None:
    rows = telemetry_engine.arrow(
        "SELECT toFixedString(unhex(x), 4) AS id, toLowCardinality(y) AS word, n, n > 1 AS yes, toDecimal128(z, 24) AS usd"
        " FROM values('x String, y String, n Nullable(UInt64), z String', ('61620000', 'b', 2, '0.1'),"
        f" ('61000000', 'a', NULL, '-3'), ('61620000', 'b', 0, '2')) SETTINGS {arrays.AS_WORDS}"
    )
    ids = arrays.ids(rows.column("id"), 4)
    assert arrays.listed(ids) == [b"ab\0\0", b"a\0\0\0", b"ab\0\0"]
    assert arrays.whole(ids, 1) == b"a\0\0\0"
    assert arrays.place(ids, arrays.of_bytes([b"ab\0\0"], 4)).tolist() == [0, -1, 0]
    assert arrays.place(ids, ids[:0]).tolist() == [-1] * 3
    told = arrays.words(rows.column("word"))
    assert [told.text(at) for at in range(3)] == ["b", "a", "b"]
    assert (told.code("b"), told.code("nobody's")) == (int(told.codes[0]), -1)
    assert arrays.ints(rows.column("n")).tolist() == [2, -1, 0]
    assert np.isnan(arrays.floats(rows.column("n"))).tolist() == [False, True, False]
    assert arrays.exact_sums(rows.column("usd"), np.array([0, 1, 0]), 2) == [
        money.to_units(Decimal("2.1")),
        money.to_units(-3),
    ]


def test_of_nothing_there_is_nothing() -> None:
    nothing = pa.schema(
        {"word": pa.dictionary(pa.int32(), pa.string()), "usd": pa.decimal128(38, 24), "id": pa.binary(16)}
    )
    rows = nothing.empty_table()
    assert arrays.words(rows.column("word")).texts == []
    assert arrays.exact_sums(rows.column("usd"), np.zeros(0, np.int64), 2) == [0, 0]
    assert arrays.ids(rows.column("id"), 16).size == 0
