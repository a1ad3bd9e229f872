"""The bytes of one event of a stream go in; what it is comes out, where a glance tells that without reading it."""

from __future__ import annotations

import re
from typing import Final

SAYS: Final = 1
"""A token is in it."""
TELLS: Final = 2
"""Fields of a record are in it."""
ENDS: Final = 4
"""The provider has said all."""

_KIND: Final = re.compile(rb'\s*\{"type":\s?"((?:response\.|message_|content_block_)[a-z_.]+)"')
_OF_KINDS: Final = {
    b"response.completed": TELLS | ENDS,
    b"response.incomplete": TELLS | ENDS,
    b"message_start": TELLS,
    b"message_delta": TELLS,
    b"message_stop": ENDS,
    b"content_block_delta": SAYS,
}
_SAID: Final = re.compile(rb'"(?:content|text|reasoning_content|reasoning|refusal|arguments)"\s*:\s*"[^"]')
"""Within a text its quotation marks would have backslashes before them."""
_OPENED: Final = re.compile(
    rb'"delta"\s*:\s*\{\s*"role"\s*:\s*"assistant"(?:\s*,\s*"(?:content|refusal)"\s*:\s*(?:""|null))*\s*\}'
)
LAST: Final = re.compile(
    rb'"choices"\s*:\s*\[\s*\]\s*,\s*"usage"\s*:\s*\{(?:\s*"[a-z_]+"\s*:\s*\d+\s*,)*?\s*"completion_tokens"\s*:\s*\d'
)
"""The chunk with the usage and nothing else."""
_NO_USAGE: Final = re.compile(rb'"usage"\s*:\s*null')


def glance(data: bytes) -> int | None:
    """What is in the event; None: it must be read to be known."""
    kind = _KIND.match(data)
    if kind is not None:
        name = kind[1]
        if name == b"response.failed":
            return None
        return _OF_KINDS.get(name, SAYS if name.endswith(b".delta") else 0)
    if b'"error"' in data or b'"choices"' not in data:
        return None
    if b'"usage"' in data and not _without_usage(data):
        return TELLS | ENDS if LAST.search(data) else None
    if _SAID.search(data):
        return SAYS | TELLS
    return TELLS if data.count(b'"delta"') == 1 and _OPENED.search(data) else None


def _without_usage(data: bytes) -> bool:
    return data.count(b'"usage"') == 1 and _NO_USAGE.search(data) is not None
