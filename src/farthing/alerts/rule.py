"""What an operator wants to be told of in; a rule that is sound, or an error that names the field, out. Pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import msgspec

from farthing.budgets.budget import Values, scope
from farthing.query import dimensions, moments
from farthing.query.dimensions import Dimension
from farthing.query.errors import ParameterError
from farthing.query.filters import Filter

MOST_DIMENSIONS = 2
SHORTEST_EVERY_S, LONGEST_EVERY_S = 30, 86_400

_LONGEST_NAME = 200
_MOST_CHANNELS = 50
_DIGITS = 12
_MINUTE, _DAY = 60, 86_400
_UNITS = {"s": 1, "m": _MINUTE, "h": 3_600, "d": _DAY, "w": 7 * _DAY}
_LONGEST_WINDOW_S = 366 * _DAY
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Kind(StrEnum):
    """What is looked for."""

    THRESHOLD = "threshold"
    """A measure beyond a limit, or beyond a ratio of what it was before."""
    ANOMALY = "anomaly"
    """Spend beyond what the same hours of the week before let expect. `window` is how far back is looked."""
    RATE_LIMIT = "rate_limit"
    """So many calls that a provider refused because there were too many."""
    ERROR_RATE = "error_rate"
    LATENCY = "latency"
    """A quantile of latency, or of the time to the first token, beyond a ratio of what it was before."""
    RUNAWAY = "runaway"
    """One single call that wrote or cost too much."""
    UNPRICED = "unpriced"
    """Models without a price."""
    UNKNOWN_USAGE = "unknown_usage"
    """The share of calls of which nobody told what they used."""
    STALE_PRICES = "stale_prices"
    """Price data that is too old: `window` is how old it may be."""
    SILENT = "silent"
    """No calls for as long as `window`."""
    DRIFT = "drift"
    """What was reckoned and what was billed are apart."""


class Measure(StrEnum):
    """What is measured of the calls of a window."""

    COST = "cost"
    CALLS = "calls"
    ERRORS = "errors"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    TOKENS = "tokens"
    ERROR_RATE = "error_rate"
    COST_PER_CALL = "cost_per_call"
    LATENCY_P50 = "latency_p50"
    LATENCY_P95 = "latency_p95"
    TTFT_P50 = "ttft_p50"
    TTFT_P95 = "ttft_p95"


class Severity(StrEnum):
    """How urgent it is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """The more urgent, the higher."""
        return (Severity.INFO, Severity.WARNING, Severity.CRITICAL).index(self)


class Compare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a window is compared with: one of `past` and `ago` says what, `ratio` how much is too much."""

    ratio: Decimal
    past: str = ""
    """So long a time right before the window; sums are brought to the window's length."""
    ago: str = ""
    """A window of the same length, so long ago."""


class QuietHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When nobody is told of anything that isn't critical; it is told when they are over. From after midnight to before is a night."""

    since: str = msgspec.field(name="from")
    until: str = msgspec.field(name="to")
    timezone: str = "UTC"
    weekdays: tuple[str, ...] = WEEKDAYS
    """Those on which they begin."""


class Rule(msgspec.Struct, frozen=True):
    """What is looked for in the calls of a project that pass the filters, group by group."""

    id: str
    project_id: str
    name: str
    kind: Kind
    measure: Measure = Measure.COST
    filters: dict[str, Values] = {}
    by: tuple[str, ...] = ()
    window: str = "24h"
    compare: Compare | None = None
    limit: Decimal | None = None
    """In the measure's unit: dollars, calls, tokens, milliseconds, or a share from 0 to 1."""
    critical_limit: Decimal | None = None
    """From here on an incident is critical."""
    direction: Literal["above", "below"] = "above"
    sensitivity: Decimal = Decimal(3)
    """Of an anomaly: how many times what was expected."""
    least_usd: Decimal = Decimal(0)
    """With less than this at stake nobody is told."""
    least_calls: int = 0
    """With fewer calls than this in a window nothing is said."""
    severity: Severity = Severity.WARNING
    channels: tuple[str, ...] = ()
    """Ids or names; none means all of the project's."""
    every: str = "60s"
    cooldown: str = "5m"
    """So long after it recovered, or was last told of, nobody is told of the same incident again."""
    remind: str = ""
    """After so long, people are told again of an incident that nobody looks after; "" is never."""
    quiet_hours: QuietHours | None = None
    enabled: bool = True
    observe_only: bool = False
    """Incidents are kept and nobody is told."""
    created_at: datetime = moments.EPOCH
    updated_at: datetime = moments.EPOCH

    @property
    def window_s(self) -> int:
        """Its seconds."""
        return length("window", self.window)

    @property
    def every_s(self) -> int:
        """How often it is judged, in seconds."""
        return length("every", self.every)

    @property
    def cooldown_s(self) -> int:
        """Its seconds."""
        return 0 if self.cooldown in ("", "0", "0s") else length("cooldown", self.cooldown)

    @property
    def remind_s(self) -> int:
        """Its seconds; 0 is never."""
        return length("remind", self.remind) if self.remind else 0

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """What its groups differ in."""
        return dimensions.parse(list(self.by))

    @property
    def scope(self) -> tuple[Filter, ...]:
        """Its filters."""
        return scope(self.filters)


