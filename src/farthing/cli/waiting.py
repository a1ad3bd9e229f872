"""Calls as the server tells of them, again when more is known, in; each call once, when it is sure, out.

A call that a log record or a metric told may turn out to be told by a span too, which mostly comes some seconds later and then owns it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Row = dict[str, Any]

HOLD_SECONDS = 6.0
"""Instrumentations send their spans every five seconds unless told otherwise, their log records often sooner."""

_GIVING_WAY = ("log", "metric")

MOST_SHOWN = 100_000
"""Calls remembered as shown."""


class Waiting:
    """What was shown already, and what waits."""

    def __init__(self, ask: Callable[[str], Row]) -> None:
        """`ask` answers a call's present row by its id."""
        self._ask = ask
        self._shown: OrderedDict[str, None] = OrderedDict()
        self._held: dict[str, float] = {}

    def ready(self, rows: Sequence[Row], now: float) -> Iterator[Row]:
        """Those to show now (monotonic seconds), of these and of what waited for long enough."""
        for row in rows:
            if row.get("signal") in _GIVING_WAY:
                self._held.setdefault(row["id"], now + HOLD_SECONDS)
            elif self._is_new(row["id"]):
                yield row
        for call_id in [call_id for call_id, due in self._held.items() if due <= now]:
            del self._held[call_id]
            row = self._ask(call_id)
            if not row["restated"] and self._is_new(call_id):
                yield row

    def _is_new(self, call_id: str) -> bool:
        if call_id in self._shown:
            return False
        self._shown[call_id] = None
        if len(self._shown) > MOST_SHOWN:
            self._shown.popitem(last=False)
        return True
