"""Texts and tags asked for in; the same calls out as a plain search finds, whichever parts of the store have an index."""

import itertools

import pytest
from stored_calls import new_project, stored_call, write

from farthing.alerts.telling import requests_link
from farthing.alerts.verdict import Verdict
from farthing.query import filters, question, run
from farthing.query.moments import rfc3339
from farthing.query.parameters import Parameters
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

AT = 1_790_000_000 * 10**9
IDS = ("user-1", "USER-2", "search-ann", "", "Ünal", "100%_\\ü")
FEATURES = ("search", "", "Recherche", "user-1")
TAGS: tuple[dict[str, str], ...] = ({"region": "eu"}, {"region": "us", "run": "7"}, {"region": "eu", "run": "7"}, {})
FACTS = list(itertools.product(IDS, FEATURES, TAGS))
TEXTS = [
    "search",
    "SEARCH",
    "ser",
    "1",
    "us",
    "user-1",
    "nothing",
    "ünal",
    "ÜNAL",
    "%_\\",
    "ch\nus",
    "gpt",
    "chatcmpl-a",
]

VERDICT = Verdict(firing=True, unit="usd", window=(AT, AT + 1), why="")


def _is_found(text: str, user: str, feature: str) -> bool:
    return any(text.lower() in name.lower() for name in (user, feature, "gpt-4o", "openai", f"chatcmpl-{user}"))


@pytest.fixture(scope="module")
def asked_store(telemetry_engine: Engine) -> tuple[Engine, str]:
    """Calls that were each something else before, in one part that is merged and others that are not."""
    project = new_project()
    for merged in (True, False):
        for shift in (1, 0):
            some = [
                stored_call(
                    AT + number,
                    number + 1,
                    user_id=user,
                    response_id=f"chatcmpl-{user}",
                    feature=feature,
                    tags=tags,
                )
                for number, (user, feature, tags) in enumerate(FACTS[shift:] + FACTS[:shift])
                if merged or number % 3 == 0
            ]
            write(telemetry_engine, project, some)
        if merged:
            telemetry_engine.command("OPTIMIZE TABLE calls FINAL")
    return telemetry_engine, project


def _calls(engine: Engine, rollup: Rollup, project: str, *filters: tuple[str, str]) -> int:
    pairs = [("from", rfc3339(AT)), ("to", rfc3339(AT + len(FACTS))), *filters]
    return run.spend(engine, rollup, project, pairs, AT)["total"]["calls"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_found_in_names_and_ids(asked_store: tuple[Engine, str], text: str) -> None:
    engine, project = asked_store
    rollup = Rollup(engine)
    found = sum(_is_found(text, user, feature) for user, feature, _ in FACTS)
    assert _calls(engine, rollup, project, ("q", text)) == found
    assert _calls(engine, rollup, project, ("q", "!" + text)) == len(FACTS) - found
    of_region = sum(_is_found(text, u, f) and tags.get("region") == "eu" for u, f, tags in FACTS)
    assert _calls(engine, rollup, project, ("q", text), ("tag.region", "eu")) == of_region
    either = sum(_is_found(text, u, f) or "ann" in u for u, f, _ in FACTS)
    assert _calls(engine, rollup, project, ("q", text), ("q", "ann")) == either


@pytest.mark.parametrize("text", ["", "!"], ids=["empty", "not"])
def test_no_text_is_no_condition(asked_store: tuple[Engine, str], text: str) -> None:
    assert filters.parse({"q": [text]}) == ()
    engine, project = asked_store
    assert _calls(engine, Rollup(engine), project, ("q", text)) == len(FACTS)


def test_tags_are_found_together_and_without_each_other(asked_store: tuple[Engine, str]) -> None:
    engine, project = asked_store
    rollup = Rollup(engine)
    each = len(FACTS) // len(TAGS)
    assert _calls(engine, rollup, project, ("tag.region", "eu"), ("tag.run", "7")) == each
    assert _calls(engine, rollup, project, ("tag.region", "eu"), ("tag.run", "!7")) == each
    assert _calls(engine, rollup, project, ("tag.region", "!eu"), ("tag.run", "!7")) == each
    assert _calls(engine, rollup, project, ("tag.region", "eu"), ("tag.region", "us"), ("tag.run", "7")) == 2 * each


def test_merged_rows_are_found_by_indexes(asked_store: tuple[Engine, str]) -> None:
    engine, project = asked_store
    scope = question.spend(project, [("q", "nowhere-at-all"), ("tag.region", "eu")], AT).scope
    used: set[str] = set()
    for part in scope.apart:
        p = Parameters()
        where = " AND ".join(f.sql(p) for f in part.filters)
        told = engine.query(f"EXPLAIN indexes = 1 SELECT count() FROM calls WHERE {where}", p.values).rows
        used |= {line.split("Name: ")[1].strip() for (line,) in told if "Name: " in line}
    assert used == {"by_tag", "by_id"}


@pytest.mark.parametrize("name", ["!now", r"\!now", r"\\!now", r"\now", "now"])
def test_every_value_can_be_asked_for_as_it_is(asked_store: tuple[Engine, str], name: str) -> None:
    engine, rollup, project = asked_store[0], Rollup(asked_store[0]), new_project()
    names = ["!now", r"\!now", r"\\!now", r"\now", "now"]
    write(engine, project, [stored_call(AT + at, at + 1, feature=one) for at, one in enumerate(names)])
    assert _calls(engine, rollup, project, ("feature", filters.as_it_is(name))) == 1


def test_a_value_that_begins_with_an_exclamation_mark_can_be_asked_for(asked_store: tuple[Engine, str]) -> None:
    engine, rollup, project = asked_store[0], Rollup(asked_store[0]), new_project()
    write(engine, project, [stored_call(AT + at, at + 1, feature=name) for at, name in enumerate(["!now", "now", "x"])])
    assert filters.as_it_is("now") == "now"
    assert _calls(engine, rollup, project, ("feature", filters.as_it_is("!now"))) == 1
    assert _calls(engine, rollup, project, ("feature", "!!now")) == 2
    assert _calls(engine, rollup, project, ("feature", "!now")) == 2
    link = requests_link("http://farthing", (("feature", "!now"),), VERDICT)
    assert link.endswith("&feature=%5C%21now")
