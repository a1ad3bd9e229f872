"""Items in; a file of them, which `reading.py` reads back, piece by piece out. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from farthing.datasets.dataset import ARCHIVED, Item

_COLUMNS = ("id", "input", "expected_output", "metadata", "source_trace_id", "source_observation_id", "status")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take text for a formula. Source: https://owasp.org/www-community/attacks/CSV_Injection"""


def write(kind: str, items: Iterable[Item]) -> Iterator[str]:
    """A file of this kind, piece by piece: csv, jsonl or json."""
    if kind == "csv":
        yield _row(_COLUMNS)
        for item in items:
            yield _row([_cell(value) for value in told(item).values()])
    elif kind == "jsonl":
        for item in items:
            yield msgspec.json.encode(_brief(item)).decode() + "\n"
    else:
        yield '{"items":['
        for at, item in enumerate(items):
            yield ("," if at else "") + msgspec.json.encode(_brief(item)).decode()
        yield "]}\n"


def told(item: Item) -> dict[str, Any]:
    """What a file says of an item."""
    values = (item.id, item.input, item.expected, item.metadata, item.source_trace or None)
    return dict(zip(_COLUMNS, (*values, item.source_observation or None, item.status), strict=True))


def _brief(item: Item) -> dict[str, Any]:
    whole = told(item)
    return {
        name: value
        for name, value in whole.items()
        if (value is not None or name == "input") and (name != "status" or value == ARCHIVED)
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(values: Iterable[str]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerow(values)
    return made.getvalue()
