"""A list of a server's and a place in it in; the list from there on, part by part, each with the place after it, out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec

from farthing.cli.importing.peer import DeclinedError, Json, Peer

PART = 50
"""As many as every version lets a page have, and few enough for pages with long texts to be held at once."""


class Listing(msgspec.Struct, frozen=True):
    """Where a list stands and how it goes on: by the number of the page, or by a cursor."""

    path: str
    parameters: Mapping[str, str] = {}
    by_cursor: bool = False


class Part(msgspec.Struct, frozen=True):
    """Some of a list. `after` is the place behind it; "" at the end. `total` is None where nobody says."""

    items: Sequence[Json]
    after: str
    total: int | None


def parts(peer: Peer, listing: Listing, place: str = "") -> Iterator[Part]:
    """The list from a place on; "" is its beginning. Raises what `Peer` raises."""
    while True:
        part = _by_cursor(peer, listing, place) if listing.by_cursor else _by_page(peer, listing, place)
        yield part
        if not part.after or part.after == place:
            return
        place = part.after


def first_there(peer: Peer, ways: Sequence[Listing]) -> int | None:
    """Which of several lists that tell the same this server has: its number; None where it has none of them."""
    for number, way in enumerate(ways):
        try:
            peer.get(way.path, {**way.parameters, "limit": "1"})
        except DeclinedError as error:
            if not error.is_missing:
                raise
        else:
            return number
    return None


def _by_page(peer: Peer, listing: Listing, place: str) -> Part:
    number = int(place or "1")
    told = peer.get(listing.path, {**listing.parameters, "page": str(number), "limit": str(PART)})
    items, meta = _read(told)
    pages, total = meta.get("totalPages"), meta.get("totalItems")
    more = number < pages if isinstance(pages, int) else len(items) == PART
    return Part(items, str(number + 1) if more and items else "", total if isinstance(total, int) else None)


def _by_cursor(peer: Peer, listing: Listing, place: str) -> Part:
    told = peer.get(listing.path, {**listing.parameters, "limit": str(PART)} | ({"cursor": place} if place else {}))
    items, meta = _read(told)
    after = meta.get("cursor")
    return Part(items, after if isinstance(after, str) else "", None)


def _read(told: Any) -> tuple[list[Json], Json]:
    if not isinstance(told, dict) or not isinstance(cast("Json", told).get("data"), list):
        raise DeclinedError(200, "A list was asked for, and something else came.")
    answer = cast("Json", told)
    meta = answer.get("meta")
    items = [cast("Json", one) for one in cast("list[Any]", answer["data"]) if isinstance(one, dict)]
    return items, cast("Json", meta) if isinstance(meta, dict) else {}
