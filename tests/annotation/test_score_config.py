"""Rules that contradict themselves are refused, and so are scores that don't keep to their config."""

from typing import Any

import pytest

from farthing.annotation.score_config import Category, Rules, checked, conforming
from farthing.errors import BadRequestError
from farthing.model.score import DataType

NUMERIC = Rules(DataType.NUMERIC, 0.0, 5.0)
CATEGORICAL = Rules(DataType.CATEGORICAL, categories=(Category(1, "good"), Category(0, "bad")))


def test_rules_of_each_kind() -> None:
    labels = [{"label": "good", "value": 1}, {"label": "bad", "value": 0}]
    assert checked(DataType.NUMERIC, 0, 5, None, "") == NUMERIC
    assert checked(DataType.CATEGORICAL, None, None, labels, None) == CATEGORICAL
    assert checked(DataType.BOOLEAN, None, None, None, None).categories == (Category(1, "True"), Category(0, "False"))
    assert checked(DataType.TEXT, None, None, [], "said").description == "said"


@pytest.mark.parametrize(
    ("kind", "told", "says"),
    [
        (DataType.NUMERIC, (5, 5, None, None), "maxValue, 5, has to be larger"),
        (DataType.NUMERIC, (True, None, None, None), "minValue: a number"),
        (DataType.NUMERIC, (float("nan"), None, None, None), "minValue: a number"),
        (DataType.NUMERIC, (None, None, [{"label": "a", "value": 1}], None), "categories are of CATEGORICAL"),
        (DataType.BOOLEAN, (0, None, None, None), "minValue and maxValue are of NUMERIC"),
        (DataType.BOOLEAN, (None, None, [{"label": "yes", "value": 1}], None), "those of a BOOLEAN are True"),
        (DataType.CATEGORICAL, (None, None, None, None), "needs them"),
        (DataType.CATEGORICAL, (None, None, "good", None), "a list of at most"),
        (DataType.CATEGORICAL, (None, None, [{"label": "a"}], None), "each has a label"),
        (DataType.CATEGORICAL, (None, None, [{"label": "a", "value": n} for n in (1, 2)], None), "the same label"),
        (DataType.TEXT, (None, None, None, 7), "description: text"),
    ],
)
def test_rules_that_can_not_be_kept(kind: DataType, told: tuple[Any, ...], says: str) -> None:
    with pytest.raises(BadRequestError, match=says):
        checked(kind, *told)


def test_a_score_takes_the_kind_of_its_config() -> None:
    assert conforming("s", NUMERIC, "s", None, 5) == (DataType.NUMERIC, 5)
    assert conforming("s", Rules(DataType.BOOLEAN), "s", None, 1.0) == (DataType.BOOLEAN, 1.0)
    assert conforming("s", CATEGORICAL, "s", "CATEGORICAL", "bad") == (DataType.CATEGORICAL, "bad")
    assert conforming("s", Rules(DataType.TEXT), "s", None, "free") == (DataType.TEXT, "free")


@pytest.mark.parametrize(
    ("rules", "told", "says"),
    [
        (NUMERIC, ("other", None, 1), "are called 's', not 'other'"),
        (NUMERIC, ("s", "BOOLEAN", 1), "are NUMERIC, not BOOLEAN"),
        (NUMERIC, ("s", None, -0.5), "at least 0, not -0.5"),
        (NUMERIC, ("s", None, 5.5), "at most 5, not 5.5"),
        (NUMERIC, ("s", None, "5"), "are numbers"),
        (NUMERIC, ("s", None, True), "are numbers"),
        (Rules(DataType.BOOLEAN), ("s", None, 2), "are 0 or 1"),
        (CATEGORICAL, ("s", None, "Good"), "one of good, bad, not 'Good'"),
        (Rules(DataType.TEXT), ("s", None, 1), "are text"),
    ],
)
def test_a_score_that_does_not_keep_to_it(rules: Rules, told: tuple[Any, ...], says: str) -> None:
    with pytest.raises(BadRequestError, match=says):
        conforming("s", rules, *told)
