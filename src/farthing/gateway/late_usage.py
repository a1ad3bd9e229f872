"""Usage that a stored response tells when somebody looks at it in; the call that asked for it, told again with that, out.

A response that is made in the background is answered before it is used. Its call is in the ledger then, of unknown usage; what it cost
is told whenever its maker, or another of the project's clients, asks for it. The same span is told again, as it was but for what is known
now: it replaces itself, so a response that is looked at a hundred times, through several servers, costs once.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import msgspec

from farthing.budgets.reservations import Reservations
from farthing.errors import FarthingError
from farthing.gateway.records import Attempt
from farthing.model.call import PricedCall
from farthing.model.span import Attributes, Span
from farthing.pipeline import Pipeline
from farthing.prepare import Price, Sender, prepare, priced

log = logging.getLogger(__name__)

AGAIN_S = 2.0
"""A call is told within that, on whichever server it was made."""
TRIES = 15
MOST_WAITING = 10_000
MOST_DONE = 10_000
"""Responses that are known to be told, so that nobody looks them up again."""
KEEP_SECONDS = 60.0
_AT_ONCE = 500
_NS = 10**9
_FINISH = "gen_ai.response.finish_reasons"

Find = Callable[[str, Sequence[str], tuple[int, int]], Mapping[str, Span | None]]
"""Project, ids of responses and when they were begun → their calls' spans, None where the usage is known. May raise `FarthingError`."""


Keep = Callable[[Sender, list[Span]], object]
"""Keeps spans durably. May raise `FarthingError`."""


def keeping(pipeline: Pipeline, price: Callable[[], Price], reservations: Reservations) -> Keep:
    """Keep them as all spans are kept; what is reserved for them is needed until the ledger has what they cost."""

    def keep(sender: Sender, spans: list[Span]) -> None:
        by = price()
        pipeline.keep_prepared(prepare(sender, spans, by)).result(KEEP_SECONDS)
        # Only what is over: what goes on may tell more. And only what has a price: nobody knows what else cost.
        over = [span for span in spans if span.attributes.get(_FINISH)]
        calls = {span.span_id.hex() for span in over if _is_priced(priced(sender, [span], by))}
        if calls and pipeline.wait_settled(KEEP_SECONDS):
            reservations.told_late(sender.project_id, calls)

    return keep


def _is_priced(calls: Sequence[PricedCall]) -> bool:
    return bool(calls) and all(one.cost.amount is not None for one in calls)


class Late(msgspec.Struct):
    """What a response told of its usage."""

    project_id: str
    attempt: Attempt
    due: float = 0.0
    tries: int = 0


class LateUsage:
    """Looks up and tells on a thread of its own, which begins with the first response. `learn` may be called from any thread."""

    def __init__(self, find: Find, keep: Keep, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is known yet."""
        self._find = find
        self._keep = keep
        self._clock = clock
        self._something = threading.Condition()
        self._waiting: dict[tuple[str, str], Late] = {}
        self._done: dict[tuple[str, str], None] = {}
        self._closing = False
        self._thread: threading.Thread | None = None

    def learn(self, project_id: str, attempt: Attempt) -> None:
        """Somebody of this project was answered that."""
        if not (attempt.usage and attempt.response_id and attempt.created_s):
            return
        with self._something:
            name = (project_id, attempt.response_id)
            if name in self._done or name in self._waiting or len(self._waiting) >= MOST_WAITING or self._closing:
                return
            self._waiting[name] = Late(project_id, attempt)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gateway-late", daemon=True)
                self._thread.start()
            self._something.notify()

    def close(self, seconds: float) -> None:
        """Tell what waits, once more, for so long. What is left is learnt when somebody looks again."""
        with self._something:
            self._closing = True
            self._something.notify()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            with self._something:
                now = self._clock()
                due = [one for one in self._waiting.values() if self._closing or one.due <= now]
                is_last = self._closing
                if not due and not is_last:
                    soonest = min((one.due for one in self._waiting.values()), default=None)
                    self._something.wait(None if soonest is None else max(0.0, soonest - now))
                    continue
            by_project: dict[str, list[Late]] = {}
            for one in due:
                by_project.setdefault(one.project_id, []).append(one)
            for project_id, all_of_it in by_project.items():
                some = iter(all_of_it)
                while part := list(islice(some, _AT_ONCE)):
                    self._tell(project_id, part)
            if is_last:
                return

    def _tell(self, project_id: str, lates: list[Late]) -> None:
        by_id = {one.attempt.response_id: one for one in lates}
        begun = [one.attempt.created_s * _NS for one in lates]
        found: Mapping[str, Span | None] = {}
        try:
            found = self._find(project_id, list(by_id), (min(begun), max(begun)))
            spans = [known(span, by_id[name].attempt) for name, span in found.items() if span is not None]
            # A price may depend on the key that a call came with.
            for key_id in dict.fromkeys(span.key_id for span in spans):
                self._keep(Sender(project_id, key_id), [span for span in spans if span.key_id == key_id])
        except FarthingError as error:
            log.warning("What %d stored responses used waits to be told: %s", len(lates), error)
            found = {}
        except Exception:
            # Odd ones must not keep others waiting, nor end the thread: they are tried again, and then let go.
            log.exception("What %d stored responses of project %s used can't be told", len(lates), project_id)
            found = {}
        with self._something:
            for name, late in by_id.items():
                late.tries += 1
                late.due = self._clock() + AGAIN_S
                if name in found or late.tries >= TRIES:
                    del self._waiting[project_id, name]
                if name in found:
                    self._done[project_id, name] = None
            while len(self._done) > MOST_DONE:
                del self._done[next(iter(self._done))]


def known(span: Span, attempt: Attempt) -> Span:
    """A call's span with what its response told since. Pure."""
    attributes: Attributes = {**span.attributes, "farthing.usage": attempt.usage}
    for name, value in (
        ("gen_ai.response.model", attempt.response_model),
        (_FINISH, attempt.finish),
        ("gen_ai.response.service_tier", attempt.tier),
    ):
        if value:
            attributes[name] = value
    return msgspec.structs.replace(span, attributes=attributes)
