"""What is usual and the last hours in steps of five minutes in; which windows of them are beyond their limit, out. Pure.

Several windows at once, because a loop is seen in five minutes and a small rise in an hour; and evidence added up (Page's CUSUM), because
what is a little too much again and again is more than chance.
"""

import msgspec
import numpy as np

from farthing.alerts.anomaly.judgement import BUCKET_S, STEP_S, Settings
from farthing.alerts.anomaly.near import Course, course, early, expected
from farthing.alerts.anomaly.robust import Flags, Floats, Whole, cusums, divided, known_or, medians, scores
from farthing.alerts.anomaly.usual import Usual

WINDOWS = (1, 3, 12)
"""Steps: 5, 15 and 60 minutes."""
_CALM_STEPS = 4
_CALM_SCORE = 2.0
_CALM_SCORE_OF_LAST = 3.0
_NEAR, _RAISED = 1.25, 1.4
_JUMP_MARGIN, _DEAR_MARGIN = 1.25, 1.3
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
_BACK = {1: 1.6, 3: 1.45, 12: 1.3}
"""What isn't above what is usual by this is no alarm, however quiet the hours before were."""
_HALF_HOUR = BUCKET_S // STEP_S
_LATELY = 36
"""Steps that evidence is of that isn't explained by what was before them."""
_SCORE_LESS, _CALLS_SCORE_LESS = {1: 0.4, 3: 0.1, 12: 0.5}, {1: 0.9, 3: 0.5, 12: 0.7}
"""By windows. There are fewer hours than five minutes, so fewer are far out by chance; and numbers of calls have lighter tails than what they cost."""
_HOUR, _HOURS, _JOB = 12, 4, 1.3
"""Steps; so many hours must be known, and by what most of them must be busier at some minutes for a job of every hour."""
_TAIL, _MOST_CAREFUL = 0.82, 1.2
"""The tail that half of the groups of synthetic traffic are below. Where noise is told too high the tail is short; but that says nothing of five minutes."""
_OVER, _OVER_FROM = 2.5, 1.25
"""The sum of logarithms of likelihood ratios at which what was so many times the usual is over."""
_HOLIDAY = 0.75
_LOWEST, _TAKES_PART = 0.2, 0.7
_RISING = 1.2
_POOL = 5


class Window(msgspec.Struct, frozen=True):
    """One row per group."""

    steps: int
    actual: Floats
    expected: Floats
    lower: Floats
    upper: Floats
    firing: Flags
    by_calls: Flags


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


class Recent(msgspec.Struct, frozen=True):
    """What was spent and how many calls there were in the last steps, and in the minutes of the last one. Before the axis of groups may be one of moments."""

    amounts: Floats
    calls: Floats | None = None
    last: Floats | None = None


def fast(usual: Usual, calls: Usual | None, recent: Recent, slots: Floats, settings: Settings) -> Fast:
    """`slots`: the middles of the steps in half hours since the end of what the usual was learnt from."""
    spent = _course(usual, recent.amounts, slots)
    windows = [_window(spent, _pieces(recent, spent, steps), steps, settings) for steps in WINDOWS]
    if calls is not None and recent.calls is not None:
        there = ~np.isnan(recent.amounts)
        counted = _course(calls, np.where(there, known_or(recent.calls), np.nan), slots)
        windows = [_with_calls(window, counted, settings) for window in windows]
    amounts, due = spent.seen, spent.due
    still = amounts[..., -3:].sum(-1) > due[..., -3:].sum(-1) * (1 + (settings.ratio(3600) - 1) * _LASTS)
    last = windows[2]
    windows[2] = msgspec.structs.replace(last, firing=last.firing & still, by_calls=last.by_calls & still)
    usual = spent.usual
    summed = _summed(spent, amounts, due * early(spent, _LATELY)[..., None], settings)
    middle = 1 + (settings.ratio(3600) - 1) / 2
    run = _run(amounts - middle * due)
    totals, dues = _since(amounts, run), _since(due, run)
    enough = (totals > dues * settings.ratio(3600) * 0.95) & (totals - dues >= settings.least)
    known = spent.known(_CALM_STEPS, _KNOWN)
    return Fast(
        tuple(windows), summed & still & enough, run, totals, dues, _calm(spent, amounts, due, settings) & known, known
    )


