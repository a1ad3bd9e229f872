"""An HTTP response that the application has yet to read goes in; while it is read, its call is told what was in it."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Any, Callable

from farthing_sdk._events import Events, Frames, Passing, Whole, WithoutUsage
from farthing_sdk._left_over import left_over
from farthing_sdk._trouble import swallow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from farthing_sdk._observed import Observed

_REPLACED = ("iter_bytes", "aiter_bytes", "close", "aclose")

_NOT_TOLD_IN = ("audio/", "image/", "video/", "application/octet-stream")
"""Kinds of content that tell no usage, and may be large."""


def read_on(response: Any, call: Observed) -> None:
    """Watch the reading of this response to its end, be that the last event, an error, or that nobody reads on."""
    reading = _Reading(response, call)
    said = response.__dict__
    said["iter_bytes"] = reading.iter_bytes
    said["aiter_bytes"] = reading.aiter_bytes
    said["close"] = reading.close
    said["aclose"] = reading.aclose
    left_over.expect()
    weakref.finalize(response, call.left)


class _Reading:
    """What stands in for four methods of one response."""

    def __init__(self, response: Any, call: Observed) -> None:
        self._response = response
        self._class: Any = type(response)
        self._call = call
        self._pieces: Any = None
        self._events: Events | None = self._kind(str(response.headers.get("content-type") or ""))
        self._feed: Callable[[bytes], bytes] = self._events.feed

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        response = self._response
        pieces = self._class.iter_bytes(response, chunk_size)
        self._pieces = pieces
        cut = _Cut(chunk_size)
        try:
            for piece in pieces:
                try:
                    shown = self._feed(piece)
                except Exception as error:  # noqa: BLE001 - the application reads on
                    shown = self._blind(error) + piece
                for chunk in cut.feed(shown):
                    yield chunk
            shown = self._rest()
            self._over(response, self._call.finish)
            for chunk in cut.last(shown):
                yield chunk
        except GeneratorExit:
            self._over(response, self._call.left)
            raise
        except Exception as error:
            self._over(response, functools.partial(self._call.failed, error))
            for chunk in cut.feed(self._rest()):
                yield chunk
            raise
        except BaseException as error:
            self._over(response, functools.partial(self._call.failed, error))
            raise
        finally:
            pieces.close()

    async def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        response = self._response
        pieces = self._class.aiter_bytes(response, chunk_size)
        self._pieces = pieces
        cut = _Cut(chunk_size)
        try:
            async for piece in pieces:
                try:
                    shown = self._feed(piece)
                except Exception as error:  # noqa: BLE001 - the application reads on
                    shown = self._blind(error) + piece
                for chunk in cut.feed(shown):
                    yield chunk
            shown = self._rest()
            self._over(response, self._call.finish)
            for chunk in cut.last(shown):
                yield chunk
        except GeneratorExit:
            self._over(response, self._call.left)
            raise
        except Exception as error:
            self._over(response, functools.partial(self._call.failed, error))
            for chunk in cut.feed(self._rest()):
                yield chunk
            raise
        except BaseException as error:
            # Cancelled: the application wants no more.
            self._over(response, functools.partial(self._call.failed, error))
            raise
        finally:
            await pieces.aclose()

    def close(self) -> None:
        response = self._response
        # At the end of its bytes a response closes itself.
        if not getattr(self._pieces, "gi_running", False):
            self._over(response, self._call.left)
        self._class.close(response)

    async def aclose(self) -> None:
        response = self._response
        if not getattr(self._pieces, "ag_running", False):
            self._over(response, self._call.left)
        await self._class.aclose(response)

    def _over(self, response: Any, end: Callable[[], None]) -> None:
        """Nothing more will be read; the response is again what it was."""
        end()
        for name in _REPLACED:
            response.__dict__.pop(name, None)

    def _kind(self, content_type: str) -> Events:
        if "amazon.eventstream" in content_type:
            return Frames(self._seen, self._call.finish)
        if "event-stream" not in content_type:
            if content_type.startswith(_NOT_TOLD_IN):
                return Passing(self._seen, self._call.finish)
            return Whole(self._call.answer, self._call.finish)
        kind = WithoutUsage if self._call.hiding else Events
        return kind(self._seen, self._call.finish, self._call)

    def _seen(self, event: Mapping[str, Any]) -> None:
        if self._call.seen(event) and self._events is not None:
            self._events.spoken()

    def _rest(self) -> bytes:
        if self._events is None:
            return b""
        try:
            return self._events.rest()
        except Exception as error:  # noqa: BLE001 - likewise
            return self._blind(error)

    def _blind(self, error: Exception) -> bytes:
        """From here on nothing is looked at any more."""
        self._events = None
        self._feed = _as_it_is
        swallow(error, "stream")
        return b""


class _Cut:
    """What the application sees, in pieces as long as it asked for."""

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._waiting = b""

    def feed(self, shown: bytes) -> list[bytes]:
        size = self._size
        if not size:
            return [shown] if shown else []
        whole = self._waiting + shown
        end = len(whole) - len(whole) % size
        self._waiting = whole[end:]
        return [whole[at : at + size] for at in range(0, end, size)]

    def last(self, shown: bytes) -> list[bytes]:
        pieces = self.feed(shown)
        rest, self._waiting = self._waiting, b""
        return [*pieces, rest] if rest else pieces


def _as_it_is(piece: bytes) -> bytes:
    return piece
