"""What people want of datasets in; items version by version, schemas that hold, and nothing half kept, out."""

import itertools
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from farthing.catalogue.overrides import Actor
from farthing.datasets.book import Datasets
from farthing.datasets.dataset import ARCHIVED, MOST_BYTES, Dataset, Draft, FaultyItemsError
from farthing.errors import BadRequestError, ConflictError, NotFoundError
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.datasets import Wanted
from farthing.store.meta.projects import Project

MS = 1_000_000
START = 1_790_000_000_000


class Clock:
    """One that is set by hand."""

    def __init__(self) -> None:
        self.ms = START

    def __call__(self) -> int:
        return self.ms * MS


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Generator[Database]:
    opened = Database.open(f"sqlite:///{tmp_path_factory.mktemp('meta') / 'meta.db'}")
    opened.migrate()
    yield opened
    opened.close()


_numbers = itertools.count(1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(database: Database, clock: Clock) -> Datasets:
    return Datasets(database, clock)


@pytest.fixture
def actor(database: Database) -> Actor:
    name = f"project-{next(_numbers)}"
    with database.write() as session:
        projects.insert(session, Project(name, name, datetime(2026, 1, 1, tzinfo=UTC)))
    return Actor(name, "key")


@pytest.fixture
def dataset(book: Datasets, actor: Actor) -> Dataset:
    return book.create(actor, {"name": "folder/a set", "metadata": {"m": 1}})


def inputs(book: Datasets, dataset: Dataset, at_ms: int | None = None) -> list[object]:
    found = book.items(dataset.project_id, Wanted(dataset.id, at_ms=at_ms), 0, 100)
    return [one.input for one in found]


def test_a_name_is_there_once_and_saving_changes_what_is_told(book: Datasets, actor: Actor, dataset: Dataset) -> None:
    with pytest.raises(ConflictError):
        book.create(actor, {"name": "folder/a set"})
    saved = book.save(actor, {"name": "folder/a set", "description": "why", "metadata": None})
    assert (saved.id, saved.description, saved.metadata) == (dataset.id, "why", {"m": 1})
    assert book.named(actor.project_id, "folder/a set") == saved
    assert book.listing(actor.project_id, 0, 10) == ([saved], 1)
    for name in ("", " ", "a\nb", "x" * 501, None):
        with pytest.raises(BadRequestError):
            book.create(actor, {"name": name})
    with pytest.raises(NotFoundError):
        book.get("another project", dataset.id)


def test_each_change_is_a_version_and_the_past_is_read_as_it_was(
    book: Datasets, actor: Actor, dataset: Dataset, clock: Clock
) -> None:
    first = book.put(actor, dataset.id, [Draft(id="a", input=1, expected="one"), Draft(input={"b": [2.5, None]})])
    assert (first.new, first.changed, first.items[0].version_ms) == (2, 0, START)
    same = book.put(actor, dataset.id, [Draft(id="a", input=1, expected="one")])
    assert (same.new, same.changed, same.items[0].version_ms) == (0, 0, START)

    clock.ms += 10
    kept = book.put(actor, dataset.id, [Draft(id="a", input=3)], keeps=True)
    assert (kept.changed, kept.items[0].expected, kept.items[0].version_ms) == (1, "one", START + 10)
    replaced = book.put(actor, dataset.id, [Draft(id="a", input=4)])  # within the same millisecond
    assert (replaced.items[0].expected, replaced.items[0].version_ms) == (None, START + 11)
    clock.ms += 10
    book.remove_item(actor, "a")

    assert inputs(book, dataset, START - 1) == []
    assert inputs(book, dataset, START) == [1, {"b": [2.5, None]}]
    assert inputs(book, dataset, START + 10) == [3, {"b": [2.5, None]}]
    assert inputs(book, dataset, START + 11) == [4, {"b": [2.5, None]}]
    assert inputs(book, dataset) == [{"b": [2.5, None]}]
    clock.ms += 1
    again = book.put(actor, dataset.id, [Draft(id="a", input=5)])
    assert again.new == 1
    versions = book.versions(actor.project_id, "a", 10)
    assert [(one.input, ended) for one, ended in versions] == [
        (5, None),
        (4, START + 20),
        (3, START + 11),
        (1, START + 10),
    ]
    assert sorted(entry.action for entry in book.history(actor.project_id, dataset.id, 10)) == [
        "created", "item removed", "items", "items", "items", "items",
    ]  # fmt: skip


def test_schemas_hold_and_everything_wrong_is_told_at_once(book: Datasets, actor: Actor) -> None:
    wanted = {"type": "object", "required": ["q"], "properties": {"q": {"type": "string"}}}
    made = book.create(actor, {"name": "strict", "input_schema": wanted, "expected_output_schema": {"type": "string"}})
    drafts = [
        Draft(input={"q": "x"}, line=1),
        Draft(input={"q": 1}, expected=2, line=2),
        Draft(input={}, line=3, status="SOMETHING"),
        Draft(id="twice", input={"q": "x"}, line=4),
        Draft(id="twice", input={"q": "x"}, line=5),
        Draft(id="\0", input={"q": "x" * MOST_BYTES}, line=6),
    ]
    for dry in (True, False):
        with pytest.raises(FaultyItemsError) as told:
            book.put(actor, made.id, drafts, dry=dry)
        assert sorted({(one.line, one.field) for one in told.value.faults}) == [
            (2, "expected_output"), (2, "input.q"), (3, "status"), (5, "id"), (6, ""), (6, "id"),
        ]  # fmt: skip
    assert book.count(actor.project_id, Wanted(made.id)) == 0

    book.put(actor, made.id, [Draft(id="s-1", input={"q": "x"})])
    with pytest.raises(FaultyItemsError, match="item 's-1'"):
        book.change(actor, made.id, {"input_schema": {"type": "string"}})
    book.put(actor, made.id, [Draft(id="s-1", input={"q": "x"}, status=ARCHIVED)])
    assert book.change(actor, made.id, {"input_schema": {"type": "string"}}).input_schema == {"type": "string"}
    assert book.counts(actor.project_id, [made.id]) == {}
    for schema in ({"type": "nope"}, {"$ref": "http://127.0.0.1:1/x"}, [1]):
        with pytest.raises(BadRequestError):
            book.change(actor, made.id, {"input_schema": schema})


def test_ids_are_a_projects_own_and_nothing_is_half_kept(book: Datasets, actor: Actor, dataset: Dataset) -> None:
    other = book.create(actor, {"name": "other"})
    book.put(actor, dataset.id, [Draft(id="mine", input=1)])
    with pytest.raises(FaultyItemsError, match="another dataset"):
        book.put(actor, other.id, [Draft(input=1), Draft(id="mine", input=2)])
    assert book.count(actor.project_id, Wanted(other.id)) == 0
    assert book.put(actor, other.id, [Draft(input=1)], dry=True).new == 1
    assert book.count(actor.project_id, Wanted(other.id)) == 0
    book.remove(actor, dataset.id)
    with pytest.raises(NotFoundError):
        book.item(actor.project_id, "mine")


def test_many_items_come_in_and_are_paged_in_the_order_they_stood(
    book: Datasets, actor: Actor, dataset: Dataset, tmp_path: Path
) -> None:
    book.put(actor, dataset.id, [Draft(id=f"{number:x}", input=number) for number in range(1200)])
    wanted, seen = Wanted(dataset.id), list[object]()
    while some := book.items(actor.project_id, wanted, 0, 500):
        seen += [one.input for one in some]
        last = some[-1]
        wanted = msgspec.structs.replace(wanted, after=(last.created_ms, last.place, last.id))
    assert seen == list(range(1200))
