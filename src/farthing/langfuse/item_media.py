"""An item in; the files that its texts stand for, each with where in the item and where to get it, out."""

import re
from collections.abc import Callable, Iterator
from typing import Any, cast

from farthing.datasets.dataset import Item
from farthing.errors import NotFoundError
from farthing.langfuse.shapes import Json, time_text
from farthing.media.library import Media
from farthing.media.signing import May

_REFERENCE = re.compile(r"@@@langfuseMedia:type=[^|]+\|id=([^|]+)\|source=[^|]+@@@")
_DEEPEST = 100
MOST = 100
"""Of one item."""

Find = Callable[[str], Json | None]


def finder(media: Media, project_id: str, base: str) -> Find:
    """What finds a file by its id, asked once for each; None where it isn't there."""
    known: dict[str, Json | None] = {}

    def find(media_id: str) -> Json | None:
        if media_id not in known:
            known[media_id] = _found(media, project_id, base, media_id)
        return known[media_id]

    return find


def _found(media: Media, project_id: str, base: str, media_id: str) -> Json | None:
    try:
        held = media.there(project_id, media_id)
    except NotFoundError:
        return None
    url, until = media.address(held, May.DOWNLOAD, base)
    return {
        "mediaId": held.id,
        "contentType": held.content_type,
        "contentLength": held.content_length,
        "url": url,
        "urlExpiry": time_text(until),
    }


def references(item: Item, find: Find) -> list[Json]:
    """All files that an item stands for and that are there."""
    told: list[Json] = []
    for field, value in (("input", item.input), ("expectedOutput", item.expected), ("metadata", item.metadata)):
        for path, text in _texts("$", value, 0):
            named = _REFERENCE.fullmatch(text)
            held = find(named[1]) if named and len(told) < MOST else None
            if held is not None:
                told.append({"field": field, "referenceString": text, "jsonPath": path, "media": held})
    return told


def _texts(path: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif depth < _DEEPEST and isinstance(value, dict):
        for key, held in cast("dict[str, Any]", value).items():
            # As the SDK reads it: a key of digits stands like a place in a list, nothing is escaped.
            yield from _texts(f"{path}[{key}]" if key.isdigit() else f"{path}['{key}']", held, depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for place, held in enumerate(cast("list[Any]", value)):
            yield from _texts(f"{path}[{place}]", held, depth + 1)
