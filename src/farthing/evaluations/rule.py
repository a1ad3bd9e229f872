"""Which calls are to be judged, how many of them and by whom, in; a rule that is sound, or an error that names the field, out. Pure."""

from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

import msgspec

from farthing.budgets.budget import Values, scope
from farthing.evaluations import evaluators
from farthing.evaluations.evaluators import Evaluator, Judge
from farthing.query import moments
from farthing.query.errors import ParameterError
from farthing.query.filters import Filter

LONGEST_NAME = 200
MOST_DECIMALS = 9
_HASHES = 1 << 64
_MOST_CALLS = 10**9
_MOST_USD = Decimal(10**9)


class Rule(msgspec.Struct, frozen=True):
    """So large a part of a project's calls that pass the filters is judged. Its name is that of the scores."""

    id: str
    project_id: str
    name: str
    sample: Decimal
    """A share, more than 0 and up to 1."""
    evaluator: Evaluator
    filters: dict[str, Values] = {}
    calls_per_day: int | None = None
    """So many are judged at most in a day of UTC."""
    usd_per_day: Decimal | None = None
    """What a judge may cost in a day of UTC: when it is reached, nothing more is judged."""
    when_unpriced: Literal["stop", "continue"] = "stop"
    """With a bound of dollars: what to do when nobody knows what the judge cost."""
    state: Literal["active", "paused"] = "active"
    version: int = 1
    since: datetime = moments.EPOCH
    """Calls that began before are left alone."""
    created_at: datetime = moments.EPOCH
    updated_at: datetime = moments.EPOCH

    @property
    def scope(self) -> tuple[Filter, ...]:
        """Its filters."""
        return scope(self.filters)

    @property
    def is_active(self) -> bool:
        """Whether it judges."""
        return self.state == "active"

    @property
    def judge(self) -> Judge | None:
        """The model that judges, if one does."""
        return self.evaluator if isinstance(self.evaluator, Judge) else None

    @property
    def below(self) -> int | None:
        """Calls whose hash (64 bits) is below this are in the sample; None: all."""
        return None if self.sample == 1 else int((self.sample * _HASHES).to_integral_value(ROUND_FLOOR))

    @property
    def most_calls(self) -> int | None:
        """How many a day. A judge that nothing else bounds has a bound of its own."""
        if self.calls_per_day is None and self.usd_per_day is None and self.judge is not None:
            return evaluators.JUDGE_CALLS_PER_DAY
        return self.calls_per_day


def judges_otherwise(before: Rule, after: Rule) -> bool:
    """Whether scores of one can't be put beside those of the other: then it is a new version."""
    return (before.name, before.evaluator, before.sample, before.filters) != (
        after.name,
        after.evaluator,
        after.sample,
        after.filters,
    )


def check(rule: Rule) -> None:
    """Raises `ParameterError`, or another `BadRequestError`, for what can't be a rule."""
    if not rule.name.strip() or len(rule.name) > LONGEST_NAME or "\0" in rule.name:
        raise ParameterError("name", f"1 to {LONGEST_NAME} characters, not all of them spaces.")
    if not rule.sample.is_finite() or not 0 < rule.sample <= 1 or rule.sample.adjusted() < -MOST_DECIMALS:
        raise ParameterError("sample", "a share of the calls, more than 0 and up to 1, such as 0.05.")
    scope(rule.filters)
    evaluators.check(rule.evaluator)
    if rule.calls_per_day is not None and not 0 < rule.calls_per_day <= _MOST_CALLS:
        raise ParameterError("calls_per_day", f"1 to {_MOST_CALLS:,}.")
    usd = rule.usd_per_day
    if usd is not None and rule.judge is None:
        raise ParameterError("usd_per_day", "only a judge costs anything.")
    if usd is not None and (not usd.is_finite() or not 0 < usd <= _MOST_USD or usd.adjusted() < -12):
        raise ParameterError("usd_per_day", "dollars, more than 0.")
