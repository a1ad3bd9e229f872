"""The candidates of one trace, or of several linked ones, in; the same calls out, each token owned by exactly one of them.

Whoever tells most owns the call; its row takes over what only its duplicates know. The others point to it. The result
depends on the set of spans alone, never on their order.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from farthing.model.attribution import NAMED, Attribution
from farthing.model.call import Call, Status
from farthing.model.usage import MISSING, Usage, UsageSource
from farthing.normalize import usage
from farthing.normalize.candidate import Candidate
from farthing.normalize.grouping import Grouping
from farthing.normalize.same_call import grouped

_NATIVE = frozenset({"anthropic_sdk"})
"""Dialects of SDKs that instrument themselves: their counts are the provider's own, everything else of theirs is poorer."""

_FILLED = (
    "provider",
    "request_model",
    "response_model",
    "response_id",
    "external_request_id",
    "finish_reason",
    "streaming",
    "ttft_ns",
    "requested_tier",
    "served_tier",
    "region",
    "reported_cost",
)
"""What an owner takes from its duplicates when it doesn't know it."""


def decide(candidates: Sequence[Candidate]) -> list[Call]:
    """Mark who owns its tokens and who restates whose; owners get the richest fields of their duplicates."""
    if len(candidates) == 1:
        return [candidates[0].call]
    seen = sorted(candidates, key=_order)
    if _stand_apart(seen):
        return [candidate.call for candidate in seen]
    grouping = grouped(seen)
    owners = {grouping.of(group[0]): _owner(grouping, group) for group in grouping.groups()}
    wrapped = _alone_in_wrapper(grouping)
    out: list[Call] = []
    for group, owner in owners.items():
        for at in grouping.members(group):
            if at == owner:
                out.append(_enriched(grouping, at, wrapped))
            else:
                target = grouping.repeats.get(at, at)
                out.append(_pointing(seen[at].call, seen[_resolved(grouping, owners, target)].call))
    return out


def _order(candidate: Candidate) -> tuple[int, bytes, bytes]:
    call = candidate.call
    return (call.start_ns, call.trace_id, call.span_id)


def _stand_apart(seen: Sequence[Candidate]) -> bool:
    """Whether it is plain that each is a call of its own, as most are: one instrumentation, no two ids alike, none in another."""
    scope = seen[0].scope
    ids: set[str] = set()
    spans: set[bytes] = set()
    for candidate in seen:
        if candidate.scope != scope or candidate.wrapper or candidate.closing or candidate.call.response_id in ids:
            return False
        if candidate.call.response_id:
            ids.add(candidate.call.response_id)
        spans.add(candidate.call.span_id)
    return not any(spans.intersection(candidate.ancestors) for candidate in seen)


def _owner(grouping: Grouping, group: list[int]) -> int | None:
    """Who of a group owns it; None when all of it repeats others."""
    own = [at for at in group if at not in grouping.repeats]
    return min(own, key=lambda at: _rank(grouping.seen[at])) if own else None


def _resolved(grouping: Grouping, owners: dict[int, int | None], at: int) -> int:
    """The owner of whatever this candidate belongs to or repeats in the end."""
    owner = owners[grouping.of(at)]
    while owner is None:
        at = grouping.repeats[at]
        owner = owners[grouping.of(at)]
    return owner


def _rank(candidate: Candidate) -> tuple[bool, bool, bool, bool, bool, bool, int, int, tuple[bytes, bytes]]:
    """Owners first: no wrapper, a span, with known usage, with an id, by an instrumentation rather than the SDK itself."""
    call = candidate.call
    return (
        candidate.wrapper,
        candidate.of_log,
        not candidate.is_counted,
        not call.response_id,
        call.dialect in _NATIVE,
        candidate.closing,
        len(candidate.ancestors),
        call.start_ns,
        candidate.key,
    )


def _pointing(call: Call, owner: Call) -> Call:
    elsewhere = None if owner.trace_id == call.trace_id else owner.trace_id
    return msgspec.structs.replace(call, owner=owner.span_id, owner_trace=elsewhere)


def _enriched(grouping: Grouping, owner_at: int, wrapped: dict[int, Usage]) -> Call:
    """The owner with what only its duplicates know."""
    seen = grouping.seen
    owner = seen[owner_at].call
    others = [at for at in grouping.members(owner_at) if at != owner_at]
    ranked = sorted(others, key=lambda at: _rank(seen[at]))
    known = [seen[at].call for at in ranked]
    # What a log counts beside a span is at best the same, and where it is a guess only the span says so.
    spans = [seen[at].call for at in ranked if not seen[at].of_log]
    silent = all(call.usage.source is UsageSource.MISSING for call in (owner, *spans))
    counted = known if silent else spans
    found = usage.best([owner.usage, *(c.usage for c in counted)], [c.dialect in _NATIVE for c in (owner, *counted)])
    if found.source is UsageSource.MISSING and owner.status is Status.OK:
        found = wrapped.get(grouping.of(owner_at), MISSING)
    changes: dict[str, Any] = {} if found is owner.usage else {"usage": found}
    if known:
        changes.update(_filled(owner, known))
    return msgspec.structs.replace(owner, **changes) if changes else owner


def _filled(owner: Call, others: Sequence[Call]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for field in (*_FILLED, *(("error_type",) if owner.status is Status.ERROR else ())):
        if getattr(owner, field) in ("", None):
            known = next((value for o in others if (value := getattr(o, field)) not in ("", None)), None)
            if known is not None:
                changes[field] = known
    attribution = _attribution([owner.attribution, *(o.attribution for o in others)])
    if attribution != owner.attribution:
        changes["attribution"] = attribution
    return changes


def _attribution(told: Sequence[Attribution]) -> Attribution:
    """The first that says it, for each dimension and tag."""
    named = {name: next((value for a in told if (value := getattr(a, name))), "") for name in NAMED}
    tags: dict[str, str] = {}
    for attribution in told:
        tags = attribution.tags | tags
    return Attribution(**named, tags=tags)


def _alone_in_wrapper(grouping: Grouping) -> dict[int, Usage]:
    """Group → the usage told by the innermost wrapper that counts and contains this call only."""
    inside: dict[int, set[int]] = {}
    for at, above in enumerate(grouping.above):
        if not (grouping.seen[at].wrapper or grouping.seen[at].has_failed):
            wrapper = next((up for up in above if grouping.seen[up].wrapper and grouping.seen[up].is_counted), None)
            if wrapper is not None:
                inside.setdefault(wrapper, set()).add(grouping.of(at))
    return {
        next(iter(groups)): grouping.seen[wrapper].call.usage
        for wrapper, groups in sorted(inside.items(), reverse=True)
        if len(groups) == 1
    }
