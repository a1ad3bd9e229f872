"""What a key may ask for in a minute and at once, and a call that is about to be made, in; leave, or the limit that forbids it, out.

Tokens are known when a call is over. Until then it is taken to use what its body and its cap say, so that callers who come together don't all
see the same that is left; then what it used more or less is taken or given back. It belongs to the event loop.
"""

import time
from collections.abc import Iterable

from farthing.access.rates import Buckets
from farthing.errors import ForbiddenError, TooManyError
from farthing.gateway.asked import Asked
from farthing.model.call import PricedCall
from farthing.routing.configured import KeyLimit

NO_LIMITS = KeyLimit("", "", "")

_BYTES_A_TOKEN = 4
"""Of English text; other languages need more bytes, and more tokens."""
_OF_DATA = 2_000
"""Tokens that a body is taken for, at most, which holds pictures, sounds or files: how many they are, its bytes don't say."""


class Pacing:
    """Of all keys."""

    def __init__(self) -> None:
        """Nobody has asked for anything."""
        self._requests, self._tokens = Buckets(), Buckets()
        self._busy: dict[str, int] = {}

    def enter(self, key: str, limits: KeyLimit, asked: Asked) -> int:
        """A call begins; the tokens it is taken to use are taken now. Raises `ForbiddenError`, `TooManyError`."""
        busy = self._busy.get(key, 0)
        taken = self._taken(key, limits, asked, busy) if limits is not NO_LIMITS else 0
        self._busy[key] = busy + 1
        return taken

    def _taken(self, key: str, limits: KeyLimit, asked: Asked, busy: int) -> int:
        if limits.concurrent is not None and busy >= limits.concurrent:
            msg = f"This key has {busy} calls under way, and no more than {limits.concurrent} are allowed."
            raise _later(msg, 1)
        now = time.monotonic()
        _take(self._requests, key, limits.requests_per_minute, 1, "calls", now)
        if limits.tokens_per_minute is None:
            return 0
        try:
            return _take(self._tokens, key, limits.tokens_per_minute, likely(asked), "tokens", now)
        except (ForbiddenError, TooManyError):
            if limits.requests_per_minute:  # who is refused has used nothing
                self._requests.owe(key, -1, limits.requests_per_minute, now)
            raise

    def leave(self, key: str) -> None:
        """A call is over."""
        left = self._busy[key] - 1
        if left:
            self._busy[key] = left
        else:
            del self._busy[key]

    def used(self, key: str, limits: KeyLimit, taken: int, calls: Iterable[PricedCall]) -> None:
        """What a call used is known now. Where nobody knows it, it is what it was taken for."""
        used, is_known = 0, True
        for one in calls:
            usage = one.call.usage
            used += (usage.input_tokens or 0) + (usage.output_tokens or 0)
            is_known = is_known and not (usage.input_tokens is None and one.call.may_be_charged)
        self._owe(key, limits, (used if is_known else max(used, taken)) - taken)

    def unused(self, key: str, limits: KeyLimit, taken: int) -> None:
        """A call was not made."""
        self._owe(key, limits, -taken)

    def _owe(self, key: str, limits: KeyLimit, tokens: int) -> None:
        if limits.tokens_per_minute and tokens:
            self._tokens.owe(key, tokens, limits.tokens_per_minute, time.monotonic())


def likely(asked: Asked) -> int:
    """Tokens that a call may well use; one at least."""
    holds_data = not asked.is_json or b"base64" in asked.body or b'"input_audio"' in asked.body
    said = len(asked.body) // _BYTES_A_TOKEN
    return max(1, (min(said, _OF_DATA) if holds_data else said) + (asked.cap or 0))


def _take(buckets: Buckets, key: str, limit: int | None, wanted: int, noun: str, now: float) -> int:
    if limit is None:
        return 0
    if limit == 0:
        msg = f"This key may not make calls: it is allowed 0 {noun} a minute."
        raise ForbiddenError(msg)
    if wait := buckets.take(key, wanted, limit, now).wait_s:
        msg = f"This key has used its {limit} {noun} a minute."
        raise _later(msg, wait)
    return wanted


def _later(message: str, wait_s: int) -> TooManyError:
    error = TooManyError(f"{message} Try again in {wait_s} s.")
    error.retry_after = wait_s
    return error
