"""Budgets kept and audited, and the calls that settling touches, in; how each budget stands, from memory or asked now, out.

`states` is for whoever takes a call in: it looks at what a thread found out within the last second or so. `current` asks
the ledger for whatever may have changed since, and is exact for all calls that questions can see.
"""

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from farthing import vitals
from farthing.budgets import budget, corrections
from farthing.budgets.book import Book
from farthing.budgets.budget import Budget
from farthing.budgets.corrections import Correction
from farthing.budgets.matching import Facts
from farthing.budgets.periods import FOREVER
from farthing.budgets.spending import Wanted, spent
from farthing.budgets.state import BudgetState, Sums, state
from farthing.catalogue.overrides import Actor
from farthing.errors import ConflictError, FarthingError, NotFoundError
from farthing.query.moments import EPOCH, NS
from farthing.shapes import Shape
from farthing.store.meta import audit, budget_switch
from farthing.store.meta import budgets as rows
from farthing.store.meta.audit import Entry
from farthing.store.meta.budget_switch import ObserveOnly
from farthing.store.meta.budgets import StoredBudget
from farthing.store.meta.database import Database, Transaction
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

_read_budget = Shape(Budget).of_json

log = logging.getLogger(__name__)

SUBJECT = "budget:"
SWITCH = "observe-only"
"""What stands in the place of an id when it is about all of them."""

MOST = 2_000
"""Budgets of one project."""

REST_S = 1.0
REST_FACTOR = 4
"""After a round it rests a second, or four times as long as the round took: at most a fifth of one core."""

LOOK_EVERY_S = 5.0
"""How soon a budget made by another server holds here; and a clock that was set is noticed."""


UNSURE_S = 86_400
"""Where several servers write aggregates, those of days that ended less than a day ago are not asked for what was spent."""


