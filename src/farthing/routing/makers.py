"""A model's name in; the provider whose price list knows it, by the name that accounts have, out."""

from collections.abc import Callable

from farthing.pricing.catalog import Catalog
from farthing.routing.finding import Maker

_NAMES = {"aws": "bedrock", "x-ai": "xai"}
"""Providers that the price catalogue calls otherwise."""


def by_catalog(catalog: Callable[[], Catalog]) -> Maker:
    """What the prices of the moment tell."""

    def maker(model: str) -> str:
        seller = catalog().match("", "", model).seller
        return _NAMES.get(seller, seller)

    return maker
