"""All rules in; rounds over them while calls come, on whichever server has the lease, out; and what a rule would say, tried."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from farthing.errors import FarthingError
from farthing.evaluations import judging
from farthing.evaluations.asking import Ask, Asking, Keep
from farthing.evaluations.judging import Outcome
from farthing.evaluations.round import Round
from farthing.evaluations.rule import Rule, check
from farthing.evaluations.rules import Rules
from farthing.evaluations.standing import Standings
from farthing.query import sampled
from farthing.query.moments import NS
from farthing.query.sampled import Wanted
from farthing.store.meta.database import Database
from farthing.store.meta.leases import Lease
from farthing.store.telemetry.engine import Engine

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
PAUSE_S = 2.0
"""However much comes, between two rounds."""

IDLE_SHARE = 5
"""So many times as long as a round took nothing is done after it, if that is no more than `LOOK_EVERY_S`."""

FORGET_EVERY = 360
"""Rounds."""

TRIED_SINCE_S = 30 * 86_400
MOST_TRIED = 20


class Evaluations:
    """The rounds of a server, from `start` to `stop`, which are called on its event loop."""

    def __init__(
        self, database: Database, engine: Engine, asking: Asking, lease: Lease, clock: Callable[[], int]
    ) -> None:
        """`clock` answers Unix nanoseconds."""
        self.rules = Rules(database, clock)
        self.standings = Standings(database, engine)
        self._engine = engine
        self._asking = asking
        self._rounds = Round(database, engine, asking, clock)
        self._lease = lease
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="evaluations", daemon=True)
        self._is_wanted = False

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with the rounds."""
        self._asking.begin(loop)
        # What came while no server ran isn't waited for.
        self.rules.changed.set()
        self._thread.start()

    async def stop(self) -> None:
        """Give up what is under way, and end."""
        self._stopping.set()
        self.rules.changed.set()
        self._asking.end()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._lease.release)

    def touch(self, _project_id: str, _half_hours: AbstractSet[int]) -> None:
        """Calls have come."""
        if self._is_wanted:
            self.rules.changed.set()

    def try_out(self, rule: Rule, most: int) -> Sequence[Outcome]:
        """What it says of the latest calls that pass its filters, sampled or not; nothing is kept, but a judge's calls cost.

        Raises `BadRequestError`, `StoreError`, `BusyError`.
        """
        check(rule)
        since_ns = self._clock() - TRIED_SINCE_S * NS
        calls = sampled.latest(self._engine, Wanted(rule.project_id, rule.scope, since_ns), min(most, MOST_TRIED))
        return judging.judge(rule, judging.read(self._engine, rule.project_id, calls), self._asking)

    def _run(self) -> None:
        number = 0
        more = False
        pause = PAUSE_S
        while not self._stopping.wait(pause):
            if not more:
                self.rules.changed.wait(LOOK_EVERY_S)
            self.rules.changed.clear()
            more = False
            began = time.monotonic()
            try:
                more = self._round(number)
                number += 1
            except FarthingError as error:
                # What was not kept is judged again in the next round.
                if not self._stopping.is_set():
                    log.warning("A round of evaluations could not be finished: %s", error)
            except Exception:
                # One rule that can't be judged must not end all of them for as long as the server runs.
                log.exception("A round of evaluations failed")
            pause = min(LOOK_EVERY_S, max(PAUSE_S, IDLE_SHARE * (time.monotonic() - began)))

    def _round(self, number: int) -> bool:
        held = self.rules.active()
        self._is_wanted = bool(held)
        if not held or self._stopping.is_set() or not self._lease.hold():
            return False
        if number % FORGET_EVERY == 0:
            self._rounds.forget()
        more = False
        for one in held:
            if not self._stopping.is_set():
                try:
                    more |= self._rounds.look(one, lambda: self._stopping.is_set() or not self._lease.is_held())
                except FarthingError as error:
                    if not self._stopping.is_set():
                        log.warning("The evaluation %s could not go on: %s", one.rule.id, error)
        return more


def evaluations(
    database: Database, engine: Engine, ask: Ask, keep: Keep, lease: Lease, clock: Callable[[], int]
) -> Evaluations:
    """Nothing runs before `start`. `ask` leads through the gateway, `keep` returns when scores are durable."""
    return Evaluations(database, engine, Asking(ask, keep), lease, clock)