def _course(usual: Usual, recent: Floats, slots: Floats) -> Course:
    found = course(usual, recent, slots)
    return msgspec.structs.replace(found, due=found.due * _holiday(usual, recent, found.due)[..., None])


def _pieces(recent: Recent, spent: Course, steps: int) -> Floats | None:
    """What the window's amount is a sum of."""
    if steps > 1:
        return spent.seen[..., -steps:]
    return None if recent.last is None else known_or(recent.last)


def _window(spent: Course, pieces: Floats | None, steps: int, settings: Settings) -> Window:
    actual, due = spent.sums(steps)
    near = expected(spent, steps)
    ratio = settings.ratio(steps * STEP_S)
    score = (settings.score - _SCORE_LESS[steps]) * _careful(spent.usual)
    near = near.times(_of_the_hour(spent, steps, actual > near.limit(score)))
    plain = np.maximum(near.limit(score), ratio * near.mean)
    # Back to what is usual isn't too much.
    plain = np.maximum(plain, np.maximum(near.mean + settings.least, due * _BACK[steps]))
    upper = np.maximum(plain, near.mean + spent.usual.jump * _DEAR_MARGIN)
    firing = actual > upper
    if pieces is not None:
        # One dear call is in one piece; where all are dear the others are too.
        part = 1 - 1 / pieces.shape[-1]
        others = actual - pieces.max(-1)
        most = np.maximum(near.part(part).limit(score), plain * part)
        many = ~firing & (others > most)
        firing, upper = firing | many, np.where(many, plain, upper)
    lower = np.maximum(near.limit(-settings.score), 0.0)
    firing &= spent.known(steps, _KNOWN)
    return Window(steps, actual, near.mean, lower, upper, firing, np.zeros(actual.shape, dtype=np.bool_))


def _of_the_hour(of: Course, steps: int, above: Flags) -> Floats:
    """By what most of the last hours were busier at these minutes than half hours tell, as of a job that runs every hour for some minutes. Of those `above`."""
    ends = range(_HOUR, of.seen.shape[-1] - steps + 1, _HOUR)
    found = np.ones(above.shape)
    if steps >= _HALF_HOUR or len(ends) < _HOURS or not above.any():
        return found
    seen, due = (
        np.stack([values[..., -end - steps : -end].sum(-1)[above] for end in ends], axis=-1)
        for values in (of.seen, of.due)
    )
    times = known_or(medians(divided(seen, due)), 1.0)
    found[above] = np.where(times > _JOB, times, 1.0)
    return found


def _careful(usual: Usual) -> Floats:
    """By what part limits are further out than others', as the group's own half hours were further out than most groups'."""
    return np.clip(usual.tail / _TAIL, 1.0, _MOST_CAREFUL)


def _with_calls(window: Window, counted: Course, settings: Settings) -> Window:
    """More calls than usual, and so more spent: seen where dear single calls make the amounts too wild to tell."""
    actual, due = counted.sums(window.steps)
    near = expected(counted, window.steps)
    score = (settings.score - _CALLS_SCORE_LESS[window.steps]) * _careful(counted.usual)
    near = near.times(_of_the_hour(counted, window.steps, actual > near.limit(score)))
    ratio = settings.ratio(window.steps * STEP_S)
    upper = np.maximum(near.limit(score), ratio * near.mean)
    # The jump is of half hours, and many calls don't come all at once, as one dear call does.
    part = min(1.0, window.steps / _HALF_HOUR)
    upper = np.maximum(upper, near.mean + np.maximum(1.0, counted.usual.jump * (_JUMP_MARGIN * part)))
    upper = np.maximum(upper, due * _BACK[window.steps])
    dearer = np.maximum(ratio * window.expected, window.expected + settings.least)
    known = counted.known(window.steps, _KNOWN)
    by_calls = known & (actual > upper) & (window.actual > dearer) & ~window.firing
    return msgspec.structs.replace(
        window,
        firing=window.firing | by_calls,
        by_calls=by_calls,
        upper=np.where(by_calls, dearer, window.upper),
    )


