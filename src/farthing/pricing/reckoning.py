"""Quantities and the charges for them in; ledger lines out. What is the same for all calls of a kind is worked out once."""

from collections.abc import Iterator, Mapping

import msgspec

from farthing.model.ledger import CostStatus, Grade, Line
from farthing.model.usage import INPUT_SIDE, OUTPUT_SIDE, Bucket, Usage, unit_of
from farthing.pricing.rates import PER_MTOK, REQUEST, Charge, joined

# Looked up once: reading a member off its Enum costs more than the rest of a line.
_UNPRICED, _ESTIMATED = Grade.UNPRICED, Grade.ESTIMATED
_SEARCH = Bucket.WEB_SEARCHES.value
_INPUT, _OUTPUT = Bucket.INPUT.value, Bucket.OUTPUT.value
_STATUS_UNPRICED, _STATUS_ESTIMATED = CostStatus.UNPRICED, CostStatus.ESTIMATED
_STATUS_COMPUTED, _STATUS_UNKNOWN = CostStatus.COMPUTED, CostStatus.UNKNOWN

_INSTEAD_OF_TOKENS = frozenset(
    bucket.value
    for bucket in (
        Bucket.CHARACTERS,
        Bucket.AUDIO_SECONDS,
        Bucket.SPEECH_SECONDS,
        Bucket.VIDEO_SECONDS,
        Bucket.IMAGES,
        Bucket.INPUT_IMAGES,
        Bucket.PAGES,
        Bucket.ANNOTATED_PAGES,
        Bucket.MESSAGES,
        Bucket.RERANKS,
    )
)
"""A call that tells one of these need not tell tokens."""

_IN_CONTEXT = (
    *(b.value for b in (Bucket.CACHE_READ, Bucket.AUDIO_CACHE_READ, Bucket.IMAGE_CACHE_READ, Bucket.CACHE_WRITE)),
    *(b.value for b in (Bucket.CACHE_WRITE_30M, Bucket.CACHE_WRITE_1H, Bucket.CACHE_WRITE_12H, Bucket.INPUT)),
    *(b.value for b in (Bucket.AUDIO_INPUT, Bucket.IMAGE_INPUT, Bucket.VIDEO_INPUT, Bucket.REASONING)),
    *(b.value for b in (Bucket.OUTPUT, Bucket.CITATION, Bucket.AUDIO_OUTPUT, Bucket.IMAGE_OUTPUT)),
    Bucket.VIDEO_OUTPUT.value,
)
"""The order in which tokens lie in a context: what is cached is its beginning."""


_Part = tuple[str, str, int | None, int, Grade, str, str, str, tuple[tuple[int, int, str], ...]]
"""Bucket, unit, rate, per, grade, tier, rule and source of a line; and from where on which rate under which tier."""


class Plan(msgspec.Struct, frozen=True, gc=False):
    """How calls that used the same buckets under the same charges are reckoned."""

    status: CostStatus
    parts: tuple[_Part, ...]
    marginal: bool
    rule: str


def plan(usage: Usage, charges: Mapping[str, Charge], operation_needs_output: bool, *, estimated: bool) -> Plan:
    """What every call with these buckets, and the same of them zero, has in common. `rule` says what is wrong."""
    buckets = usage.buckets
    used = [bucket for bucket, quantity in buckets.items() if quantity] or [_one_of(buckets, charges)]
    # Where the search is what a request is charged for, by its size, it is charged once.
    fees = (REQUEST, _SEARCH) if f"{_SEARCH}.low" in charges else (REQUEST,)
    if REQUEST in charges and not any(bucket.startswith(fees) for bucket in buckets):
        used.append(REQUEST)
    parts: list[_Part] = []
    grades: set[Grade] = set()
    marginal = False
    for bucket in used:
        charge = charges.get(bucket) or _of_plain(bucket, charges)
        if charge is None and charges and bucket.startswith(REQUEST) and len(used) > 1:
            continue  # nothing is charged for the call itself
        if charge is None:
            unit = unit_of(bucket)
            parts.append((bucket, unit, None, PER_MTOK if unit == "token" else 1, _UNPRICED, "", "", "", ()))
            grades.add(_UNPRICED)
            continue
        rate = charge.rate
        grade = _ESTIMATED if estimated else charge.grade
        grades.add(grade)
        marginal = marginal or rate.marginal
        how = "beyond" if rate.marginal else "input >"
        steps = tuple((above, usd, f"{charge.tier}, {how} {above}") for above, usd in rate.steps)
        parts.append((bucket, rate.unit, rate.usd, rate.per, grade, charge.tier, charge.rule, charge.source, steps))
    status = _STATUS_ESTIMATED if _ESTIMATED in grades else _STATUS_COMPUTED
    rule = ""
    if _UNPRICED in grades:
        status = _STATUS_UNPRICED
        if charges:
            rule = f"no rate for {', '.join(part[0] for part in parts if part[2] is None)}"
    if untold := _untold(usage, charges, operation_needs_output):
        status, rule = _STATUS_UNKNOWN, joined(rule, untold)
    return Plan(status, tuple(parts), marginal, rule)


