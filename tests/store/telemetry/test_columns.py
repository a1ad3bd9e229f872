"""Columns are the same however they were made: at once, fast, or value by value."""

from decimal import Decimal

import pyarrow as pa
import pytest

from farthing.model import money
from farthing.model.usage import Bucket, Usage, UsageSource
from farthing.store.telemetry import columns


@pytest.mark.parametrize(
    "values", [[], ["a"], ["a", "a"], ["a", "b"], ["", ""], ["é", "é"], [UsageSource.MISSING, UsageSource.MISSING]]
)
def test_texts_are_those_given(values: list[str]) -> None:
    made = columns.texts(values)
    assert made.type == pa.string()
    assert made.to_pylist() == values


@pytest.mark.parametrize("values", [["a\ud800"], ["a\ud800", "a\ud800"], ["a\ud800", "b"]])
def test_half_a_surrogate_pair_is_left_out(values: list[str]) -> None:
    assert columns.texts(values).to_pylist() == [value.replace("\ud800", "?") for value in values]
    assert columns.documents(values).to_pylist() == [f'"{value}"'.replace("\ud800", "?") for value in values]


def test_documents_are_json() -> None:
    made = columns.documents([{"a": 1, "b": "ü"}, {}])
    assert made.type == pa.string()
    assert made.to_pylist() == ['{"a":1,"b":"ü"}', "{}"]


def test_numbers_are_checked() -> None:
    assert columns.numbers([0, 2**64 - 1], pa.uint64()).to_pylist() == [0, 2**64 - 1]
    assert columns.numbers([], pa.int64()).to_pylist() == []
    for values in ([-1], [2**64]):
        with pytest.raises((OverflowError, ValueError)):
            columns.numbers(values, pa.uint64())


def test_ids_have_one_length() -> None:
    assert columns.ids([b"ab", b"ab"], 2).to_pylist() == [b"ab", b"ab"]
    for values in ([b"a", b"a"], [b"ab", b"a"]):
        with pytest.raises(pa.ArrowInvalid):
            columns.ids(values, 2)


@pytest.mark.parametrize("told", [[], ["1.5"], [None, "0"], [None, None], ["-1.000000000000000000000001", "2", None]])
def test_amounts_are_exact(told: list[str | None]) -> None:
    made = columns.amounts([None if usd is None else money.to_units(usd) for usd in told])
    assert made.to_pylist() == [None if usd is None else Decimal(usd) for usd in told]


@pytest.mark.parametrize("units", [2**127, 2**128, -(2**127) - 1])
def test_an_amount_beyond_the_column_is_refused(units: int) -> None:
    with pytest.raises(OverflowError):
        columns.amounts([0, units])


def test_numbers_nobody_told_are_none() -> None:
    assert columns.maybe([None, None], pa.uint64()).to_pylist() == [None, None]
    assert columns.maybe([None, 3], pa.uint64()).to_pylist() == [None, 3]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("buckets", [{}, {bucket.value: 7 + at for at, bucket in enumerate(Bucket)}, {"reasoning": 0}])
def test_sums_at_once_are_the_sums_one_by_one(buckets: dict[str, int], whole: bool) -> None:
    usage = Usage(buckets, UsageSource.PROVIDER, whole=whole)
    assert usage.sums == (
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
    )
