"""Rates in our own terms: dated rate cards of a model in, the tariff that was in force at an instant out."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from farthing.model.ledger import Grade
from farthing.model.usage import INPUT_SIDE, OUTPUT_SIDE, Bucket
from farthing.pricing.standing_in import standing_in

STANDARD = "standard"
"""The tier of a call nobody asked anything special for."""

ANY = "*"
"""Every tier; every region."""

REQUEST = "request"
"""The bucket of a fee per call; its quantity is always 1."""

PER_MTOK = 1_000_000
NS_PER_DAY = 86_400 * 10**9

ALWAYS = (-(2**63), 2**63)
"""Longer than any time we can write."""

EVERY_DAY: frozenset[int] = frozenset(range(7))

TOKENS: frozenset[str] = INPUT_SIDE | OUTPUT_SIDE


def weekday(at_ns: int) -> int:
    """The day of the UTC week, Monday being 0; the first of January 1970 was a Thursday."""
    return (at_ns // NS_PER_DAY + 3) % 7


class Rate(msgspec.Struct, frozen=True):
    """What one bucket costs: `usd` (units of 10^-24 dollars) for `per` of its unit.

    `steps` are context lengths, ascending: where the whole input of a call is greater than a step's first
    number, all of the bucket is charged at its second. If they are `marginal`, only what lies beyond the
    step is: the context is laid out as cached, written, plain and other input, then output.
    """

    usd: int
    per: int = PER_MTOK
    unit: str = "token"
    steps: tuple[tuple[int, int], ...] = ()
    note: str = ""
    marginal: bool = False

    def times(self, numerator: int, denominator: int, note: str) -> "Rate":
        """This rate multiplied; cut off at 10^-24 dollars where that does not divide."""
        return Rate(
            self.usd * numerator // denominator,
            self.per,
            self.unit,
            tuple((above, usd * numerator // denominator) for above, usd in self.steps),
            joined(self.note, note),
            self.marginal,
        )


class RateCard(msgspec.Struct, frozen=True):
    """Rates and when they hold: from and until in Unix nanoseconds (until excluded), and hours of the UTC day.

    A standard card is a whole price, unless it `adds` to the next one in force; a card of another tier states
    only what differs from it. A card with a `factor` has no rates: it multiplies those of the buckets in
    `factor_of` that have none of the tier's own, or all of them if its tier is `ANY`.
    `region` is a place as the provider names it, or its beginning and a `*`.
    """

    rates: Mapping[str, Rate]
    tier: str = STANDARD
    valid_from: int | None = None
    valid_until: int | None = None
    daily: tuple[int, int] | None = None
    """Nanoseconds since UTC midnight, the end excluded; a window may run over midnight."""
    weekdays: frozenset[int] = EVERY_DAY
    """Of the UTC week, Monday being 0."""
    region: str = ANY
    adds: bool = False
    factor: tuple[int, int] | None = None
    factor_of: frozenset[str] = TOKENS
    note: str = ""
    """Why these rates, for every line that is charged by this card."""
    source: str = ""
    """Where these rates were read, and when; "" for the catalogue's own source."""
    known_since: int | None = None
    """When we learnt of it, Unix nanoseconds; None for as long as the catalogue's data exists."""
    agreed: bool = False
    """Rates agreed with the provider are what they are: no factor changes them."""

    def in_force(self, at_ns: int) -> bool:
        """Whether the card holds at that instant."""
        if self.valid_from is not None and at_ns < self.valid_from:
            return False
        if self.valid_until is not None and at_ns >= self.valid_until:
            return False
        if self.weekdays is not EVERY_DAY and weekday(at_ns) not in self.weekdays:
            return False
        if self.daily is None:
            return True
        start, end = self.daily
        now = at_ns % NS_PER_DAY
        return start <= now < end if start <= end else now >= start or now < end

    def is_of(self, region: str) -> bool:
        """Whether it holds in that region; one for a certain region does not hold where none was told."""
        if self.region == ANY:
            return True
        if self.region.endswith(ANY):
            return bool(region) and region.startswith(self.region[:-1])
        return region == self.region


class Charge(msgspec.Struct, frozen=True):
    """The rate a bucket is charged at, the tier that rate is of, and why it is this one."""

    rate: Rate
    tier: str
    rule: str = ""
    grade: Grade = Grade.COMPUTED
    source: str = ""
    agreed: bool = False


