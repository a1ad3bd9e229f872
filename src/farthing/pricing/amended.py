"""A book of price lists and overrides in; a book that also has the operator's own providers, models and names out."""

from collections.abc import Iterator, Sequence, Set
from functools import cache, cached_property

from farthing.pricing import overrides as own
from farthing.pricing.match import Entry, PriceBook, PriceList
from farthing.pricing.overrides import Kind, Override
from farthing.pricing.rates import PricedModel


class Amended:
    """What the operator's overrides add to the names one may call; their rates are laid over a model once it is found."""

    def __init__(self, book: PriceBook, overrides: Sequence[Override]) -> None:
        self._book = book
        self._own: dict[str, list[Override]] = {}
        for override in overrides:
            if override.kind in (Kind.RATES, Kind.ALIAS) and override.provider:
                self._own.setdefault(override.provider.lower(), []).append(override)
        self._list = cache(self._amend)

    @cached_property
    def _providers(self) -> Set[str]:
        return self._book.providers() | self._own.keys()

    def providers(self) -> Set[str]:
        """The ids of all providers."""
        return self._providers

    def price_list(self, provider: str) -> PriceList | None:
        """The list of one provider; None when there is none, or none that can be read."""
        return self._list(provider) if provider in self._own else self._book.price_list(provider)

    def _amend(self, provider: str) -> PriceList | None:
        listed = self._book.price_list(provider)
        if listed is None and provider in self._book.providers():
            return None
        mine = [*self._aliases(provider), *self._models(provider, listed)]
        if listed is None:
            return PriceList(provider, mine)
        return PriceList(provider, (*mine, *listed.entries), listed.resells)

    def _aliases(self, provider: str) -> Iterator[Entry]:
        for override in self._own[provider]:
            if override.kind is Kind.ALIAS and (model := self._meant(override)) is not None:
                yield Entry(model, names=own.spellings(override), why="a name set by the operator", by_names_only=True)

    def _models(self, provider: str, listed: PriceList | None) -> Iterator[Entry]:
        """Models only the operator knows; overrides of one model are one entry, the strongest first."""
        same: dict[str, list[Override]] = {}
        for override in self._own[provider]:
            name = override.model.lower()
            if override.kind is Kind.RATES and not self._is_listed(name, listed):
                same.setdefault(name, []).append(override)
        for told in same.values():
            cards = tuple(card for override in told for card in own.cards(override, whole=True))
            names = tuple(name for override in told for name in own.spellings(override))
            yield Entry(PricedModel(provider, told[0].model, cards), names=names, why="a name set by the operator")

    def _is_listed(self, name: str, listed: PriceList | None) -> bool:
        if listed is None:
            return False
        lists = (listed, *(self._book.price_list(maker) for maker in listed.resells))
        return any(one is not None and one.find(name) is not None for one in lists)

    def _meant(self, override: Override) -> PricedModel | None:
        seller, name = (override.of_provider or override.provider).lower(), override.of_model.lower()
        listed = self._book.price_list(seller)
        makers = (listed, *(self._book.price_list(maker) for maker in listed.resells)) if listed is not None else ()
        found = next((hit for one in makers if one is not None and (hit := one.find(name)) is not None), None)
        if found is not None:
            return found[0]
        theirs = [o for o in self._own.get(seller, ()) if o.kind is Kind.RATES and name in own.spellings(o)]
        cards = tuple(card for o in theirs for card in own.cards(o, whole=True))
        return PricedModel(seller, theirs[0].model, cards) if theirs else None
