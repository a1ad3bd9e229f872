"""The source's datasets, their items and the runs on them in; the same here, items under the ids they have there, out."""

from collections.abc import Iterator
from urllib.parse import quote

from farthing.cli.importing import lists
from farthing.cli.importing.ends import Ends
from farthing.cli.importing.lists import Listing
from farthing.cli.importing.peer import DeclinedError, Json
from farthing.cli.importing.record import Reading

DATASETS, ITEMS, RUNS, CASES = "datasets", "dataset items", "dataset runs", "run items"

_OF_DATASET = ("name", "description", "metadata", "inputSchema", "expectedOutputSchema")
_OF_ITEM = ("id", "status", "input", "expectedOutput", "metadata", "sourceTraceId", "sourceObservationId")
_PATH = Listing("/v2/datasets")


def import_datasets(ends: Ends) -> None:
    """Datasets with the items they have now. Raises `RefusedError`."""
    reading, items = ends.record.reading(DATASETS), ends.record.reading(ITEMS)
    if reading.done:
        return
    for dataset in _datasets(ends):
        name = str(dataset.get("name"))
        if name in reading.marks:
            continue
        if items.within != name:
            # Not again when it is gone on with: it is counted already.
            body = {field: dataset[field] for field in _OF_DATASET if dataset.get(field) is not None}
            if ends.put(reading, name, _PATH.path, body) is None:
                reading.marks[name] = False
                continue
            items.within, items.place = name, ""
            ends.keep(DATASETS)
        _items(ends, items, name)
        reading.marks[name] = True
        items.within = items.place = ""
        ends.keep(DATASETS)
    ends.record.miss("Of dataset items it doesn't list former versions, nor on every version those that are archived.")
    reading.done = items.done = True
    ends.keep(DATASETS)


def _items(ends: Ends, reading: Reading, name: str) -> None:
    listing = Listing("/dataset-items", {"datasetName": name})
    for part in lists.parts(ends.source, listing, reading.place):
        for one in part.items:
            body = {field: one[field] for field in _OF_ITEM if one.get(field) is not None}
            ends.put(reading, str(one.get("id")), "/dataset-items", {**body, "datasetName": name})
        reading.place = part.after
        ends.keep(ITEMS)


def import_runs(ends: Ends) -> None:
    """Runs with their cases: which item was tried in which trace. Raises `RefusedError`."""
    reading = ends.record.reading(RUNS)
    if reading.done:
        return
    for dataset in _datasets(ends):
        name = str(dataset.get("name"))
        path = f"/datasets/{quote(name, safe='')}/runs"
        try:
            for run in ends.whole(Listing(path)):
                if str(run.get("id")) not in reading.marks:
                    _run(ends, reading, f"{path}/{quote(str(run.get('name')), safe='')}", run)
        except DeclinedError as error:
            if not error.is_missing:
                raise
            _experiments(ends, reading, dataset)
    reading.done = ends.record.reading(CASES).done = True
    ends.keep(RUNS)


def _run(ends: Ends, reading: Reading, path: str, run: Json) -> None:
    told: Json = ends.source.get(path)
    found: list[Json] = told.get("datasetRunItems") or []
    name = str(run.get("name"))
    for one in found:
        body = {field: one.get(field) for field in ("datasetItemId", "traceId", "observationId", "createdAt")}
        body |= {"runName": name, "runDescription": run.get("description"), "metadata": run.get("metadata")}
        _case(ends, str(run.get("id")), str(one.get("id")), body)
    if not found:
        reading.refuse(name, "It has no items, and a run is made by its first one.")
    else:
        reading.taken += 1
    reading.marks[str(run.get("id"))] = True
    ends.keep(RUNS)


def _experiments(ends: Ends, reading: Reading, dataset: Json) -> None:
    """The same of a version that lists what was tried as items of experiments."""
    asked = {"datasetId": str(dataset.get("id")), "fields": "core,dataset,experimentMetadata"}
    try:
        for one in ends.whole(Listing("/experiment-items", asked, by_cursor=True)):
            run = str(one.get("experimentId"))
            # Each is the trace it was tried in: which of its spans it is, spans tell themselves.
            body = {
                "runName": one.get("experimentName"),
                "runDescription": one.get("experimentDescription"),
                "metadata": one.get("experimentMetadata"),
                "datasetItemId": one.get("experimentItemId"),
                "traceId": one.get("traceId"),
                "createdAt": one.get("startTime"),
            }
            if _case(ends, run, str(one.get("id")), body) and run not in reading.marks:
                reading.marks[run] = True
                reading.taken += 1
    except DeclinedError as error:
        if not error.is_missing:
            raise
        ends.record.miss(f"It doesn't list the runs on the dataset {dataset.get('name')}.")
    ends.keep(RUNS)


def _case(ends: Ends, run: str, which: str, body: Json) -> bool:
    made = ends.put(ends.record.reading(CASES), which, "/dataset-run-items", body)
    if made is not None:
        ends.record.runs[run] = str(made["datasetRunId"])
    return made is not None


def _datasets(ends: Ends) -> Iterator[Json]:
    """All of them, each once, though the list may move while it is read."""
    seen: set[str] = set()
    for one in ends.whole(_PATH):
        if (name := str(one.get("name"))) not in seen:
            seen.add(name)
            yield one
