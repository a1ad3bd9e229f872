"""Newer price data, as genai-prices publishes it, and the data that holds now in; the two as one, and what waits for a person's word, out.

A price never disappears: what is missing in the newer data is kept from the older, a changed rate begins on the day it
was learnt of unless the data gives a date, and a model with a suspicious rate stays as it was until that is confirmed.
"""

import importlib
import json
from collections.abc import Collection, Mapping, Set
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from farthing.pricing.match import Entry, PriceBook, PriceList
from farthing.pricing.rates import PricedModel

if TYPE_CHECKING:
    from genai_prices import types as gp

Json = dict[str, Any]
Name = tuple[str, str]
"""Provider and model."""


class PriceDataError(ValueError):
    """The bytes are no price data."""


def providers(data: bytes) -> "list[gp.Provider]":
    """The providers that stand in the data. Raises `PriceDataError`."""
    types = importlib.import_module("genai_prices.types")
    try:
        # The package's own reader; it also takes what its newer releases publish.
        return types._providers_from_raw(json.loads(data, parse_float=Decimal))  # noqa: SLF001
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        msg = "this is no price data as genai-prices publishes it"
        raise PriceDataError(msg) from error


def merged(older: bytes, newer: bytes, held: Collection[Name], changed: Collection[Name], today: str) -> bytes:
    """Both as one: `held` models stay as they were, the price of `changed` ones begins today. Raises `PriceDataError`."""
    old, new = _by_id(older), _by_id(newer)
    found: list[Json] = []
    for name, provider in new.items():
        before = _models(old.get(name, {}))
        after = _models(provider)
        models: list[Json] = []
        for model_id, model in after.items():
            was = before.get(model_id)
            if (name, model_id) in held:
                models.extend([was] if was is not None else [])
            else:
                models.append(_dated(model, was, today) if (name, model_id) in changed else model)
        models.extend(model for model_id, model in before.items() if model_id not in after)
        found.append({**provider, "models": models})
    found.extend(provider for name, provider in old.items() if name not in new)
    return json.dumps(found, default=str, separators=(",", ":")).encode()


def only(data: bytes, names: Collection[Name]) -> bytes:
    """The part of the data that is about these models."""
    found = [
        {**provider, "models": [m for m in provider["models"] if (name, m["id"]) in names]}
        for name, provider in _by_id(data).items()
        if any(seller == name for seller, _ in names)
    ]
    return json.dumps(found, default=str, separators=(",", ":")).encode()


def _by_id(data: bytes) -> dict[str, Json]:
    try:
        raw = cast("list[Json]", json.loads(data, parse_float=Decimal))
        return {provider["id"]: provider for provider in raw if isinstance(provider["models"], list)}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        msg = "this is no price data as genai-prices publishes it"
        raise PriceDataError(msg) from error


def _models(provider: Mapping[str, Any]) -> dict[str, Json]:
    return {model["id"]: model for model in provider.get("models", ())}


def _dated(model: Json, was: Json | None, today: str) -> Json:
    """A model whose price was replaced in place: it begins today, and what it cost before stands below it."""
    new = model.get("prices")
    if isinstance(new, list):
        return model
    old: Any = (was or {}).get("prices", [])
    before = cast("list[Json]", old) if isinstance(old, list) else [{"prices": old}]
    begins = {"constraint": {"type": "start_date", "start_date": today}, "prices": new}
    return {**model, "prices": [*before, begins]}


class Newer:
    """Newer data above the installed package's: what only one of them lists is listed."""

    def __init__(self, data: PriceBook, installed: PriceBook) -> None:
        self._data = data
        self._installed = installed
        self._list = cache(self._merge)

    def providers(self) -> Set[str]:
        """The ids of all providers."""
        return self._data.providers() | self._installed.providers()

    def price_list(self, provider: str) -> PriceList | None:
        """The list of one provider; None when there is none, or none that can be read."""
        return self._list(provider)

    def _merge(self, provider: str) -> PriceList | None:
        new, old = self._data.price_list(provider), self._installed.price_list(provider)
        if new is None or old is None:
            return old if new is None else new
        before = {entry.model.id: entry for entry in old.entries}
        above = [_above(entry, before.pop(entry.model.id, None)) for entry in new.entries]
        return PriceList(provider, (*above, *before.values()), new.resells)


def _above(entry: Entry, was: Entry | None) -> Entry:
    if was is None or entry.model.refused or was.model.refused:
        return entry
    model = PricedModel(entry.model.provider, entry.model.id, (*entry.model.cards, *was.model.cards))
    return Entry(model, entry.clause or was.clause, (*entry.names, *was.names))
