"""Calls as they become known, with a judge that does as it is told, in; scores, what became of each call, and how far was looked, out."""

import asyncio
import json
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from stored_calls import failed, new_project, stored_call, write

from farthing.catalogue.overrides import Actor
from farthing.errors import StoreError
from farthing.evaluations import round as rounds
from farthing.evaluations.asking import Answer, Asking, Question
from farthing.evaluations.evaluators import Contains, Evaluator, Judge
from farthing.evaluations.round import Round
from farthing.evaluations.rule import Rule
from farthing.evaluations.rules import Rules
from farthing.evaluations.standing import Standing, Standings
from farthing.model.call import PricedCall
from farthing.model.score import Score
from farthing.model.span import NO_PARENT, Resource, Scope, Span
from farthing.query import scores as asking_scores
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project
from farthing.store.telemetry import call_rows, score_rows, span_rows
from farthing.store.telemetry.engine import Engine

NS = 10**9
START = 1_690_000_000
"""Before the revisions that calls in tests are given."""

YES = Contains(("please",))
JUDGE = Judge("{output}", model="gpt-4o-mini")


@pytest.fixture(scope="module")
def loop() -> Generator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever, daemon=True)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Generator[Database]:
    opened = Database.open(f"sqlite:///{tmp_path_factory.mktemp('meta') / 'meta.db'}")
    opened.migrate()
    yield opened
    opened.close()


class Bench:
    """One project with its rules, a clock that is set by hand and a judge."""

    def __init__(self, engine: Engine, database: Database, loop: asyncio.AbstractEventLoop) -> None:
        self.engine, self.database = engine, database
        self.project = new_project()
        self.second, self.ticks = START, 0.0
        self.asked: list[Question] = []
        self.answer = Answer(200, b'{"choices":[{"message":{"content":"{\\"score\\": 0.5}"}}]}')
        self.breaks = False
        self._commits = 0
        with database.write() as session:
            projects.insert(session, Project(self.project, "Shop", datetime.now(UTC)))
        self.rules = Rules(database, self.now)
        self.asking = Asking(self._ask, self._keep)
        self.asking.begin(loop)
        self.round = self.new_round()

    def now(self) -> int:
        return self.second * NS

    def new_round(self) -> Round:
        """As after a restart."""
        return Round(self.database, self.engine, self.asking, self.now, lambda: self.ticks)

    def rule(self, evaluator: Evaluator = YES, **more: Any) -> Rule:
        name = more.pop("name", "please")
        wanted = Rule("", self.project, name, more.pop("sample", Decimal(1)), evaluator, **more)
        return self.rules.create(Actor(self.project, "k"), wanted)

    def look(self) -> None:
        """One round over all rules."""
        for held in self.rules.active():
            if held.rule.project_id == self.project:
                assert not self.round.look(held, lambda: False)

    def said(self, *answers: str | None, **facts: Any) -> list[PricedCall]:
        """Calls that were answered so; None: nothing is kept."""
        calls = [stored_call((self.second + 1) * NS, **facts) for _ in answers]
        self.keep(calls, answers)
        write(self.engine, self.project, calls)
        return calls

    def keep(self, calls: Sequence[PricedCall], answers: Sequence[str | None]) -> None:
        self._commits += 1
        spans = [
            Span(
                one.call.trace_id, one.call.span_id, NO_PARENT, "s", 1, one.call.start_ns, one.call.start_ns + 9, 1, "",
                Scope("test"), Resource(), {"gen_ai.completion": text} if text is not None else {},
            )
            for one, text in zip(calls, answers, strict=True)
        ]  # fmt: skip
        rows = span_rows.numbered([span_rows.table(self.project, spans)], "commit", self._commits)
        self.engine.insert("spans", rows)

    def scores(self) -> list[Score]:
        found, _ = asking_scores.page(self.engine, asking_scores.Asked(self.project), 100, 0)
        return found

    def standing(self, rule: Rule) -> Standing:
        return Standings(self.database, self.engine).of([rule], self.now(), self.now() + 1, self.now())[rule.id]

    async def _ask(self, question: Question) -> Answer:
        self.asked.append(question)
        number = f"r-{len(self.asked)}" if self.answer.status == 200 else ""
        return Answer(self.answer.status, self.answer.body, number)

    async def _keep(self, project_id: str, scores: Sequence[Score]) -> None:
        self._commits += 1
        rows = span_rows.numbered([score_rows.table(project_id, scores)], "commit", self._commits)
        self.engine.insert("scores", rows)
        if self.breaks:
            msg = "the server is gone"
            raise StoreError(msg)


