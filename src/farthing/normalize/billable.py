"""The calls read from one trace in; the same calls out, each token owned by exactly one of them.

Two spans restate one call when they carry the same provider response id, or when a span without such an
id encloses another call: a wrapper repeats what its contents report. The owner's row takes over what only
its duplicates know. The result depends on the set of spans alone, never on their order.
"""

from collections.abc import Mapping, Sequence

import msgspec

from farthing.model.call import Call, Status
from farthing.model.usage import Usage, UsageSource

_NATIVE = frozenset({"anthropic_sdk"})
"""Dialects of SDKs that instrument themselves: fine for counts, poorer in everything else."""


class Candidate(msgspec.Struct, frozen=True):
    """A call as read from one span, with the span's ancestors (nearest first) and whether it is a wrapper."""

    call: Call
    ancestors: tuple[bytes, ...]
    wrapper: bool = False


def decide(candidates: Sequence[Candidate]) -> list[Call]:
    """Mark who owns its tokens and who restates whose; owners get the richest fields of their duplicates."""
    if len(candidates) == 1:
        return [candidates[0].call]
    ordered = sorted(candidates, key=lambda c: (c.call.start_ns, c.call.span_id))
    by_span = {c.call.span_id: c for c in ordered}
    group_of = _groups(ordered, by_span)
    members: dict[bytes, list[Candidate]] = {}
    for candidate in ordered:
        members.setdefault(_root(group_of, candidate.call.span_id), []).append(candidate)
    out: list[Call] = []
    for group in members.values():
        owner = min(group, key=_rank)
        others = [c.call for c in group if c is not owner]
        out.append(_enriched(owner.call, others) if others else owner.call)
        out.extend(msgspec.structs.replace(call, owner=owner.call.span_id) for call in others)
    return out


def _groups(ordered: Sequence[Candidate], by_span: Mapping[bytes, Candidate]) -> dict[bytes, bytes]:
    """A forest: span id → the span id of another member of its group (its own at the root)."""
    parent = {span_id: span_id for span_id in by_span}
    first_with_id: dict[tuple[str, str], bytes] = {}
    for candidate in ordered:
        call = candidate.call
        if call.response_id and not candidate.wrapper:
            # Ids collide across providers, so the id alone is not enough where both are known.
            for key in ((call.provider, call.response_id), ("", call.response_id)):
                if key in first_with_id:
                    _join(parent, call.span_id, first_with_id[key])
                    break
            first_with_id.setdefault((call.provider, call.response_id), call.span_id)
    inner = sorted(ordered, key=lambda c: -len(c.ancestors))
    enclosed: set[bytes] = set()
    for candidate in inner:
        outer = next((by_span[a] for a in candidate.ancestors if a in by_span), None)
        if outer is None:
            continue
        anonymous = outer.wrapper or not outer.call.response_id
        if anonymous and outer.call.span_id not in enclosed:
            # The first (deepest, earliest) call inside stands for the wrapper's contents.
            enclosed.add(outer.call.span_id)
            _join(parent, outer.call.span_id, candidate.call.span_id)
        elif not anonymous and _restates_its_parent(candidate, outer):
            _join(parent, candidate.call.span_id, outer.call.span_id)
    return parent


def _restates_its_parent(inner: Candidate, outer: Candidate) -> bool:
    """An inner span of another library that can't name its response but asks the same model: the same call, cut short."""
    return (
        not inner.call.response_id
        and inner.call.dialect != outer.call.dialect
        and inner.call.request_model == outer.call.request_model
    )


def _root(parent: dict[bytes, bytes], span_id: bytes) -> bytes:
    while parent[span_id] != span_id:
        span_id = parent[span_id]
    return span_id


def _join(parent: dict[bytes, bytes], one: bytes, other: bytes) -> None:
    a, b = _root(parent, one), _root(parent, other)
    if a != b:
        parent[max(a, b)] = min(a, b)


def _rank(candidate: Candidate) -> tuple[bool, bool, bool, bool, int, int, bytes]:
    """Owners first: no wrapper, with known usage, with an id, by an instrumentation rather than the SDK itself."""
    call = candidate.call
    return (
        candidate.wrapper,
        call.usage.source is not UsageSource.PROVIDER,
        not call.response_id,
        call.dialect in _NATIVE,
        len(candidate.ancestors),
        call.start_ns,
        call.span_id,
    )


def _enriched(owner: Call, others: Sequence[Call]) -> Call:
    """The owner with what only its duplicates know."""
    changes: dict[str, object] = {}
    for field in (
        "provider",
        "request_model",
        "response_model",
        "response_id",
        "external_request_id",
        "error_type",
        "finish_reason",
        "streaming",
        "ttft_ns",
        "requested_tier",
        "served_tier",
        "reported_cost",
    ):
        if field == "error_type" and owner.status is Status.OK:
            continue
        if getattr(owner, field) in ("", None):
            known = next((v for o in others if (v := getattr(o, field)) not in ("", None)), None)
            if known is not None:
                changes[field] = known
    finest = max((o.usage for o in (owner, *others)), key=lambda u: _fineness(u, owner.usage))
    if finest is not owner.usage:
        changes["usage"] = finest
    return msgspec.structs.replace(owner, **changes) if changes else owner


def _fineness(usage: Usage, owners: Usage) -> int:
    """How many buckets a usage tells apart, if it agrees with the owner's totals; else less than any."""
    same = (usage.input_tokens, usage.output_tokens) == (owners.input_tokens, owners.output_tokens)
    return len(usage.buckets) if same else -1
