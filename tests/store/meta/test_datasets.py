"""Versions of items and runs told by several at once in; one current version of each and one run of each name, out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from farthing.store.meta import dataset_runs, datasets, projects
from farthing.store.meta.database import Database
from farthing.store.meta.dataset_runs import StoredRun
from farthing.store.meta.datasets import StoredDataset, StoredItem, Wanted
from farthing.store.meta.projects import Project

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def dataset(database: Database) -> StoredDataset:
    made = StoredDataset("ds", "p", "name", None, None, None, None, NOW, NOW)
    with database.write() as session:
        projects.insert(session, Project("p", "p", NOW))
        datasets.put(session, made)
    return made


def item(name: str, from_ms: int, value: int = 0) -> StoredItem:
    return StoredItem("p", "ds", name, from_ms, 1, value, "ACTIVE", str(value), "null", "null", "", "")


def test_of_those_who_change_an_item_at_once_each_makes_a_version(database: Database) -> None:
    dataset(database)
    with database.write() as session:
        datasets.add(session, [item("x", 1)])

    def change(number: int) -> None:
        with database.write() as session:
            datasets.lock(session, "ds")
            since = datasets.newest(session, "p", ["x"])["x"] + 1
            datasets.add(session, [item("x", since, number)])

    with ThreadPoolExecutor(4) as several:
        list(several.map(change, range(12)))
    with database.read() as session:
        versions = datasets.versions(session, "p", "x", 100)
        assert [stored.from_ms for stored, _ in versions] == list(range(13, 0, -1))
        assert [ended for _, ended in versions] == [None, *range(13, 1, -1)]
        assert datasets.count(session, "p", Wanted("ds")) == 1
        for at_ms in range(1, 14):
            assert datasets.items_of(session, "p", ["x"], at_ms)["x"].from_ms == at_ms


def test_many_items_are_read_in_pages_and_by_their_ids(database: Database) -> None:
    dataset(database)
    with database.write() as session:
        datasets.add(session, [item(f"{number}", 1, number) for number in range(1_200)])
        datasets.end(session, "p", [("7", 5)])
    with database.read() as session:
        assert len(datasets.items_of(session, "p", [str(number) for number in range(2_000)])) == 1_199
        assert datasets.counts(session, "p", ["ds", "other"]) == {"ds": 1_199}
        page = datasets.items(session, "p", Wanted("ds", after=(1, 5, "5")), 0, 3)
        assert [one.item_id for one in page] == ["6", "8", "9"]
        assert [one.item_id for one in datasets.items(session, "p", Wanted("ds", at_ms=4), 6, 2)] == ["6", "7"]
        assert datasets.items(session, "other", Wanted("ds"), 0, 3) == []
    with database.write() as session:
        datasets.remove(session, "ds")
        assert datasets.count(session, "p", Wanted()) == 0


def test_a_run_told_by_many_at_once_is_one_and_what_is_not_told_stays(database: Database) -> None:
    dataset(database)

    def tell(number: int) -> None:
        with database.write() as session:
            meta = '{"a":1}' if number == 3 else None
            dataset_runs.put(session, StoredRun("p", "r", "ds", "run", None, meta, None, NOW, NOW))

    with ThreadPoolExecutor(4) as several:
        list(several.map(tell, range(8)))
    with database.read() as session:
        (run,) = dataset_runs.of_dataset(session, "p", "ds")
        assert (run.meta, dataset_runs.get(session, "p", "r"), dataset_runs.get(session, "q", "r")) == (
            '{"a":1}',
            run,
            None,
        )
