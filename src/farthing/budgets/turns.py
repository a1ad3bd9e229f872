"""What several servers on one meta store take of budgets, and calls that wait to be admitted, in; each decided while no other server decides, out.

A turn is one short transaction: hear what all others take, decide on every call that waits on this server, say what this server
takes now. What was decided holds once the transaction is committed, and not before. Calls that come meanwhile wait for the next
turn together. A server that dies leaves behind what it said last: the others count it until it has started again
and told what became of its calls, or the period is over.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future
from typing import NamedTuple, Protocol

import msgspec

from farthing.budgets.holdings import Handed, Part
from farthing.budgets.shares import Amount, News, Telling
from farthing.errors import StoreError
from farthing.query.moments import NS
from farthing.shapes import Shape
from farthing.store.meta import budget_turns as rows
from farthing.store.meta.budget_holds import Hold
from farthing.store.meta.budget_turns import Taking, Told
from farthing.store.meta.database import Database, Transaction
from farthing.store.telemetry.rollup import Rollup

_read_news = Shape[News](News).of_json

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often is looked what others told, when no call waits."""

TELL_S = 0.1
"""What makes room for others waits so long for more of its kind, if no call wants a turn before."""

NEWS_S = 86_400
"""How long what was told once is there to be heard."""

CLEAR_S = 3_600
REPLAY_S = 600
"""What was told this short a time before a server started is heard by it too: it read the rest from the stores."""

LONGEST_CALENDAR_S = 100 * 86_400
"""Longer than a quarter of a year."""

_HALF_HOUR = 1_800

Decide = Callable[[], object]
Undo = Callable[[object], None]


class Party(Protocol):
    """Who has calls to be admitted."""

    def listens(self) -> bool:
        """Whether it matters what others take, though no call waits."""
        ...

    def resume(self, takings: Iterable[Taking]) -> None:
        """What former starts of this server said last that it takes, if nobody else can ask its ledger."""
        ...

    def hear(self, takings: Sequence[Taking], news: Iterable[tuple[str, News]]) -> list[Handed]:
        """What all others take now, and what happened since in which project; what the ledger counts of it, if only it is asked."""
        ...

    def touch(self, project_id: str, half_hours: AbstractSet[int]) -> None:
        """Calls of a project changed on this server."""
        ...

    def catch_up(self) -> None:
        """More was told than is still there to be heard."""
        ...

    def tell(self) -> Mapping[str, Telling]:
        """What others don't know yet, by project."""
        ...

    def told_in_vain(self, told: Mapping[str, Telling]) -> None:
        """They may not have heard it."""
        ...


class _Asked(NamedTuple):
    decide: Decide
    undo: Undo
    answer: "Future[object]"


