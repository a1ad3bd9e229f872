"""Datasets, items, runs and cases in; the same as the API shows them, out."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from farthing.api import dataset_schemas as schemas
from farthing.datasets.book import Put
from farthing.datasets.dataset import Dataset, Draft, Fault, Item
from farthing.datasets.runs import Run
from farthing.model import money
from farthing.query import moments
from farthing.query.moments import EPOCH, NS, rfc3339
from farthing.query.runs import Case

MS = NS // 1000


def dataset(one: Dataset, items: int) -> schemas.DatasetShown:
    """A dataset and how many active items it has."""
    return schemas.DatasetShown(
        id=one.id,
        name=one.name,
        description=one.description,
        metadata=one.metadata,
        input_schema=one.input_schema,
        expected_output_schema=one.expected_schema,
        items=items,
        created_at=_moment(one.created_at),
        updated_at=_moment(one.updated_at),
    )


def item(one: Item) -> schemas.ItemShown:
    """An item."""
    return schemas.ItemShown(
        id=one.id,
        dataset_id=one.dataset_id,
        status=one.status,
        input=one.input,
        expected_output=one.expected,
        metadata=one.metadata,
        source_trace_id=one.source_trace or None,
        source_observation_id=one.source_observation or None,
        created_at=rfc3339(one.created_ms * MS),
        version=rfc3339(one.version_ms * MS),
    )


def detail(one: Item, versions: Sequence[tuple[Item, int | None]]) -> schemas.ItemDetail:
    """An item with its history."""
    told = [
        schemas.ItemVersion(**item(held).model_dump(), until=None if ended is None else rfc3339(ended * MS))
        for held, ended in versions
    ]
    return schemas.ItemDetail(**item(one).model_dump(), versions=told)


def fault(one: Fault) -> schemas.ItemFault:
    """What is wrong with an item."""
    return schemas.ItemFault(line=one.line, field=one.field, message=one.message)


def put(done: Put, drafts: Sequence[Draft], ignored: Sequence[str], *, dry: bool) -> schemas.ItemsPut:
    """What became of drafts."""
    return schemas.ItemsPut(
        dry_run=dry,
        new=done.new,
        changed=done.changed,
        unchanged=len(drafts) - done.new - done.changed,
        ids=[] if dry else [one.id for one in done.items],
        ignored=list(ignored),
        errors=[],
    )


def refused(faults: Sequence[Fault], ignored: Sequence[str]) -> schemas.ItemsPut:
    """What a dry run says where something is wrong."""
    return schemas.ItemsPut(
        dry_run=True,
        new=0,
        changed=0,
        unchanged=0,
        ids=[],
        ignored=list(ignored),
        errors=[fault(one) for one in faults],
    )


def run(one: Run) -> schemas.RunShown:
    """A run."""
    return schemas.RunShown(
        id=one.id,
        dataset_id=one.dataset_id,
        name=one.name,
        description=one.description,
        metadata=one.metadata,
        version=None if one.version_ms is None else rfc3339(one.version_ms * MS),
        created_at=rfc3339(one.created_ns),
        updated_at=rfc3339(one.updated_ns),
        items=one.items,
        errors=one.errors,
    )


def case(one: Case) -> schemas.CaseShown:
    """A case."""
    told, spent, judged = one.item, one.spent, one.evaluators
    return schemas.CaseShown(
        item_id=told.item_id,
        item_version=rfc3339(told.item_version_ns) if told.item_version_ns else None,
        trace_id=told.trace_text or None,
        observation_id=told.observation_text or None,
        outcome=one.outcome.value,
        error=one.error or None,
        started_at=rfc3339(one.started_ns) if one.started_ns else None,
        latency_ms=None if one.latency_ns is None else one.latency_ns // MS,
        calls=spent.calls,
        unpriced_calls=spent.unpriced,
        cost_usd=None if spent.cost is None else money.to_text(spent.cost),
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        evaluator_calls=judged.calls,
        evaluator_cost_usd=None if judged.cost is None else money.to_text(judged.cost),
        scores={name: schemas.CaseScore(value=s.value, label=s.label or None) for name, s in one.scores.items()},
    )


def at_ms(version: str | None) -> int | None:
    """The moment of a version that was asked for. Raises `ParameterError`."""
    return None if not version else moments.parse("version", version, time.time_ns(), moments.zone("UTC")) // MS


def _moment(at: datetime) -> str:
    return rfc3339((at - EPOCH) // timedelta(microseconds=1) * 1000)
