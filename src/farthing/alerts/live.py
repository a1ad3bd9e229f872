"""All rules in; a round over those that are due, about once a minute, on whichever server has the lease, out."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from farthing import vitals
from farthing.alerts import records
from farthing.alerts.asking import Asking, Kept
from farthing.alerts.backtest import Outcome, backtest
from farthing.alerts.incident import Incident
from farthing.alerts.round import Found, Round
from farthing.alerts.rule import Rule
from farthing.alerts.rules import Rules
from farthing.alerts.sums import Drift
from farthing.alerts.telling import since_ns
from farthing.alerts.verdict import Pairs
from farthing.errors import FarthingError
from farthing.query.groups import FOREVER, Groups
from farthing.query.moments import NS
from farthing.store.meta import incidents
from farthing.store.meta.database import Database
from farthing.store.meta.leases import Lease
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
"""How soon a rule that was made or changed is judged for the first time."""

MORE_EVERY_S = 15
"""How often budgets are looked at."""

LONGEST_S = 7.0
"""After so long a round begins with no further rule; those that are left come first in the next one."""

FORGOTTEN_S = 40 * 86_400
"""What was expected longer ago is no part of any baseline anyway."""

UNSURE_S = 86_400
"""Where several servers write aggregates, those of days that ended less than a day ago are not asked."""

More = Callable[[int, Mapping[str, Sequence[Incident]]], Sequence[Found]]
"""What else is judged in a round: at a Unix second, and with the incidents that are open."""


class Sources:
    """Whom the rounds ask."""

    def __init__(
        self,
        engine: Engine,
        rollup: Rollup,
        prices_known_at: Callable[[], int | None],
        database: Database,
        drifts: Callable[[str], list[Drift]] = lambda _: [],
    ) -> None:
        """Everything that is asked for; `database` for what people marked as expected."""
        self.database = database
        self.engine = engine
        self.rollup = rollup
        self.prices_known_at = prices_known_at
        self.drifts = drifts

    def asking(self, at: int, kept: Kept | None = None, *, is_shared: bool = False) -> Asking:
        """The answers of one moment."""
        groups = self.groups(at, is_shared=is_shared)
        return Asking(groups, at, kept or Kept(), self.prices_known_at, self.drifts, self.expected)

    def groups(self, at: int, *, is_shared: bool) -> Groups:
        """Sums of groups, as they are at a moment."""
        return Groups(self.engine, self.rollup, at - UNSURE_S if is_shared else FOREVER)

    def backtest(self, rule: Rule, start: int, end: int) -> Outcome:
        """What a rule would have fired on (Unix seconds). Raises `BadRequestError`, `StoreError`."""
        is_shared = self.database.is_shared
        return backtest(rule, start, end, self.groups(end, is_shared=is_shared), self.asking(end, is_shared=is_shared))

    def expected(self, project_id: str, rule_id: str, at: int) -> list[tuple[Pairs, int, int]]:
        """The groups and times that people marked as expected. One that is open goes on, and is told of to nobody."""
        with self.database.read() as session:
            found = incidents.expected(session, project_id, rule_id, (at - FORGOTTEN_S) * NS)
        marked = [records.incident(stored) for stored in found]
        return [
            (one.group, since_ns(one) // NS, one.recovered_ns // NS) for one in marked if one.recovered_ns is not None
        ]


class Alerts:
    """The rounds of a server. `start` and `stop` are for one thread; the rest may be called from any."""

    def __init__(  # noqa: PLR0913  whom it asks, and whom it tells
        self,
        database: Database,
        rules: Rules,
        sources: Sources,
        rounds: Round,
        lease: Lease,
        clock: Callable[[], int],
        more: Sequence[More] = (),
        longest_s: float = LONGEST_S,
    ) -> None:
        """Nothing runs before `start`. `clock` answers Unix nanoseconds."""
        self._longest_s = longest_s
        self._database = database
        self._rules = rules
        self._sources = sources
        self._rounds = rounds
        self._lease = lease
        self._clock = clock
        self._more = more
        self._kept = Kept(is_shared=database.is_shared)
        self._judged: dict[str, tuple[Rule, int]] = {}
        self._more_at = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> None:
        """Begin with the rounds."""
        self._sources.rollup.listen(self.touch)
        self._thread.start()

    def stop(self) -> None:
        """Finish the round that is under way and end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._lease.release()

    def touch(self, project_id: str, half_hours: AbstractSet[int]) -> None:
        """Calls of a project in these half hours have changed."""
        self._kept.touch(project_id, half_hours)

    def round(self, at: int) -> int:
        """Judge what is due at a Unix second, as far as there is time; how many rules were. Raises `StoreError`."""
        rules = [rule for rule in self._rules.all() if rule.enabled]
        self._judged = {rule.id: self._judged[rule.id] for rule in rules if rule.id in self._judged}
        # Who waits for longest comes first, so that a round that is cut short leaves out others the next time.
        due = sorted((rule for rule in rules if self._is_due(rule, at)), key=self._last_judged)
        more = self._more if at // MORE_EVERY_S > self._more_at // MORE_EVERY_S else ()
        if not due and not more:
            return 0
        started = time.monotonic()
        self._kept.begin(at)
        held = self._rounds.open_incidents(at)
        answers = self._sources.asking(at, self._kept, is_shared=self._database.is_shared)
        begun: list[Rule] = []
        found = self._rounds.judge(_noted(due, begun, started + self._longest_s), at, answers, held)
        for others in more:
            found += others(at, held)
        self._more_at = at
        if any(one.verdicts for one in found):
            self._rounds.settle(found, at)
        for rule in begun:
            self._judged[rule.id] = (rule, at)
        if begun:
            vitals.ALERT_ROUND_SECONDS.observe(time.monotonic() - started)
        if len(begun) < len(due):
            log.info("A round of alerts was cut short: %d rules are judged in the next one.", len(due) - len(begun))
        return len(begun)

    def _last_judged(self, rule: Rule) -> int:
        return self._judged[rule.id][1] if rule.id in self._judged else 0

    def _is_due(self, rule: Rule, at: int) -> bool:
        """Once in each stretch of the length `every`, so that rules of the same length ask together."""
        judged, last = self._judged.get(rule.id, (None, 0))
        return judged != rule or at // rule.every_s > last // rule.every_s

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            try:
                if self._lease.hold():
                    self.round(self._clock() // NS)
            except FarthingError as error:
                # What was not kept is judged again in the next round.
                log.warning("A round of alerts could not be finished: %s", error)
            except Exception:
                # One rule that can't be judged must not end all of them for as long as the server runs.
                log.exception("A round of alerts failed")


def _noted(due: Iterable[Rule], begun: list[Rule], until: float) -> Iterator[Rule]:
    """One after the other, noted in `begun`, up to a moment of the monotonic clock; the first in any case."""
    for rule in due:
        if begun and time.monotonic() > until:
            return
        begun.append(rule)
        yield rule
