"""Who may change which overrides: a project's admins their own, the organisation's admins those of everybody."""

from collections.abc import Generator
from contextlib import closing

import pytest
from standing_clock import StandingClock

from farthing.access.identity import HOME_PROJECT, Identity
from farthing.access.identity import Scope as May
from farthing.catalogue.lists import Lists
from farthing.catalogue.live import Live
from farthing.catalogue.overrides import Actor, Overrides
from farthing.errors import BadRequestError, ForbiddenError, NotFoundError
from farthing.pricing.overrides import Kind, Override, OverrideRate, Scope
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project

OF_PROJECT = Actor("a", "key_a")
OF_ORGANISATION = Actor(HOME_PROJECT, "key_home", is_of_organisation=True)


def deal(scope: Scope, usd: str = "1") -> Override:
    rates = {"input": OverrideRate(usd)}
    return Override(id="new", kind=Kind.RATES, provider="openai", model="gpt-4o", scope=scope, rates=rates)


@pytest.fixture
def database(meta_url: str) -> Generator[Database]:
    with closing(Database.open(meta_url)) as opened:
        opened.migrate()
        with opened.write() as transaction:
            for name in ("a", "b", HOME_PROJECT):
                projects.insert(transaction, Project(name, name, StandingClock().now))
        yield opened


@pytest.fixture
def overrides(database: Database) -> Overrides:
    clock = StandingClock()
    return Overrides(database, Live(database, clock), clock)


def test_a_projects_admin_changes_what_is_the_projects_own(overrides: Overrides) -> None:
    kept = overrides.create(OF_PROJECT, deal(Scope(project="a")))
    changed = overrides.replace(OF_PROJECT, kept.override.id, deal(Scope(project="a"), "2"))
    assert changed.override.rates["input"].usd == "2"
    overrides.remove(OF_PROJECT, kept.override.id)
    assert overrides.of("a") == []


def test_a_projects_admin_reads_but_never_changes_what_is_everybodys(overrides: Overrides) -> None:
    kept = overrides.create(OF_ORGANISATION, deal(Scope()))
    assert [one.override.id for one in overrides.of("a")] == [kept.override.id]
    mine = overrides.create(OF_PROJECT, deal(Scope(project="a")))
    with pytest.raises(ForbiddenError):
        overrides.create(OF_PROJECT, deal(Scope()))
    with pytest.raises(ForbiddenError):
        overrides.replace(OF_PROJECT, kept.override.id, deal(Scope(project="a")))
    with pytest.raises(ForbiddenError):
        overrides.replace(OF_PROJECT, mine.override.id, deal(Scope()))
    with pytest.raises(ForbiddenError):
        overrides.remove(OF_PROJECT, kept.override.id)
    with pytest.raises(ForbiddenError):
        overrides.take_in(OF_PROJECT, [deal(Scope())], "a list")
    assert overrides.get("a", kept.override.id) == kept
    overrides.remove(OF_ORGANISATION, kept.override.id)


def test_nobody_reaches_into_another_project(overrides: Overrides) -> None:
    kept = overrides.create(Actor("b", "key_b"), deal(Scope(project="b")))
    for actor in (OF_PROJECT, OF_ORGANISATION):
        with pytest.raises(NotFoundError):
            overrides.remove(actor, kept.override.id)
        with pytest.raises(BadRequestError):
            overrides.create(actor, deal(Scope(project="b")))


def test_newer_price_data_is_the_organisations_matter(database: Database, overrides: Overrides) -> None:
    clock = StandingClock()
    lists = Lists(database, Live(database, clock), overrides, clock)
    assert lists.update(OF_PROJECT, b"[]", "", dry_run=True).applied is False
    with pytest.raises(ForbiddenError):
        lists.update(OF_PROJECT, b"[]", "", dry_run=False)
    with pytest.raises(ForbiddenError):
        lists.confirm(OF_PROJECT, [])


@pytest.mark.parametrize(
    ("project", "scope", "expected"),
    [(HOME_PROJECT, May.ADMIN, True), (HOME_PROJECT, May.READ, False), ("a", May.ADMIN, False)],
)
def test_the_first_projects_admins_are_the_organisations(project: str, scope: May, expected: bool) -> None:
    assert Identity(project, "key", frozenset({scope})).is_of_organisation is expected
