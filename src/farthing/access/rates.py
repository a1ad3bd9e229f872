"""Keys and how many calls each posts in; whether that is too fast, and when to come again, out. Pure: time is an argument."""

import math
from collections import OrderedDict

import msgspec

MOST_KEYS = 10_000


class State(msgspec.Struct, frozen=True):
    """How it stands with a key: of `limit` calls a minute so many are left, and all of them again after `reset_s`."""

    limit: int
    remaining: int
    reset_s: int
    wait_s: int
    """Seconds until it may try again; 0: it may now."""

    @property
    def headers(self) -> dict[str, str]:
        """As response headers; none where there is no limit."""
        if not self.limit:
            return {}
        found = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_s),
        }
        if self.wait_s:
            found["Retry-After"] = str(self.wait_s)
        return found


UNLIMITED = State(0, 0, 0, 0)


class _Bucket(msgspec.Struct):
    tokens: float
    at: float


class Buckets:
    """A token bucket for each key: a minute's calls may come at once, and then as fast as they flow in again.

    A batch that is larger than the whole bucket is let through when the bucket is full, and leaves it in debt.
    """

    def __init__(self) -> None:
        """All of them are full."""
        self._of: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key_id: str, calls: int, per_minute: int, now: float) -> State:
        """Take so many calls out of a key's bucket, or none when it holds too few. `now` are seconds of a steady clock."""
        if per_minute <= 0:
            return UNLIMITED
        rate = per_minute / 60
        bucket = self._filled(key_id, per_minute, now)
        needed = min(calls, per_minute)
        wait = 0
        if bucket.tokens >= needed:
            bucket.tokens -= calls
        else:
            wait = max(1, math.ceil((needed - bucket.tokens) / rate))
        reset = math.ceil((per_minute - bucket.tokens) / rate)
        return State(per_minute, max(0, int(bucket.tokens)), reset, wait)

    def owe(self, key_id: str, calls: int, per_minute: int, now: float) -> None:
        """Take so many out whatever is in it: what was used is known afterwards only."""
        if per_minute > 0:
            self._filled(key_id, per_minute, now).tokens -= calls

    def _filled(self, key_id: str, per_minute: int, now: float) -> _Bucket:
        bucket = self._of.get(key_id)
        if bucket is None:
            bucket = self._of[key_id] = _Bucket(per_minute, now)
            if len(self._of) > MOST_KEYS:
                self._of.popitem(last=False)
        else:
            self._of.move_to_end(key_id)
        bucket.tokens = min(per_minute, bucket.tokens + max(0.0, now - bucket.at) * per_minute / 60)
        bucket.at = now
        return bucket
