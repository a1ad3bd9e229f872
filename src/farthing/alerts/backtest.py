"""A rule and a stretch of time in; what would have fired, when, and whom it would have told of, out: one set of questions, then a replay."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from farthing.alerts.asking import HALF_HOUR, Asking, largest, speed, sums_of
from farthing.alerts.checks import rates, threshold, watch
from farthing.alerts.checks.looking import Look
from farthing.alerts.incident import Incident
from farthing.alerts.replay import Cell, Cumulated, Recorded, Replay, Single, Told
from farthing.alerts.rule import Kind, Measure, Rule, length
from farthing.alerts.sums import SPEEDS, Speed, Where
from farthing.alerts.verdict import Group, Verdict
from farthing.errors import BadRequestError
from farthing.query.groups import Course, Groups
from farthing.query.moments import NS
from farthing.query.question import Scope

STEP_S = 300
"""Rounds of a back-test are so far apart, or as far as those of the rule."""
CLOSE_ROUNDS = 1_500
"""A time that has no more rounds of the rule is replayed round by round."""

MOST_ROUNDS = 9_000
LONGEST_S = 93 * 86_400
MOST_SINGLES = 10_000
MOST_LAYERS = 4
"""So many times quantiles of the whole time are asked for, each time of windows that begin a little later."""
MOST_PASTS = 60
"""So many stretches of the past are asked for where rounds compare with it; those between are taken to be like the one before."""

_COARSE = ((3 * 86_400, STEP_S), (14 * 86_400, 900), (LONGEST_S, 1_800))
"""How often an anomaly is looked for at first, by the length of the time; where there is one, every five minutes."""


class Outcome(NamedTuple):
    """What would have happened."""

    start: int
    end: int
    step_s: int
    incidents: list[Incident]
    told: list[Told]


def backtest(rule: Rule, start: int, end: int, groups: Groups, answers: Asking) -> Outcome:
    """The rule over a stretch of time (Unix seconds). Raises `BadRequestError`, `StoreError`."""
    if not 0 < end - start <= LONGEST_S:
        msg = f"since: at most {LONGEST_S // 86_400} days are replayed, and at least one moment."
        raise BadRequestError(msg)
    if rule.kind in (Kind.STALE_PRICES, Kind.DRIFT):
        msg = f"A rule of the kind {rule.kind.value} can't be replayed: what it looks at is known as of now only."
        raise BadRequestError(msg)
    replay = Replay(rule)
    step = _step(rule, end - start)
    first = -(-start // step) * step
    if rule.kind is Kind.ANOMALY:
        _anomalies(rule, replay, range(first, end + 1, step), groups)
    else:
        recorded = _recorded(rule, first, end, step, groups, answers)
        for at in range(first, end + 1, step):
            replay.judge(recorded, at)
    return Outcome(start, end, step, replay.incidents, replay.told)


def _step(rule: Rule, seconds: int) -> int:
    if _is_of_speed(rule):
        # Quantiles can't be taken apart: whole windows are looked at, in layers of one behind the other.
        window = rule.window_s
        whole = window * max(1, -(-seconds // MOST_ROUNDS // window))
        layers = next(n for n in range(MOST_LAYERS, 0, -1) if n == 1 or (window % n == 0 and window // n >= STEP_S))
        return window // layers if seconds * layers <= MOST_ROUNDS * window else whole
    if rule.kind is Kind.ANOMALY:
        return next((step for longest, step in _COARSE if seconds <= longest), _COARSE[-1][1])
    if rule.every_s < STEP_S and seconds <= rule.every_s * CLOSE_ROUNDS and rule.window_s % rule.every_s == 0:
        return rule.every_s
    return max(STEP_S, rule.every_s // STEP_S * STEP_S, -(-seconds // MOST_ROUNDS // STEP_S) * STEP_S)


def _is_of_speed(rule: Rule) -> bool:
    return rule.kind is Kind.LATENCY or (rule.kind is Kind.THRESHOLD and rule.measure in SPEEDS)


def _recorded(rule: Rule, start: int, end: int, step: int, groups: Groups, answers: Asking) -> Recorded:
    recorded = Recorded()
    recorded.prices = answers.prices_known_at()
    where = Where(rule.project_id, rule.scope, rule.dimensions)
    if rule.kind is Kind.RUNAWAY:
        measure = rule.measure if rule.measure in (Measure.INPUT_TOKENS, Measure.COST) else Measure.OUTPUT_TOKENS
        scope = _scope(where, start - rule.window_s, end)
        edges = tuple(range(start - rule.window_s, end, STEP_S))
        rows = groups.largest(scope, where.by, measure.value, f"{rule.limit or Decimal(0):f}", edges)
        recorded.singles = [Single(tuple(row[1:-3]), largest(row)) for row in rows[:MOST_SINGLES]]
        return recorded
    if _is_of_speed(rule):
        _speeds(rule, where, range(start, end + 1, step), groups, recorded)
        return recorded
    if rule.kind is Kind.RATE_LIMIT:
        where = Where(where.project_id, (*where.filters, *rates.RATE_LIMITED), where.by)
    fine = min(step, STEP_S)
    begin = (start - _before(rule)) // fine * fine
    edges = tuple(range(begin, end, fine))
    cells = groups.sums(_scope(where, begin, end), where.by, edges)
    recorded.cumulated[where] = Cumulated(Cell(cell.step, cell.group, sums_of(cell)) for cell in cells)
    return recorded


def _before(rule: Rule) -> int:
    """How long before the first round something is looked at."""
    compare = rule.compare
    longest = rule.window_s
    if compare is not None and compare.ago:
        longest += length("compare.ago", compare.ago)
    elif compare is not None:
        longest += length("compare.past", compare.past)
    elif rule.kind is Kind.SILENT:
        longest += length("compare.past", watch.SEEN_BEFORE)
    return longest + HALF_HOUR


def _speeds(rule: Rule, where: Where, rounds: range, groups: Groups, recorded: Recorded) -> None:
    """Exactly what the check will ask for in each round, from few questions."""
    first_token = rule.measure in (Measure.TTFT_P50, Measure.TTFT_P95)
    ask = groups.first_tokens if first_token else groups.latencies
    window = rule.window_s
    for layer in range(max(1, window // rounds.step)):
        edges = sorted(
            {second for at in rounds[layer :: max(1, window // rounds.step)] for second in (at - window, at)}
        )
        if not edges:
            continue
        for row in ask(_scope(where, edges[0], edges[-1]), where.by, tuple(edges[:-1])):
            key = (int(row[0]), int(row[0]) + window, first_token)
            recorded.quick[key] = {**recorded.quick.get(key, {}), tuple(row[1:-2]): speed(row)}
    wanted = sorted({_compared(rule, at) for at in rounds} if rule.compare else ())
    held: Mapping[Group, Speed] = {}
    for number, (start, stop) in enumerate(wanted):
        if number % max(1, -(-len(wanted) // MOST_PASTS)) == 0:
            held = {tuple(row[1:-2]): speed(row) for row in ask(_scope(where, start, stop), where.by)}
        recorded.quick[start, stop, first_token] = held


def _compared(rule: Rule, at: int) -> tuple[int, int]:
    """What the check compares the window that ends now with."""
    compare, window = rule.compare, rule.window_s
    if compare is not None and compare.ago:
        stop = at - length("compare.ago", compare.ago)
        return stop - window, stop
    return threshold.before(at - window, length("compare.past", compare.past if compare else ""))


def _anomalies(rule: Rule, replay: Replay, rounds: range, groups: Groups) -> None:
    from farthing.alerts.checks import anomaly  # noqa: PLC0415  only this needs numpy
    from farthing.alerts.past import DAY_S, DAYS, RECENT_S, Recording  # noqa: PLC0415

    where = Where(rule.project_id, rule.scope, rule.dimensions)

    def ask(of: Where, start: int, step_s: int) -> list[Course]:
        return groups.courses(_scope(of, start, rounds[-1]), of.by, step_s, rule.measure.value)

    begin = rounds[0] // HALF_HOUR * HALF_HOUR - DAYS * DAY_S
    recent = rounds[0] - RECENT_S
    courses = ask(where, begin, HALF_HOUR), ask(where, recent, STEP_S), ask(Where(rule.project_id), begin, HALF_HOUR)
    recording = Recording(begin, recent, rounds[-1], *courses)
    answers = Recorded()

    def said(at: int) -> list[Verdict]:
        return anomaly.judge(Look(rule, at, answers), recording.at(at))

    least = anomaly.settings(rule).least
    for at in rounds:
        verdicts = said(at)
        # Something goes on, or began meanwhile: when exactly is worth a closer look.
        is_close = bool(replay.open_groups) or any(one.firing for one in verdicts)
        for between in range(max(rounds[0], at - rounds.step + STEP_S), at, STEP_S):
            if is_close or recording.is_loud(between, least):
                replay.take(said(between), between)
        replay.take(verdicts, at)


def _scope(where: Where, start: int, end: int) -> Scope:
    return Scope(where.project_id, max(0, start) * NS, end * NS, where.filters)
