"""A span's attributes in; what the call used besides tokens, by bucket, out: tools of the provider's, images, seconds, pages.

Two kinds of evidence. Attributes of today's libraries, each named in `_SPELLINGS`, Langfuse's usage among them. And what was saved
from content before it was taken out: the provider's usage object (`farthing.usage`) and a count of the tool calls in its answer
(`farthing.tools`). Where both tell of one tool, the usage object is what the provider bills. A tool that was only offered is not counted.
"""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from farthing.model.span import Attributes, Value
from farthing.model.usage import UNITS, Bucket
from farthing.normalize.provider_usage import as_object
from farthing.normalize.usage import count

_USAGE, _TOOLS = "farthing.usage", "farthing.tools"
_LANGFUSE = "langfuse.observation.usage_details"
_DOCUMENTS = (_USAGE, _TOOLS, _LANGFUSE)

_SPELLINGS: dict[str, str] = {
    "gen_ai.usage.web_searches": Bucket.WEB_SEARCHES.value,
    "gen_ai.usage.web_search_requests": Bucket.WEB_SEARCHES.value,
    "gen_ai.usage.server_tool_use.web_search_requests": Bucket.WEB_SEARCHES.value,
    "gen_ai.usage.details.web_search_requests": Bucket.WEB_SEARCHES.value,
    "gen_ai.usage.web_fetch_requests": Bucket.WEB_FETCHES.value,
    "gen_ai.usage.server_tool_use.web_fetch_requests": Bucket.WEB_FETCHES.value,
    "gen_ai.usage.details.web_fetch_requests": Bucket.WEB_FETCHES.value,
    "gen_ai.usage.file_searches": Bucket.FILE_SEARCHES.value,
    "gen_ai.usage.code_sessions": Bucket.CODE_SESSIONS.value,
    "gen_ai.usage.code_execution_requests": Bucket.CODE_SESSIONS.value,
    "gen_ai.usage.server_tool_use.code_execution_requests": Bucket.CODE_SESSIONS.value,
    "gen_ai.usage.details.code_execution_requests": Bucket.CODE_SESSIONS.value,
    "gen_ai.usage.characters": Bucket.CHARACTERS.value,
    "gen_ai.usage.pages": Bucket.PAGES.value,
    "gen_ai.usage.search_units": Bucket.RERANKS.value,
    "gen_ai.usage.details.search_units": Bucket.RERANKS.value,
    "gen_ai.request.audio_duration": Bucket.AUDIO_SECONDS.value,
    "gen_ai.usage.audio_seconds": Bucket.AUDIO_SECONDS.value,
    "gen_ai.usage.video_seconds": Bucket.VIDEO_SECONDS.value,
}
_HEARD = "gen_ai.response.audio.duration"
"""Of a transcription: how long the audio was."""
_IMAGES_MADE = ("gen_ai.response.image", "gen_ai.usage.images")
"""The images themselves, or how many they are."""
_QUALITY = ("gen_ai.response.image_quality", "gen_ai.request.image_quality")
_SIZE = ("gen_ai.response.image_size", "gen_ai.request.image_size")
_WORD = re.compile(r"[a-z0-9]{1,16}")
INSTEAD_OF_TOKENS = frozenset({Bucket.IMAGES.value, Bucket.AUDIO_SECONDS.value, Bucket.CHARACTERS.value})
"""What is charged where a model is charged by the piece; where tokens are told too, these are what is charged."""
_SECONDS = frozenset({Bucket.AUDIO_SECONDS.value, Bucket.VIDEO_SECONDS.value})

