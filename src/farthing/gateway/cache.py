"""Answers that may be given again in; the same bytes for the same request out, until their time is over. Memory, bounded.

It belongs to the event loop, and to this server: what another one was answered, nobody here knows.
"""

from collections import OrderedDict
from hashlib import blake2b

import msgspec

from farthing.gateway.entry import Entry
from farthing.gateway.outgoing import Outgoing
from farthing.gateway.refusals import Headers
from farthing.routing.plan import Plan

LARGEST = 4 << 20
"""A larger answer is not kept."""

_MEANS_SOMETHING = ("anthropic-", "openai-")
"""Beginnings of headers that an answer depends on."""


class Kept(msgspec.Struct, frozen=True):
    """An answer, in the pieces it came in."""

    headers: Headers
    parts: tuple[bytes, ...]
    provider: str
    account: str
    model: str
    response_model: str
    finish: list[str]
    saved_usd: str
    """What it cost; "" where nobody knows."""
    at: float
    """When it was given."""


class Cache:
    """Answers by the requests they were given to."""

    def __init__(self, most_bytes: int) -> None:
        """Empty."""
        self._most = most_bytes
        self._held: OrderedDict[bytes, tuple[Kept, float, int]] = OrderedDict()
        self.size = 0

    def get(self, key: bytes, now: float) -> Kept | None:
        """The answer, if there is one whose time is not over."""
        found = self._held.get(key)
        if found is None:
            return None
        if found[1] <= now:
            self._drop(key)
            return None
        self._held.move_to_end(key)
        return found[0]

    def put(self, key: bytes, kept: Kept, ttl_s: int) -> None:
        """Keep it for so long; whoever was not asked for longest goes if there is no room."""
        size = sum(map(len, kept.parts)) + 1_000
        if size > min(LARGEST, self._most):
            return
        self._drop(key)
        self._held[key] = (kept, kept.at + ttl_s, size)
        self.size += size
        while self.size > self._most:
            self._drop(next(iter(self._held)))

    def _drop(self, key: bytes) -> None:
        found = self._held.pop(key, None)
        if found is not None:
            self.size -= found[2]


def key(project_id: str, plan: Plan, entry: Entry, out: Outgoing) -> bytes:
    """What must be the same so that the answer is."""
    parts = [
        project_id,
        plan.config,
        plan.variant,
        str(plan.version),
        *(f"{target.account.id}/{target.model}" for target in plan.targets),
        out.address,
        str(out.hides_usage),
        out.headers.get("accept-encoding", ""),
        *(f"{name}:{value}" for name, value in sorted(entry.headers.items()) if name.startswith(_MEANS_SOMETHING)),
    ]
    return blake2b("\0".join(parts).encode() + b"\0\0" + (out.body or b""), digest_size=32).digest()
