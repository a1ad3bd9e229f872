"""A model's prices by name hold at once for the project's calls, wherever the model is sold; taken back, the list's hold again."""

from collections.abc import Generator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from standing_clock import StandingClock

from farthing.catalogue.definition import Definition, read
from farthing.catalogue.definitions import Definitions
from farthing.catalogue.live import Live
from farthing.catalogue.overrides import Actor, Overrides
from farthing.errors import NotFoundError
from farthing.model import money
from farthing.model.call import Call
from farthing.model.usage import Usage, UsageSource
from farthing.pricing.overrides import Scope
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project

ACTOR = Actor("a", "key_a")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Generator[Database]:
    path: Path = tmp_path_factory.mktemp("definitions")
    with closing(Database.open(f"sqlite:///{path}/meta.db")) as opened:
        opened.migrate()
        with opened.write() as session:
            for name in ("a", "b"):
                projects.insert(session, Project(name, name, StandingClock().now))
        yield opened


def definition(pattern: str, usd: float) -> Definition:
    return read({"modelName": "mine", "matchPattern": pattern, "inputPrice": usd, "outputPrice": 0}, None)


def cost(live: Live, provider: str, model: str, project: str = "a") -> Decimal | None:
    usage = Usage({"input": 10, "output": 0}, UsageSource.PROVIDER)
    call = Call(
        b"\1" * 16, b"\1" * 8, int(StandingClock().now.timestamp()) * 10**9, 1, "x", provider, model, usage=usage
    )
    amount = live.price(call, Scope(project=project)).amount
    return None if amount is None else Decimal(money.to_text(amount))


def test_a_model_nobody_lists(database: Database) -> None:
    clock = StandingClock()
    live = Live(database, clock)
    definitions = Definitions(database, live, clock)
    made = definitions.put(ACTOR, definition("(?i)^(acme/)?(quill-9)$", 0.25))
    assert cost(live, "", "quill-9") == Decimal("2.5")
    assert cost(live, "openai", "acme/Quill-9") == Decimal("2.5")
    assert cost(live, "openai", "quill-9", "b") is None
    assert definitions.of("a") == [made]
    changed = definitions.put(ACTOR, definition("^quill-9$", 1), made.id)
    assert (changed.id, changed.created_at) == (made.id, made.created_at)
    assert cost(live, "", "quill-9") == Decimal(10)
    assert cost(live, "openai", "acme/quill-9") is None
    with pytest.raises(NotFoundError):
        definitions.remove(Actor("b", "key_b"), made.id)
    definitions.remove(ACTOR, made.id)
    assert cost(live, "", "quill-9") is None
    assert Overrides(database, live, clock).of("a") == []


def test_a_listed_model_costs_the_same_wherever_it_is_sold(database: Database) -> None:
    clock = StandingClock()
    live = Live(database, clock)
    before = [cost(live, provider, "gpt-4o") for provider in ("openai", "azure", "")]
    definitions = Definitions(database, live, clock)
    made = definitions.put(ACTOR, definition("(?i)^gpt-4o$", 0.125))
    assert [cost(live, provider, "gpt-4o") for provider in ("openai", "azure", "")] == [Decimal("1.25")] * 3
    definitions.remove(ACTOR, made.id)
    assert [cost(live, provider, "gpt-4o") for provider in ("openai", "azure", "")] == before
