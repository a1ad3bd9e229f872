"""A model nobody has a price for in; the models it may be a spelling of out: for a person to choose, never for pricing."""

import re
from collections.abc import Iterator

import msgspec

from farthing.pricing.catalog import Catalog
from farthing.pricing.match import FIRST_PARTIES
from farthing.pricing.providers import Stranger, provider_of

_NOISE = re.compile(r"[^a-z0-9]+")
_DATED = re.compile(r"[-@:]?(20\d\d-?\d\d-?\d\d|\d{4}|latest|preview|exp|v\d+(:\d+)?)$")


class Suggestion(msgspec.Struct, frozen=True):
    """A model with a price whose name is near, and what is near about it."""

    provider: str
    model: str
    why: str


def suggest(provider: str, model: str, catalog: Catalog, limit: int = 5) -> list[Suggestion]:
    """At most `limit` models that an unpriced name may mean, the nearest first."""
    name = model.strip().lower()
    if not name or len(name) > 200:
        return []
    found: dict[tuple[str, str], Suggestion] = {}
    for seller in _sellers(provider, catalog):
        for suggestion in _at(seller, name, catalog):
            found.setdefault((suggestion.provider, suggestion.model), suggestion)
            if len(found) == limit:
                return list(found.values())
    return list(found.values())


def _sellers(provider: str, catalog: Catalog) -> list[str]:
    known = catalog.providers()
    told = provider_of(provider, frozenset(known))
    first = [told] if not isinstance(told, Stranger) else []
    return [*first, *(maker for maker in FIRST_PARTIES if maker in known and maker not in first)]


def _at(seller: str, name: str, catalog: Catalog) -> Iterator[Suggestion]:
    listed = catalog.price_list(seller)
    if listed is None:
        return
    ids = {entry.model.id.lower(): entry.model.id for entry in listed.entries if not entry.model.refused}
    tail = name.rpartition("/")[2]
    plain, undated = _NOISE.sub("", tail), _undated(tail)
    for id_lower, model in ids.items():
        if _NOISE.sub("", id_lower) == plain:
            yield Suggestion(seller, model, "the same letters and digits")
        elif undated and _undated(id_lower) == undated:
            yield Suggestion(seller, model, "the same but for a date or version")
    # A digit more is another model as often as a slip of the pen, so this is the last thing to be offered.
    near = sorted((distance, id_lower) for id_lower in ids if (distance := _edits(tail, id_lower, len(tail) // 5)))
    for _, id_lower in near[:3]:
        yield Suggestion(seller, ids[id_lower], "the names differ by little")


def _undated(name: str) -> str:
    return _NOISE.sub("", _DATED.sub("", name))


def _edits(one: str, other: str, most: int) -> int:
    """How many letters must be changed, added or left out to make one of the other; 0 if none or more than `most`."""
    if abs(len(one) - len(other)) > most:
        return 0
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, wanted in enumerate(other, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (letter != wanted))
        if min(row) > most:
            return 0
    return row[-1] if row[-1] <= most else 0
