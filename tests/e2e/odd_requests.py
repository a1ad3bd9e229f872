"""A seed and a number in; always the same request out, wrong in some way, and whether a good span in it must be kept."""

import gzip
import random
import sys
import zlib
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from e2e import odd_json, odd_protobuf, odd_values, raw_http, wire
from opentelemetry.proto.trace.v1.trace_pb2 import Span

MIB = 1 << 20
LARGEST_MIB = 8
"""What the server takes at most, so that bombs are quickly made."""

MARKER = "marker"
_NOISE = "noise"
_HOUR_NS = 3600 * 10**9

PATHS = ("/v1/traces", "/v1/traces", "/v1/traces", "/api/acme/v1/traces", "/api/public/otel/v1/traces")
_OTHER_PATHS = ("/v1/metrics", "/v1/logs")


class OddRequest(NamedTuple):
    """The bytes to send."""

    kind: str
    sent: bytes
    must_be_kept: bool = False
    """It holds a marker, so it must be answered with 200 although spans beside the marker are broken."""
    may_hang_up: bool = False
    """It isn't HTTP: the server may close the connection."""


class Maker:
    """Makes the requests of one seed."""

    def __init__(self, seed: int, now_ns: int, headers: dict[str, str]) -> None:
        """`headers` let a client in."""
        self._seed = seed
        self._now_ns = now_ns
        self._headers = tuple(headers.items())

    def request(self, number: int) -> OddRequest:
        """The request with this number."""
        chance = random.Random(f"{self._seed}-{number}")
        ways: tuple[tuple[int, Callable[[random.Random, int], OddRequest]], ...] = (
            (40, self._beside), (25, self._flipped), (10, self._packed_wrongly), (10, self._no_request),
            (10, self._odd_headers), (5, self._other_signals),
        )  # fmt: skip
        (way,) = chance.choices([way for _, way in ways], [weight for weight, _ in ways])
        made = way(chance, number)
        return made._replace(kind=f"{number} {way.__name__} {made.kind}")

    @staticmethod
    def marker_tokens(number: int) -> tuple[int, int]:
        """Input and output of the marker in request `number`."""
        return number, 1

    def _beside(self, chance: random.Random, number: int) -> OddRequest:
        """Broken spans, and a good one among them."""
        marker = self._marker(number)
        noise = [self._span(chance) for _ in range(chance.choice((1, 1, 3)))]
        if chance.random() < 0.2:
            noise[0].trace_id = marker.trace_id
        if chance.random() < 0.5:
            odd = [odd_protobuf.span(chance, span) for span in noise]
            odd.insert(chance.randrange(len(odd) + 1), marker.SerializeToString())
            body, kind = odd_protobuf.body(odd, odd_protobuf.pair(chance)), wire.PROTOBUF
        else:
            spans = [odd_json.span(chance, span) for span in noise]
            spans.insert(chance.randrange(len(spans) + 1), odd_json.plain(marker))
            scope = odd_json.scope(chance) if chance.random() < 0.1 else {}
            body, kind = odd_json.body(spans, **scope), wire.JSON
        encoding = chance.choice(tuple(_PACKED))
        return self._made(chance, kind, _PACKED[encoding](body), encoding)._replace(must_be_kept=True)

    def _flipped(self, chance: random.Random, _: int) -> OddRequest:
        """A good body with a few bytes changed."""
        spans = [self._span(chance) for _ in range(chance.choice((1, 2, 5)))]
        if chance.random() < 0.5:
            body, kind = wire.request(spans).SerializeToString(), wire.PROTOBUF
        else:
            body, kind = odd_json.body([odd_json.plain(span) for span in spans]), wire.JSON
        encoding = chance.choice(tuple(_PACKED))
        return self._made(chance, kind, _PACKED[encoding](odd_values.flipped(chance, body)), encoding)

    def _packed_wrongly(self, chance: random.Random, _: int) -> OddRequest:
        """A good body in an encoding that is broken, mislabelled, unheard of, or far too large unpacked."""
        encoding = chance.choice(("gzip", "deflate", "zstd"))
        body = _PACKED[encoding](wire.request([self._span(chance)]).SerializeToString())
        if chance.random() < 0.03:
            body = _bomb(encoding)
        elif chance.random() < 0.6:
            body = odd_values.flipped(chance, body)
        else:
            encoding = chance.choice((*_PACKED, "br", "GZIP", "gzip, gzip", "x-gzip", "\u00e9", ","))
        return self._made(chance, chance.choice((wire.PROTOBUF, wire.JSON)), body, encoding)

    def _no_request(self, chance: random.Random, _: int) -> OddRequest:
        """Anything but a request for spans."""
        body = chance.choice((b"", b"{}", b"[]", b"null", b"{", b"\n", bytes(1), b"[" * 5_000, b'{"a":' * 5_000))
        if chance.random() < 0.3:
            body = chance.randbytes(chance.randrange(200))
        elif chance.random() < 0.7:
            body = odd_json.envelope(chance)
        return self._made(chance, chance.choice((wire.PROTOBUF, wire.JSON, "")), body, "")

    def _odd_headers(self, chance: random.Random, _: int) -> OddRequest:
        """A good body under headers that are not."""
        body = wire.request([self._span(chance)]).SerializeToString()
        odd = chance.choice(
            (
                ("Content-Type", odd_values.text(chance)), ("Content-Type", "application/json; charset=utf-7"),
                ("Authorization", odd_values.text(chance)), ("Authorization", "Basic " + odd_values.text(chance)),
                ("X-API-Key", "fk_" + odd_values.text(chance)), ("Content-Length", "-1"), ("Content-Length", "1e3"),
                ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "gzip"), ("Accept-Encoding", "x" * 20_000),
                ("Expect", "100-continue"), ("Connection", "close"), ("Upgrade", "websocket"), ("\u00e9", "\u00e9"),
                ("X", odd_values.text(chance)), ("", ""),
            )
        )  # fmt: skip
        headers = [*self._headers, ("Content-Type", wire.PROTOBUF), ("Content-Length", str(len(body)))]
        kept = [pair for pair in headers if pair[0] != odd[0] or chance.random() < 0.5]
        path = chance.choice((*PATHS, "/v1/traces?x=%ff", "/api//v1/traces", "/v1/traces/", "/\u00e9/v1/traces", "*"))
        method = chance.choice(("POST", "POST", "POST", "PUT", "GET", "HEAD", "OPTIONS", "BREW"))
        # Without the connection's end, a server waits for a body that was promised and never comes.
        sent = raw_http.head(method, path, [*kept, odd, ("Connection", "close")]) + body
        return OddRequest(repr(odd)[:80], sent, may_hang_up=True)

    def _other_signals(self, chance: random.Random, _: int) -> OddRequest:
        """Metrics and logs that are none."""
        body = odd_values.flipped(chance, wire.request([self._span(chance)]).SerializeToString())
        headers = [*self._headers, ("Content-Type", chance.choice((wire.PROTOBUF, wire.JSON)))]
        path = chance.choice(_OTHER_PATHS)
        return OddRequest(path, raw_http.head("POST", path, [*headers, ("Content-Length", str(len(body)))]) + body)

    def _made(self, chance: random.Random, kind: str, body: bytes, encoding: str) -> OddRequest:
        headers = list(self._headers)
        if kind:
            headers.append(("Content-Type", kind))
        if encoding:
            headers.append(("Content-Encoding", encoding))
        if chance.random() < 0.2:
            length, body = ("Transfer-Encoding", "chunked"), raw_http.chunked(body, chance.choice((1_000, 100_000)))
        else:
            length = ("Content-Length", str(len(body)))
        return OddRequest(f"{kind} {encoding}", raw_http.head("POST", chance.choice(PATHS), [*headers, length]) + body)

    def _marker(self, number: int) -> Span:
        told = wire.chat(*self.marker_tokens(number), feature=MARKER, **{"gen_ai.response.id": f"{MARKER}-{number}"})
        return wire.span(number.to_bytes(16, "big"), number.to_bytes(8, "big"), self._now_ns - _HOUR_NS - number, told)

    def _span(self, chance: random.Random) -> Span:
        """A good span; ids are sometimes those of another one."""
        trace = chance.randbytes(16) if chance.random() < 0.9 else bytes([chance.randrange(1, 5)]) * 16
        told = wire.chat(chance.randrange(100), chance.randrange(100), feature=_NOISE)
        parent = chance.randbytes(8) if chance.random() < 0.3 else b""
        start = self._now_ns - chance.randrange(_HOUR_NS, 100 * _HOUR_NS)
        return wire.span(trace, chance.randbytes(8), start, told, parent=parent)


def _deflate(body: bytes) -> bytes:
    return zlib.compress(body, 1)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 1)


_PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": _gzip,
    "deflate": _deflate,
    "zstd": zstd.compress,
}


@cache
def _bomb(encoding: str) -> bytes:
    return _PACKED[encoding](bytes(4 * LARGEST_MIB * MIB))
