"""Rates in our own terms: dated rate cards of a model in, the tariff that was in force at an instant out."""

from collections.abc import Mapping, Sequence

import msgspec

from farthing.model.ledger import Grade
from farthing.model.usage import Bucket

STANDARD = "standard"
"""The tier of a call nobody asked anything special for."""

REQUEST = "request"
"""The bucket of a fee per call; its quantity is always 1."""

PER_MTOK = 1_000_000
NS_PER_DAY = 86_400 * 10**9


class Rate(msgspec.Struct, frozen=True):
    """What one bucket costs: `usd` (units of 10^-24 dollars) for `per` of its unit; `per` divides every price.

    `steps` are context cliffs, ascending: where the whole input of a call is greater than a step's first
    number, all of the bucket is charged at its second.
    """

    usd: int
    per: int = PER_MTOK
    unit: str = "token"
    steps: tuple[tuple[int, int], ...] = ()
    note: str = ""


class RateCard(msgspec.Struct, frozen=True):
    """Rates and when they hold: from and until in Unix nanoseconds (until excluded), and hours of the UTC day.

    A standard card is a whole price; a card of another tier states only what differs from it.
    """

    rates: Mapping[str, Rate]
    tier: str = STANDARD
    valid_from: int | None = None
    valid_until: int | None = None
    daily: tuple[int, int] | None = None
    """Nanoseconds since UTC midnight, the end excluded; a window may run over midnight."""

    def in_force(self, at_ns: int) -> bool:
        """Whether the card holds at that instant."""
        if self.valid_from is not None and at_ns < self.valid_from:
            return False
        if self.valid_until is not None and at_ns >= self.valid_until:
            return False
        if self.daily is None:
            return True
        start, end = self.daily
        now = at_ns % NS_PER_DAY
        return start <= now < end if start <= end else now >= start or now < end


class Charge(msgspec.Struct, frozen=True):
    """The rate a bucket is charged at, the tier that rate is of, and why it is this one."""

    rate: Rate
    tier: str
    rule: str = ""
    grade: Grade = Grade.COMPUTED


class Tariff(msgspec.Struct, frozen=True):
    """What every bucket is charged at under one tier at one instant; a bucket that is absent has no rate.

    `note` says where the tier asked for is not the one charged.
    """

    charges: Mapping[str, Charge]
    note: str = ""


_STANDS_IN: tuple[tuple[str, str, str, Grade], ...] = (
    (Bucket.REASONING, Bucket.OUTPUT, "no reasoning rate; charged as output", Grade.COMPUTED),
    (Bucket.CACHE_READ, Bucket.INPUT, "no cache read rate; charged as input", Grade.COMPUTED),
    # The long lifetime costs more wherever both are sold, so the short one's rate is only a lower bound.
    (Bucket.CACHE_WRITE_1H, Bucket.CACHE_WRITE, "no 1h cache write rate; the short lifetime's used", Grade.ESTIMATED),
    (Bucket.CACHE_WRITE_1H, Bucket.INPUT, "no cache write rate; charged as input", Grade.COMPUTED),
    (Bucket.CACHE_WRITE, Bucket.INPUT, "no cache write rate; charged as input", Grade.COMPUTED),
)
"""Which bucket's rate is used for a bucket without one, in the order tried. Audio and images are not text:
nothing stands in for them."""


class PricedModel:
    """One model of one provider and its cards. Cards are in order of precedence: of those in force, the first
    standard one holds, and the other tiers' override it bucket by bucket, the first to name a bucket winning.

    `refused` says why the model cannot be priced although it is listed.
    """

    __slots__ = ("_always", "_standard", "_tariffs", "_variants", "cards", "id", "provider", "refused")

    def __init__(self, provider: str, model_id: str, cards: tuple[RateCard, ...] = (), *, refused: str = "") -> None:
        self.provider = provider
        self.id = model_id
        self.cards = cards
        self.refused = refused
        self._standard = tuple(card for card in cards if card.tier == STANDARD)
        variants: dict[str, list[RateCard]] = {}
        for card in cards:
            if card.tier != STANDARD:
                variants.setdefault(card.tier, []).append(card)
        self._variants = {tier: tuple(of_tier) for tier, of_tier in variants.items()}
        # Bounded by the data: as many as there are combinations of this model's own cards.
        self._tariffs: dict[int | tuple[int, ...], Tariff] = {}
        sole = self._standard[0] if len(self._standard) == 1 else None
        undated = sole is not None and sole.valid_from is None and sole.valid_until is None and sole.daily is None
        self._always = self._tariff(STANDARD, sole, ()) if sole is not None and undated else None

    def tariff(self, tier: str, at_ns: int, *, standard_only: bool = False) -> Tariff | None:
        """What is charged under `tier` at that instant; None when no price was in force then."""
        variants = () if standard_only else self._variants.get(tier, ())
        if not variants and self._always is not None:
            return self._always if tier == STANDARD else Tariff(self._always.charges, _no_rate(tier))
        for standard in self._standard:
            if standard.in_force(at_ns):
                break
        else:
            return None
        overrides = [card for card in variants if card.in_force(at_ns)]
        key = (id(standard), *map(id, overrides)) if overrides else id(standard)
        tariff = self._tariffs.get(key)
        if tariff is None:
            tariff = self._tariffs[key] = self._tariff(tier, standard, overrides)
        return tariff if overrides or tier == STANDARD else Tariff(tariff.charges, _no_rate(tier))

    @staticmethod
    def _tariff(tier: str, standard: RateCard, overrides: Sequence[RateCard]) -> Tariff:
        charges: dict[str, Charge] = {}
        for card in overrides:
            for bucket, rate in card.rates.items():
                charges.setdefault(bucket, Charge(rate, tier, rate.note))
        missing = _no_rate(tier) if overrides else ""
        for bucket, rate in standard.rates.items():
            charges.setdefault(bucket, Charge(rate, STANDARD, _joined(missing, rate.note)))
        for bucket, other, why, grade in _STANDS_IN:
            if bucket not in charges and other in charges:
                charge = charges[other]
                charges[bucket] = Charge(charge.rate, charge.tier, _joined(charge.rule, why), grade)
        return Tariff(charges)


def _no_rate(tier: str) -> str:
    return f"no {tier} rate known; standard used"


def _joined(*rules: str) -> str:
    return "; ".join(filter(None, rules))
