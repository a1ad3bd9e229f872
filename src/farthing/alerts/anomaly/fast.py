"""What is usual and the last hours in steps of five minutes in; which windows of them are beyond their limit, out. Pure.

Several windows at once, because a loop is seen in five minutes and a small rise in an hour; and evidence added up (Page's CUSUM), because
what is a little too much again and again is more than chance.
"""

import msgspec
import numpy as np

from farthing.alerts.anomaly.judgement import BUCKET_S, STEP_S, Settings
from farthing.alerts.anomaly.robust import Flags, Floats, Whole, cusums, divided, known_or, limits, medians, scores
from farthing.alerts.anomaly.usual import Usual, between, of_slots

WINDOWS = (1, 3, 12)
"""Steps: 5, 15 and 60 minutes."""
_CALM_STEPS = 4
_CALM_SCORE = 2.0
_CALM_SCORE_OF_LAST = 3.0
_RAISED = 1.35
_JUMP_MARGIN, _DEAR_MARGIN = 1.25, 1.5
"""By how much the next jump may be more than what is usual: of calls, and of what they cost, where the tail is heavier."""
_EVIDENCE = 13.0
"""The sum of logarithms of likelihood ratios at which evidence is enough."""
_EVIDENCE_OF_STEP = 0.4 * _EVIDENCE
"""One step alone is never enough, nor are two: for one dear call there are the windows."""
_MOST_EVIDENCE = 16.0
"""It isn't added up beyond this, so that it is gone soon after the cause."""
_RISE = 0.4
"""Evidence is for a rise by this part of what `times` is more than the usual."""
_KNOWN = 0.5
_LASTS = 0.7
"""What is seen in an hour must go on: the last quarter of it is above the usual by this part of what the hour must be."""
_SOON = 3
"""Steps: longer windows are too far from the hours before to be told by them."""
_LATELY, _LEAST_LATELY, _BY_CHANCE = slice(-27, -3), 0.7, 2.0
"""These steps, two hours of them, tell whether it is less than usual today; so much of it is believed at most, and only what is beyond
so many deviations."""
_HALF_HOUR = BUCKET_S // STEP_S
_CALLS_SCORE_LESS = 0.4
"""Numbers of calls have lighter tails than what they cost."""
_HOLIDAY = 0.75
_LOWEST, _TAKES_PART = 0.2, 0.7
_POOL = 5
_CAPPED, _CAP_FACTOR = 0.95, 1.15
_SURE = 100.0
"""So many calls tell their size as well as two weeks of half hours do."""


class Window(msgspec.Struct, frozen=True):
    """One row per group."""

    steps: int
    actual: Floats
    expected: Floats
    lower: Floats
    upper: Floats
    firing: Flags
    by_calls: Flags


class _Near(msgspec.Struct, frozen=True):
    """What is usual, and what the two hours before let expect of the next minutes. One row per group."""

    usual: Usual
    times: Floats
    """What is usual, at least; nan where nothing is known of the hours before."""
    swing: Floats

    def upper(self, mean: Floats, steps: int, score: float) -> Floats:
        """The limit by the season and the one by the hours before; the smaller counts, for beyond it one of them can't explain it."""
        upper = limits(mean, self.usual.shape(mean), score)
        if steps > _SOON:
            return upper
        expected = mean * self.times
        shape = divided(expected, self.usual.size + self.swing**2 * expected, 1e6)
        return np.fmin(upper, limits(expected, shape, score))


class Fast(msgspec.Struct, frozen=True):
    """One row per group."""

    windows: tuple[Window, ...]
    summed: Flags
    """Enough evidence was added up."""
    run: Whole
    """The steps of the run that the evidence is of, or that the last steps are above the middle between usual and limit."""
    run_actual: Floats
    run_expected: Floats
    calm: Flags
    known: Flags