class Budgets:
    """All budgets of a server. Every method may be called from any thread."""

    def __init__(self, database: Database, engine: Engine, rollup: Rollup, clock: Callable[[], int]) -> None:
        """Nothing runs before `start`. `clock` answers Unix nanoseconds."""
        self._database = database
        self._engine = engine
        self._rollup = rollup
        self._clock = clock
        self._books: dict[str, Book] = {}
        self._stamp = ""
        self._reloading = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="budgets", daemon=True)

    def start(self) -> None:
        """Read them and keep how they stand up to date. Raises `StoreError`."""
        self.reload()
        self._rollup.listen(self.touch)
        self._thread.start()

    def stop(self) -> None:
        """Finish the round that is under way and end."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def project_ids(self) -> list[str]:
        """The projects that have any; from memory."""
        return list(self._books)

    def has_any(self, project_id: str) -> bool:
        """Whether a project has budgets that may count a call; from memory."""
        return project_id in self._books

    def blocks(self, project_id: str) -> bool:
        """Whether any budget of a project does when it is spent; from memory."""
        found = self._books.get(project_id)
        return found is not None and found.blocks

    @property
    def any_blocks(self) -> bool:
        """Whether any of any project does."""
        return any(found.blocks for found in self._books.values())

    def states(self, project_id: str, facts: Facts, at: int | None = None) -> Sequence[BudgetState]:
        """How the budgets stand that count a call of which these facts are known, by names of dimensions; from memory.

        `at`: the Unix second of the call, which is now unless told.
        """
        found = self._books.get(project_id)
        return found.matching(facts, self._now() if at is None else at) if found else ()

    def blocking(self, project_id: str, at: int) -> Sequence[BudgetState]:
        """How all budgets of a project stand that block and whose period holds a Unix second; from memory."""
        found = self._books.get(project_id)
        return found.blocking(at) if found else ()

    def known_ns(self, project_id: str) -> int:
        """When the ledger was last asked how a project's budgets stand, in Unix nanoseconds; 0: it never was."""
        found = self._books.get(project_id)
        return found.known_ns if found else 0

    def get(self, project_id: str, budget_id: str) -> Budget:
        """One of them. Raises `NotFoundError`."""
        with self._database.read() as session:
            return _budget(_mine(session, project_id, budget_id))

    def current(self, project_id: str) -> Mapping[str, BudgetState]:
        """How all budgets of a project stand now, by id. Raises `StoreError`."""
        found = self._books.get(project_id)
        return self._refresh(found) if found else {}

    def all_standing(self, project_id: str) -> list[tuple[Budget, BudgetState]]:
        """All budgets of a project, oldest first, and how they stand now. Raises `StoreError`."""
        found = self._books.get(project_id)
        if found is None:
            return []
        now = self._refresh(found)
        return [(one, now[one.id]) for one in found.budgets if one.id in now]

    def standing(self, found: Budget) -> BudgetState:
        """How one stands now. Raises `StoreError`, `NotFoundError`."""
        now = self.current(found.project_id)
        if found.id not in now:
            self.reload()  # another server made it
            now = self.current(found.project_id)
        if found.id not in now:
            raise _missing(found.id)
        return now[found.id]

    def ended(self, project_id: str, since: int) -> list[tuple[Budget, BudgetState]]:
        """How those stand now in their period that is over since then (a Unix second) at the earliest. Raises `StoreError`.

        What was changed after it is left out: its period was held against something else.
        """
        found = self._books.get(project_id)
        wanted = found.ended(self._now(), since) if found else []
        sums = self._spent(project_id, [one for _, one in wanted])
        return [(one, state(one, asked.stretch, sums[asked])) for one, asked in wanted]

    def create(self, actor: Actor, wanted: Budget) -> Budget:
        """Add one under a new id. Raises `BadRequestError`, `ConflictError`."""
        made = msgspec.structs.replace(wanted, id=f"bg_{secrets.token_hex(8)}", project_id=actor.project_id)
        made = msgspec.structs.replace(made, created_at=self._moment(), updated_at=self._moment())
        budget.check(made)
        with self._database.exclusive() as session:
            if rows.count(session, actor.project_id) >= MOST:
                msg = f"There are {MOST} budgets in this project already; delete some that are not needed."
                raise ConflictError(msg)
            self._put(session, actor, "created", None, made)
        self.reload()
        return made

    def change(self, actor: Actor, budget_id: str, changes: dict[str, Any]) -> Budget:
        """Change some fields of one. Raises `BadRequestError`, `NotFoundError`."""
        with self._database.exclusive() as session:
            before = _mine(session, actor.project_id, budget_id)
            after = msgspec.structs.replace(_budget(before), **changes, updated_at=self._moment())
            budget.check(after)
            self._put(session, actor, "changed", before, after)
        self.reload()
        return after

    def remove(self, actor: Actor, budget_id: str) -> None:
        """Delete one. Raises `NotFoundError`."""
        with self._database.write() as session:
            before = _mine(session, actor.project_id, budget_id)
            rows.remove(session, budget_id)
            entry = Entry(self._moment(), str(actor), "removed", SUBJECT + budget_id, actor.project_id, before.document)
            audit.record(session, entry)
        self.reload()

    def correct(
        self, actor: Actor, budget_id: str, amount_usd: Decimal, why: str, at: datetime | None = None
    ) -> Budget:
        """Count so many dollars more, or fewer, in the period that holds a moment, by default this one.

        Raises `BadRequestError`, `ConflictError`, `NotFoundError`.
        """
        now = self._moment()
        made = Correction(f"bc_{secrets.token_hex(8)}", amount_usd, at or now, why.strip(), str(actor), now)
        with self._database.exclusive() as session:
            before = _mine(session, actor.project_id, budget_id)
            found = _budget(before)
            if len(found.corrections) >= corrections.MOST:
                msg = f"This budget has {corrections.MOST} corrections already; take back some whose period is over."
                raise ConflictError(msg)
            after = msgspec.structs.replace(found, corrections=(*found.corrections, made), updated_at=now)
            budget.check(after)
            self._put(session, actor, "corrected", before, after)
        self.reload()
        return after

    def retract(self, actor: Actor, budget_id: str, correction_id: str) -> Budget:
        """Take a correction back. Raises `NotFoundError`."""
        with self._database.exclusive() as session:
            before = _mine(session, actor.project_id, budget_id)
            found = _budget(before)
            left = tuple(one for one in found.corrections if one.id != correction_id)
            if len(left) == len(found.corrections):
                msg = f"There is no correction {correction_id[:60]!r} of this budget."
                raise NotFoundError(msg)
            after = msgspec.structs.replace(found, corrections=left, updated_at=self._moment())
            self._put(session, actor, "correction taken back", before, after)
        self.reload()
        return after

    def observing(self, project_id: str) -> ObserveOnly | None:
        """Since when nothing is stopped because of a budget of this project; None: as each of them says."""
        with self._database.read() as session:
            return budget_switch.get(session, project_id)

    def observe_only(self, actor: Actor, why: str) -> ObserveOnly:
        """Stop nothing any more because of a budget of this project; they go on to warn. Raises `BadRequestError`."""
        switched = ObserveOnly(self._moment(), str(actor), corrections.reason(why))
        self._switch(actor, switched)
        return switched

    def enforce(self, actor: Actor) -> None:
        """Budgets block again where they say so."""
        self._switch(actor, None)

    def _switch(self, actor: Actor, switched: ObserveOnly | None) -> None:
        with self._database.exclusive() as session:
            before = budget_switch.get(session, actor.project_id)
            budget_switch.put(session, actor.project_id, switched)
            rows.changed(session)
            was, now = (msgspec.json.encode(one).decode() if one else None for one in (before, switched))
            action = "observes only" if switched else "enforces"
            subject = SUBJECT + SWITCH
            audit.record(session, Entry(self._moment(), str(actor), action, subject, actor.project_id, was, now))
        self.reload()

    def history(self, project_id: str, budget_id: str = "", limit: int = 100) -> list[Entry]:
        """Who changed what, the latest first."""
        with self._database.read() as session:
            return audit.listing(session, project_id, SUBJECT + budget_id, limit)

    def touch(self, project_id: str, half_hours: AbstractSet[int]) -> None:
        """Calls of a project in these half hours (their first Unix seconds) have changed."""
        found = self._books.get(project_id)
        if found is not None:
            found.touch(half_hours)
            self._wake.set()

    def touch_all(self) -> None:
        """Calls of all projects may have changed anywhere."""
        for found in self._books.values():
            found.touch_all()
        self._wake.set()

    def reload(self) -> None:
        """Read the meta store. Raises `StoreError`."""
        with self._reloading:
            with self._database.read() as session:
                stamp, stored = rows.stamp(session), rows.listing(session)
                observing = budget_switch.every(session)
            by_project: dict[str, list[Budget]] = {}
            for one in stored:
                by_project.setdefault(one.project_id, []).append(_budget(one))
            # A new dictionary: others read the old one without a lock.
            books = {project_id: self._books.get(project_id) or Book(project_id) for project_id in by_project}
            for project_id, found in by_project.items():
                books[project_id].replace(found, self._now(), observe_only=project_id in observing)
            self._books = books
            self._stamp = stamp
        self._wake.set()

    def _put(self, session: Transaction, actor: Actor, action: str, before: StoredBudget | None, after: Budget) -> None:
        document = msgspec.json.encode(after).decode()
        stored = StoredBudget(after.id, after.project_id, document, after.created_at, after.updated_at)
        rows.put(session, stored)
        was = before.document if before else None
        audit.record(
            session,
            Entry(after.updated_at, str(actor), action, SUBJECT + after.id, after.project_id, was, document),
        )

    def _refresh(self, found: Book) -> Mapping[str, BudgetState]:
        began = self._clock()
        states = found.refresh(self._now(), lambda wanted: self._spent(found.project_id, wanted))
        found.known_ns = max(found.known_ns, began)
        return states

    def _spent(self, project_id: str, wanted: Iterable[Wanted]) -> dict[Wanted, Sums]:
        # Another server may have written aggregates that don't hold what this one wrote meanwhile.
        until = self._now() - UNSURE_S if self._database.is_shared else FOREVER
        return spent(self._engine, self._rollup, project_id, wanted, until)

    def _run(self) -> None:
        looked = time.monotonic()
        while not self._stopping.is_set():
            self._wake.clear()
            started = time.monotonic()
            with contextlib.suppress(FarthingError):  # a store that is out of order is told of by everything else
                if started - looked >= LOOK_EVERY_S:
                    looked = started
                    self._look()
            self._round(self._books.values())
            took = time.monotonic() - started
            if self._stopping.wait(max(REST_S, REST_FACTOR * took)):
                return
            self._wake.wait(self._until_next())

    def _look(self) -> None:
        with self._database.read() as session:
            changed = rows.stamp(session) != self._stamp
        if changed:
            self.reload()

    def _round(self, books: Iterable[Book]) -> None:
        for found in books:
            if self._stopping.is_set():
                return
            if not found.is_due(self._now()):
                continue
            started = time.monotonic()
            try:
                self._refresh(found)
            except FarthingError as error:
                # Nothing is lost: what was touched stays so.
                log.warning("Budgets could not be brought up to date: %s", error)
            vitals.BUDGET_SECONDS.observe(time.monotonic() - started)

    def _until_next(self) -> float:
        """Seconds until a budget's period ends, or it is time to look around."""
        ends = [found.next_end for found in self._books.values()]
        until = min(ends) - self._clock() / NS if ends else LOOK_EVERY_S
        return min(max(until, 0), LOOK_EVERY_S)

    def _now(self) -> int:
        return self._clock() // NS

    def _moment(self) -> datetime:
        return EPOCH + timedelta(microseconds=self._clock() // 1000)


def _mine(session: Transaction, project_id: str, budget_id: str) -> StoredBudget:
    stored = rows.get(session, project_id, budget_id)
    if stored is None:
        raise _missing(budget_id)
    return stored


def _missing(budget_id: str) -> NotFoundError:
    return NotFoundError(f"There is no budget {budget_id[:60]!r} in this project.")


def _budget(stored: StoredBudget) -> Budget:
    return _read_budget(stored.document)
