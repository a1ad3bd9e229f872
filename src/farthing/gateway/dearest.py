"""What a call may use at most, in; what that costs, out. Calls alike are reckoned alike: how is found out once for all of them."""

import time
from collections.abc import Callable
from typing import NamedTuple

from farthing.model.call import Call
from farthing.model.usage import Usage
from farthing.prepare import Price
from farthing.pricing.alike import Tariff, tariff
from farthing.pricing.catalog import Catalog
from farthing.pricing.overrides import Scope

MOST = 1_024
"""Names of models are chosen by clients."""


class Asked(NamedTuple):
    """All that a price depends on but how much is used."""

    project_id: str
    key_id: str
    provider: str
    model: str
    operation: str
    tier: str


class _Held(NamedTuple):
    tariff: Tariff | None
    """None where such calls are not reckoned alike."""
    since_ns: int
    until_ns: int


class Dearest:
    """It belongs to the event loop."""

    def __init__(self, price: Callable[[], Price], catalog: Callable[[], Catalog] | None = None) -> None:
        """`catalog` is what `price` goes by; without it each call is priced for itself."""
        self._price = price
        self._catalog = catalog
        self._of: Catalog | None = None
        self._held: dict[tuple[Asked, tuple[str, ...]], _Held] = {}
        """Of the catalogue above."""

    def amount(self, asked: Asked, usage: Usage) -> int | None:
        """In units of 10^-24 dollars; None where nobody knows."""
        now = time.time_ns()
        if self._catalog is not None:
            held = self._tariff(self._catalog(), asked, usage, now)
            # The sum of all is at least what is read, by which some prices rise.
            if held is not None and sum(usage.buckets.values()) <= held.most:
                total = 0
                for quantity, (usd, per) in zip(usage.buckets.values(), held.rates, strict=True):
                    total += quantity * usd // per
                return total
        return self._price()(_call(asked, usage, now), _scope(asked)).amount

    def _tariff(self, catalog: Catalog, asked: Asked, usage: Usage, now: int) -> Tariff | None:
        if not usage.buckets or not all(usage.buckets.values()):
            return None
        if catalog is not self._of:
            self._held.clear()
            self._of = catalog
        key = asked, tuple(usage.buckets)
        held = self._held.get(key)
        if held is None or not held.since_ns <= now < held.until_ns:
            if len(self._held) >= MOST:
                self._held.clear()
            payers = catalog.within(_scope(asked))
            holds = payers.holds(asked.provider, "", asked.model, now)
            held = self._held[key] = _Held(tariff(_call(asked, usage, now), payers), *holds)
        return held.tariff


def _call(asked: Asked, usage: Usage, now: int) -> Call:
    return Call(
        b"", b"", now, 0, "", asked.provider, asked.model, operation=asked.operation, served_tier=asked.tier, usage=usage
    )  # fmt: skip


def _scope(asked: Asked) -> Scope:
    return Scope(project=asked.project_id, key=asked.key_id)
