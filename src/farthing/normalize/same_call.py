"""Candidates of one or several linked traces in; which of them are the same call, and which repeat several calls, out.

The same call is seen more than once when it

- carries the same response id of the same provider,
- stands within another instrumentation's span that encloses nothing else,
- runs beside another instrumentation's span at the same time, asks the same model and tells the same usage,
- was told in two spans, its opening and its closing.

Two spans of one instrumentation are two calls, however equal, unless a response id says otherwise: retries are real.
The candidates come in a fixed order and nothing else matters, so the result depends on their set alone.
"""

from collections.abc import Sequence

from farthing.normalize.candidate import (
    Candidate,
    alike,
    beside,
    encloses_in_time,
    nested,
    overlap,
    same_or_unknown_tokens,
    same_response,
    same_tokens,
)
from farthing.normalize.grouping import Grouping

_NEIGHBOURS = 32
"""How many spans before and after one in time are asked whether they are the same call without an id."""

_STREAM_NS = 15 * 60 * 10**9
"""How long after its opening a stream may close."""

_CLOSING_LAG_NS = 60 * 10**9
"""How long after the end of a call, as another instrumentation saw it, the span that closes the stream may come."""


def grouped(seen: Sequence[Candidate]) -> Grouping:
    """Decide. `seen` is in order of time, then of trace and span."""
    grouping = Grouping(seen)
    _join_responses(grouping)
    _join_nested(grouping)
    _join_streams(grouping)
    _join_neighbours(grouping)
    _set_wrappers_aside(grouping)
    _end_circles(grouping)
    return grouping


def _join_responses(grouping: Grouping) -> None:
    first: dict[str, list[int]] = {}
    for at, candidate in enumerate(grouping.seen):
        if not candidate.call.response_id or candidate.wrapper:
            continue
        held = first.setdefault(candidate.call.response_id, [])
        for other in held:
            if same_response(grouping.seen[other], candidate):
                grouping.join(other, at)
                break
        else:
            held.append(at)


def _join_nested(grouping: Grouping) -> None:
    """Spans that are no declared wrappers and enclose others, the innermost first."""
    inside: dict[int, list[int]] = {}
    for at, candidate in enumerate(grouping.seen):
        if not candidate.wrapper:
            outer = next((up for up in grouping.above[at] if not grouping.seen[up].wrapper), None)
            if outer is not None:
                inside.setdefault(outer, []).append(at)
    for outer in sorted(inside, key=lambda at: (-len(grouping.above[at]), at)):
        calls = list(dict.fromkeys(grouping.of(at) for at in inside[outer]))
        others = [group for group in calls if group != grouping.of(outer)]
        if not others:
            continue
        if grouping.seen[outer].call.response_id:
            _enclose_named(grouping, outer, others)
        else:
            _enclose_unnamed(grouping, outer, others)


def _enclose_unnamed(grouping: Grouping, outer: int, inside: list[int]) -> None:
    """A span without a response id: the one call within it, or something around several."""
    span = grouping.seen[outer]
    answered = [group for group in inside if not grouping.told(group).has_failed]
    # An error around errors alone is the last attempt; a success around one success is that, the errors were retries.
    candidates = answered if not span.has_failed or len(answered) > 1 else inside[-1:]
    if not candidates and not span.is_counted:
        grouping.repeats[outer] = inside[-1]
    elif len(candidates) == 1:
        only = candidates[0]
        told = grouping.told(only)
        if grouping.may_join(outer, only) or same_or_unknown_tokens(span, told):
            grouping.join(outer, only)
    elif candidates:
        apart = all(grouping.may_join(outer, group) for group in candidates)
        if apart or not span.is_counted or _is_repeated(grouping, span, candidates):
            grouping.repeats[outer] = candidates[0]


def _enclose_named(grouping: Grouping, outer: int, inside: list[int]) -> None:
    """A span with a response id: within it may stand another instrumentation's span that can't name its response."""
    span = grouping.seen[outer]
    fitting = [
        group
        for group in inside
        if grouping.may_join(outer, group)
        and grouping.told(group).has_failed == span.has_failed
        and alike(span, grouping.told(group))
    ]
    equal = [group for group in fitting if same_tokens(span, grouping.told(group))]
    if fitting:
        grouping.join(outer, (equal or fitting)[0 if equal or not span.has_failed else -1])
    elif len(grouping.members(grouping.of(outer))) > 1:
        return  # its own call is found, so what else is within it are others
    elif len(inside) == 1:
        # Some libraries give responses ids of their own making.
        told = grouping.told(inside[0])
        if told.scope != span.scope and same_tokens(span, told) and alike(span, told):
            grouping.join(outer, inside[0])
    elif _is_repeated(grouping, span, inside):
        grouping.repeats[outer] = inside[0]