def _summed(of: Course, amounts: Floats, due: Floats, settings: Settings) -> Flags:
    rise = 1 + (settings.times - 1) * _RISE
    usual = of.usual
    spread = of.size(12)[..., None] + of.swings**2 * due * (BUCKET_S / STEP_S)
    most = due + np.maximum(usual.jump[..., None], 4 * np.sqrt(spread * due))
    evidence = divided(np.minimum(amounts, most) * np.log(rise) - due * (rise - 1), spread, 0.0)
    added = cusums(np.minimum(evidence, _EVIDENCE_OF_STEP), _MOST_EVIDENCE)[..., -1]
    return added > _EVIDENCE * _careful(usual)


def _run(excess: Floats) -> Whole:
    """How many of the last steps are above the middle, taken together: where their sum is greatest, counted back from now."""
    length: Whole = np.cumsum(excess[..., ::-1], axis=-1).argmax(axis=-1) + np.int64(1)
    return length


def _since(values: Floats, run: Whole) -> Floats:
    found: Floats = np.take_along_axis(np.cumsum(values[..., ::-1], axis=-1), (run - 1)[..., None], -1)[..., 0]
    return found


def _calm(of: Course, amounts: Floats, due: Floats, settings: Settings) -> Flags:
    """Whether the last twenty minutes are within what is usual, and its last steps are not on their way up again."""
    found = np.ones(amounts.shape[:-1], dtype=np.bool_)
    # What is as likely of the one Poisson as of the other: of what is usual, and of what went on before the last steps.
    run = _run((amounts - due * _RAISED)[..., :-_CALM_STEPS])
    times = divided(_since(amounts[..., :-_CALM_STEPS], run), _since(due[..., :-_CALM_STEPS], run), 1.0)
    times = np.clip(times, 1.01, 10.0)
    nearer = np.clip((times - 1) / np.log(times), _NEAR, _RAISED)
    for steps, score in ((_CALM_STEPS, _CALM_SCORE), (2, _CALM_SCORE_OF_LAST)):
        actual, mean = amounts[..., -steps:].sum(-1), due[..., -steps:].sum(-1)
        swing = of.swings[..., -steps:].mean(-1)
        near = scores(actual, mean, divided(mean, of.size(steps) + swing**2 * mean, 1e6)) < score
        found &= near | (actual <= nearer * mean) | (actual - mean < settings.least / 4)
    # That it is back must be likelier by far than that it goes on, or who scatters is back by chance every hour.
    spread = of.size(_CALM_STEPS)[..., None] + of.swings**2 * due
    for_end = divided(due * (times - 1)[..., None] - amounts * np.log(times)[..., None], spread, 0.0)
    best = np.cumsum(for_end[..., : -_LATELY - 1 : -1], axis=-1).max(-1)
    found &= (times < _OVER_FROM) | (best > _OVER)
    # What has lasted for hours isn't over because the night is too quiet to tell.
    last, hours = (amounts[..., -steps:].sum(-1) > _RAISED * due[..., -steps:].sum(-1) for steps in (_CALM_STEPS, 72))
    return found & ~(last & hours)


def _holiday(usual: Usual, recent: Floats, mean: Floats) -> Floats:
    """By what part groups are below what is usual because the whole project is, as on a holiday.

    The last quarter of an hour of all tells whether it is so now, its last step whether all are on their way back; the hours before of
    each whether it takes part.
    """
    now, last = (_ratios(recent[..., -steps:], mean[..., -steps:]) for steps in (3, 1))
    dense = (mean[..., -3:].sum(-1) > 4 * usual.size) & ~usual.pooled & ~np.isnan(now)
    # Where all are on their way back nobody is less busy any more.
    before = _ratios(recent[..., -36:-3], mean[..., -36:-3])
    rising = medians(np.where(dense, last, np.nan)) > _RISING * medians(np.where(dense, before, np.nan))
    told = (dense.sum(-1) >= _POOL) & ~rising
    whole = np.fmax(*(medians(np.where(dense, ratios, np.nan)) for ratios in (now, last)))
    low = (told & (known_or(whole, 1.0) < _HOLIDAY))[..., None]
    own = known_or(_ratios(recent[..., -48:-12], mean[..., -48:-12]), 1.0)
    takes_part = low & (own < _TAKES_PART)
    return np.where(takes_part, np.clip(np.fmax(own, whole[..., None]), _LOWEST, 1.0), 1.0)


def _ratios(recent: Floats, mean: Floats) -> Floats:
    there = ~np.isnan(recent)
    return divided(np.where(there, recent, 0.0).sum(-1), np.where(there, mean, 0.0).sum(-1))
