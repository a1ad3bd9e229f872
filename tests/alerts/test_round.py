"""Two servers that judge at the same moment, on each kind of database: one incident, one notice."""

import threading
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime

from farthing.alerts.course import Source
from farthing.alerts.notice import Notice
from farthing.alerts.round import Found, Round
from farthing.alerts.rule import Severity
from farthing.alerts.verdict import Verdict
from farthing.store.meta import incidents, projects
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.projects import Project

NOW = 1_790_000_100
BLOCKED_S = 0.3
FOUND = Found(
    Source("shop", "ar_1", "spend", "threshold", Severity.WARNING, 7_200),
    [Verdict(group=(("feature", "chat"),), firing=True, unit="usd", window=(0, 0), why="Too much.")],
)


def test_two_that_settle_at_once_open_one_incident(meta_url: str) -> None:
    told: list[str] = []
    with closing(Database.open(meta_url)) as mine, closing(Database.open(meta_url)) as others:
        mine.migrate()
        with mine.write() as session:
            projects.insert(session, Project("shop", "Shop", datetime.now(UTC)))

        def tell(session: Transaction, notice: Notice, channel_ids: Collection[str], not_before_ns: int) -> None:
            told.append(notice.incident_id)

        second = threading.Thread(target=lambda: Round(others, "", tell).settle([FOUND], NOW))

        def tell_late(session: Transaction, notice: Notice, channel_ids: Collection[str], not_before_ns: int) -> None:
            # The incident isn't committed yet: whoever doesn't wait opens another.
            second.start()
            second.join(BLOCKED_S)
            tell(session, notice, channel_ids, not_before_ns)

        assert Round(mine, "", tell_late).settle([FOUND], NOW) == 1
        second.join()
        with mine.read() as session:
            assert [one.id for one in incidents.latest(session, 0)] == told