def _is_repeated(grouping: Grouping, span: Candidate, inside: list[int]) -> bool:
    """Whether a span's usage is the sum of the calls within it, or one of theirs."""
    told = [grouping.told(group) for group in inside]
    if any(same_tokens(span, one) for one in told):
        return True
    sums = tuple(sum(one.tokens[side] or 0 for one in told) for side in (0, 1))
    return span.is_counted and span.tokens == sums


def _join_streams(grouping: Grouping) -> None:
    """Each closing with the nearest opening before it, or with what another instrumentation saw of the same stream."""
    for at, closing in enumerate(grouping.seen):
        if not closing.closing or any(grouping.seen[m].opening for m in grouping.members(at)):
            continue
        fitting = [
            before for before in range(at - 1, max(-1, at - 1 - _NEIGHBOURS), -1) if _is_closed_by(grouping, before, at)
        ]
        if fitting:
            grouping.join(
                at,
                min(
                    fitting,
                    key=lambda before: (
                        not same_tokens(grouping.told(before), closing),
                        grouping.seen[before].call.trace_id != closing.call.trace_id,
                        -before,
                    ),
                ),
            )


def _is_closed_by(grouping: Grouping, at: int, closing_at: int) -> bool:
    candidate, closing = grouping.seen[at], grouping.seen[closing_at]
    if candidate.wrapper or candidate.closing or candidate.has_failed or not alike(candidate, closing):
        return False
    if closing.scope in grouping.closed(at):
        return False
    if closing.call.response_id and grouping.ids(at) - {closing.call.response_id}:
        return False
    if not same_or_unknown_tokens(grouping.told(at), closing):
        return False
    if candidate.opening and candidate.scope == closing.scope:
        return beside(candidate, closing) and closing.call.start_ns - candidate.call.start_ns <= _STREAM_NS
    return (
        candidate.scope != closing.scope
        and same_tokens(candidate, closing)
        and closing.end_ns - candidate.call.start_ns >= 0
        and closing.end_ns - candidate.end_ns <= _CLOSING_LAG_NS
    )


def _join_neighbours(grouping: Grouping) -> None:
    """Spans without an id with what another instrumentation saw at the same time: the nearest in time first, one for one."""
    seen = grouping.seen
    if len({candidate.scope for candidate in seen}) == 1:
        return
    pairs: list[tuple[bool, int, int, int]] = []
    for at, candidate in enumerate(seen):
        if candidate.wrapper or candidate.call.response_id or at in grouping.repeats:
            continue
        for other in range(max(0, at - _NEIGHBOURS), min(len(seen), at + _NEIGHBOURS + 1)):
            if other not in grouping.repeats and _is_seen_twice(candidate, seen[other]):
                apart = abs(candidate.call.start_ns - seen[other].call.start_ns)
                pairs.append((not same_tokens(candidate, seen[other]), apart, at, other))
    for _, _, at, other in sorted(pairs):
        if grouping.may_join(at, other):
            grouping.join(at, other)


def _is_seen_twice(a: Candidate, b: Candidate) -> bool:
    if b.wrapper or a.scope == b.scope or a.has_failed != b.has_failed:
        return False
    # What one of them counted and the other didn't must at least lie in time as if it were the same.
    in_time = overlap(a, b) if a.is_counted == b.is_counted else encloses_in_time(a, b)
    return in_time and same_or_unknown_tokens(a, b) and alike(a, b) and beside(a, b) and not nested(a, b)


def _set_wrappers_aside(grouping: Grouping) -> None:
    """A wrapper repeats the first call within it; within none, the wrapper within it; else the call whose id it tells."""
    seen = grouping.seen
    within: dict[int, list[int]] = {}
    named: dict[str, list[int]] = {}
    for at, candidate in enumerate(seen):
        for up in grouping.above[at]:
            if seen[up].wrapper:
                within.setdefault(up, []).append(at)
        if candidate.call.response_id and not candidate.wrapper:
            named.setdefault(candidate.call.response_id, []).append(at)
    for at, candidate in enumerate(seen):
        if not candidate.wrapper:
            continue
        enclosed = within.get(at, [])
        # Failed attempts alone did not use what the wrapper counted.
        calls = [inner for inner in enclosed if not (seen[inner].wrapper or seen[inner].has_failed)]
        counted = [inner for inner in enclosed if seen[inner].is_counted]
        same = [other for other in named.get(candidate.call.response_id, ()) if same_response(seen[other], candidate)]
        repeated = calls or counted or same
        if repeated:
            grouping.repeats[at] = repeated[0]


def _end_circles(grouping: Grouping) -> None:
    """Groups that only repeat each other repeat nothing: the first of them stands for itself."""
    for start in sorted(grouping.repeats):
        at = start
        visited: set[int] = set()
        while at in grouping.repeats:
            group = grouping.of(at)
            if group in visited:
                del grouping.repeats[at]
                break
            visited.add(group)
            if not all(member in grouping.repeats for member in grouping.members(at)):
                break
            at = grouping.repeats[at]
