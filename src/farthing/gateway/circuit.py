"""What became of attempts in; which places to call are out of order for now, out. Pure: the time is told.

Whoever failed often lately is asked after all others for a while. Then one call finds out whether it is well again, the others stay
away until that is known. Nobody is refused: where there is no other place, a call goes where it was meant to go.
"""

from collections import OrderedDict, deque

import msgspec

FAILURES = 5
"""So many, within `WINDOW_S`, put a place out of order."""
WINDOW_S = 30.0
REST_S = 15.0
"""How long it is left alone."""
MOST = 4_096
"""Places that are remembered; clients choose models, so there may be any number."""

Place = tuple[str, str]
"""An account's id and a model."""


class _Trouble(msgspec.Struct):
    failed_at: deque[float]
    until: float = 0.0
    """When it may be asked again; 0 while it is in order."""


class Circuits:
    """The places that failed lately. Not thread-safe."""

    def __init__(self) -> None:
        """All are in order."""
        self._troubles: OrderedDict[Place, _Trouble] = OrderedDict()

    def is_open(self, place: Place, now: float) -> bool:
        """Whether it is to be left alone now."""
        trouble = self._troubles.get(place)
        return trouble is not None and trouble.until > now

    def trying(self, place: Place, now: float) -> None:
        """It is asked now: if it was out of order, by this one call alone."""
        trouble = self._troubles.get(place)
        if trouble is not None and trouble.until:
            trouble.until = now + REST_S

    def succeeded(self, place: Place) -> None:
        """It answered."""
        trouble = self._troubles.get(place)
        if trouble is not None and trouble.until:
            del self._troubles[place]

    def failed(self, place: Place, now: float) -> None:
        """It did not, or said that it can't."""
        trouble = self._troubles.setdefault(place, _Trouble(deque(maxlen=FAILURES)))
        self._troubles.move_to_end(place)
        trouble.failed_at.append(now)
        lately = len(trouble.failed_at) == FAILURES and now - trouble.failed_at[0] <= WINDOW_S
        if lately or trouble.until:
            trouble.until = now + REST_S
        if len(self._troubles) > MOST:
            self._troubles.popitem(last=False)
