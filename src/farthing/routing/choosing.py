"""The rollouts of a config and a call in; the rollout whose variant answers it out. Pure.

Of the rollouts that are on and whose conditions hold, those of the highest priority share the calls by their weights. Who a
call is for decides which share it falls into, so that a user stays with a variant; and when weights move, only as many users
change as must: each rollout draws a number for each user, longer odds for a smaller weight, and the best number wins
(weighted rendezvous hashing).
"""

import hashlib
import math
from collections.abc import Iterable, Sequence

import msgspec

from farthing.routing.conditions import Test
from farthing.routing.plan import Wish

_RANGE = 1 << 53


class Choice(msgspec.Struct, frozen=True):
    """A rollout, ready to be chosen."""

    id: str
    variant_id: str
    holds: Test
    version: int = 0
    """0: the latest."""
    environment: str = ""
    """Its slug; "" in all."""
    weight: int = 10_000
    priority: int = 0


def choose(config_id: str, choices: Sequence[Choice], wish: Wish, environment: str, chance: str) -> Choice | None:
    """The one for this call, or none. `chance` is drawn by where the call has neither user nor session."""
    fitting = [one for one in choices if one.weight > 0 and one.environment in ("", environment) and one.holds(wish)]
    if not fitting:
        return None
    highest = max(one.priority for one in fitting)
    sharing = [one for one in fitting if one.priority == highest]
    return sharing[0] if len(sharing) == 1 else _drawn(sharing, f"{config_id}\0{subject(wish, chance)}")


def subject(wish: Wish, chance: str) -> str:
    """Who or what a call is drawn by."""
    if wish.user:
        return f"user\0{wish.user}"
    if wish.session:
        return f"session\0{wish.session}"
    return f"request\0{wish.request_id or chance}"


def _drawn(sharing: Iterable[Choice], who: str) -> Choice:
    return min(sharing, key=lambda one: (_waiting(one, who), one.id))


def _waiting(one: Choice, who: str) -> float:
    """When this one comes up for this subject, if it comes up at a pace of its weight: the first to come up wins."""
    hashed = hashlib.blake2b(f"{one.id}\0{who}".encode(), digest_size=8).digest()
    drawn = (int.from_bytes(hashed) >> 11) + 0.5
    return -math.log(drawn / _RANGE) / one.weight
