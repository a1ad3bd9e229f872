"""Bytes of HTTP/2 connections in; unary gRPC calls handed to whoever answers them, and their answers' bytes out.

Sources: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md and RFC 9113. Only what a receiver of telemetry needs:
one message a call, no streaming, no reflection. Why not grpcio: `docs/decisions/0009-grpc-without-grpcio.md`.
"""

import asyncio
import base64
import logging
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import cast
from urllib.parse import quote

import msgspec
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from farthing.errors import BadRequestError, BusyError, FarthingError
from farthing.intake.body import Limits

log = logging.getLogger(__name__)

CALLS_AT_ONCE = 100
"""Calls that one connection may have under way."""

BODY_SECONDS = 60
"""How long a call's message may take to arrive."""

UNREAD_BYTES = 1 << 20
"""A client that lets more of our answers wait is not reading, and is hung up on."""

_WINDOW = 1 << 20
_FRAME = 1 << 16
_HEADERS = 1 << 16
_SETTINGS = {
    SettingCodes.MAX_CONCURRENT_STREAMS: CALLS_AT_ONCE,
    SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW,
    SettingCodes.MAX_FRAME_SIZE: _FRAME,
    SettingCodes.MAX_HEADER_LIST_SIZE: _HEADERS,
}
_PREFIX = struct.Struct(">BI")
_ACCEPTED = "identity,gzip,deflate,zstd"
_HTTP1 = (b"GET ", b"POST", b"HEAD", b"PUT ", b"OPTI", b"PATC", b"DELE")
_WRONG_PROTOCOL = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"This port speaks gRPC. OTLP over HTTP has a port of its own, 4318 unless it was changed.\n"
)


class Status(msgspec.Struct, frozen=True):
    """How a call ended: a google.rpc.Code, a sentence, and details as bytes of a google.rpc.Status."""

    code: int
    message: str = ""
    details: bytes = b""


class Answer(msgspec.Struct, frozen=True):
    """A status, with the response's message when it is OK."""

    status: Status
    message: bytes = b""


class Incoming(msgspec.Struct):
    """A call: its path, its metadata, and its one message, as soon as that is complete."""

    path: str
    metadata: Mapping[str, str]
    body: "asyncio.Future[bytes]"

    async def message(self) -> tuple[bytes, str]:
        """The message as sent and its encoding.

        Raises `BadRequestError` for what is no single message, `TooLargeError`, `BusyError`.
        """
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await self.body
        except TimeoutError as error:
            msg = f"The message did not arrive within {BODY_SECONDS} seconds."
            raise BadRequestError(msg) from error
        if len(body) < _PREFIX.size:
            msg = "The call ended without a message."
            raise BadRequestError(msg)
        compressed, length = _PREFIX.unpack_from(body)
        if compressed > 1 or len(body) != _PREFIX.size + length:
            msg = "A call takes exactly one message."
            raise BadRequestError(msg)
        encoding = self.metadata.get("grpc-encoding", "identity")
        if compressed and encoding == "identity":
            msg = "The message says that it is compressed, but grpc-encoding does not say how."
            raise BadRequestError(msg)
        return body[_PREFIX.size :], encoding if compressed else ""


Handler = Callable[[Incoming], Awaitable[Answer]]


