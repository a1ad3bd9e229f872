"""Sums per group and time as they were read in; what the usual may be learnt from (no gaps, no marked intervals, nothing before a group began) out."""

from collections.abc import Sequence

import msgspec
import numpy as np

from farthing.alerts.anomaly.judgement import BUCKET_S, DAY_S, STEP_S, WEEK_S, Interval
from farthing.alerts.anomaly.robust import Flags, Floats, known_or

BUCKETS_OF_DAY = DAY_S // BUCKET_S
BUCKETS_OF_WEEK = WEEK_S // BUCKET_S


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of all groups. nan: unknown, because nothing was taken in at that time; 0: nothing was spent.

    One row per group in every array, one column per bucket.
    """

    start_s: int
    """Of the first half hour; a whole half hour of Unix time."""
    amounts: Floats
    """Half hours that are over."""
    calls: Floats | None = None
    """How many calls; they tell a retry loop from one dear call. The same columns."""
    end_s: int
    """Now: the end of the last step."""
    recent: Floats
    """Steps of five minutes that end now, six hours of them or more."""
    recent_calls: Floats | None = None
    last: Floats | None = None
    """The minutes of the last step, if they are known: they tell one dear call from many."""
    days: Floats | None = None
    """Sums of 24 hours that end with the last half hour, five weeks or more: for growth over a month. They may be left out."""
    expected: Sequence[Sequence[Interval]] = ()
    """By group: what people marked as expected. Empty: nothing."""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one group, in steps of five minutes."""

    start_s: int
    amounts: Floats
    calls: Floats | None = None
    step_s: int = STEP_S
    expected: tuple[Interval, ...] = ()


def of_series(series: Series, now_s: int, trailing_days: int) -> History:
    """The same as half hours and last steps. Steps after `now_s` are left alone."""
    if STEP_S % series.step_s:
        raise ValueError(f"steps of {series.step_s} seconds don't make up steps of {STEP_S}")
    many = STEP_S // series.step_s
    end = min((now_s - series.start_s) // series.step_s, len(series.amounts))
    now = series.start_s + end * series.step_s
    halves_end = now // BUCKET_S * BUCKET_S
    per_half = BUCKET_S // series.step_s
    wanted = trailing_days * BUCKETS_OF_DAY
    found = max(0, (halves_end - series.start_s) // BUCKET_S)
    halves = min(wanted, found)
    start = halves_end - halves * BUCKET_S
    first = (start - series.start_s) // series.step_s
    steps = min(end // many, DAY_S // STEP_S)

    def halved(values: Floats) -> Floats:
        return values[first : first + halves * per_half].reshape(1, halves, per_half).sum(-1)

    def stepped(values: Floats) -> Floats:
        return values[end - steps * many : end].reshape(1, steps, many).sum(-1)

    days = found // BUCKETS_OF_DAY
    whole = per_half * BUCKETS_OF_DAY
    upto = (halves_end - series.start_s) // series.step_s
    return History(
        start_s=start,
        amounts=halved(series.amounts),
        calls=None if series.calls is None else halved(series.calls),
        end_s=now,
        recent=stepped(series.amounts),
        recent_calls=None if series.calls is None else stepped(series.calls),
        days=series.amounts[upto - days * whole : upto].reshape(1, days, whole).sum(-1) if days else None,
        expected=(series.expected,) if series.expected else (),
    )


def marked(intervals: Sequence[Sequence[Interval]], groups: int, start_s: int, step_s: int, size: int) -> Flags:
    """Which buckets touch an interval that people marked as expected."""
    found = np.zeros((groups, size), dtype=np.bool_)
    for row, of_group in enumerate(intervals):
        for begin, end in of_group:
            first = max(0, (begin - start_s) // step_s)
            last = min(size, -(-(end - start_s) // step_s))
            found[row, first:last] = True
    return found


def by_weeks(values: Floats) -> Floats:
    """Groups, weeks and half hours of the week, counted back from the last; the first week is filled up with what is unknown."""
    groups, size = values.shape
    weeks = max(1, -(-size // BUCKETS_OF_WEEK))
    filled = np.full((groups, weeks * BUCKETS_OF_WEEK), np.nan)
    if size:
        filled[:, -size:] = values
    return filled.reshape(groups, weeks, BUCKETS_OF_WEEK)


def learnable(values: Floats, marks: Flags | None) -> Floats:
    """By weeks: what the usual is learnt from.

    What is before a group's first spend says nothing about the group. What people marked is left out, unless the same half hours of
    the week are marked in every week that is known: then that is how these hours are.
    """
    weeks = by_weeks(values)
    groups = len(weeks)
    begun = np.logical_or.accumulate(known_or(weeks.reshape(groups, -1)) > 0, axis=-1).reshape(weeks.shape)
    kept = np.where(begun, weeks, np.nan)
    if marks is None or not marks.any():
        return kept
    expected = by_weeks(marks.astype(np.float64)) > 0
    known = ~np.isnan(kept)
    repeated = ((expected & known).sum(1) >= 2) & ~(known & ~expected).any(1)
    return np.where(expected & ~repeated[:, None, :], np.nan, kept)
