"""Touched calls in; change tokens as server-sent events, for whoever looks at that project right now, out. Scope read.

A token says that there is something new, never what: whoever gets it asks again. Source of the format:
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import threading
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet

from fastapi import Depends, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from farthing.api.identity import Guard, project_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.errors import BusyError

MOST = 200
"""So many look at once: each of them holds a connection."""

KEEP_ALIVE_S = 15.0
REST_S = 0.5
"""Between two tokens for the same listener, however many calls come in."""

RECENT_US = 10_000_000
"""Who comes for the first time has asked for what it shows a moment before: a change of so many microseconds ago may be news to it."""

LONGEST_S = 900.0
"""Then a browser connects again by itself, and is asked again who it is."""

RECONNECT_MS = 2_000

_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


class Listeners:
    """Who looks at which project. `heard` may be called from any thread, everything else from the event loop."""

    def __init__(self, clock: Callable[[], int]) -> None:
        """`clock` answers Unix nanoseconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._marks: dict[str, int] = {}
        # Whoever comes back after a restart may have missed something.
        self._first = self._last = clock() // 1_000
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waking: dict[str, set[asyncio.Event]] = {}
        self._count = 0
        self._closed = False

    def heard(self, project_id: str, _: AbstractSet[int]) -> None:
        """Calls of this project have changed."""
        with self._lock:
            self._last = max(self._last + 1, self._clock() // 1_000)
            self._marks[project_id] = self._last
            loop = self._loop if project_id in self._waking else None
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, project_id)

    def mark(self, project_id: str) -> int:
        """Rises whenever calls of the project change."""
        with self._lock:
            return self._marks.get(project_id, self._first)

    def seen_by_all(self, project_id: str) -> int:
        """A mark from which on whoever comes for the first time is told of changes."""
        return min(self.mark(project_id), self._clock() // 1_000 - RECENT_US)

    def join(self, project_id: str) -> asyncio.Event:
        """An event that is set when there is something new, or nothing more will come. Raises `BusyError`."""
        if self._closed or self._count >= MOST:
            why = "the server is stopping" if self._closed else f"{MOST} others are connected"
            msg = f"No live updates right now: {why}. Ask again every few seconds instead."
            raise BusyError(msg)
        event = asyncio.Event()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._waking.setdefault(project_id, set()).add(event)
        self._count += 1
        return event

    def leave(self, project_id: str, event: asyncio.Event) -> None:
        """Nobody waits for this event any more."""
        self._count -= 1
        with self._lock:
            waking = self._waking[project_id]
            waking.discard(event)
            if not waking:
                del self._waking[project_id]

    @property
    def closed(self) -> bool:
        """Whether nothing more will come."""
        return self._closed

    def close(self) -> None:
        """Let all go: the server is stopping and waits for nobody who only listens."""
        self._closed = True
        for project_id in list(self._waking):
            self._wake(project_id)

    def _wake(self, project_id: str) -> None:
        for event in self._waking.get(project_id, ()):
            event.set()


class Tokens(Response):
    """The stream of one listener, until it goes away, has been there for long, or the server stops."""

    media_type = "text/event-stream"

    def __init__(self, listeners: Listeners, project_id: str, seen: int | None) -> None:
        """`seen` is the last token it has had before, if any."""
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._listeners = listeners
        self._project_id = project_id
        self._seen = seen
        self._event = listeners.join(project_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  as of every response
        """ASGI."""
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._tell(send, gone)
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            self._listeners.leave(self._project_id, self._event)

    async def _tell(self, send: Send, gone: "asyncio.Future[None]") -> None:
        listeners, event = self._listeners, self._event
        until = time.monotonic() + LONGEST_S
        told = listeners.seen_by_all(self._project_id) if self._seen is None else self._seen
        body = f"retry: {RECONNECT_MS}\n\n".encode()
        while not gone.done() and not listeners.closed and time.monotonic() < until:
            event.clear()
            mark = listeners.mark(self._project_id)
            if mark > told:
                told = mark
                body += b'id: %d\nevent: change\ndata: {"watermark": %d}\n\n' % (mark, mark)
            await send({"type": "http.response.body", "body": body or b": still here\n\n", "more_body": True})
            body = b""
            await _first(REST_S, gone)
            await _first(KEEP_ALIVE_S, gone, event)


async def _first(seconds: float, gone: "asyncio.Future[None]", event: asyncio.Event | None = None) -> None:
    waiting = [gone] if event is None else [gone, asyncio.ensure_future(event.wait())]
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for other in waiting[1:]:
        other.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def router(listeners: Listeners, guard: Guard) -> Routes:
    """The route; `guard` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1", tags=["questions"], dependencies=[Depends(guard)], responses=documented(401, 403, 503)
    )

    @routes.get(
        "/live",
        summary="A token whenever calls of the project have changed, as server-sent events",
        description=(
            'Events are called `change` and carry `{"watermark": …}`, a number that rises; ask again for whatever you show.'
            " A comment comes every 15 seconds when nothing else does. The stream ends after 15 minutes, and when the server"
            " stops; connect again with Last-Event-ID to learn at once whether something was missed. Without one a change of the last ten"
            " seconds is told at once."
        ),
        response_class=Response,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def live(request: Request) -> Response:
        last = request.headers.get("last-event-id", "")
        seen = int(last) if last.isascii() and last.isdigit() and len(last) < 20 else None
        return Tokens(listeners, project_of(request), seen)

    return routes
