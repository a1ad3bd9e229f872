"""Requests about the items of datasets in, one by one or as files; items, their versions, and files of them, out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any

from fastapi import Depends, Query, Request, params
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from farthing.api import dataset_schemas as schemas
from farthing.api import dataset_shapes as shapes
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import actor_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.catalogue.overrides import Actor
from farthing.datasets import from_calls, reading, writing
from farthing.datasets.book import MOST_AT_ONCE, Datasets
from farthing.datasets.dataset import ACTIVE, ARCHIVED, Draft, Fault, FaultyItemsError, Item
from farthing.errors import NotFoundError, TooLargeError, UnsupportedError
from farthing.query import cursors
from farthing.query.errors import ParameterError
from farthing.store.meta.datasets import Wanted
from farthing.store.telemetry.engine import Engine

_MOST = 1_000
_MOST_VERSIONS = 100
_PIECE = 1 << 16
_VERSION = "As it was at this time, RFC 3339; as it is unless said otherwise."
_KINDS = {
    "application/json": "json",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/x-jsonlines": "jsonl",
    "text/csv": "csv",
}
"""What a body says it is → the format."""
_TYPES = {"json": "application/json", "jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}

Depend = Sequence[params.Depends]
Columns = Annotated[list[str] | None, Query(description="The columns it is made of; several make an object.")]


def router(datasets: Datasets, engine: Engine, most_bytes: int, *, may_read: Guard, may_send: Guard) -> Routes:
    """The routes; the guards let in keys with the scopes read and ingest."""
    routes = Routes(
        prefix="/api/v1/datasets", tags=["datasets"], responses=documented(400, 401, 403, 404, 413, 415, 422, 503)
    )
    looking, sending = [Depends(may_read)], [Depends(may_send)]
    _reading(routes, datasets, looking)
    _one(routes, datasets, looking, sending)
    _picking(routes, datasets, engine, sending)
    _sending(routes, datasets, most_bytes, sending)
    return routes


def _reading(routes: Routes, datasets: Datasets, looking: Depend) -> None:
    @routes.get("/{dataset_id}/items", summary="List items, in the order they were made", dependencies=looking)
    def listing(
        dataset_id: str,
        request: Request,
        version: Annotated[str | None, Query(description=_VERSION)] = None,
        status: Annotated[str | None, Query(description=f"{ACTIVE} or {ARCHIVED}; both unless said otherwise.")] = None,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
        cursor: Annotated[str | None, Query(description="next_cursor of the page before.")] = None,
    ) -> schemas.ItemList:
        found = datasets.get(project_of(request), dataset_id)
        after = cursors.unpack(cursor, cursors.WHOLE, cursors.WHOLE, cursors.TEXT)
        place = (int(after[0]), int(after[1]), after[2]) if after else None
        wanted = Wanted(found.id, status=_status(status), at_ms=shapes.at_ms(version), after=place)
        some = datasets.items(found.project_id, wanted, 0, limit + 1)
        last = some[limit - 1] if len(some) > limit else None
        return schemas.ItemList(
            data=[shapes.item(one) for one in some[:limit]],
            next_cursor=cursors.pack([str(last.created_ms), str(last.place), last.id]) if last else None,
        )

    @routes.get(
        "/{dataset_id}/export",
        summary="A file of all active items",
        description="JSON Lines and JSON are read back as they were; in CSV texts that a spreadsheet would take for formulas"
        " begin with an apostrophe.",
        response_class=Response,
        responses={
            200: {"content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in _TYPES.values()}}
        },
        dependencies=looking,
    )
    def export(
        dataset_id: str,
        request: Request,
        kind: Annotated[str, Query(alias="format", description="jsonl, json or csv.")] = "jsonl",
        version: Annotated[str | None, Query(description=_VERSION)] = None,
    ) -> Response:
        if kind not in _TYPES:
            raise ParameterError("format", f"one of {', '.join(_TYPES)}.")
        found = datasets.get(project_of(request), dataset_id)
        wanted = Wanted(found.id, status=ACTIVE, at_ms=shapes.at_ms(version or "now"))
        headers = {"Content-Disposition": f'attachment; filename="{found.id}.{kind}"', "Cache-Control": "no-store"}
        lines = writing.write(kind, _all(datasets, found.project_id, wanted))
        return StreamingResponse(_pieces(lines), headers=headers, media_type=_TYPES[kind])


def _one(routes: Routes, datasets: Datasets, looking: Depend, sending: Depend) -> None:
    def mine(request: Request, dataset_id: str, item_id: str) -> Item:
        found = datasets.get(project_of(request), dataset_id)
        item = datasets.item(found.project_id, item_id)
        if item.dataset_id != found.id:
            msg = f"There is no item {item_id[:80]!r} in this dataset."
            raise NotFoundError(msg)
        return item

    @routes.get("/{dataset_id}/items/{item_id:path}", summary="One item and its versions", dependencies=looking)
    def one(dataset_id: str, item_id: str, request: Request) -> schemas.ItemDetail:
        item = mine(request, dataset_id, item_id)
        return shapes.detail(item, datasets.versions(project_of(request), item_id, _MOST_VERSIONS))

    @routes.delete(
        "/{dataset_id}/items/{item_id:path}",
        summary="Take an item out; the dataset as it was before still has it",
        status_code=204,
        dependencies=sending,
    )
    def remove(dataset_id: str, item_id: str, request: Request) -> None:
        datasets.remove_item(actor_of(request), mine(request, dataset_id, item_id).id)


def _picking(routes: Routes, datasets: Datasets, engine: Engine, sending: Depend) -> None:
    @routes.post(
        "/{dataset_id}/items/from_calls",
        summary="Make items of what was said in calls or traces, where that is kept",
        dependencies=sending,
    )
    def pick(dataset_id: str, wanted: schemas.Picked, request: Request) -> schemas.ItemsPut:
        found = datasets.get(project_of(request), dataset_id)
        made, faults = from_calls.drafts(engine, found.project_id, wanted.ids, expects_output=wanted.expected_output)
        return _put(datasets, actor_of(request), found.id, reading.Read(made, faults, []), dry=wanted.dry_run)


def _sending(routes: Routes, datasets: Datasets, most_bytes: int, sending: Depend) -> None:
    text = {"schema": {"type": "string"}}
    items = {"type": "array", "maxItems": MOST_AT_ONCE, "items": schemas.ITEM}
    content: dict[str, Any] = {
        "application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items": items}}},
        "application/x-ndjson": text,
        "text/csv": text,
    }

    @routes.post(
        "/{dataset_id}/items",
        summary="Put items in, as JSON, JSON Lines or CSV: all of them or none",
        description="An item with the id of one that is there takes its place, in a new version. A dry run tells everything"
        " that is wrong, line by line, and keeps nothing.",
        dependencies=sending,
        openapi_extra={"requestBody": {"required": True, "content": content}},
    )
    async def put(  # noqa: PLR0913  which columns mean what
        dataset_id: str,
        request: Request,
        dry_run: Annotated[bool, Query(description="Only look at it.")] = False,
        id: Columns = None,  # noqa: A002
        input: Columns = None,  # noqa: A002
        expected_output: Columns = None,
        metadata: Columns = None,
        source_trace_id: Columns = None,
    ) -> schemas.ItemsPut:
        columns = {
            "id": id,
            "input": input,
            "expected_output": expected_output,
            "metadata": metadata,
            "source_trace_id": source_trace_id,
        }
        raw, kind = await _body(request, most_bytes), _kind(request)
        named = {field: names for field, names in columns.items() if names}
        work: Callable[[], schemas.ItemsPut] = lambda: _put(  # noqa: E731
            datasets, actor_of(request), dataset_id, reading.read(kind, raw, named), dry=dry_run
        )
        return await run_in_threadpool(work)


def _put(datasets: Datasets, actor: Actor, dataset_id: str, told: reading.Read, *, dry: bool) -> schemas.ItemsPut:
    faults: list[Fault] = list(told.faults)
    try:
        drafts: Sequence[Draft] = told.drafts
        done = datasets.put(actor, dataset_id, drafts, dry=dry or bool(faults))
    except FaultyItemsError as error:
        faults += error.faults
    else:
        if not faults:
            return shapes.put(done, drafts, told.ignored, dry=dry)
    faults.sort(key=lambda one: one.line)
    if not dry:
        raise FaultyItemsError(faults)
    return shapes.refused(faults, told.ignored)


def _kind(request: Request) -> str:
    said = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if said not in _KINDS:
        msg = f"Items come as {', '.join(_KINDS)}; not as {said[:80]!r}."
        raise UnsupportedError(msg)
    return _KINDS[said]


async def _body(request: Request, most_bytes: int) -> bytes:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > most_bytes:
            msg = f"A file of items has at most {most_bytes >> 20} MiB here. Send it in parts, or raise FARTHING_MAX_BODY_MB."
            raise TooLargeError(msg)
    return bytes(data)


def _status(told: str | None) -> str:
    if told in (None, "", ACTIVE, ARCHIVED):
        return told or ""
    raise ParameterError("status", f"{ACTIVE} or {ARCHIVED}.")


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """The same in fewer pieces: each is fetched on a thread."""
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size > _PIECE:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def _all(datasets: Datasets, project_id: str, wanted: Wanted) -> Iterator[Item]:
    while True:
        some = datasets.items(project_id, wanted, 0, _MOST)
        yield from some
        if len(some) < _MOST:
            return
        last = some[-1]
        after = (last.created_ms, last.place, last.id)
        wanted = Wanted(wanted.dataset_id, status=wanted.status, at_ms=wanted.at_ms, after=after)