def lines(buckets: Mapping[str, int], how: Plan) -> tuple[Line, ...]:
    """The lines of one call."""
    if how.marginal:
        return tuple(_with_marginal(buckets, how))
    found: list[Line] = []
    context = -1
    for bucket, unit, usd, per, grade, tier, rule, source, steps in how.parts:
        quantity = buckets.get(bucket, 1)
        if usd is None:
            found.append(Line(bucket, quantity, unit, None, per, None, grade))
            continue
        if steps:
            if context < 0:
                # Decided on everything the model had to read, cached or not.
                context = sum([n for name, n in buckets.items() if name in INPUT_SIDE])
            for above, higher, so in steps:
                if context > above:
                    usd, tier = higher, so  # noqa: PLW2901  those of this line from here on
        found.append(Line(bucket, quantity, unit, usd, per, quantity * usd // per, grade, tier, rule, source))
    return tuple(found)


def _with_marginal(buckets: Mapping[str, int], how: Plan) -> Iterator[Line]:
    """The same, with a line for each part of a bucket between two steps."""
    for bucket, unit, usd, per, grade, tier, rule, source, steps in how.parts:
        quantity = buckets.get(bucket, 1)
        if usd is None or not steps or not quantity:
            amount = None if usd is None else quantity * usd // per
            yield Line(bucket, quantity, unit, usd, per, amount, grade, tier, rule, source)
            continue
        start = 0
        if bucket in _IN_CONTEXT:
            start = sum(buckets.get(before, 0) for before in _IN_CONTEXT[: _IN_CONTEXT.index(bucket)])
        edges = [(0, usd, tier), *steps]
        for at, (above, at_usd, of) in enumerate(edges):
            until = edges[at + 1][0] if at + 1 < len(edges) else start + quantity
            part = min(until, start + quantity) - max(above, start)
            if part > 0:
                yield Line(bucket, part, unit, at_usd, per, part * at_usd // per, grade, of, rule, source)


def _of_plain(bucket: str, charges: Mapping[str, Charge]) -> Charge | None:
    """The charge of a bucket for a variant of it (`images.hd`) that has none of its own."""
    plain, dot, variant = bucket.partition(".")
    charge = charges.get(plain) if dot else None
    if charge is None:
        return None
    why = f"no rate for {variant}; that of {plain} used"
    return Charge(charge.rate, charge.tier, joined(charge.rule, why), _ESTIMATED, charge.source)


def _one_of(buckets: Mapping[str, int], charges: Mapping[str, Charge]) -> str:
    return next((bucket for bucket in buckets if bucket in charges), next(iter(buckets)))


def _untold(usage: Usage, charges: Mapping[str, Charge], needs_output: bool) -> str:
    """What is charged for and was not reported; "" when everything was."""
    buckets = usage.buckets
    if not usage.whole:
        return "the library leaves out a part of the input"
    if not _INSTEAD_OF_TOKENS.isdisjoint(name.partition(".")[0] for name in buckets):
        return ""
    if _INPUT in charges and INPUT_SIDE.isdisjoint(buckets):
        return "the input was not reported"
    if needs_output and _OUTPUT in charges and OUTPUT_SIDE.isdisjoint(buckets):
        return "the output was not reported"
    return ""
