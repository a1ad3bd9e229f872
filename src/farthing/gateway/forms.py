"""The body of a form (`multipart/form-data`) in; the texts among its fields and where they stand, out. Pure.

Files in it are stepped over, not copied.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec

from farthing.errors import BadRequestError
from farthing.gateway.asked import Asked
from farthing.gateway.kinds import Kind

LONGEST_TEXT = 4096
"""A field that is longer is none that matters here."""
_MOST_FIELDS = 200

_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})"?', re.IGNORECASE)
_NAME = re.compile(rb'[;\s]name=(?:"([^"]*)"|([^\s;"]+))', re.IGNORECASE)
_COUNTS = ("n", "model", "size", "quality")
"""Fields by which it is decided whether a call may be made, and what it costs at most."""


class Text(msgspec.Struct, frozen=True):
    """A field's value, and where it stands in the body."""

    value: str
    start: int
    end: int


def read(body: bytes, content_type: str, kind: Kind, deployment: str = "") -> Asked:
    """Look into a form; a `deployment` that the path named goes before its model. Raises `BadRequestError`."""
    boundary = _BOUNDARY.search(content_type)
    fields = texts(body, boundary[1].encode("latin-1")) if boundary else {}
    form = {name: _raw(fields[name].value) for name in _COUNTS if name in fields}
    model = Text(deployment, 0, 0) if deployment else fields.get("model")
    if model is None or not model.value:
        if kind.name == "image":  # the provider chooses one
            return Asked(body, facts=_facts(fields, kind), form=form)
        msg = 'The form names no model; it needs a field "model".'
        raise BadRequestError(msg)
    return Asked(
        body,
        model=model.value,
        streams=_value(fields, "stream") == "true",
        user=_value(fields, "user"),
        form_model=None if deployment else (model.start, model.end),
        facts=_facts(fields, kind),
        form=form,
    )


def texts(body: bytes, boundary: bytes) -> dict[str, Text]:
    """Field → its text; files and long texts are left out. Raises `BadRequestError` for what limits go by and is told twice."""
    found: dict[str, Text] = {}
    for name, start, end in _fields(body, boundary):
        if name in found and name in _COUNTS:
            # The provider may go by the other one, past limits and budgets.
            msg = f'The form has the field "{name}" twice.'
            raise BadRequestError(msg)
        if end - start <= LONGEST_TEXT:
            found[name] = Text(body[start:end].decode("utf-8", "replace"), start, end)
    return found


def said(body: bytes, content_type: str) -> list[str]:
    """All that a form's fields say, however long, but for its files. Raises `BadRequestError`."""
    boundary = _BOUNDARY.search(content_type)
    if not boundary:
        return []
    fields = _fields(body, boundary[1].encode("latin-1"))
    return [body[start:end].decode("utf-8", "replace") for name, start, end in fields if name not in _COUNTS]


def _fields(body: bytes, boundary: bytes) -> Iterator[tuple[str, int, int]]:
    """Names of texts, and where they stand."""
    mark = b"--" + boundary
    at = body.find(mark)
    seen = 0
    while at >= 0:
        end_of_head = body.find(b"\r\n\r\n", at)
        following = body.find(b"\r\n" + mark, max(end_of_head, at))
        if end_of_head < 0 or following < 0:
            break
        head = body[at:end_of_head]
        named = _NAME.search(head)
        if named and b"filename" not in head:
            seen += 1
            if seen > _MOST_FIELDS:
                msg = f"The form has more than {_MOST_FIELDS} fields."
                raise BadRequestError(msg)
            yield (named[1] or named[2] or b"").decode("utf-8", "replace"), end_of_head + 4, following
        at = following + 2


def _value(fields: Mapping[str, Text], name: str) -> str:
    return fields[name].value if name in fields else ""


def _raw(value: str) -> msgspec.Raw:
    """As a member of a JSON body says it."""
    number = value.strip()
    return msgspec.Raw(msgspec.json.encode(int(number) if number.isascii() and number.isdigit() else value))


def _facts(fields: Mapping[str, Text], kind: Kind) -> dict[str, str]:
    """What an image is charged by."""
    if kind.name != "image":
        return {}
    return {f"gen_ai.request.image_{name}": told for name in ("size", "quality") if (told := _value(fields, name))}