def length(field: str, text: str) -> int:
    """The seconds of a length of time, written as 30s, 90m, 24h, 14d or 4w. Raises `ParameterError`."""
    number, unit = text[:-1], text[-1:]
    known = number.isascii() and number.isdigit() and len(number) < 9 and unit in _UNITS
    seconds = int(number) * _UNITS[unit] if known else 0
    if not 0 < seconds <= _LONGEST_WINDOW_S:
        raise ParameterError(field, f"{text[:20]!r} is no length of time up to 366d; write 30s, 90m, 24h, 14d or 4w.")
    return seconds


def check(rule: Rule) -> None:
    """Raises `ParameterError`, or another `BadRequestError`, for what can't be a rule."""
    if not rule.name.strip() or len(rule.name) > _LONGEST_NAME or "\0" in rule.name:
        raise ParameterError("name", f"1 to {_LONGEST_NAME} characters, not all of them spaces.")
    scope(rule.filters)
    if len(dimensions.parse(list(rule.by))) > MOST_DIMENSIONS:
        raise ParameterError("by", f"at most {MOST_DIMENSIONS} dimensions.")
    if len(rule.channels) > _MOST_CHANNELS:
        raise ParameterError("channels", f"at most {_MOST_CHANNELS}.")
    if rule.window_s < _MINUTE:
        raise ParameterError("window", "at least 1m.")
    if not SHORTEST_EVERY_S <= rule.every_s <= LONGEST_EVERY_S:
        raise ParameterError("every", f"from {SHORTEST_EVERY_S}s to 1d.")
    _ = rule.cooldown_s, rule.remind_s
    for field in ("limit", "critical_limit", "sensitivity", "least_usd"):
        _check_number(field, getattr(rule, field))
    if rule.least_calls < 0:
        raise ParameterError("least_calls", "0 or more.")
    if rule.compare is not None:
        _check_compare(rule.compare)
    if rule.quiet_hours is not None:
        _check_quiet_hours(rule.quiet_hours)
    _check_kind(rule)


def _check_number(field: str, number: Decimal | None) -> None:
    if number is None:
        return
    # Its size first: a huge exponent would take ages to write out.
    if not number.is_finite() or number < 0 or abs(number.adjusted()) > _DIGITS:
        raise ParameterError(field, "a number of 0 or more, with at most 12 digits before and after the point.")


def _check_compare(compare: Compare) -> None:
    _check_number("compare.ratio", compare.ratio)
    if not compare.ratio:
        raise ParameterError("compare.ratio", "more than 0, such as 2 for twice as much.")
    if bool(compare.past) == bool(compare.ago):
        raise ParameterError("compare", "give one of past (the time right before) and ago (the same window earlier).")
    length("compare.past" if compare.past else "compare.ago", compare.past or compare.ago)


def _check_quiet_hours(quiet: QuietHours) -> None:
    moments.zone(quiet.timezone, "quiet_hours.timezone")
    for field, text in (("from", quiet.since), ("to", quiet.until)):
        minute_of_day(f"quiet_hours.{field}", text)
    if quiet.since == quiet.until:
        raise ParameterError("quiet_hours", "from and to are the same.")
    unknown = [day for day in quiet.weekdays if day not in WEEKDAYS]
    if unknown or not quiet.weekdays:
        raise ParameterError("quiet_hours.weekdays", f"some of {', '.join(WEEKDAYS)}.")


def minute_of_day(field: str, text: str) -> int:
    """The minutes since midnight of 08:30. Raises `ParameterError`."""
    hour, colon, minute = text.partition(":")
    if colon and len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit():
        found = int(hour) * 60 + int(minute)
        if int(minute) < 60 and found < 1_440:
            return found
    raise ParameterError(field, f"{text[:20]!r} is no time of day; write 08:30.")


def _check_kind(rule: Rule) -> None:
    needs = _LIMITED.get(rule.kind)
    if rule.kind is Kind.THRESHOLD and rule.compare is not None:
        needs = None
    if needs and rule.limit is None:
        raise ParameterError("limit", needs)
    if rule.kind is Kind.LATENCY and rule.compare is None and rule.limit is None:
        raise ParameterError(
            "compare", "what latency is compared with, such as past 7d and ratio 1.5; or give a limit."
        )
    if rule.kind is Kind.ANOMALY and rule.measure not in LEARNT:
        raise ParameterError("measure", f"of an anomaly one of {', '.join(LEARNT)}: what adds up step by step.")
    if rule.kind is Kind.ANOMALY and rule.sensitivity <= 1:
        raise ParameterError("sensitivity", "more than 1: how many times what was expected.")
    if rule.critical_limit is not None and rule.limit is None:
        raise ParameterError("critical_limit", "only with a limit.")


LEARNT = (
    Measure.COST, Measure.CALLS, Measure.ERRORS, Measure.INPUT_TOKENS, Measure.OUTPUT_TOKENS, Measure.TOKENS,
)  # fmt: skip
"""What is usual can be learnt of these."""

_LIMITED: Mapping[Kind, str] = {
    Kind.THRESHOLD: "what it must not come to, such as 500; or give compare.",
    Kind.RATE_LIMIT: "how many are too many, such as 5.",
    Kind.ERROR_RATE: "a share from 0 to 1, such as 0.05.",
    Kind.RUNAWAY: "how much one call may write or cost, such as 50000.",
    Kind.UNKNOWN_USAGE: "a share from 0 to 1, such as 0.01.",
    Kind.DRIFT: "a share from 0 to 1, such as 0.05.",
}
