"""A server's address and its keys in; its answers out: asked again, ever more seldom, while it is busy or away."""

import json
import math
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec

from farthing.cli.client import RefusedError
from farthing.errors import FarthingError

Json = dict[str, Any]

PREFIX = "/api/public"
PATIENCE_S = 60.0
TRIES = 8
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
LONGEST_TOLD_S = 600.0
"""A server may ask for more patience than we'd choose, but not for any."""
MOST_BYTES = 256 << 20
"""Of one answer."""

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_DONE = frozenset({408, 425, 429, 503})
"""With these a server says that it did nothing, so that even what must not be done twice may be sent again."""
_NO_ENTRY = frozenset({401, 403})

_jitter = random.SystemRandom()


class DeclinedError(FarthingError):
    """The server won't have, or hasn't, this one thing; others may go well."""

    code = "declined"

    def __init__(self, told: int, sentence: str) -> None:
        """`told` is the status it answered with."""
        super().__init__(sentence)
        self.told = told

    @property
    def is_missing(self) -> bool:
        """Whether there is no such place, rather than no such thing in it."""
        return self.told in (404, 405, 410, 501)

    @property
    def is_too_large(self) -> bool:
        """Whether less at once may go well."""
        return self.told == 413


class Peer:
    """One server, asked by one thread. Raises `RefusedError` for what nothing can go on after, `DeclinedError` for the rest."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        pair: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        is_near: bool = False,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        """`name` is what sentences call it. One that is near is reached without the proxies of the environment."""
        self.name = name
        self.url = url.rstrip("/")
        self._wait = wait
        self._has_answered = False
        try:
            self._http = httpx.Client(
                base_url=self.url + PREFIX,
                auth=pair,
                headers=dict(headers or {}),
                timeout=PATIENCE_S,
                trust_env=not is_near,
                follow_redirects=not is_near,
                max_redirects=5,
            )
        except httpx.InvalidURL as error:
            msg = f"{name} has no address that can be asked: {url[:200]!r} ({error})."
            raise RefusedError(msg) from error

    def close(self) -> None:
        """Let go of its connections."""
        self._http.close()

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:
        """The JSON at a place."""
        return self._asked("GET", path, params=dict(parameters or {}))

    def post(self, path: str, body: Json, *, is_repeatable: bool = True) -> Any:
        """The answer to a body. What isn't repeatable is sent again only after the server said it did nothing."""
        return self._asked("POST", path, is_repeatable=is_repeatable, json=body)

    def patch(self, path: str, body: Json) -> Any:
        """The answer to a change."""
        return self._asked("PATCH", path, json=body)

    def delete(self, path: str, parameters: Mapping[str, str] | None = None) -> None:
        """Have something taken away."""
        self._asked("DELETE", path, params=dict(parameters or {}))

    def _asked(self, method: str, path: str, *, is_repeatable: bool = True, **more: Any) -> Any:
        last = ""
        for attempt in range(TRIES):
            told: float | None = None
            try:
                status, headers, content = self._once(method, path, more)
            except (httpx.TransportError, httpx.TooManyRedirects, httpx.InvalidURL) as error:
                last = f"{(str(error) or type(error).__name__).rstrip('.')}."
                # Who never answered is more likely misspelt than away.
                if not is_repeatable or not self._has_answered:
                    break
            else:
                self._has_answered = True
                if status < 300:
                    return self._read(content)
                if status in _NO_ENTRY:
                    msg = f"{self.name} ({self.url}) doesn't let these keys in: {_sentence(status, content)}"
                    raise RefusedError(msg)
                if status not in (_BUSY if is_repeatable else _NOT_DONE):
                    raise DeclinedError(status, _sentence(status, content))
                last, told = _sentence(status, content), _told_wait(headers.get("retry-after"))
            if attempt + 1 < TRIES:
                self._wait(_pause(attempt) if told is None else told)
        if not self._has_answered:
            msg = f"{self.name} doesn't answer at {self.url}: {last} Is that its address, and does it run?"
            raise RefusedError(msg)
        msg = f"{self.name} ({self.url}) can't be asked for {path}: {last} Run the same command again later: it goes on from here."
        raise RefusedError(msg)

    def _once(self, method: str, path: str, more: Mapping[str, Any]) -> tuple[int, httpx.Headers, bytes]:
        content = bytearray()
        with self._http.stream(method, path, **more) as answer:
            for piece in answer.iter_bytes(1 << 16):
                content += piece
                if len(content) > MOST_BYTES:
                    raise DeclinedError(413, f"The answer has more than {MOST_BYTES >> 20} MiB.")
        return answer.status_code, answer.headers, bytes(content)

    def _read(self, content: bytes) -> Any:
        if not content:
            return {}
        try:
            return msgspec.json.decode(content)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return self._mended(content)

    def _mended(self, content: bytes) -> Any:
        """What models wrote has halves of characters in it at times, and what programs wrote numbers that are none."""
        try:
            text = content.decode(errors="replace")
            told = json.loads(text, parse_float=_finite, parse_constant=lambda _: None)
            whole = json.dumps(told, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return msgspec.json.decode(whole)
        except (ValueError, RecursionError) as error:
            raise DeclinedError(200, f"{self.name} answered something other than JSON.") from error


def _finite(said: str) -> float | None:
    told = float(said)
    return told if math.isfinite(told) else None


def _pause(attempt: int) -> float:
    # Unequal, so that several that were turned away together don't come back together.
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**attempt) * _jitter.uniform(0.5, 1.0)


def _told_wait(said: str | None) -> float | None:
    """Seconds of a `Retry-After`: a number, or a date."""
    if not said:
        return None
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), LONGEST_TOLD_S) if seconds == seconds else None


def _sentence(status: int, content: bytes) -> str:
    try:
        told = msgspec.json.decode(content)
        said = told.get("message") or told.get("detail") or told.get("error")
    except (msgspec.DecodeError, RecursionError, UnicodeError, AttributeError):
        said = content[:200].decode(errors="replace")
    return str(said)[:400] if said else f"It answered {status}."
