"""Channels that want a digest in; each digest, once it is due, asked for and stored to be sent, out.

Its id follows from the channel and the period, so several servers, or one that is started again, store it once.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from farthing.alerts import digest, records
from farthing.alerts.channels.book import Channels
from farthing.alerts.channels.channel import Channel
from farthing.alerts.digest import Answers, Period
from farthing.alerts.pictures import Pictures
from farthing.budgets.budget import Budget
from farthing.budgets.state import BudgetState
from farthing.errors import FarthingError
from farthing.query import dimensions, moments
from farthing.query.moments import NS
from farthing.query.question import Question, Scope
from farthing.query.run import ask
from farthing.query.shapes import Json
from farthing.store.meta import deliveries, incidents, projects
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

log = logging.getLogger(__name__)

LOOK_EVERY_S = 20.0
BY = ("feature", "model")

Standing = Callable[[str], Sequence[tuple[Budget, BudgetState]]]
"""How the budgets of a project stand now."""


class Ledger:
    """Whom a digest asks what was spent."""

    def __init__(self, engine: Engine, rollup: Rollup, standing: Standing) -> None:
        """All of one server."""
        self._engine = engine
        self._rollup = rollup
        self._standing = standing

    def answers(self, project_id: str, period: Period, timezone: str) -> Answers:
        """What was spent in a period and the one before. Raises `StoreError`."""
        edges = moments.edges("hour", period.start_s * NS, period.end_s * NS, moments.zone(timezone))
        return Answers(
            now=self._by(project_id, period.start_s, period.end_s),
            before=self._by(project_id, period.before_s, period.start_s),
            steps=self._ask(project_id, period.start_s, period.end_s, "", edges)["series"],
            budgets=self._standing(project_id),
        )

    def pictures(self, database: Database) -> Pictures:
        """What draws from the same ledger."""
        return Pictures(database, self._engine, self._rollup)

    def _by(self, project_id: str, start_s: int, end_s: int) -> dict[str, Json]:
        return {name: self._ask(project_id, start_s, end_s, name) for name in ("", *BY)}

    def _ask(self, project_id: str, start_s: int, end_s: int, by: str, edges: Sequence[int] = ()) -> Json:
        scope = Scope(project_id, start_s * NS, end_s * NS)
        granularity = "hour" if edges else moments.NONE
        dimension = dimensions.parse([by]) if by else ()
        return ask(self._engine, self._rollup, Question(scope, dimension, granularity, edges=tuple(edges)))


class Digesting:
    """The thread that looks whether a digest is due, from `start` to `stop`."""

    def __init__(
        self, channels: Channels, database: Database, ledger: Ledger, base_url: str, clock: Callable[[], int]
    ) -> None:
        """`base_url` is where people find the UI; `clock` answers Unix nanoseconds."""
        self._channels = channels
        self._database = database
        self._ledger = ledger
        self._base_url = base_url
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="digests", daemon=True)

    def start(self) -> None:
        """Look now and then."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the one that is being asked for."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> int:
        """Store what is due; how many there were. Raises `StoreError`."""
        now_s, count = self._clock() // NS, 0
        for one in self._channels.all():
            if one.digest is None or not one.enabled:
                continue
            try:
                count += self._tell(one, now_s)
            except FarthingError as error:
                # It is due still when it is looked for again; others need not wait for it.
                log.warning("The digest of channel %r could not be made: %s", one.name, error)
        return count

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            try:
                self.look()
            except FarthingError as error:
                log.warning("Digests could not be looked for: %s", error)

    def _tell(self, channel: Channel, now_s: int) -> int:
        wanted = channel.digest
        if wanted is None or self._stopping.is_set():
            return 0
        period = digest.latest(wanted, now_s)
        if digest.is_late(wanted, period, now_s) or _at(period.due_s) < channel.created_at:
            return 0
        with self._database.read() as session:
            if deliveries.knows(session, digest.identity(channel.id, wanted, period), channel.id):
                return 0
            project = projects.get(session, channel.project_id)
            open_ones = incidents.listing(session, channel.project_id, statuses=("open", "acknowledged"))
        answers = self._ledger.answers(channel.project_id, period, wanted.timezone)
        answers = Answers(
            answers.now, answers.before, answers.steps, [records.incident(one) for one in open_ones], answers.budgets
        )
        name = project.name if project else channel.project_id
        told = digest.notice(channel.id, name, wanted, period, answers, self._base_url)
        with self._database.write() as session:
            return deliveries.add(session, told, [channel.id])


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, moments.EPOCH.tzinfo)
