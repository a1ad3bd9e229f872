"""Runs with cases, one by one, in; the same as the columns that comparisons are made of, out."""

from collections.abc import Sequence

import numpy as np

from farthing.experiments.case import Case, Run, Value
from farthing.experiments.table import UNKNOWN, Given, Table


def tabled(told: Sequence[tuple[Run, Sequence[Case]]]) -> Table:
    cases = [case for _, some in told for case in some]
    names = sorted({name for case in cases for name in case.scores})
    return Table(
        [run for run, _ in told],
        np.array([at for at, (_, some) in enumerate(told) for _ in some], np.int64),
        [case.item_id for case in cases],
        [case.cost for case in cases],
        numbers([case.latency_ms for case in cases]),
        numbers([case.input_tokens for case in cases]),
        numbers([case.output_tokens for case in cases]),
        [case.error for case in cases],
        [bytes.fromhex(case.trace_id) for case in cases],
        [bytes.fromhex(case.span_id) for case in cases],
        [
            given(name, [(at, case.scores[name]) for at, case in enumerate(cases) if name in case.scores])
            for name in names
        ],
    )


def given(name: str, told: Sequence[tuple[int, Value]]) -> Given:
    return Given(
        name,
        np.array([at for at, _ in told], np.int64),
        np.array([float("nan") if isinstance(value, str) else float(value) for _, value in told]),
        np.array([isinstance(value, bool) for _, value in told], np.bool_),
        [value if isinstance(value, str) else "" for _, value in told],
    )


def numbers(told: Sequence[int | None]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([UNKNOWN if one is None else one for one in told], np.int64)
