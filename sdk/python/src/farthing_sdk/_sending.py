"""A batch goes in; for each of its records what the server made of it comes out, or that it is to be sent again, and when."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from farthing_sdk._http import Answer, Transport, Unreachable
from farthing_sdk._result import Result
from farthing_sdk._trouble import forget, tell

if TYPE_CHECKING:
    from farthing_sdk._backlog import Item
    from farthing_sdk._settings import Settings

INGEST: Final = "/v1/ingest/llm-requests"
STATUS: Final = "/v1/diagnostics/workspace-status"

_TOO_LARGE: Final = 413
_SPENT: Final = 402
_AGAIN: Final = frozenset({408, 425, 429})
_LONGEST_REST: Final = 3600.0


class Outcome(NamedTuple):
    """What became of one batch."""

    settled: list[tuple[Item, Result]]
    again: list[Item]
    """To be sent again."""
    rest: float | None = None
    """Seconds that the server asked us to wait before; None: it asked for nothing."""


class Sender:
    """Sends batches over one connection. For one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet."""
        self._settings = settings
        self._transport = Transport(settings.endpoint, settings.api_key, settings.timeout)

    def send(self, batch: Sequence[Item]) -> Outcome:
        """Send the batch once. Never raises for what a server or a network may do."""
        body = b'{"requests":[' + b",".join(item.body for item in batch) + b"]}"
        try:
            answer = self._transport.ask("POST", INGEST, body)
        except Unreachable as error:
            return self._wait(batch, f"can't be reached ({error})", None)
        if 200 <= answer.status < 300:
            return self._read(batch, answer)
        if answer.status == _SPENT:
            return self._pause(batch, answer.headers)
        if answer.status in _AGAIN or answer.status >= 500:
            return self._wait(batch, f"answered {answer.status}", _retry_after(answer.headers))
        if answer.status == _TOO_LARGE and len(batch) > 1:
            return self._in_halves(batch)
        return self._refused(batch, answer)

    def status(self) -> Mapping[str, Any] | None:
        """What the server says of the project's allowance and budgets; None: it doesn't."""
        try:
            answer = self._transport.ask("GET", STATUS)
        except Unreachable:
            return None
        return _object(answer.body) if answer.status == 200 else None

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _read(self, batch: Sequence[Item], answer: Answer) -> Outcome:
        said = _object(answer.body)
        results = cast(object, said.get("results")) if said is not None else None
        if not isinstance(results, list) or len(cast("list[Any]", results)) != len(batch):
            return self._wait(batch, "answered what is no answer to a batch", None)
        forget("waiting")
        forget("paused")
        settled: list[tuple[Item, Result]] = []
        again: list[Item] = []
        spent = False
        for item, one in zip(batch, cast("list[Any]", results)):
            told: Mapping[str, Any] = cast("Mapping[str, Any]", one) if isinstance(one, Mapping) else {}
            if told.get("ok"):
                status = "duplicate" if told.get("duplicate") else "accepted"
                settled.append((item, Result(item.external_request_id, status, told)))
            elif told.get("telemetryPaused"):
                spent = True
                again.append(item)
            else:
                settled.append((item, Result(item.external_request_id, "rejected", told, _why(told))))
                tell(
                    "rejected",
                    "The server refuses a call: %s. It is told once; `on_result` is told each time.",
                    _why(told),
                )
        if spent:
            return Outcome(settled, again, self._pause(again, answer.headers).rest)
        return Outcome(settled, again)

    def _wait(self, batch: Sequence[Item], what: str, rest: float | None) -> Outcome:
        where = self._settings.endpoint
        tell("waiting", "The server at %s %s. Calls are kept and sent when it answers.", where, what)
        return Outcome([], list(batch), rest)

    def _pause(self, batch: Sequence[Item], headers: Mapping[str, str]) -> Outcome:
        rest = max(self._settings.limit_pause, _retry_after(headers) or 0.0)
        tell(
            "paused",
            "The project's allowance of requests is spent: telling of calls pauses for %.0f minutes. The calls go on.",
            rest / 60,
        )
        return Outcome([], list(batch), rest)

    def _in_halves(self, batch: Sequence[Item]) -> Outcome:
        half = len(batch) // 2
        first = self.send(batch[:half])
        if first.again:
            return Outcome(first.settled, [*first.again, *batch[half:]], first.rest)
        second = self.send(batch[half:])
        return Outcome(first.settled + second.settled, second.again, second.rest)

    def _refused(self, batch: Sequence[Item], answer: Answer) -> Outcome:
        said = _object(answer.body) or {}
        why = f"{answer.status} {_why(said)}".strip()
        tell(f"refused {answer.status}", "The server at %s refuses calls: %s", self._settings.endpoint, why)
        results = [Result(item.external_request_id, "rejected", said, why) for item in batch]
        return Outcome(list(zip(batch, results)), [])


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Any]", said) if isinstance(said, Mapping) else None


def _why(said: Mapping[str, Any]) -> str:
    wrong = said.get("errors")
    if isinstance(wrong, list):
        named = [cast("Mapping[str, Any]", one) for one in cast("list[object]", wrong) if isinstance(one, Mapping)]
        if named:
            return "; ".join(f"{one.get('field')}: {one.get('message')}".removeprefix(": ") for one in named)[:500]
    for name in ("error", "detail", "reason", "message", "title"):
        if said.get(name):
            return str(said[name])[:500]
    return "no reason given"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, however the server puts it."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), _LONGEST_REST) if seconds == seconds else None
