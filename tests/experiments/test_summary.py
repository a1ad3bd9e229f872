"""One run's scores and what it took, held to figures worked out elsewhere."""

from importlib import import_module

import numpy as np
import pytest
from tabled_cases import tabled

from farthing.experiments.case import Case, Kind, Run
from farthing.experiments.spent import spent
from farthing.experiments.summary import summarise, wilson


def test_a_share_is_held_to_wilson() -> None:
    test = import_module("scipy.stats").binomtest
    for passed, count in ((0, 10), (7, 10), (10, 10), (4321, 10_000)):
        expected = test(passed, count).proportion_ci(method="wilson")
        assert wilson(passed / count, count) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_scores_by_kind() -> None:
    cases = [
        Case("a", {"ok": True, "f": 0.5, "tone": "kind", "odd": 1.0}),
        Case("b", {"ok": False, "f": 1.0, "tone": "kind", "odd": "x"}),
        Case("c", {"tone": "cold"}, error="boom"),
    ]
    found = {one.name: one for one in summarise(tabled([(Run("r", "r"), cases)]))[0].scores}
    assert (found["ok"].kind, found["ok"].count, found["ok"].mean) == (Kind.BOOLEAN, 2, 0.5)
    assert (found["f"].mean, found["f"].low) == (0.75, pytest.approx(0.75 - 1.96 * 0.25, abs=1e-4))
    assert (found["tone"].kind, found["tone"].mean, found["tone"].labels) == (
        Kind.CATEGORICAL, None, {"kind": 2, "cold": 1},
    )  # fmt: skip
    assert found["odd"].kind is Kind.MIXED


def test_how_long_it_took_is_numpys_quantile() -> None:
    took = [5, 1, 9, 200, 17, 30, 4]
    table = tabled([(Run("r", "r"), [Case(str(at), latency_ms=ms) for at, ms in enumerate(took)] + [Case("unknown")])])
    found = spent(table, table.of(0))
    assert (found.latency_p50_ms, found.latency_p95_ms) == tuple(
        round(float(q)) for q in np.quantile(took, [0.5, 0.95])
    )
    assert (found.cost, found.unknown_costs, found.input_tokens, found.unknown_tokens) == (None, 8, None, 8)