class Turns:
    """The turns of one server. Every method may be called from any thread."""

    def __init__(
        self, database: Database, rollup: Rollup, server: str, clock: Callable[[], int], *, is_apart: bool = False
    ) -> None:
        """Nothing runs before `start`. `server` is the same after a restart; `clock` answers Unix nanoseconds.

        `is_apart`: no other server can read this one's ledger. Then what it says holds over restarts.
        """
        self._database = database
        self._rollup = rollup
        self._server = server
        self.is_apart = is_apart
        self._start = f"apart-{server}" if is_apart else secrets.token_hex(8)
        self._clock = clock
        self._something = threading.Condition()
        self._asked: list[_Asked] = []
        self._has_news = False
        self._closing = False
        self._is_failing = False
        self._is_former_over = False
        self._heard = 0
        self._heard_at = 0
        self._cleared_at = 0
        self._passing_on = threading.local()
        self._thread = threading.Thread(target=self._run, name="budget-turns", daemon=True)

    def start(self, party: Party) -> None:
        """Hear how things stand. Raises `StoreError`."""
        self._party = party
        now = self._clock() // NS
        with self._database.write() as session:
            rows.begin(session)
            rows.remove_before(session, now - NEWS_S, now - LONGEST_CALENDAR_S)
            told = rows.told_since(session, 0)
            self._party.resume(rows.own(session, self._start))
            self._hear(rows.others(session, self._start), [one for one in told if one.at >= now - REPLAY_S])
            self._heard, self._heard_at = told[-1].number if told else 0, now
            self._cleared_at = now
        self._rollup.listen(self._touched)
        self._thread.start()

    def close(self) -> None:
        """Tell what is left to be told."""
        with self._something:
            self._closing = True
            self._something.notify()
        if self._thread.is_alive():
            self._thread.join()

    def take(self, decide: Decide, undo: Undo) -> "Future[object]":
        """What `decide` answers in this server's next turn; `undo` gets it if that comes to nothing, and the answer is a `StoreError`."""
        answer: Future[object] = Future()
        with self._something:
            if self._closing:
                answer.set_exception(StoreError("The server is stopping."))
            else:
                self._asked.append(_Asked(decide, undo, answer))
                self._something.notify()
        return answer

    def soon(self) -> None:
        """There is something to be told that others wait for."""
        with self._something:
            self._has_news = True
            self._something.notify()

    def end_former(self) -> None:
        """What was under way when this server last stopped is in the ledger, or told to stay reserved."""
        self._is_former_over = True
        self.soon()

    def _run(self) -> None:
        is_last = False
        while not is_last:
            with self._something:
                self._something.wait_for(lambda: self._asked or self._has_news or self._closing, LOOK_S)
                if not self._asked and not self._closing:
                    self._something.wait_for(lambda: self._asked or self._closing, TELL_S if self._has_news else 0)
                asked, self._asked = self._asked, []
                has_news, self._has_news = self._has_news, False
                is_last = self._closing
            if asked or has_news or is_last or self._party.listens():
                self._turn(asked)

    def _turn(self, asked: Sequence[_Asked]) -> None:
        decided: list[object] = []
        telling: Mapping[str, Telling] = {}
        try:
            with self._database.write() as session:
                rows.begin(session)
                self._listen(session)
                decided.extend(one.decide() for one in asked)
                telling = self._party.tell()
                self._say(session, telling)
                is_former_over = self._is_former_over
                if is_former_over:
                    self._say_former(session)
        except Exception as error:  # noqa: BLE001
            # Whoever waits must hear of it, whatever it was, and others get their turn. If it was committed all the same,
            # more is taken than is needed, until the next turn says it again.
            if not self._is_failing:
                log.warning("Turns at the budgets of all servers come to nothing: %s", error)
            self._is_failing = True
            self._party.told_in_vain(telling)
            for one, answer in zip(asked, decided, strict=False):
                one.undo(answer)
            for one in asked:
                one.answer.set_exception(error)
            return
        self._is_failing = False
        if is_former_over:
            self._is_former_over = False
        for one, answer in zip(asked, decided, strict=True):
            one.answer.set_result(answer)

    def _listen(self, session: Transaction) -> None:
        now = self._clock() // NS
        told = rows.told_since(session, self._heard)
        self._hear(rows.others(session, self._start), told)
        if now > self._heard_at + NEWS_S:
            log.warning("This server heard nothing of what others take of budgets for more than a day")
            self._party.catch_up()
        if now > self._cleared_at + CLEAR_S:
            rows.remove_before(session, now - NEWS_S, now - LONGEST_CALENDAR_S)
            self._cleared_at = now
        self._heard, self._heard_at = told[-1].number if told else self._heard, now

    def _hear(self, takings: Sequence[Taking], told: Iterable[Told]) -> None:
        news = [(one.project_id, _read(one.document)) for one in told if one.start != self._start]
        handed = self._party.hear(takings, news)
        self._passing_on.is_so = True
        try:
            for project_id, one in news:
                self._rollup.touch(project_id, [half_hour * NS for half_hour in one.half_hours])
        finally:
            self._passing_on.is_so = False
        # Not before they are touched: whoever asks the ledger from now on asks for all of them.
        for one in handed:
            one.in_ledger_ns = self._clock()

    def _touched(self, project_id: str, half_hours: AbstractSet[int]) -> None:
        if not getattr(self._passing_on, "is_so", False):
            self._party.touch(project_id, half_hours)

    def _say(self, session: Transaction, telling: Mapping[str, Telling]) -> None:
        takings: list[Taking] = []
        holds: list[Hold] = []
        for project_id, (shares, news) in telling.items():
            takings += [
                Taking(self._start, self._server, project_id, *part, taken.at, taken.units)
                for part, taken in shares.items()
            ]
            holds += [Hold(one.id, project_id, one.budget_id, one.since, one.at, int(one.units)) for one in news.kept]
        rows.take(session, takings)
        rows.keep(session, holds)
        self._tell(session, {project_id: news for project_id, (_, news) in telling.items() if news != News()})

    def _say_former(self, session: Transaction) -> None:
        """Whether others asked the ledger since what was taken then got there, nobody knows: they hear of it as of everything else."""
        landed: dict[str, dict[Part, int]] = {}
        for one in rows.remove_former(session, self._server, self._start):
            mine = landed.setdefault(one.project_id, {})
            part = Part(one.budget_id, one.since)
            mine[part] = mine.get(part, 0) + one.units
        now = self._clock() // NS
        recent = tuple(range(now - now % _HALF_HOUR - 4 * _HALF_HOUR, now + 1, _HALF_HOUR))
        self._tell(
            session,
            {
                project_id: News(recent, tuple(Amount(*part, str(units)) for part, units in mine.items()))
                for project_id, mine in landed.items()
            },
        )

    def _tell(self, session: Transaction, news: Mapping[str, News]) -> None:
        if not news:
            return
        number, now = rows.last_number(session), self._clock() // NS
        rows.tell(
            session,
            [
                Told(number + further, self._start, project_id, now, msgspec.json.encode(one).decode())
                for further, (project_id, one) in enumerate(news.items(), 1)
            ],
        )


def _read(document: str) -> News:
    return _read_news(document)