class Tariff(msgspec.Struct, frozen=True):
    """What every bucket is charged at under one tier at one instant; a bucket that is absent has no rate.

    `note` says where the tier asked for is not the one charged.
    """

    charges: Mapping[str, Charge]
    note: str = ""
    lasting: bool = True
    """Whether it is as good for the next call: not where it only tells of a tier nobody sells."""
    guess: dict[str, Charge] = {}

    @property
    def as_guess(self) -> Mapping[str, Charge]:
        """The same for calls under a tier without rates: what tokens cost there is not known, only what they cost without it."""
        if not self.guess:
            self.guess.update({bucket: _guessed(bucket, charge) for bucket, charge in self.charges.items()})
        return self.guess


def _guessed(bucket: str, charge: Charge) -> Charge:
    # What is charged by the piece costs the same however soon it is done, and what is free stays so.
    return (
        replace(charge, grade=Grade.ESTIMATED) if bucket in TOKENS and charge.rate.usd and not charge.agreed else charge
    )


class PricedModel:
    """One model of one provider and its cards. Cards are in order of precedence: of those in force, the standard
    ones hold up to the first that is a whole price, and the other tiers' override them bucket by bucket, the
    first to name a bucket winning.

    `refused` says why the model cannot be priced although it is listed.
    """

    __slots__ = (
        "_days",
        "_instants",
        "_regions",
        "_tariffs",
        "_tiers",
        "_weekly",
        "cards",
        "id",
        "provider",
        "refused",
    )

    def __init__(self, provider: str, model_id: str, cards: tuple[RateCard, ...] = (), *, refused: str = "") -> None:
        self.provider = provider
        self.id = model_id
        self.cards = cards
        self.refused = refused
        self._tiers = frozenset(card.tier for card in cards) | {STANDARD}
        self._regions = frozenset(card.region for card in cards) - {ANY}
        # Between two neighbouring instants, and between two neighbouring hours, the same cards are in force.
        self._instants = sorted({at for card in cards for at in (card.valid_from, card.valid_until) if at is not None})
        self._days = sorted({at for card in cards for at in card.daily or ()})
        self._weekly = any(card.weekdays != EVERY_DAY for card in cards)
        # Bounded by the data: as many as there are combinations of this model's own cards.
        self._tariffs: dict[tuple[str, frozenset[str], int, int, int], Tariff | None] = {}

    def tariff(self, tier: str, at_ns: int, region: str = "") -> Tariff | None:
        """What is charged under `tier` at that instant; None when no price was in force then."""
        known = tier if tier in self._tiers else STANDARD
        key = (
            known,
            self._places(region) if self._regions and region else _NOWHERE,
            bisect_right(self._instants, at_ns) if self._instants else 0,
            bisect_right(self._days, at_ns % NS_PER_DAY) if self._days else 0,
            weekday(at_ns) if self._weekly else 0,
        )
        tariff = self._tariffs.get(key, _UNTRIED)
        if tariff is _UNTRIED:
            tariff = self._tariffs[key] = self._tariff(known, at_ns, region)
        if tariff is not None and known != tier:
            return Tariff(tariff.as_guess, no_rate(tier), lasting=False)
        return tariff

    def holds(self, at_ns: int) -> tuple[int, int]:
        """From when until when, around that instant, the same cards are in force."""
        start, end = _around(self._instants, at_ns, ALWAYS)
        if self._days or self._weekly:
            midnight = at_ns - at_ns % NS_PER_DAY
            first, last = _around(self._days, at_ns % NS_PER_DAY, (0, NS_PER_DAY))
            start, end = max(start, midnight + first), min(end, midnight + last)
        return start, end

    def _places(self, region: str) -> frozenset[str]:
        return frozenset(place for place in self._regions if RateCard({}, region=place).is_of(region))

    def _tariff(self, tier: str, at_ns: int, region: str) -> Tariff | None:
        cards = [card for card in self.cards if card.is_of(region) and card.in_force(at_ns)]
        own = [card for card in cards if card.factor is None and card.tier != STANDARD and card.tier in (tier, ANY)]
        factors = [card for card in cards if card.factor is not None and card.tier in (tier, ANY)]
        charges: dict[str, Charge] = {}
        for card in own:
            for bucket, rate in card.rates.items():
                rule = joined(card.note, rate.note)
                charges.setdefault(bucket, Charge(rate, tier, rule, source=card.source, agreed=card.agreed))
        tiered = tier == STANDARD or any(card.tier == tier for card in (*own, *factors))
        whole = False
        for card in cards:
            if card.factor is None and card.tier == STANDARD and not whole:
                whole = not card.adds
                for bucket, rate in card.rates.items():
                    # What is charged by the piece costs the same however soon it is done.
                    is_other = tier != STANDARD and bucket in TOKENS
                    rule = joined(no_rate(tier) if is_other and tiered else "", card.note, rate.note)
                    grade = Grade.ESTIMATED if is_other and rate.usd and not card.agreed else Grade.COMPUTED
                    charges.setdefault(bucket, Charge(rate, STANDARD, rule, grade, card.source, card.agreed))
        if not whole and not any(card.tier == ANY for card in own):
            return None
        for card in factors:
            _multiply(charges, card, tier)
        for bucket, (other, why, grade) in standing_in(charges).items():
            charge = charges[other]
            worst = Grade.ESTIMATED if charge.grade is Grade.ESTIMATED else grade
            charges[bucket] = Charge(charge.rate, charge.tier, joined(charge.rule, why), worst, charge.source)
        return Tariff(charges, "" if tier == STANDARD or _is_sold(charges, tier) else no_rate(tier))