class _Stream:
    """One call under way."""

    def __init__(self, body: "asyncio.Future[bytes]") -> None:
        self.body = body
        self.chunks: list[bytes] = []
        self.size = 0
        self.ended = False
        """Whether the client has sent all; its message can be refused before that, or after."""
        self.task: asyncio.Task[None] | None = None


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, handler: Handler, limits: Limits, members: "set[Connection]") -> None:
        """Joins `members` while it is open."""
        self._handler = handler
        self._limits = limits
        self._members = members
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        # In force from the first byte on: clients use what they are offered before they have confirmed it.
        self._h2.local_settings = Settings(client=False, initial_values=_SETTINGS)
        self._h2.max_inbound_frame_size = _FRAME
        self._streams: dict[int, _Stream] = {}
        self._transport: asyncio.Transport | None = None
        self._roomier = asyncio.Event()
        self.closed = asyncio.Event()
        self._begun = False
        self._leaving = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.Transport", transport)
        self._members.add(self)
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(4 * _WINDOW)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """Forget what was under way; what was handed on already is kept all the same."""
        self._members.discard(self)
        self.closed.set()
        self._transport = None
        self._roomier.set()
        for number in list(self._streams):
            self._forget(number)

    def data_received(self, data: bytes) -> None:
        """Take the next bytes."""
        if not self._begun:
            self._begun = True
            if data.startswith(_HTTP1):
                self._hang_up(_WRONG_PROTOCOL)
                return
        try:
            events = self._h2.receive_data(data)
            for event in events:
                self._take(event)
        except (ProtocolError, UnicodeDecodeError) as error:
            log.debug("A gRPC client broke the protocol: %s", error)
            self._flush()
            self._hang_up()
            return
        self._flush()

    def leave(self) -> None:
        """Take no further calls; close as soon as none is under way."""
        self._leaving = True
        if self._transport is None:
            return
        # By hand: the protocol's own goodbye would let nothing be answered any more.
        last = self._h2.highest_inbound_stream_id
        self._transport.write(GoAwayFrame(0, last_stream_id=last, error_code=int(ErrorCodes.NO_ERROR)).serialize())
        self._close_when_done()

    def close(self) -> None:
        """Close now."""
        self._hang_up()

    def _take(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            self._begin(event)
        elif isinstance(event, DataReceived):
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            stream = self._streams.get(event.stream_id)
            if stream is not None and not stream.body.done():
                self._add(stream, event.data)
        elif isinstance(event, StreamEnded):
            stream = self._streams.get(event.stream_id)
            if stream is not None:
                self._end(stream)
        elif isinstance(event, StreamReset):
            self._forget(event.stream_id)
        elif isinstance(event, WindowUpdated | RemoteSettingsChanged):
            self._roomier.set()

    def _begin(self, event: RequestReceived) -> None:
        headers = {str(name): str(value) for name, value in event.headers}
        stream = _Stream(asyncio.get_running_loop().create_future())
        self._streams[event.stream_id] = stream
        incoming = Incoming(headers.get(":path", ""), headers, stream.body)
        stream.task = asyncio.ensure_future(self._serve(event.stream_id, incoming))

    def _add(self, stream: _Stream, data: bytes) -> None:
        stream.size += len(data)
        try:
            self._limits.hold(len(data), stream.size - _PREFIX.size)
        except FarthingError as error:
            stream.body.set_exception(error)
            stream.chunks.clear()
        else:
            stream.chunks.append(data)

    @staticmethod
    def _end(stream: _Stream) -> None:
        stream.ended = True
        if not stream.body.done():
            stream.body.set_result(b"".join(stream.chunks))
            stream.chunks.clear()

    async def _serve(self, number: int, incoming: Incoming) -> None:
        try:
            answer = await self._answer(incoming)
            await self._send(number, answer)
        except (ProtocolError, ConnectionError) as error:
            log.debug("A gRPC client did not wait for its answer: %s", error)
        finally:
            if incoming.body.done() and not incoming.body.cancelled():
                incoming.body.exception()  # nobody need ask for it
            self._forget(number)
            self._close_when_done()

    async def _answer(self, incoming: Incoming) -> Answer:
        content_type = incoming.metadata.get("content-type", "")
        if incoming.metadata.get(":method") != "POST" or not content_type.startswith("application/grpc"):
            return Answer(Status(3, "This port takes gRPC calls only."))
        if self._leaving:
            incoming = Incoming(incoming.path, incoming.metadata, _failed(BusyError("The server is stopping.")))
        return await self._handler(incoming)

    async def _send(self, number: int, answer: Answer) -> None:
        if self._transport is None or number not in self._streams:
            return
        trailers = [("grpc-status", str(answer.status.code))]
        if answer.status.message:
            trailers.append(("grpc-message", quote(answer.status.message, safe=" !\"#$&'()*+,/:;<=>?@[\\]^`{|}")))
        if answer.status.details:
            trailers.append(("grpc-status-details-bin", base64.b64encode(answer.status.details).decode().rstrip("=")))
        head = [(":status", "200"), ("content-type", "application/grpc"), ("grpc-accept-encoding", _ACCEPTED)]
        if answer.status.code:
            self._h2.send_headers(number, [*head, *trailers], end_stream=True)
            if not self._streams[number].ended:
                # The rest of the message needn't come. A stream that ended on both sides can't be reset any more.
                self._h2.reset_stream(number, ErrorCodes.NO_ERROR)
        else:
            self._h2.send_headers(number, head)
            await self._send_data(number, _PREFIX.pack(0, len(answer.message)) + answer.message)
            self._h2.send_headers(number, trailers, end_stream=True)
        self._flush()

    async def _send_data(self, number: int, data: bytes) -> None:
        while data and self._transport is not None and number in self._streams:
            room = min(self._h2.local_flow_control_window(number), self._h2.max_outbound_frame_size)
            if room > 0:
                self._h2.send_data(number, data[:room])
                data = data[room:]
            else:
                self._flush()
                self._roomier.clear()
                await self._roomier.wait()

    def _forget(self, number: int) -> None:
        stream = self._streams.pop(number, None)
        if stream is None:
            return
        self._limits.release(stream.size)
        stream.chunks.clear()
        if not stream.body.done():
            stream.body.cancel()

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if self._transport is not None and data:
            self._transport.write(data)
            if self._transport.get_write_buffer_size() > UNREAD_BYTES:
                self._transport.abort()

    def _close_when_done(self) -> None:
        if self._leaving and not self._streams:
            self._hang_up()

    def _hang_up(self, last_words: bytes = b"") -> None:
        if self._transport is not None:
            self._transport.write(last_words)
            self._transport.close()


def _failed(error: FarthingError) -> "asyncio.Future[bytes]":
    future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    future.exception()  # nobody need ask for it
    return future
