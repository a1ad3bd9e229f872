"""Rules and what became of calls in; each once, counted, and forgotten when it is old, out; on both kinds of database."""

from datetime import UTC, datetime

import msgspec

from farthing.store.meta import evaluations, projects
from farthing.store.meta.database import Database
from farthing.store.meta.evaluations import Came, StoredEvaluation, StoredOutcome
from farthing.store.meta.projects import Project

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
RULE = StoredEvaluation("ev_1", "shop", "{}", 5, NOW, NOW)
CALL = f"{'a' * 32}-{'b' * 16}"
OUTCOME = StoredOutcome("ev_1", CALL, "waiting", 1, 1_763_700_000_000_000, 7, 10, 20)
CAME = Came("ev_1", 20_000, 1, "judged", "", 0)


def test_what_became_of_calls_is_kept_once_and_counted(database: Database) -> None:
    with database.write() as session:
        projects.insert(session, Project("shop", "shop", NOW))
        evaluations.put(session, RULE)
        first = evaluations.stamp(session)
        evaluations.put(session, msgspec.structs.replace(RULE, document='{"a":1}'))
        assert evaluations.stamp(session) != first
        for outcome in (OUTCOME, msgspec.structs.replace(OUTCOME, attempts=2)):
            evaluations.keep(session, [outcome])
        evaluations.count(session, {CAME: 2})
        evaluations.count(session, {CAME: 3, msgspec.structs.replace(CAME, outcome="failed", reason="x"): 1})
        evaluations.saw(session, "ev_1", 9)
        evaluations.saw(session, "ev_1", 8)
    with database.read() as session:
        assert [(one.document, one.seen) for one in evaluations.listing(session, "shop")] == [('{"a":1}', 9)]
        assert evaluations.listing(session, "other") == []
        assert evaluations.get(session, "other", "ev_1") is None
        assert evaluations.outcomes(session, "ev_1", [CALL, "c"] * 600)[CALL].attempts == 2
        assert evaluations.due(session, "ev_1", 19, 5) == []
        assert [one.call_id for one in evaluations.due(session, "ev_1", 20, 5)] == [CALL]
        assert evaluations.waiting(session) == {"ev_1": 1}
        found = evaluations.counted(session, ["ev_1"], 20_000, 20_000)
        assert {(one.outcome, one.calls) for one in found} == {("judged", 5), ("failed", 1)}
        assert evaluations.counted(session, ["ev_1"], 20_001, 20_002) == []


def test_what_is_old_is_forgotten_unless_it_is_tried_again(database: Database) -> None:
    done = msgspec.structs.replace(OUTCOME, call_id="done", outcome="judged", next_ns=None)
    with database.write() as session:
        projects.insert(session, Project("shop", "shop", NOW))
        evaluations.put(session, RULE)
        evaluations.keep(session, [OUTCOME, done])
        evaluations.forget(session, 10)
        assert len(evaluations.outcomes(session, "ev_1", [CALL, "done"])) == 2
        evaluations.forget(session, 11)
        assert list(evaluations.outcomes(session, "ev_1", [CALL, "done"])) == [CALL]
        evaluations.count(session, {CAME: 1})
        evaluations.remove(session, "ev_1")
        assert evaluations.listing(session) == []
        assert evaluations.counted(session, ["ev_1"], 0, 30_000) == []