def fast(
    usual: Usual, calls: Usual | None, recent: Floats, recent_calls: Floats | None, slots: Floats, settings: Settings
) -> Fast:
    """`slots`: the middles of the steps in half hours since the end of what the usual was learnt from."""
    mean = usual.level[:, None] * of_slots(usual.profile, slots) * (STEP_S / BUCKET_S)
    mean = mean * _holiday(usual, recent, mean)[:, None]
    mean_calls: Floats | None = None
    lately = np.ones((len(recent), 1))
    if calls is not None and recent_calls is not None:
        smooth = between(calls.profile, slots)
        mean_calls = calls.level[:, None] * of_slots(calls.profile, slots, smooth) * (STEP_S / BUCKET_S)
        holiday = _holiday(calls, recent_calls, mean_calls)
        mean_calls = mean_calls * holiday[:, None]
        # Without what limits allow around the edges of jobs, which would seem to be missing.
        due_lately = smooth[:, _LATELY] * (calls.level * holiday * (STEP_S / BUCKET_S))[:, None]
        lately = _lately(recent_calls[:, _LATELY], due_lately, calls.size)[:, None]
    usual = _with_size(usual, recent, mean)
    if calls is not None and recent_calls is not None and mean_calls is not None:
        calls = _with_size(calls, recent_calls, mean_calls)
    near = _near(usual, recent, mean, lately)
    there = ~np.isnan(recent)
    amounts, due = np.where(there, recent, 0.0), np.where(there, mean, 0.0)
    still = amounts[:, -3:].sum(-1) > due[:, -3:].sum(-1) * (1 + (settings.ratio(3600) - 1) * _LASTS)
    windows: list[Window]
    if calls is None or recent_calls is None or mean_calls is None:
        windows = [_window(near, amounts, due, there, steps, settings) for steps in WINDOWS]
    else:
        counted = np.where(there, known_or(recent_calls), 0.0)
        due_calls = np.where(there, mean_calls, 0.0)
        near_calls = _near(calls, recent_calls, mean_calls, lately)
        # Back to what is usual isn't too much; within an hour it could seem to be.
        windows = [
            _with_calls(
                _window(near, amounts, due * less, there, steps, settings),
                near_calls,
                counted,
                due_calls * less,
                settings,
            )
            for steps, less in zip(WINDOWS, (lately, lately, 1.0), strict=True)
        ]
    last = windows[2]
    windows[2] = msgspec.structs.replace(last, firing=last.firing & still, by_calls=last.by_calls & still)
    summed = _summed(usual, amounts, due, settings)
    middle = 1 + (settings.ratio(3600) - 1) / 2
    run = _run(amounts - middle * due)
    totals, dues = _since(amounts, run), _since(due, run)
    enough = (totals > dues * settings.ratio(3600) * 0.95) & (totals - dues >= settings.least)
    known = there[:, -1] & (there[:, -_CALM_STEPS:].mean(-1) >= _KNOWN)
    return Fast(
        tuple(windows), summed & still & enough, run, totals, dues, _calm(usual, amounts, due, settings) & known, known
    )


def _lately(seen: Floats, due: Floats, size: Floats) -> Floats:
    """By what part there were fewer calls than usual in the last two hours, as far as that isn't chance: the next minutes will be like them."""
    there = np.where(np.isnan(seen), 0.0, due).sum(-1)
    most = known_or(seen).sum(-1) + _BY_CHANCE * np.sqrt(size * there)
    return np.clip(divided(most, there, 1.0), _LEAST_LATELY, 1.0)


def _with_size(usual: Usual, recent: Floats, mean: Floats) -> Usual:
    """The size of calls as five minutes tell it: in half hours it can't be told from how all calls swing together."""
    there = recent[:, :-_CALM_STEPS]
    rest = there - mean[:, :-_CALM_STEPS]
    squares = known_or((rest[:, 1:] - rest[:, :-1]) ** 2)
    sums = np.where(np.isnan(there[:, 1:] + there[:, :-1]), 0.0, there[:, 1:] + there[:, :-1])
    ratios = divided(squares, sums, 0.0)
    at = int(ratios.shape[-1] * _CAPPED)
    cap = np.partition(ratios, at, axis=-1)[:, at : at + 1]
    found = _CAP_FACTOR * divided(np.minimum(squares, cap * sums).sum(-1), sums.sum(-1), 0.0)
    many = divided(known_or(there).sum(-1), found, 0.0)
    mixed = (found * many + usual.size * _SURE) / (many + _SURE)
    return msgspec.structs.replace(usual, size=np.minimum(mixed, usual.size))


def _near(usual: Usual, recent: Floats, mean: Floats, less: Floats) -> _Near:
    """`less`: what is expected already because there were fewer calls."""
    seen = recent[:, _LATELY]
    due = np.where(np.isnan(seen), 0.0, mean[:, _LATELY] * less).sum(-1)
    spent = known_or(seen).sum(-1)
    known = (due > 0) & (spent > 0)
    times = np.maximum(divided(spent, due), 1.0)
    swing = np.sqrt(usual.drift**2 + divided(usual.size, spent))
    return _Near(usual, np.where(known, times, np.nan), np.where(known, swing, np.nan))


def _window(near: _Near, amounts: Floats, due: Floats, there: Flags, steps: int, settings: Settings) -> Window:
    actual, mean = amounts[:, -steps:].sum(-1), due[:, -steps:].sum(-1)
    shape = near.usual.shape(mean)
    ratio = settings.ratio(steps * STEP_S)
    upper = np.maximum(near.upper(mean, steps, settings.score), ratio * mean)
    upper = np.maximum(upper, mean + np.maximum(settings.least, near.usual.jump * _DEAR_MARGIN))
    lower = np.maximum(limits(mean, shape, -settings.score), 0.0)
    judged = (there[:, -steps:].mean(-1) >= _KNOWN) & there[:, -1]
    return Window(steps, actual, mean, lower, upper, judged & (actual > upper), np.zeros(len(actual), dtype=np.bool_))