@pytest.fixture
def bench(telemetry_engine: Engine, database: Database, loop: asyncio.AbstractEventLoop) -> Bench:
    return Bench(telemetry_engine, database, loop)


def test_calls_are_judged_once_and_what_has_no_content_is_counted(bench: Bench) -> None:
    bench.said("too early, please")
    bench.second += 10
    rule = bench.rule(filters={"feature": "chat"})
    bench.said("yes, please", "no", None, feature="chat")
    bench.said("please", feature="other")
    broken = [failed(stored_call((bench.second + 1) * NS, feature="chat"), "timeout")]
    bench.keep(broken, ["please"])
    write(bench.engine, bench.project, broken)
    bench.look()
    bench.look()
    assert sorted((one.value, one.label, one.origin) for one in bench.scores()) == [
        (0.0, "False", "EVAL"),
        (1.0, "True", "EVAL"),
    ]
    stands = bench.standing(rule)
    assert (stands.judged, stands.no_content, stands.failed, stands.scored.mean) == (2, 1, 0, 0.5)
    assert [(one.outcome, one.calls) for one in stands.reasons] == [("no_content", 1)]
    assert stands.cost is None


def test_who_is_killed_between_scores_and_outcomes_repeats_the_same_scores(bench: Bench) -> None:
    rule = bench.rule()
    bench.said("please", "no")
    bench.breaks = True
    with pytest.raises(StoreError):
        bench.look()
    bench.breaks = False
    bench.round = bench.new_round()
    bench.look()
    assert len(bench.scores()) == 2
    assert bench.standing(rule).judged == 2


def test_what_becomes_visible_late_is_found_and_what_is_known_is_passed_over(bench: Bench) -> None:
    rule = bench.rule()
    late = stored_call((bench.second + 1) * NS)
    bench.keep([late], ["please"])
    bench.said("please")
    bench.look()
    rows = call_rows.table(bench.project, [late])
    bench.engine.insert("calls", span_rows.numbered([rows], "revision", START * 1_000_000 + 5_000_000))
    bench.look()
    assert bench.standing(rule).judged == 1
    bench.ticks += rounds.SWEEP_EVERY_S
    bench.look()
    assert bench.standing(rule).judged == 2


def test_a_new_revision_is_judged_again_only_where_content_came_since(bench: Bench) -> None:
    rule = bench.rule()
    with_it, without = bench.said("please", None)
    bench.look()
    bench.keep([without], ["no"])
    write(bench.engine, bench.project, [with_it, without])
    bench.look()
    stands = bench.standing(rule)
    assert (stands.judged, stands.no_content) == (2, 1)
    assert len(bench.scores()) == 2


def test_the_sample_is_the_same_for_all_and_about_its_size(bench: Bench) -> None:
    bench.rule(name="a", sample=Decimal("0.25"))
    bench.rule(name="b", sample=Decimal("0.25"))
    bench.rule(name="more", sample=Decimal("0.5"))
    bench.said(*["please"] * 64)
    bench.look()
    judged = {
        name: {one.span_id for one in asking_scores.page(bench.engine, asked, 100, 0)[0]}
        for name in ("a", "b", "more")
        for asked in [asking_scores.Asked(bench.project, names=(name,))]
    }
    assert judged["a"] == judged["b"] < judged["more"]
    assert 4 <= len(judged["a"]) <= 30


def test_a_new_version_and_a_pause(bench: Bench) -> None:
    rule = bench.rule()
    actor = Actor(bench.project, "k")
    bench.said("please")
    bench.look()
    changed = bench.rules.change(actor, rule.id, {"evaluator": Contains(("no",))})
    bench.look()
    assert [one.metadata["evaluation_version"] for one in bench.scores() if isinstance(one.metadata, dict)] == [1]
    bench.rules.change(actor, rule.id, {"state": "paused"})
    bench.said("no, paused")
    bench.look()
    bench.second += 60
    bench.rules.change(actor, rule.id, {"state": "active"})
    bench.said("no")
    bench.look()
    assert (changed.version, bench.standing(rule).judged) == (2, 2)
    history = bench.rules.history(bench.project, rule.id)
    assert sorted(one.action for one in history) == ["changed"] * 3 + ["created"]
    bench.rules.remove(actor, "please")
    bench.look()
    assert len(bench.scores()) == 2


