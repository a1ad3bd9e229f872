"""A book of price lists and what stands above it in; one book out, each provider's list merged when it is first asked for."""

import re
from collections.abc import Mapping, Sequence, Set
from functools import cache, cached_property
from typing import Protocol

from msgspec.structs import replace

from farthing.pricing.dated import Dated
from farthing.pricing.match import Entry, PriceBook, PriceList
from farthing.pricing.rates import ANY, PricedModel, RateCard

_OF_PLACE = re.compile(r"([a-z]{2}(?:-gov)?-[a-z]+-\d)/(.+)")


class DatedBook(Protocol):
    """Where dated additions come from."""

    def providers(self) -> Set[str]:
        """The ids of the providers that have any."""
        ...

    def models(self, provider: str) -> Mapping[str, Dated]:
        """The additions to one provider's models, by lower-case id."""
        ...


class Layers:
    """A base under dated additions: these come first in precedence, and models only they know are added."""

    def __init__(self, base: PriceBook, above: DatedBook) -> None:
        self._base = base
        self._above = above
        self._list = cache(self._merge)

    @cached_property
    def _providers(self) -> Set[str]:
        return self._base.providers() | self._above.providers()

    def providers(self) -> Set[str]:
        """The ids of all providers."""
        return self._providers

    def price_list(self, provider: str) -> PriceList | None:
        """The list of one provider; None when there is none, or none that can be read."""
        return self._list(provider) if provider in self._providers else None

    def _merge(self, provider: str) -> PriceList | None:
        below = self._base.price_list(provider) if provider in self._base.providers() else None
        told = self._above.models(provider)
        if below is None:
            # A list that could not be read must not be taken for a short one.
            unread = provider in self._base.providers()
            return None if unread else PriceList(provider, added(provider, told, ()))
        if not told:
            return below
        told = _placed(told, below)
        entries = [_above(entry, told.get(entry.model.id.lower())) for entry in below.entries]
        return PriceList(provider, (*added(provider, told, below.entries), *entries), below.resells)


def _placed(told: Mapping[str, Dated], below: PriceList) -> Mapping[str, Dated]:
    """The same, and a model's price under the name of a place (`eu-west-3/model`) as that model's price in that place."""
    placed: dict[str, tuple[RateCard, ...]] = {}
    for name, dated in told.items():
        found = _OF_PLACE.fullmatch(name)
        if found is None:
            continue
        listed = below.find(found[2])
        model = found[2] if found[2] in told or listed is None else listed[0].id.lower()
        if model in told or listed is not None:
            cards = tuple(replace(card, region=found[1]) for card in dated.cards if card.region == ANY)
            placed[model] = placed.get(model, ()) + cards
    merged = dict(told)
    for model, cards in placed.items():
        of_model = told.get(model, Dated((), ()))
        merged[model] = Dated(of_model.names, cards + of_model.cards)
    return merged


def _above(entry: Entry, told: Dated | None) -> Entry:
    if told is None:
        return entry
    model = PricedModel(entry.model.provider, entry.model.id, (*told.cards, *entry.model.cards))
    return Entry(model, entry.clause, (*told.names, *entry.names))


def added(provider: str, told: Mapping[str, Dated], known: Sequence[Entry]) -> list[Entry]:
    """Entries of the models that are not known yet."""
    ids = {entry.model.id.lower() for entry in known}
    return [
        Entry(PricedModel(provider, name, dated.cards), names=dated.names)
        for name, dated in told.items()
        if name not in ids
    ]
