"""What an operator put above the program's own prices in; an immutable snapshot of all prices, under one version, out."""

import hashlib
from functools import lru_cache

import msgspec

from farthing.model.call import Call
from farthing.model.ledger import Cost
from farthing.pricing import base, dated, update
from farthing.pricing.catalog import Catalog, Source
from farthing.pricing.cost import price
from farthing.pricing.genai import Shelf, installed_providers
from farthing.pricing.layers import Layers
from farthing.pricing.overrides import Override, Scope


class Terms(msgspec.Struct, frozen=True):
    """What makes this server's prices others than the program's: small enough to be handed to another process.

    `data` is newer price data instead of the installed package's, b"" for none, and `data_source` where it is from.
    """

    overrides: tuple[Override, ...] = ()
    data: bytes = b""
    data_source: str = ""
    read_on: str = ""
    """The date of the data, "" for the package's own."""


class Snapshot:
    """All prices at one moment. Two snapshots of one version price every call alike, in whatever process."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        installed = _base(terms.data, terms.data_source, terms.read_on)
        self.catalog: Catalog = installed.overridden(terms.overrides) if terms.overrides else installed
        digest = hashlib.sha256(msgspec.json.encode(terms.overrides, order="deterministic")).hexdigest()[:16]
        self.version = f"{installed.version}/{digest}"

    def price(self, call: Call, scope: Scope) -> Cost:
        """What a call costs the one who pays for it."""
        return price(call, self.catalog.within(scope))


# The last two, so that a change of overrides alone compiles no price list anew.
@lru_cache(maxsize=2)
def _base(data: bytes, source: str, read_on: str) -> Catalog:
    if not data:
        return base.load()
    digest = hashlib.sha256(data + base.load().version.encode()).hexdigest()[:8]
    book = Layers(update.Newer(Shelf(lambda: update.providers(data)), Shelf(installed_providers)), dated.Shelf())
    return Catalog(
        f"{base.PACKAGE}-{read_on}+{digest}", Source(base.PACKAGE, source or base.URL, read_on, read_on), book
    )