def _with_calls(window: Window, near: _Near, counted: Floats, due: Floats, settings: Settings) -> Window:
    """More calls than usual, and so more spent: seen where dear single calls make the amounts too wild to tell."""
    actual, mean = counted[:, -window.steps :].sum(-1), due[:, -window.steps :].sum(-1)
    ratio = settings.ratio(window.steps * STEP_S)
    upper = near.upper(mean, window.steps, settings.score - _CALLS_SCORE_LESS)
    upper = np.maximum(upper, ratio * mean)
    # The jump is of half hours, and many calls don't come all at once, as one dear call does.
    part = min(1.0, window.steps / _HALF_HOUR)
    upper = np.maximum(upper, mean + np.maximum(1.0, near.usual.jump * (_JUMP_MARGIN * part)))
    dearer = np.maximum(ratio * window.expected, window.expected + settings.least)
    by_calls = (actual > upper) & (window.actual > dearer) & ~window.firing
    return msgspec.structs.replace(
        window,
        firing=window.firing | by_calls,
        by_calls=by_calls,
        upper=np.where(by_calls, dearer, window.upper),
    )


def _summed(usual: Usual, amounts: Floats, due: Floats, settings: Settings) -> Flags:
    rise = 1 + (settings.times - 1) * _RISE
    spread = usual.size[:, None] + usual.swing[:, None] ** 2 * due * (BUCKET_S / STEP_S)
    most = due + np.maximum(usual.jump[:, None], 4 * np.sqrt(spread * due))
    evidence = divided(np.minimum(amounts, most) * np.log(rise) - due * (rise - 1), spread, 0.0)
    return cusums(np.minimum(evidence, _EVIDENCE_OF_STEP), _MOST_EVIDENCE)[:, -1] > _EVIDENCE


def _run(excess: Floats) -> Whole:
    """How many of the last steps are above the middle, taken together: where their sum is greatest, counted back from now."""
    length: Whole = np.cumsum(excess[:, ::-1], axis=-1).argmax(axis=-1) + np.int64(1)
    return length


def _since(values: Floats, run: Whole) -> Floats:
    found: Floats = np.take_along_axis(np.cumsum(values[:, ::-1], axis=-1), (run - 1)[:, None], -1)[:, 0]
    return found


def _calm(usual: Usual, amounts: Floats, due: Floats, settings: Settings) -> Flags:
    """Whether the last twenty minutes are within what is usual, and its last steps are not on their way up again."""
    found = np.ones(len(amounts), dtype=np.bool_)
    for steps, score in ((_CALM_STEPS, _CALM_SCORE), (2, _CALM_SCORE_OF_LAST)):
        actual, mean = amounts[:, -steps:].sum(-1), due[:, -steps:].sum(-1)
        near = scores(actual, mean, usual.shape(mean)) < score
        found &= near | (actual <= 1.25 * mean) | (actual - mean < settings.least / 4)
    # What has lasted for hours isn't over because the night is too quiet to tell.
    last, hours = (amounts[:, -steps:].sum(-1) > _RAISED * due[:, -steps:].sum(-1) for steps in (_CALM_STEPS, 72))
    return found & ~(last & hours)


def _holiday(usual: Usual, recent: Floats, mean: Floats) -> Floats:
    """By what part groups are below what is usual because the whole project is, as on a holiday.

    The last quarter of an hour of all tells whether it is so now, its last step whether all are on their way back; the hours before of
    each whether it takes part.
    """
    now, last = (_ratios(recent[:, -steps:], mean[:, -steps:]) for steps in (3, 1))
    dense = (mean[:, -3:].sum(-1) > 4 * usual.size) & ~usual.pooled & ~np.isnan(now)
    if dense.sum() < _POOL:
        return np.ones(len(recent))
    whole = float(np.fmax(medians(now[dense]), medians(last[dense])))
    if whole >= _HOLIDAY:
        return np.ones(len(recent))
    own = _ratios(recent[:, -48:-12], mean[:, -48:-12])
    own = known_or(own, 1.0)
    return np.where(own < _TAKES_PART, np.clip(np.maximum(own, whole), _LOWEST, 1.0), 1.0)


def _ratios(recent: Floats, mean: Floats) -> Floats:
    there = ~np.isnan(recent)
    return divided(np.where(there, recent, 0.0).sum(-1), np.where(there, mean, 0.0).sum(-1))
