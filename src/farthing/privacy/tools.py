"""The items of a provider's answer in; how often its own tools were used, by bucket, out: types and ids are looked at, no content."""

from collections.abc import Mapping
from typing import cast

import msgspec

from farthing.model.span import Value
from farthing.model.usage import Bucket
from farthing.shapes import Shape

WEB_SEARCHES = Bucket.WEB_SEARCHES.value
_FILE_SEARCHES, _CODE_SESSIONS = Bucket.FILE_SEARCHES.value, Bucket.CODE_SESSIONS.value
_MAPS = Bucket.MAPS_GROUNDING.value


class _Action(msgspec.Struct):
    type: str | None = None


class _Item(msgspec.Struct):
    type: str = ""
    status: str | None = None
    action: _Action | None = None
    container_id: str | None = None


_read_items = Shape(list[_Item]).of_json


def of_items(output: msgspec.Raw | bytes) -> dict[str, int]:
    """Of OpenAI's Responses. Opening a page or searching within one is no search, and is charged as none."""
    try:
        items = _read_items(output)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return {}
    found: dict[str, int] = {}
    containers: set[str] = set()
    for item in items:
        if item.type == "web_search_call":
            if item.action is None or item.action.type in (None, "search"):
                found[WEB_SEARCHES] = found.get(WEB_SEARCHES, 0) + 1
        elif item.type == "file_search_call":
            found[_FILE_SEARCHES] = found.get(_FILE_SEARCHES, 0) + 1
        elif item.type == "code_interpreter_call":
            containers.add(item.container_id or "")
    if containers:
        found[_CODE_SESSIONS] = len(containers)
    return found


def of_candidates(candidates: list[Value]) -> dict[str, int]:
    """Of Gemini's: what was asked of Google's search, and whether the answer rests on Maps."""
    queries: set[str] = set()
    is_mapped = False
    for candidate in candidates[:8]:
        told = _mapping(_mapping(candidate).get("groundingMetadata") or _mapping(candidate).get("grounding_metadata"))
        asked = told.get("webSearchQueries") or told.get("web_search_queries")
        if isinstance(asked, list):
            queries.update(query for query in cast("list[Value]", asked)[:64] if isinstance(query, str) and query)
        chunks = told.get("groundingChunks") or told.get("grounding_chunks")
        if isinstance(chunks, list):
            is_mapped = is_mapped or any("maps" in _mapping(chunk) for chunk in cast("list[Value]", chunks)[:64])
    found: dict[str, int] = {}
    if queries:
        found[WEB_SEARCHES] = len(queries)
    if is_mapped:
        found[_MAPS] = 1
    return found


def _mapping(value: Value) -> Mapping[str, Value]:
    return cast("Mapping[str, Value]", value) if isinstance(value, Mapping) else {}
