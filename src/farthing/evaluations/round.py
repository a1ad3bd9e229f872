"""A rule in; the calls that came since it was last looked at, judged, their scores and what became of each kept, out.

Scores are kept first, each under an id that its rule, version and call make; then, in one transaction, what became of the calls
and how far was looked. Whoever is killed between does the same again, and the same scores replace themselves.

Calls are read by their revision. One that was given may become visible after higher ones: so what is remembered lies
`OVERLAP_S` back, from there all is read again once a minute, and calls whose outcome is known are passed over.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from farthing.evaluations import bounds, judging
from farthing.evaluations.asking import Asking
from farthing.evaluations.judging import Outcome
from farthing.evaluations.rule import Rule
from farthing.evaluations.rules import Held
from farthing.evaluations.said import Said
from farthing.query import judging_cost, sampled
from farthing.query.moments import NS
from farthing.query.sampled import Sampled, Wanted
from farthing.store.meta import evaluations as rows
from farthing.store.meta.database import Database
from farthing.store.meta.evaluations import Came, StoredOutcome
from farthing.store.telemetry.engine import Engine

PAGE, PAGES = 200, 10
"""Calls that are read at once; how often in a round, so that other rules have their turn."""

READ_AT_ONCE = 50
"""What was said in so many calls is held in memory: at most a mebibyte each."""

OVERLAP_S = 120
SWEEP_EVERY_S = 60.0
SAVE_EVERY = 30_000_000
"""Revisions are microseconds: how far was looked is written down twice a minute."""

DAY_S = 86_400
OLDEST_S = 7 * DAY_S
"""A call that began before is not judged any more, however late it comes."""

RETRY_AFTER_S = (30, 300)
"""How long after its first and its second failure a judge is asked again."""

JUDGED, NO_CONTENT, FAILED, BEYOND, WAITING, ASKED = "judged", "no_content", "failed", "beyond", "waiting", "asked"
"""What becomes of a call; the last counts the calls of judges."""

Told = Sequence[tuple[Sampled, Said | None]]


class Round:
    """Looks at one rule at a time. For one thread."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        asking: Asking,
        clock: Callable[[], int],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` answers Unix nanoseconds, `ticks` seconds that only grow."""
        self._database = database
        self._engine = engine
        self._asking = asking
        self._clock = clock
        self._ticks = ticks
        self._read_to: dict[str, tuple[int, float]] = {}
        """Rule → the revision up to which calls were read, and when reading began anew."""
        self._unsettled: dict[str, set[str]] = {}
        """Rule → the calls of its judge that the ledger doesn't have yet."""

    def look(self, held: Held, is_over: Callable[[], bool]) -> bool:
        """What came since. Whether there is more. Raises `StoreError`, `BusyError`."""
        rule = held.rule
        self._again(rule)
        since_ns = max(_ns(rule), self._clock() - OLDEST_S * NS)
        wanted = Wanted(rule.project_id, rule.scope, since_ns, rule.below)
        at, began = self._read_to.get(rule.id, (held.seen, float("-inf")))
        if self._ticks() - began >= SWEEP_EVERY_S:
            at, began = held.seen, self._ticks()
        for _ in range(PAGES):
            if is_over():
                return False
            behind = self._clock() // 1000 - OVERLAP_S * 1_000_000
            page = sampled.after(self._engine, wanted, at, PAGE)
            new = self._new(rule, page.calls)
            for some in (new[first : first + READ_AT_ONCE] for first in range(0, len(new), READ_AT_ONCE)):
                if is_over() or not self._judge(rule, some):
                    return False
            at = max(page.last, behind) if page.is_last else page.last
            self._read_to[rule.id] = (at, began)
            if min(at, behind) > held.seen + SAVE_EVERY:
                self._saw(rule, min(at, behind))
            if page.is_last:
                return False
        return True

    def forget(self) -> None:
        """What became of calls that are too old to come again. Raises `StoreError`."""
        with self._database.write() as session:
            rows.forget(session, self._clock() - (OLDEST_S + DAY_S) * NS)

    def standing(self, rule: Rule) -> bounds.Left:
        """How much a rule may judge right now. Raises `StoreError`."""
        now_ns = self._clock()
        day = now_ns // NS // DAY_S
        with self._database.read() as session:
            came = rows.counted(session, [rule.id], day, day)
        judged = sum(one.calls for one in came if one.outcome in (JUDGED, FAILED))
        cost = judging_cost.NOTHING
        if rule.usd_per_day is not None:
            found = judging_cost.by_rule(self._engine, rule.project_id, day * DAY_S * NS, now_ns + DAY_S * NS)
            cost = found.get(rule.id, cost)
        return bounds.left(rule, judged, cost, self._still_unsettled(rule, now_ns))

    def _still_unsettled(self, rule: Rule, now_ns: int) -> int:
        waiting = self._unsettled.get(rule.id)
        if not waiting or rule.usd_per_day is None:
            return 0
        waiting -= judging_cost.kept(self._engine, rule.project_id, sorted(waiting), now_ns - DAY_S * NS)
        return len(waiting)

    def _new(self, rule: Rule, calls: Sequence[Sampled]) -> list[Sampled]:
        """Without those whose outcome is known. Content may come late, with a higher revision."""
        with self._database.read() as session:
            known = rows.outcomes(session, rule.id, [one.id for one in calls])
        return [
            call
            for call in calls
            if (was := known.get(call.id)) is None or (was.outcome == NO_CONTENT and was.revision < call.revision)
        ]

    def _again(self, rule: Rule) -> None:
        """Those whose judge failed, when it is time."""
        with self._database.read() as session:
            due = rows.due(session, rule.id, self._clock(), bounds.AT_ONCE)
        if not due:
            return
        attempts = {one.call_id: one.attempts for one in due}
        calls = sampled.named(self._engine, rule.project_id, {one.call_id: one.start_ns for one in due})
        if self._judge(rule, calls, attempts):
            gone = attempts.keys() - {one.id for one in calls}
            lost = [msgspec.structs.replace(one, outcome=FAILED, next_ns=None) for one in due if one.call_id in gone]
            with self._database.write() as session:
                rows.keep(session, lost)

    def _judge(self, rule: Rule, calls: Sequence[Sampled], attempts: dict[str, int] | None = None) -> bool:
        """Whether all of them have an outcome now; else it is to be waited for what the last ones cost."""
        told = judging.read(self._engine, rule.project_id, calls) if calls else []
        silent = [(call, one) for call, one in told if one is None]
        if silent:
            self._keep(rule, [judging.Outcome(call, None, reason="no content kept") for call, _ in silent], {})
        rest = [(call, one) for call, one in told if one is not None]
        while rest:
            left = self.standing(rule)
            if left.bound is not None:
                self._keep(rule, [Outcome(call, one, reason=left.bound.value) for call, one in rest], {}, BEYOND)
                return True
            if not left.calls:
                return False
            some, rest = rest[: left.calls], rest[left.calls :]
            outcomes = judging.judge(rule, some, self._asking)
            asked = [one.request_id for one in outcomes if one.request_id]
            self._unsettled.setdefault(rule.id, set()).update(asked)
            self._keep(rule, outcomes, attempts or {})
        return True

    def _keep(self, rule: Rule, outcomes: Sequence[Outcome], attempts: dict[str, int], came_to: str = "") -> None:
        now_ns = self._clock()
        scores = [judging.score(rule, one, one.verdict, now_ns) for one in outcomes if one.verdict is not None]
        self._asking.keep(rule.project_id, scores)
        kept: list[StoredOutcome] = []
        counted: Counter[Came] = Counter()
        day = now_ns // NS // DAY_S
        for one in outcomes:
            tried = attempts.get(one.call.id, 0) + one.was_asked
            outcome = came_to or _came_to(one, tried)
            next_ns = now_ns + RETRY_AFTER_S[tried - 1] * NS if outcome == WAITING else None
            call = one.call
            kept.append(StoredOutcome(rule.id, call.id, outcome, tried, call.revision, call.start_ns, now_ns, next_ns))
            if one.was_asked:
                counted[Came(rule.id, day, rule.version, ASKED, "", 0)] += 1
            if outcome != WAITING:
                reason = "" if outcome == JUDGED else one.reason
                counted[Came(rule.id, day, rule.version, outcome, reason, 0)] += 1
        with self._database.write() as session:
            # It may have been removed meanwhile.
            if rows.get(session, rule.project_id, rule.id) is not None:
                rows.keep(session, kept)
                rows.count(session, counted)

    def _saw(self, rule: Rule, revision: int) -> None:
        with self._database.write() as session:
            rows.saw(session, rule.id, revision)


def _came_to(outcome: Outcome, tried: int) -> str:
    if outcome.verdict is not None:
        return JUDGED
    if outcome.was_said is None:
        return NO_CONTENT
    return FAILED if outcome.is_final or tried > len(RETRY_AFTER_S) else WAITING


def _ns(rule: Rule) -> int:
    # By whole seconds and microseconds: as a float a moment would lose some of them.
    return int(rule.since.timestamp()) * NS + rule.since.microsecond * 1_000
