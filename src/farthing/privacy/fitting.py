"""Content of a span in; the same, no longer than may be kept of one span, out: the longest values are cut, and say so."""

from collections.abc import Mapping

import msgspec

from farthing.model.content import Content
from farthing.model.span import Attributes, Value

LONGEST = 1_048_576
"""Bytes of all that is kept of one span, as JSON."""

_KEYS = 96
"""What a value's name and the marks around it may take."""
_encode = msgspec.json.Encoder(enc_hook=str).encode


def fitted(content: Content) -> Content:
    """The very same object when it is short enough."""
    body = {"": content.body}
    parts: list[Attributes] = [content.attributes, *content.events.values(), body]
    sizes = [{name: _size(value) + len(name) for name, value in part.items()} for part in parts]
    limit = _limit([size for of_part in sizes for size in of_part.values()])
    if limit is None:
        return content
    cut = [_cut(part, of_part, limit) for part, of_part in zip(parts, sizes, strict=True)]
    return msgspec.structs.replace(
        content,
        attributes=cut[0],
        events=dict(zip(content.events, cut[1:-1], strict=True)),
        body=cut[-1][""],
        cut=True,
    )


def _limit(sizes: list[int]) -> int | None:
    """How long a value may be so that all are not too long together; the short ones stay whole. None: all may stay."""
    room = LONGEST
    if sum(sizes) + _KEYS * len(sizes) <= room:
        return None
    for place, size in enumerate(sorted(sizes)):
        share = room // (len(sizes) - place) - _KEYS
        if size > share:
            return max(0, share)
        room -= size + _KEYS
    return 0


def _size(value: Value) -> int:
    try:
        return len(_encode(value))
    except UnicodeEncodeError:  # half of a surrogate pair, which is written as a question mark
        return 2 * len(value) if isinstance(value, str) else len(repr(value))


def _cut(part: Mapping[str, Value], sizes: Mapping[str, int], limit: int) -> Attributes:
    return {
        name[: max(limit, _KEYS)]: _short(value, sizes[name], limit) if sizes[name] > limit else value
        for name, value in part.items()
    }


def _short(value: Value, size: int, limit: int) -> str:
    text = value if isinstance(value, str) else _json(value)
    kept = text[: len(text) * limit // size]
    return f"{kept}… [cut: {len(text) - len(kept)} more characters not kept]"


def _json(value: Value) -> str:
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:
        return repr(value)
