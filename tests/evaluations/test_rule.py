"""Rules in; what is wrong with them, their versions and their samples, out."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from farthing.errors import BadRequestError
from farthing.evaluations.evaluators import Json, Judge, Regex
from farthing.evaluations.rule import Rule, check, judges_otherwise

JUDGE = Judge("{output}", model="gpt-4o-mini")
SOUND = Rule("", "p", "polite", Decimal("0.05"), JUDGE, {"feature": "support.reply"}, usd_per_day=Decimal("0.5"))


def test_a_sound_one_is_kept_as_it_is_said() -> None:
    check(SOUND)
    assert msgspec.json.decode(msgspec.json.encode(SOUND), type=Rule) == SOUND
    assert SOUND.below == 922_337_203_685_477_580
    assert msgspec.structs.replace(SOUND, sample=Decimal("1.0")).below is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"sample": Decimal(0)}, "sample"),
        ({"sample": Decimal("1.01")}, "sample"),
        ({"sample": Decimal("NaN")}, "sample"),
        ({"sample": Decimal("1e-30")}, "sample"),
        ({"filters": {"nothing": "x"}}, "nothing"),
        ({"calls_per_day": 0}, "calls_per_day"),
        ({"usd_per_day": Decimal(-1)}, "usd_per_day"),
        ({"usd_per_day": Decimal("Infinity")}, "usd_per_day"),
        ({"evaluator": Json()}, "usd_per_day"),
        ({"evaluator": Regex("("), "usd_per_day": None}, "evaluator.pattern"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequestError) as raised:
        check(msgspec.structs.replace(SOUND, **changes))
    assert field in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "otherwise"),
    [
        ({"evaluator": Regex("x")}, True),
        ({"sample": Decimal("0.1")}, True),
        ({"filters": {}}, True),
        ({"state": "paused"}, False),
        ({"calls_per_day": 5}, False),
    ],
    ids=str,
)
def test_only_what_makes_scores_differ_is_a_new_version(changes: dict[str, Any], otherwise: bool) -> None:
    assert judges_otherwise(SOUND, msgspec.structs.replace(SOUND, **changes)) is otherwise
