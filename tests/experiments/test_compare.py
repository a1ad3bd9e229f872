"""Small runs whose answers are known by hand, and what holds of any runs."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tabled_cases import tabled

from farthing.experiments.case import Case, Run, Value
from farthing.experiments.compare import Asked, Comparison
from farthing.experiments.compare import compare as compare_table
from farthing.experiments.differing import Difference, Missing, Verdict
from farthing.experiments.summary import summarise
from farthing.experiments.warning import Code

CENT = 10**22


Told = tuple[Run, Sequence[Case]]


def run(name: str, cases: list[Case], version: str = "v1", judge: str = "exact@1") -> Told:
    scores = {score for case in cases for score in case.scores}
    return Run(name, name, "d", version, {score: frozenset({judge}) for score in scores}), cases


def compare(told: Sequence[Told], asked: Asked) -> Comparison:
    return compare_table(tabled(told), asked)


def scored(values: Sequence[Value | None], score: str = "ok", cost: int | None = CENT, error: str = "") -> list[Case]:
    """Items 000, 001 …; None: not scored."""
    return [
        Case(f"{at:03}", {} if value is None else {score: value}, cost, error="" if value is not None else error)
        for at, value in enumerate(values)
    ]


def only(comparison: Comparison) -> Difference:
    [score] = comparison.scores
    [difference] = score.differences
    return difference


def codes(comparison: Comparison) -> set[Code]:
    return {warned.code for warned in comparison.warnings}


def test_a_run_that_is_worse() -> None:
    base = run("base", scored([True] * 90 + [False] * 10))
    worse = run("worse", scored([False] * 20 + [True] * 70 + [True] * 5 + [False] * 5))
    found = only(compare([base, worse], Asked("base")))
    assert (found.pairs, found.wins, found.losses, found.ties) == (100, 5, 20, 75)
    assert found.mean == pytest.approx(-0.15)
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.15 < found.high < 0
    # Twice the chance of at most 5 heads in 25 throws.
    assert (found.test, found.p_value) == ("mcnemar_exact", pytest.approx(0.00407732, abs=1e-8))
    assert found.verdict is Verdict.WORSE
    assert [one.item_id for one in found.regressions] == [f"{at:03}" for at in range(20)]


def test_a_mean_is_the_one_that_a_list_shows() -> None:
    runs = [run("a", scored([0.1, 0.5, 0.9, None])), run("b", scored([True, False, None, True], score="yes"))]
    for score in compare(runs, Asked("a")).scores:
        for one, told in zip(score.runs, summarise(tabled(runs)), strict=True):
            listed = next((each for each in told.scores if each.name == score.name), None)
            assert one.count == (0 if listed is None else listed.count)
            if listed is not None:
                assert (one.mean, one.low, one.high) == pytest.approx((listed.mean, listed.low, listed.high))


def test_less_may_be_better() -> None:
    base, other = run("base", scored([0.9] * 15 + [0.8] * 15)), run("other", scored([0.5] * 15 + [0.6] * 15))
    for lower, verdict, wins in ((frozenset({"ok"}), Verdict.BETTER, 30), (frozenset[str](), Verdict.WORSE, 0)):
        found = only(compare([base, other], Asked("base", lower_is_better=lower)))
        assert (found.verdict, found.wins, found.losses) == (verdict, wins, 30 - wins)
        assert found.mean == pytest.approx(-0.3)


def test_missing_cases_are_told_apart_and_are_no_pass() -> None:
    base = run("base", scored([True] * 40))
    failing = scored([True] * 20 + [None] * 16, cost=CENT // 10, error="TimeoutError")
    failing[20:24] = [Case(f"{at:03}", cost=CENT // 10) for at in range(20, 24)]
    cheap = run("cheap", failing)
    comparison = compare([base, cheap], Asked("base"))
    found = only(comparison)
    # All that it did is right …
    assert (found.pairs, found.losses, found.mean) == (20, 0, 0.0)
    # … and half of it is missing.
    assert found.missing == Missing(absent=4, failed=12, unscored=4)
    assert comparison.choice.run_id == "base"
    assert comparison.choice.runs[0].confidence == 0.0
    assert Code.MISSING_CASES in codes(comparison)


def test_the_cheapest_that_is_not_worse() -> None:
    base = run("base", scored([True] * 95 + [False] * 5))
    as_good = run("as good", scored([True] * 94 + [False] * 6, cost=CENT // 5))
    bad = run("bad", scored([True] * 60 + [False] * 40, cost=CENT // 50))
    unknown = run("unknown", scored([True] * 100, cost=None))
    comparison = compare([base, as_good, bad, unknown], Asked("base", delta=0.05))
    sure = {one.run_id: one for one in comparison.choice.runs}
    assert comparison.choice.run_id == "as good"
    assert sure["as good"].accepted
    assert not sure["bad"].accepted
    # Good enough, but nobody knows what it costs: it can't be the cheapest.
    assert (sure["unknown"].accepted, sure["unknown"].cost_per_case) == (True, None)
    [score] = comparison.scores
    assert {one.run_id: one.on_front for one in score.front} == {
        "base": True, "as good": True, "bad": True, "unknown": False,
    }  # fmt: skip
    assert Code.UNKNOWN_COST in codes(comparison)


def test_what_is_dominated_is_not_on_the_front() -> None:
    base, dear = run("base", scored([0.8] * 30)), run("dear", scored([0.7] * 30, cost=2 * CENT))
    [score] = compare([base, dear], Asked("base")).scores
    assert [one.on_front for one in score.front] == [True, False]


def test_money_is_added_exactly_and_unknown_kept_apart() -> None:
    cases = [Case("a", cost=1), Case("b", cost=10**24), Case("c", cost=None, error="boom", latency_ms=5)]
    others = [Case("a", cost=3), Case("b", cost=None), Case("c", cost=7)]
    comparison = compare([run("base", cases), run("other", others)], Asked("base"))
    assert (comparison.spent[0].cost, comparison.spent[0].unknown_costs, comparison.spent[0].errors) == (
        10**24 + 1,
        1,
        1,
    )
    assert comparison.spent[0].input_tokens is None
    assert (comparison.cost_changes[1].pairs, comparison.cost_changes[1].difference) == (1, 2)
    assert Code.NO_SCORES in codes(comparison)


def test_labels_agree_or_not() -> None:
    one = ["billing", "billing", "refund", "other"]
    two = ["billing", "refund", "refund", "refund"]
    comparison = compare([run("a", scored([*one])), run("b", scored([*two]))], Asked("a"))
    [score] = comparison.scores
    [agreement] = score.agreements
    assert [row.labels for row in score.runs] == [{"billing": 2, "other": 1, "refund": 1}, {"refund": 3, "billing": 1}]
    assert (agreement.pairs, agreement.same) == (4, 2)
    # By chance (2x1 + 1x3) / 16 of them; (8 - 5) / (16 - 5).
    assert agreement.kappa == pytest.approx(3 / 11)
    assert list(agreement.changed) == [("billing", "refund", 1), ("other", "refund", 1)]


def test_warnings() -> None:
    base = run("base", scored([0.5] * 5))
    other = run("other", scored([0.5] * 5), version="v2", judge="exact@2")
    mixed = run("mixed", scored(["good"] * 5), judge="exact@1")
    assert codes(compare([base, other], Asked("base"))) == {Code.OTHER_VERSION, Code.OTHER_EVALUATOR, Code.FEW_CASES}
    assert codes(compare([base, mixed], Asked("base"))) == {Code.MIXED_SCORE}
    third = run("third", scored([0.1, 0.2, 0.3, 0.4, 0.6]))
    fourth = run("fourth", scored([0.9, 0.8, 0.7, 0.6, 0.4]))
    assert Code.MANY_TESTS in codes(compare([base, third, fourth], Asked("base")))


VALUES = st.one_of(st.none(), st.floats(0, 1, width=16))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=30))
def test_turned_around_it_is_the_opposite(pairs: list[tuple[float | None, float | None]]) -> None:
    one, two = run("one", scored([a for a, _ in pairs])), run("two", scored([b for _, b in pairs]))
    there, back = (compare([one, two], Asked(base, resamples=100)) for base in ("one", "two"))
    for a, b in zip(there.scores, back.scores, strict=True):
        [x], [y] = a.differences, b.differences
        assert (x.pairs, x.wins, x.losses, x.ties, x.p_value) == (y.pairs, y.losses, y.wins, y.ties, y.p_value)
        assert x.pairs == x.wins + x.losses + x.ties
        assert x.missing.all == y.only_here
        # Nothing is lost: what the baseline has scored is a pair or missing.
        assert x.pairs + x.missing.all == a.runs[0].count
        assert x.mean == (None if y.mean is None else pytest.approx(-y.mean))


def test_a_run_beside_itself_does_not_differ() -> None:
    values: list[Value | None] = [at / 100 for at in range(100)]
    comparison = compare([run("a", scored(values)), run("b", scored(values))], Asked("a"))
    found = only(comparison)
    assert (found.mean, found.low, found.high, found.p_value, found.ties) == (0.0, 0.0, 0.0, None, 100)
    assert comparison.choice.runs[0].accepted
    # No reason to change.
    assert comparison.choice.run_id == "a"


def test_few_cases_without_a_loss_prove_little() -> None:
    sure: list[float] = []
    for count in (10, 40, 400):
        same = scored([True] * count)
        confidence = compare([run("a", same), run("b", same)], Asked("a")).choice.runs[0].confidence
        assert confidence is not None
        sure.append(confidence)
    # Of 10 cases one lost is a tenth already; of 40, three of a hundred might be lost and none be seen.
    assert 0.2 < sure[0] < 0.5
    assert 0.8 < sure[1] < 0.95
    assert sure[2] > 0.99