def _around(edges: list[int], at: int, outer: tuple[int, int]) -> tuple[int, int]:
    after = bisect_right(edges, at)
    return (edges[after - 1] if after else outer[0]), (edges[after] if after < len(edges) else outer[1])


def _is_sold(charges: Mapping[str, Charge], tier: str) -> bool:
    """Whether the tier has a rate for what a call is mostly made of."""
    main = [charges[bucket] for bucket in (Bucket.INPUT.value, Bucket.OUTPUT.value) if bucket in charges]
    return any(charge.tier == tier for charge in main or charges.values())


_NOWHERE: frozenset[str] = frozenset()
_UNTRIED = Tariff({})


def _multiply(charges: dict[str, Charge], card: RateCard, tier: str) -> None:
    numerator, denominator = card.factor or (1, 1)
    for bucket, charge in charges.items():
        if (
            charge.agreed
            or bucket not in card.factor_of
            or (card.tier != ANY and tier != STANDARD and charge.tier != STANDARD)
        ):
            continue
        rate = charge.rate.times(numerator, denominator, "")
        rule = charge.rule.removeprefix(no_rate(tier)).removeprefix("; ") if card.tier == tier else charge.rule
        of = tier if card.tier == tier else charge.tier
        grade = Grade.COMPUTED if card.tier == tier and charge.tier == STANDARD else charge.grade
        source = joined(charge.source, card.source)
        charges[bucket] = Charge(rate, of, joined(rule, card.note), grade, source)


def no_rate(tier: str) -> str:
    """The sentence for a tier that has no rate of its own."""
    return f"no {tier} rate known; standard used"


def joined(*rules: str) -> str:
    """Several reasons as one."""
    return "; ".join(filter(None, rules))


def overlapping(cards: Iterable[RateCard]) -> tuple[RateCard, RateCard] | None:
    """Two cards that claim the same bucket for the same tier, place and time; None if there are none.

    A card for certain hours stands over one for the whole day.
    """
    claims: dict[tuple[str, str, str, tuple[int, int] | None, frozenset[int]], list[RateCard]] = {}
    for card in cards:
        parts = (
            sorted(card.factor_of)
            if card.factor
            else card.rates
            if card.adds
            else ["" if card.tier == STANDARD else b for b in card.rates]
        )
        for bucket in {f"*{part}" if card.factor else part for part in parts}:
            claims.setdefault((bucket, card.tier, card.region, card.daily, card.weekdays), []).append(card)
    for same in claims.values():
        in_order = sorted(same, key=lambda card: card.valid_from or 0)
        for earlier, later in pairwise(in_order):
            if earlier.valid_until is None or earlier.valid_until > (later.valid_from or 0):
                return earlier, later
    return None
