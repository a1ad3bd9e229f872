"""What somebody wants a dataset or an item to be in; the same, proven to be good, out. Pure."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from farthing.errors import BadRequestError

LONGEST_NAME = 500
LONGEST_TEXT = 10_000
LONGEST_ID = 255
MOST_BYTES = 1 << 20
"""Of an item: its input, expected output and metadata as JSON."""
MOST_METADATA = 64 * 1024
"""Bytes of a dataset's metadata as JSON."""

ACTIVE, ARCHIVED = "ACTIVE", "ARCHIVED"


class Dataset(msgspec.Struct, frozen=True):
    """A dataset. The schemas are JSON Schemas that its items keep to; None: anything goes."""

    id: str
    project_id: str
    name: str
    description: str | None
    metadata: Any
    input_schema: Any
    expected_schema: Any
    created_at: datetime
    updated_at: datetime


class Item(msgspec.Struct, frozen=True):
    """An item as it is, or was, since `version_ms`. Contents are JSON values."""

    id: str
    dataset_id: str
    status: str
    input: Any
    expected: Any
    metadata: Any
    source_trace: str
    source_observation: str
    created_ms: int
    version_ms: int
    place: int = 0


class Draft(msgspec.Struct, frozen=True):
    """An item as somebody wants it; what is UNSET isn't told. `line` is where it stood, counted from 1."""

    id: str | msgspec.UnsetType = msgspec.UNSET
    input: Any = msgspec.UNSET
    expected: Any = msgspec.UNSET
    metadata: Any = msgspec.UNSET
    source_trace: str | msgspec.UnsetType = msgspec.UNSET
    source_observation: str | msgspec.UnsetType = msgspec.UNSET
    status: str | msgspec.UnsetType = msgspec.UNSET
    line: int = 0


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one item of many."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.field}: {self.message}" if self.field else f"{where}{self.message}"


class FaultyItemsError(BadRequestError):
    """Some items can't be kept, so none was."""

    code = "faulty_items"

    def __init__(self, faults: Sequence[Fault]) -> None:
        """All that is wrong, told at once."""
        self.faults = tuple(faults)
        self.errors = [{"line": one.line, "field": one.field, "message": one.message} for one in faults]
        more = f" ({len(faults) - _SHOWN} more)" if len(faults) > _SHOWN else ""
        super().__init__(
            "; ".join(str(one).removesuffix(".") for one in faults[:_SHOWN]) + more + ". Nothing was kept."
        )


_SHOWN = 20


def name_of(told: Any, what: str = "name") -> str:
    """A name of a dataset or a run. Raises `BadRequestError`."""
    if not isinstance(told, str) or not told.strip():
        msg = f"{what}: a text that isn't empty."
        raise BadRequestError(msg)
    if len(told) > LONGEST_NAME or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in told):
        msg = f"{what}: at most {LONGEST_NAME} characters, none of which controls anything."
        raise BadRequestError(msg)
    return told


def text_of(told: Any, what: str) -> str | None:
    """A text for people. Raises `BadRequestError`."""
    if told is None:
        return None
    if not isinstance(told, str) or len(told) > LONGEST_TEXT or "\0" in told:
        msg = f"{what}: a text of at most {LONGEST_TEXT:,} characters."
        raise BadRequestError(msg)
    return told


def metadata_of(told: Any, what: str = "metadata") -> str | None:
    """Metadata as the JSON it is kept as. Raises `BadRequestError`."""
    if told is None:
        return None
    made = as_json(told, what)
    if len(made) > MOST_METADATA:
        msg = f"{what}: at most {MOST_METADATA // 1024} KiB."
        raise BadRequestError(msg)
    return made


def as_json(value: Any, what: str) -> str:
    """A value as JSON. Raises `BadRequestError` for one that has no JSON."""
    try:
        return msgspec.json.encode(value).decode()
    except (OverflowError, ValueError, TypeError, RecursionError) as error:
        msg = f"{what}: it can't be kept: {str(error)[:200]}."
        raise BadRequestError(msg) from error


def faults_of(draft: Draft) -> list[Fault]:
    """What is wrong with a draft, but for its dataset's schemas."""
    found: list[Fault] = []
    if draft.id is not msgspec.UNSET and not _is_id(draft.id):
        found.append(
            Fault(draft.line, "id", f"a text of 1 to {LONGEST_ID} characters, none of which controls anything.")
        )
    if draft.status is not msgspec.UNSET and draft.status not in (ACTIVE, ARCHIVED):
        found.append(Fault(draft.line, "status", f"{ACTIVE} or {ARCHIVED}."))
    for name in ("source_trace", "source_observation"):
        told = getattr(draft, name)
        if told is not msgspec.UNSET and told and not _is_id(told):
            found.append(Fault(draft.line, name, f"a text of at most {LONGEST_ID} characters."))
    size = 0
    for name in ("input", "expected", "metadata"):
        told = getattr(draft, name)
        if told is not msgspec.UNSET:
            try:
                size += len(as_json(told, SHOWN[name]))
            except BadRequestError as error:
                found.append(Fault(draft.line, "", str(error)))
    if size > MOST_BYTES:
        found.append(Fault(draft.line, "", f"it has {size:,} bytes, of {MOST_BYTES:,} that an item may have."))
    return found


SHOWN = {"input": "input", "expected": "expected_output", "metadata": "metadata"}
"""Field → what it is called outside."""


def _is_id(told: Any) -> bool:
    if not isinstance(told, str) or not 0 < len(told) <= LONGEST_ID:
        return False
    return not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in told)


def changed(before: Item, draft: Draft, *, keeps: bool) -> Item:
    """The item as the draft wants it, in its next version. With `keeps`, what isn't told stays; else it is nothing."""

    def field(name: str, nothing: Any) -> Any:
        told = getattr(draft, name)
        if told is not msgspec.UNSET:
            return told
        return getattr(before, name) if keeps else nothing

    return msgspec.structs.replace(
        before,
        input=field("input", None),
        expected=field("expected", None),
        metadata=field("metadata", None),
        source_trace=field("source_trace", ""),
        source_observation=field("source_observation", ""),
        status=before.status if draft.status is msgspec.UNSET else draft.status,
    )
