"""Buckets of `rollup` that are about to be recomputed in, a revision that is higher than all they have out."""

import secrets

from farthing.store.telemetry.engine import Engine

_CHANCES = 2_048
"""How many revisions there are to choose from in a microsecond."""

_ASK = """
SELECT toUnixTimestamp64Micro(now64(6)), max(revision)
FROM rollup
WHERE project_id = {project:String} AND cut IN {names:Array(String)}
  AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC')
"""


class Revisions:
    """What one server writes aggregates under; several may write to one store. Used by one thread at a time.

    Of two that recompute a bucket the one that began later has to win, for it has seen what the other one did: they ask one
    clock, the store's, before they read calls. At the same microsecond chance keeps their revisions apart. Should the clock
    be put back, what is there already is exceeded all the same.
    """

    def __init__(self, engine: Engine) -> None:
        """Gave none yet."""
        self._engine = engine
        self._last = 0

    def next(self, project_id: str, names: list[str], start: int, end: int) -> int:
        """Higher by two than any of these aggregates' buckets between two Unix seconds, and than any given before."""
        asked = {"project": project_id, "names": names, "from": start, "to": end}
        micros, there = (int(value) for value in self._engine.query(_ASK, asked).rows[0])
        lowest = max(micros * 2 * _CHANCES, there + 2, self._last + 2)
        self._last = lowest + lowest % 2 + 2 * secrets.randbelow(_CHANCES)
        return self._last
