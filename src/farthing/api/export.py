"""GET requests for a file of calls or sums in; its bytes, as they are made and never all at once, out. Scope read."""

import csv
import io
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from fastapi import Depends, Request
from starlette.responses import Response, StreamingResponse

from farthing.api.identity import COOKIE, Guard, project_of
from farthing.api.problems import documented
from farthing.api.questions import parameters
from farthing.api.routes import Routes
from farthing.errors import BusyError
from farthing.query.export import CSV, FOCUS, JSONL, PARQUET, Export, export
from farthing.store.telemetry import parquet
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

MOST_AT_ONCE = 8

Rows = Sequence[Mapping[str, Any]]
Pages = Iterable[Rows]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take text for a formula. Source: https://owasp.org/www-community/attacks/CSV_Injection"""

_NUMBERS = ("_usd", "Cost", "UnitPrice")
"""Columns of these endings hold decimal texts of our own."""

_TYPES = {
    CSV: ("csv", "text/csv; charset=utf-8"),
    FOCUS: ("csv", "text/csv; charset=utf-8"),
    JSONL: ("jsonl", "application/x-ndjson"),
    PARQUET: ("parquet", "application/vnd.apache.parquet"),
}


def as_csv(columns: Sequence[str], pages: Pages) -> Iterator[bytes]:
    """Comma-separated values by RFC 4180, which no spreadsheet takes for formulas; what nobody knows is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_safe(name) for name in columns])
    plain = [name.endswith(_NUMBERS) for name in columns]
    for page in pages:
        for row in page:
            writer.writerow(
                [row[name] if is_plain else _cell(row[name]) for name, is_plain in zip(columns, plain, strict=True)]
            )
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return _safe(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else value


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_jsonl(_: Sequence[str], pages: Pages) -> Iterator[bytes]:
    """A JSON object on each line."""
    for page in pages:
        yield msgspec.json.Encoder().encode_lines(page)


_WRITERS: dict[str, Callable[[Sequence[str], Pages], Iterator[bytes]]] = {
    CSV: as_csv,
    FOCUS: as_csv,
    JSONL: as_jsonl,
    PARQUET: parquet.written,
}


def router(engine: Engine, rollup: Rollup, guard: Guard) -> Routes:
    """The route; `guard` lets in keys with the scope read."""
    slots = threading.BoundedSemaphore(MOST_AT_ONCE)
    routes = Routes(
        prefix="/api/v1", tags=["questions"], dependencies=[Depends(guard)], responses=documented(400, 401, 403, 503)
    )

    @routes.get(
        "/export",
        summary="The filtered calls, or what was spent by a dimension, as a file",
        description=(
            "Calls that own their tokens, oldest first, however many there are; with `by` the groups of /api/v1/spend instead."
            " `focus` is CSV with the columns of the FinOps Open Cost and Usage Specification 1.2, one row for each kind of"
            " line of a day; calls without a known cost are not in it, and all its costs are the same: what was reckoned."
            " Money is exact decimal text (in Parquet decimals with 24 places). In CSV, text that a spreadsheet would take"
            " for a formula begins with an apostrophe, and what nobody knows is empty."
        ),
        response_class=Response,
        responses={
            200: {"content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for _, kind in _TYPES.values()}}
        },
        openapi_extra=parameters(
            {
                "format": "csv (the default), jsonl, parquet or focus.",
                "columns": "Names of /api/v1/calls and tag.<key>, comma-separated. For focus: tag.<key> to be put into Tags.",
                "by": "Dimensions, comma-separated: what was spent by them instead of single calls.",
                "limit": "With by: how many groups are told apart.",
                "granularity": "For focus: day (the default) or hour.",
            }
        ),
    )
    def exported(request: Request) -> Response:
        # A browser's download can't send the header that says which project: who signed in has it in the address.
        signed_in = COOKIE in request.cookies
        asked = [pair for pair in request.query_params.multi_items() if not (signed_in and pair[0] == "project")]
        found = export(engine, rollup, project_of(request), asked, time.time_ns())
        if not slots.acquire(blocking=False):
            msg = f"{MOST_AT_ONCE} exports are under way, and no more may be. Ask again in a moment."
            raise BusyError(msg)
        try:
            # What can go wrong with the question goes wrong here, where it can still be said.
            first = next(found.pages, None)
        except BaseException:
            slots.release()
            raise
        return _answer(found, [] if first is None else [first], slots.release)

    return routes


def _answer(found: Export, read: list[Rows], done: Callable[[], None]) -> Response:
    ending, kind = _TYPES[found.format]
    pieces = _WRITERS[found.format](found.columns, itertools.chain(read, found.pages))
    headers = {"Content-Disposition": f'attachment; filename="{found.name}.{ending}"', "Cache-Control": "no-store"}
    return _File(pieces, done, headers=headers, media_type=kind)


class _File(StreamingResponse):
    """A stream that says when it is over, whoever ended it."""

    def __init__(self, pieces: Iterator[bytes], done: Callable[[], None], **more: Any) -> None:
        super().__init__(pieces, **more)
        self._done = done

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._done()
