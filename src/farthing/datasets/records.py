"""Datasets and items in; the records they are kept as out, and back again. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from farthing.datasets import schema
from farthing.datasets.dataset import Dataset, Item, as_json, metadata_of, name_of, text_of
from farthing.store.meta.datasets import StoredDataset, StoredItem


def with_told(row: StoredDataset, told: Mapping[str, Any], now: datetime) -> StoredDataset:
    """The dataset with what is told of it. Raises `BadRequestError`."""
    new: dict[str, Any] = {}
    if "name" in told:
        new["name"] = name_of(told["name"])
    if "description" in told:
        new["description"] = text_of(told["description"], "description")
    if "metadata" in told:
        new["meta"] = metadata_of(told["metadata"])
    for field, column in (("input_schema", "input_schema"), ("expected_output_schema", "expected_schema")):
        if field in told:
            new[column] = schema.document_of(told[field], field)
    return msgspec.structs.replace(row, **new, updated_at=now)


def dataset(row: StoredDataset) -> Dataset:
    """A dataset from its record."""
    return Dataset(
        row.id,
        row.project_id,
        row.name,
        row.description,
        _json(row.meta),
        _json(row.input_schema),
        _json(row.expected_schema),
        row.created_at,
        row.updated_at,
    )


def document(row: StoredDataset | None) -> str | None:
    """A record as the audit keeps it."""
    return None if row is None else msgspec.json.encode(row).decode()


def _json(document: str | None) -> Any:
    return None if document is None else msgspec.json.decode(document)


def item(row: StoredItem) -> Item:
    """A version of an item from its record."""
    return Item(
        row.item_id,
        row.dataset_id,
        row.status,
        _json(row.input),
        _json(row.expected),
        _json(row.meta),
        row.source_trace,
        row.source_observation,
        row.created_ms,
        row.from_ms,
        row.place,
    )


def stored(project_id: str, made: Item) -> StoredItem:
    """The record of a version."""
    return StoredItem(
        project_id,
        made.dataset_id,
        made.id,
        made.version_ms,
        made.created_ms,
        made.place,
        made.status,
        as_json(made.input, "input"),
        as_json(made.expected, "expected_output"),
        as_json(made.metadata, "metadata"),
        made.source_trace,
        made.source_observation,
    )
