"""What an operator agreed or knows better in, as plain structs; rate cards and names above everybody's prices out."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction

import msgspec

from farthing.model.money import InexactMoneyError, to_units
from farthing.model.usage import Bucket, unit_of
from farthing.pricing.rates import ANY, REQUEST, STANDARD, TOKENS, Rate, RateCard, joined


class OverrideError(ValueError):
    """An override that says too little, or what can't be."""


class Kind(StrEnum):
    """What an override does."""

    RATES = "rates"
    """Negotiated rates, bucket by bucket; or all the rates of a model nobody lists."""
    DISCOUNT = "discount"
    """A percentage off every list rate; negotiated rates are left as they were agreed."""
    CAPACITY = "capacity"
    """Tokens are covered by capacity that is paid for by time: a call of its own costs nothing."""
    ALIAS = "alias"
    """A name of one's own (a deployment, an inference profile, a fine-tune) for a model that has a price."""


class Scope(msgspec.Struct, frozen=True):
    """Whose calls: the narrower, the stronger. "" is anybody's."""

    organisation: str = ""
    project: str = ""
    key: str = ""

    def holds(self, of: "Scope") -> bool:
        """Whether an override of this scope holds for calls of that one."""
        return all(
            mine in ("", theirs)
            for mine, theirs in ((self.organisation, of.organisation), (self.project, of.project), (self.key, of.key))
        )

    @property
    def narrowness(self) -> tuple[bool, bool, bool]:
        """Sorts the narrowest last."""
        return bool(self.key), bool(self.project), bool(self.organisation)


ANYBODY = Scope()


class OverrideRate(msgspec.Struct, frozen=True):
    """What a bucket costs, in dollars as exact text, for `per` of its unit (0: a million tokens, or one of the rest)."""

    usd: str
    per: int = 0
    steps: tuple[tuple[int, str], ...] = ()
    marginal: bool = False

    def rate(self, bucket: str) -> Rate:
        """In the engine's terms. Raises `OverrideError` for a bucket or an amount that isn't one."""
        plain = bucket.partition(".")[0]
        if bucket != REQUEST and plain not in Bucket.__members__.values():
            msg = f"{bucket!r} is nothing that can be charged for"
            raise OverrideError(msg)
        per = self.per or (1_000_000 if plain in TOKENS else 1)
        try:
            usd, steps = to_units(self.usd), tuple((above, to_units(text)) for above, text in self.steps)
        except (InexactMoneyError, ArithmeticError) as error:
            msg = f"{self.usd!r} is not an exact amount of money"
            raise OverrideError(msg) from error
        if min(usd, *(step for _, step in steps), usd) < 0 or per < 1:
            msg = f"{self.usd!r} for {per} is not a price"
            raise OverrideError(msg)
        return Rate(usd, per, "request" if bucket == REQUEST else unit_of(bucket), steps, marginal=self.marginal)


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """One override. Times are Unix nanoseconds; `valid_until` is excluded; `known_since` is when it was entered.

    `provider` is a provider of the catalogue or a new one, "" for every provider (discounts only); `model` is a
    model's id or any name of it, "" for all of the provider's (discounts and capacity only).
    """

    id: str
    kind: Kind
    provider: str = ""
    model: str = ""
    names: tuple[str, ...] = ()
    """Further exact names of a model that is nobody's but the operator's."""
    scope: Scope = ANYBODY
    rates: Mapping[str, OverrideRate] = {}
    discount_percent: str = ""
    of_provider: str = ""
    of_model: str = ""
    """For an alias: the model whose price holds."""
    tier: str = STANDARD
    region: str = ANY
    valid_from: int | None = None
    valid_until: int | None = None
    known_since: int | None = None
    source: str = ""
    """Where this was agreed or read, for a person: a contract, an address and a date."""
    note: str = ""

    def concerns(self, seller: str, names: Iterable[str]) -> bool:
        """Whether it is about a model that this provider sells under any of these lower-case names."""
        if self.provider and self.provider.lower() != seller:
            return False
        return not self.model or not set(spellings(self)).isdisjoint(names)


