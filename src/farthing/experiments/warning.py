"""Runs and how they differ in; what makes the comparison less than it seems, in sentences, out."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from farthing.experiments.case import Kind, Run
from farthing.experiments.differing import FEWEST_PAIRS, Difference
from farthing.experiments.lining import Column
from farthing.experiments.spent import Spent


class Code(StrEnum):
    """What there is to be warned of."""

    OTHER_DATASET = "other_dataset"
    OTHER_VERSION = "other_dataset_version"
    OTHER_EVALUATOR = "other_evaluator"
    FEW_CASES = "few_cases"
    MISSING_CASES = "missing_cases"
    MANY_TESTS = "many_tests"
    UNKNOWN_COST = "unknown_cost"
    MIXED_SCORE = "mixed_score"
    NO_SCORES = "no_scores"


class Warned(msgspec.Struct, frozen=True):
    """One warning."""

    code: Code
    text: str
    run_id: str = ""
    score: str = ""


def warnings_of(
    runs: Sequence[Run], base: int, differences: Sequence[Difference], took: Sequence[Spent], columns: Sequence[Column]
) -> list[Warned]:
    """All there is to warn of."""
    names = {run.id: run.name for run in runs}
    return [
        *_of_datasets(runs, runs[base]),
        *_of_evaluators(runs, runs[base], columns),
        *(warned for one in differences for warned in _of_difference(one, names[one.run_id])),
        *_of_tests(differences),
        *_of_costs(runs, took),
        *_of_scores(columns),
    ]


def _of_datasets(runs: Sequence[Run], base: Run) -> Iterator[Warned]:
    for run in runs:
        if run.dataset_id != base.dataset_id:
            text = f"{run.name} is of another dataset than {base.name}: only items of the same id are compared."
            yield Warned(Code.OTHER_DATASET, text, run.id)
        elif run.dataset_version != base.dataset_version:
            said = f"{run.dataset_version or 'an unknown one'}, not {base.dataset_version or 'an unknown one'}"
            text = (
                f"{run.name} ran on another version of the dataset than {base.name} ({said}): items may have changed."
            )
            yield Warned(Code.OTHER_VERSION, text, run.id)


def _of_evaluators(runs: Sequence[Run], base: Run, columns: Sequence[Column]) -> Iterator[Warned]:
    for column in columns:
        judges = base.evaluators.get(column.name, frozenset())
        for run in runs:
            others = run.evaluators.get(column.name, frozenset())
            if others != judges:
                text = f"{column.name}: {run.name} was judged by {_named(others)}, {base.name} by {_named(judges)}."
                yield Warned(Code.OTHER_EVALUATOR, text, run.id, column.name)
        if len(judges) > 1:
            text = f"{column.name}: {base.name} was judged by several versions of its evaluator: {_named(judges)}."
            yield Warned(Code.OTHER_EVALUATOR, text, base.id, column.name)


def _named(judges: frozenset[str]) -> str:
    return ", ".join(sorted(judges)) or "nobody knows what"


def _of_difference(one: Difference, name: str) -> Iterator[Warned]:
    if one.pairs < FEWEST_PAIRS:
        text = f"{one.score}: {one.pairs} cases of {name} can be compared; with fewer than {FEWEST_PAIRS} little can be said."
        yield Warned(Code.FEW_CASES, text, one.run_id, one.score)
    gaps = one.missing
    if gaps.all:
        told = f"{gaps.failed} failed, {gaps.unscored} have no score, {gaps.absent} were not run"
        text = f"{one.score}: {name} lacks {gaps.all} of the baseline's cases ({told}). A missing case is not a pass."
        yield Warned(Code.MISSING_CASES, text, one.run_id, one.score)


def _of_tests(differences: Sequence[Difference]) -> Iterator[Warned]:
    tests = sum(1 for one in differences if one.p_value is not None)
    if tests > 1:
        text = (
            f"{tests} tests are made at once: one in twenty is below 0.05 by chance alone. Go by the adjusted p-values."
        )
        yield Warned(Code.MANY_TESTS, text)


def _of_costs(runs: Sequence[Run], took: Sequence[Spent]) -> Iterator[Warned]:
    for run, one in zip(runs, took, strict=True):
        if one.unknown_costs:
            text = f"The cost of {one.unknown_costs} of {one.cases} cases of {run.name} isn't known: it is in no sum."
            yield Warned(Code.UNKNOWN_COST, text, run.id)


def _of_scores(columns: Sequence[Column]) -> Iterator[Warned]:
    if not columns:
        yield Warned(Code.NO_SCORES, "No case of these runs has a score.")
    for column in columns:
        if column.kind is Kind.MIXED:
            text = f"{column.name} is a number in some cases and words in others: it is treated as words."
            yield Warned(Code.MIXED_SCORE, text, score=column.name)