@pytest.mark.parametrize(
    ("answer", "asked", "reason"),
    [
        (Answer(200, b'{"choices":[{"message":{"content":"fine"}}]}'), 3, "the judge told no number"),
        (
            Answer(429, b'{"error": {"message": "slow", "code": "busy"}}'),
            3,
            "the judge's call was answered with 429 (busy)",
        ),
        (Answer(0), 3, "the judge did not answer in time"),
        (Answer(404, b"no"), 1, "the judge's call was answered with 404"),
    ],
)
def test_a_judge_that_fails_is_asked_twice_more_at_most(bench: Bench, answer: Answer, asked: int, reason: str) -> None:
    rule = bench.rule(JUDGE)
    good, bench.answer = bench.answer, answer
    bench.said("please")
    bench.look()
    assert bench.standing(rule).waiting == (asked > 1)
    for wait in (29, 1, 299, 1, 10_000):
        bench.second += wait
        bench.look()
    stands = bench.standing(rule)
    assert (len(bench.asked), stands.judged, stands.failed, stands.asked) == (asked, 0, 1, asked)
    assert [(one.outcome, one.reason) for one in stands.reasons] == [("failed", reason)]
    bench.answer = good
    bench.said("please")
    bench.look()
    assert (bench.standing(rule).judged, [one.value for one in bench.scores()]) == (1, [0.5])


def test_the_judge_is_marked_and_never_judged(bench: Bench) -> None:
    rule = bench.rule(JUDGE, name="is it, polite?")
    bench.said("please")
    bench.said("judged", tags={"evaluator": "x"})
    bench.said("judged", feature="evaluator")
    bench.look()
    (question,) = bench.asked
    told = dict(question.headers)
    assert (question.path, question.asker) == ("chat/completions", f"evaluation:{rule.id}")
    assert told["x-farthing-feature"] == "evaluator"
    assert told["x-farthing-tags"] == f"evaluator=is it_ polite_,evaluation={rule.id},evaluation_version=1"
    assert json.loads(question.body)["model"] == "gpt-4o-mini"


@contextmanager
def judged_by_ledger(bench: Bench, rule: Rule, usd: tuple[str, str] | None) -> Generator[None]:
    """Every call of the judge costs that much, when the ledger has it."""
    before = len(bench.asked)
    yield
    ids = [f"r-{number + 1}" for number in range(before, len(bench.asked))]
    calls = [
        stored_call(bench.now(), tags={"evaluation": rule.id, "evaluator": "x"}, usd=usd, external_request_id=one)
        for one in ids
    ]
    if calls:
        write(bench.engine, bench.project, calls)


def test_dollars_are_read_from_the_ledger_before_more_is_asked(bench: Bench) -> None:
    rule = bench.rule(JUDGE, usd_per_day=Decimal("0.007"))
    bench.said(*["please"] * 5)
    asked: list[int] = []
    for _ in range(3):
        with judged_by_ledger(bench, rule, ("0.001", "0.002")):
            bench.look()
            bench.look()
        asked.append(len(bench.asked))
    # One to learn what it costs, one more that fits; what is left is less than a third costs.
    assert asked == [1, 2, 2]
    stands = bench.standing(rule)
    assert (stands.judged, stands.beyond, stands.stopped) == (2, 3, "usd_per_day")
    assert stands.cost is not None
    assert (stands.cost.calls, stands.cost.known) == (2, 6 * 10**21)


def test_a_judge_without_a_price_stops_when_dollars_are_bounded(bench: Bench) -> None:
    rule = bench.rule(JUDGE, usd_per_day=Decimal(1))
    bench.said("please", "please")
    with judged_by_ledger(bench, rule, None):
        bench.look()
    bench.look()
    stands = bench.standing(rule)
    assert (stands.judged, stands.beyond, stands.stopped) == (1, 1, "judge_unpriced")
    bench.rules.change(Actor(bench.project, "k"), rule.id, {"when_unpriced": "continue"})
    bench.said("please", "please")
    bench.look()
    assert bench.standing(rule).judged == 3


def test_a_bound_of_calls_holds_for_a_day(bench: Bench) -> None:
    rule = bench.rule(calls_per_day=2)
    bench.said("please", "please")
    bench.look()
    bench.said("please")
    bench.look()
    stands = bench.standing(rule)
    assert (stands.judged, stands.beyond, stands.stopped) == (2, 1, "calls_per_day")
    bench.second += 86_400
    bench.said("please")
    bench.look()
    assert bench.standing(rule).judged == 1
    bench.second += 9 * 86_400
    bench.round.forget()
    bench.look()
    assert len(bench.scores()) == 3