def spellings(override: Override) -> tuple[str, ...]:
    """The lower-case names of the model it is about."""
    return (override.model.lower(), *(name.lower() for name in override.names))


def check(override: Override) -> None:
    """Raise `OverrideError` unless it says what its kind needs, and nothing that cannot be."""
    problem = _problem(override)
    if problem:
        raise OverrideError(problem)
    for card in cards(override, whole=False):
        if not card.rates and card.factor is None:
            msg = "it changes nothing"
            raise OverrideError(msg)


def _problem(override: Override) -> str:
    if (
        override.valid_from is not None
        and override.valid_until is not None
        and override.valid_from >= override.valid_until
    ):
        return "it ends before it begins"
    match override.kind:
        case Kind.RATES:
            return (
                ""
                if override.provider and override.model and override.rates
                else "rates need a provider, a model and a rate"
            )
        case Kind.DISCOUNT:
            return "" if override.discount_percent else "a discount needs a percentage"
        case Kind.CAPACITY:
            return "" if override.provider else "capacity is bought of a provider"
        case Kind.ALIAS:
            named = override.model and override.of_model and (override.of_provider or override.provider)
            return "" if named else "an alias needs a name, and the model and provider it stands for"


def cards(override: Override, *, whole: bool) -> tuple[RateCard, ...]:
    """The cards it lays above a model's own; `whole` if the model has none."""
    at = {
        "valid_from": override.valid_from,
        "valid_until": override.valid_until,
        "region": override.region.lower() or ANY,
        "source": joined(override.source, f"override {override.id}"),
        "known_since": override.known_since,
    }
    match override.kind:
        case Kind.RATES:
            rates = {bucket: told.rate(bucket) for bucket, told in override.rates.items()}
            why = joined("set by the operator" if whole else "negotiated", override.note)
            return (RateCard(rates, override.tier, adds=not whole, note=why, agreed=True, **at),)  # pyright: ignore[reportArgumentType]
        case Kind.DISCOUNT:
            off = _percent(override.discount_percent)
            keep = 1 - off / 100
            why = joined(f"{override.discount_percent} % discount on the list price", override.note)
            tier = ANY if override.tier in (STANDARD, "") else override.tier
            factor = keep.numerator, keep.denominator
            return (RateCard({}, tier, factor=factor, factor_of=_ALL, note=why, **at),)  # pyright: ignore[reportArgumentType]
        case Kind.CAPACITY:
            why = joined(f"covered by capacity paid for by time (override {override.id})", override.note)
            tier = ANY if override.tier in (STANDARD, "") else override.tier
            free = {bucket: Rate(0) for bucket in sorted(TOKENS)}
            return (RateCard(free, tier, note=why, agreed=True, **at),)  # pyright: ignore[reportArgumentType]
        case Kind.ALIAS:
            return (RateCard({STANDARD: Rate(0)}),)


_ALL = frozenset({*(bucket.value for bucket in Bucket), REQUEST})


def _percent(text: str) -> Fraction:
    try:
        off = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        msg = f"{text!r} is not a percentage"
        raise OverrideError(msg) from error
    if not 0 < off <= 100:
        msg = f"a discount of {text} % is none"
        raise OverrideError(msg)
    return off


def in_precedence(overrides: Sequence[Override], scope: Scope) -> tuple[Override, ...]:
    """Those that hold for the scope, the strongest first: by scope, then by how exactly they name what they are about."""
    mine = [override for override in overrides if override.scope.holds(scope)]
    rank = {override.id: at for at, override in enumerate(mine)}
    return tuple(
        sorted(
            mine,
            key=lambda o: (o.scope.narrowness, bool(o.model), bool(o.provider), o.known_since or 0, rank[o.id]),
            reverse=True,
        )
    )


def digest(overrides: Sequence[Override]) -> str:
    """Eight letters that tell this set of overrides from any other."""
    return hashlib.sha256(msgspec.json.encode(overrides, order="deterministic")).hexdigest()[:8]
