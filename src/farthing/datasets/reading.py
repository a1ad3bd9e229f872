"""A file of items in (CSV, JSON Lines or JSON) and which of its columns mean what; drafts, and what is wrong on which line, out. Pure."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec

from farthing.datasets.dataset import MOST_BYTES, Draft, Fault
from farthing.errors import BadRequestError

KINDS = ("csv", "jsonl", "json")
MOST_FAULTS = 1_000

Columns = Mapping[str, Sequence[str]]
"""Field → the columns it is made of. Several make an object with their names."""

_FIELDS = {
    "id": "id",
    "input": "input",
    "expected_output": "expected",
    "metadata": "metadata",
    "source_trace_id": "source_trace",
    "source_observation_id": "source_observation",
    "status": "status",
}
"""What a field is called outside → inside."""
FIELDS = tuple(_FIELDS)
_ALSO = {
    "expectedOutput": "expected_output",
    "expected": "expected_output",
    "output": "expected_output",
    "sourceTraceId": "source_trace_id",
    "sourceObservationId": "source_observation_id",
}
"""Other names that columns have elsewhere; a field's own name comes first."""
_TEXTS = frozenset({"id", "source_trace_id", "source_observation_id", "status"})

# A field of a CSV may be a whole item; the library's own limit is an eighth of that.
csv.field_size_limit(2 * MOST_BYTES)


class Read(msgspec.Struct, frozen=True):
    """What a file holds."""

    drafts: list[Draft]
    faults: list[Fault]
    ignored: list[str]
    """Columns that nothing was made of."""


def read(kind: str, raw: bytes, columns: Columns | None = None) -> Read:
    """All items of a file. Raises `BadRequestError` where it is none of that kind, or has nothing that may be an input."""
    if kind not in KINDS:
        msg = f"format: one of {', '.join(KINDS)}."
        raise BadRequestError(msg)
    wanted = columns or {}
    if unknown := set(wanted) - set(FIELDS):
        msg = f"columns: the fields are {', '.join(FIELDS)}; not {', '.join(sorted(unknown))[:100]}."
        raise BadRequestError(msg)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"It isn't UTF-8 ({error.reason} at byte {error.start}). Save it as UTF-8; in Excel that is: CSV UTF-8."
        raise BadRequestError(msg) from error
    rows = {"csv": _csv, "jsonl": _lines, "json": _json}[kind](text)
    return _read(rows, wanted)


_Row = tuple[int, Mapping[str, Any] | str]
"""Its line, and its columns or what is wrong with it."""


def _read(rows: Iterator[_Row], wanted: Columns) -> Read:
    drafts: list[Draft] = []
    faults: list[Fault] = []
    ignored: dict[str, None] = {}
    for line, row in rows:
        if len(faults) >= MOST_FAULTS:
            break
        if isinstance(row, str):
            faults.append(Fault(line, "", row))
            continue
        places = {field: held for field in FIELDS if (held := _places(field, row, wanted))}
        used = {name for held in places.values() for name in held}
        ignored.update(dict.fromkeys(name for name in row if name not in used))
        if "input" not in places:
            known = ", ".join(map(repr, list(row)[:20]))
            faults.append(Fault(line, "input", f"no column is the input; there are {known or 'none'}"))
            continue
        told: dict[str, Any] = {}
        for field, names in places.items():
            value = _value(field, names, row)
            if field in _TEXTS and value is not None and not isinstance(value, str):
                faults.append(Fault(line, field, "a text"))
            elif value is not None or field not in _TEXTS:
                told[_FIELDS[field]] = value
        drafts.append(Draft(**told, line=line))
    return Read(drafts, faults, list(ignored))


def _places(field: str, row: Mapping[str, Any], wanted: Columns) -> list[str]:
    """The columns of a row that make a field."""
    if field in wanted:
        return [name for name in wanted[field] if name in row]
    taken = {name for names in wanted.values() for name in names}
    others = [name for name, meant in _ALSO.items() if meant == field]
    return [name for name in (field, *others) if name in row and name not in taken][:1]


def _value(field: str, names: Sequence[str], row: Mapping[str, Any]) -> Any:
    if len(names) > 1 or (field == "metadata" and names[0] != "metadata"):
        return {name: row[name] for name in names}
    return row[names[0]]


def _csv(text: str) -> Iterator[_Row]:
    first = text.partition("\n")[0]
    separator = next((one for one in (",", ";", "\t") if one in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: list[str] = []
    line = 1
    try:
        for row in reader:
            if not header:
                header = [name.strip() for name in row]
                if len(set(header)) != len(header):
                    msg = "The first line must name the columns, each once."
                    raise BadRequestError(msg)
            elif row:
                if len(row) != len(header):
                    yield line, f"it has {len(row)} columns, not {len(header)} as the first line"
                else:
                    yield line, {name: _cell(name, value) for name, value in zip(header, row, strict=True)}
            line = reader.line_num + 1
    except csv.Error as error:
        yield line, f"it is no CSV: {error}"


_EMPTY = frozenset({*FIELDS, *_ALSO}) - {"input"}


def _cell(name: str, value: str) -> Any:
    if not value and name in _EMPTY:
        return None
    # What looks like a structure is one; everything else stays the text it is, numbers too.
    if value[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
    return value


def _lines(text: str) -> Iterator[_Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _object(line)


def _object(line: str) -> Mapping[str, Any] | str:
    try:
        told: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        return f"it is no JSON: {error}"
    return cast("dict[str, Any]", told) if isinstance(told, dict) else "it is no JSON object"


def _json(text: str) -> Iterator[_Row]:
    try:
        told: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        msg = f"It is no JSON: {error}."
        raise BadRequestError(msg) from error
    if isinstance(told, dict):
        told = cast("dict[str, Any]", told).get("items")
    if not isinstance(told, list):
        msg = 'A JSON list of items, or {"items": […]}, is needed.'
        raise BadRequestError(msg)
    for number, one in enumerate(cast("list[Any]", told), 1):
        yield number, cast("dict[str, Any]", one) if isinstance(one, dict) else "it is no JSON object"