_IN_USAGE: tuple[tuple[tuple[str, ...], str], ...] = (
    (("server_tool_use", "web_search_requests"), Bucket.WEB_SEARCHES.value),
    (("server_tool_use", "web_fetch_requests"), Bucket.WEB_FETCHES.value),
    (("server_tool_use", "code_execution_requests"), Bucket.CODE_SESSIONS.value),
    (("server_tool_use_details", "web_search_requests"), Bucket.WEB_SEARCHES.value),
    (("server_side_tool_usage_details", "web_search_calls"), Bucket.WEB_SEARCHES.value),
    (("server_side_tool_usage_details", "file_search_calls"), Bucket.FILE_SEARCHES.value),
    (("server_side_tool_usage_details", "code_interpreter_calls"), Bucket.CODE_SESSIONS.value),
    (("prompt_tokens_details", "web_search_requests"), Bucket.WEB_SEARCHES.value),
    (("tool_usage", "web_search", "num_requests"), Bucket.WEB_SEARCHES.value),
    (("grounding_tool_count", "google_search"), Bucket.WEB_SEARCHES.value),
    (("grounding_tool_count", "google_maps"), Bucket.MAPS_GROUNDING.value),
    (("web_search_queries",), Bucket.WEB_SEARCHES.value),
    (("web_search_requests",), Bucket.WEB_SEARCHES.value),
    (("grounding_queries",), Bucket.WEB_SEARCHES.value),
    (("num_search_queries",), Bucket.WEB_SEARCHES.value),
    (("citation_tokens",), Bucket.CITATION.value),
    (("billed_units", "search_units"), Bucket.RERANKS.value),
    (("search_units",), Bucket.RERANKS.value),
    (("pages_processed",), Bucket.PAGES.value),
    (("seconds",), Bucket.AUDIO_SECONDS.value),
)
"""Where a provider's usage object tells of them; the first place that tells of a bucket counts."""

_CONTEXT = "search_context_size"
_BEGINNINGS = frozenset({_CONTEXT, *(path[0] for path, _ in _IN_USAGE)})
"""A usage object with none of these tells of none of them."""

_PER_PROMPT = re.compile(r"gemini-(?:1|2)(?:\.\d)?\b")
"""Models whose grounding is charged for each prompt that was grounded, not for each query."""


def used(attributes: Attributes, model: str) -> dict[str, int]:
    """Bucket → quantity, of what was used at all."""
    names = _telling(tuple(attributes))
    if not names:
        return {}
    found: dict[str, int] = {}
    for name in names:
        if name in _DOCUMENTS:
            told = _of_tools(attributes[name]) if name == _TOOLS else of_usage(as_object(attributes[name]))
        elif name in _IMAGES_MADE:
            told = _images(attributes, attributes[name])
        else:
            bucket = _SPELLINGS.get(name, Bucket.AUDIO_SECONDS.value)
            told = {bucket: _whole(attributes[name], up=bucket in _SECONDS)}
        for bucket, quantity in told.items():
            if quantity:
                found.setdefault(bucket, quantity)
    if Bucket.WEB_SEARCHES.value in found and _PER_PROMPT.search(model.lower()):
        del found[Bucket.WEB_SEARCHES.value]
        found[Bucket.GROUNDING.value] = 1
    return found


@lru_cache(maxsize=4096)
def _telling(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Worked out once for each set of keys: those that may tell, the provider's own account first."""
    own = [key for key in _DOCUMENTS if key in keys]
    return (*own, *[key for key in keys if key in _SPELLINGS or key == _HEARD or key in _IMAGES_MADE])


def _whole(raw: Value, *, up: bool) -> int:
    """A count; of seconds, which may be fractions, the next whole one."""
    if up and isinstance(raw, float) and math.isfinite(raw):
        raw = math.ceil(raw)
    return count(raw) or 0


def _images(attributes: Attributes, made: Value) -> dict[str, int]:
    """Images made, under their quality and size where both were told."""
    variant = [
        next((told for name in names if isinstance(told := attributes.get(name), str) and _WORD.fullmatch(told)), "")
        for names in (_QUALITY, _SIZE)
    ]
    bucket = ".".join((Bucket.IMAGES.value, *variant)) if all(variant) else Bucket.IMAGES.value
    return {bucket: len(cast("list[Value]", made)) if isinstance(made, list) else _whole(made, up=False)}


def of_usage(usage: Mapping[str, Any]) -> dict[str, int]:
    """What a provider's usage object tells of them, by bucket."""
    found: dict[str, int] = {}
    if _BEGINNINGS.isdisjoint(usage):
        return found
    for path, bucket in _IN_USAGE:
        place: Any = usage
        for name in path:
            place = cast("dict[str, Any]", place).get(name) if isinstance(place, dict) else None
        if place is not None and (quantity := _whole(place, up=bucket in _SECONDS)):
            found.setdefault(bucket, quantity)
    if (size := usage.get(_CONTEXT)) in ("low", "medium", "high"):
        found[f"{Bucket.REQUEST.value}.{size}"] = 1
    return found


def _of_tools(raw: Value) -> dict[str, int]:
    return {bucket: count(told) or 0 for bucket, told in as_object(raw).items() if bucket in UNITS}
