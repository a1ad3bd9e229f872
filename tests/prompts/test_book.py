"""Versions are numbered, labelled, quoted, removed and audited; the rules hold in both kinds of databases and at once."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from farthing.access.identity import Identity, Scope
from farthing.errors import BadRequestError, ConflictError, NotFoundError
from farthing.prompts.book import New, Prompts
from farthing.prompts.prompt import Kind
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project
from farthing.store.meta.prompts import Wanted

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
WHO = Identity("ours", "k1", frozenset({Scope.INGEST}))
OTHERS = Identity("theirs", "k2", frozenset({Scope.ADMIN}))


@pytest.fixture
def book(tmp_path: Path) -> Generator[Prompts]:
    """Prompts of two projects."""
    yield from opened(f"sqlite:///{tmp_path}/meta.db")


@pytest.fixture
def book_of_each(meta_url: str) -> Generator[Prompts]:
    """The same in each kind of database."""
    yield from opened(meta_url)


def opened(url: str) -> Generator[Prompts]:
    database = Database.open(url)
    database.migrate()
    with database.write() as session:
        for name in ("ours", "theirs"):
            projects.insert(session, Project(name, name, NOW))
    yield Prompts(database, lambda: NOW)
    database.close()


def test_versions_grow_and_labels_move(book_of_each: Prompts) -> None:
    book = book_of_each
    first = book.create(WHO, New("a/b c", "one", labels=["production", "latest"], tags=["t"], message="begun"))
    assert (first.number, first.kind, first.labels, first.tags) == (1, Kind.TEXT, ("production", "latest"), ("t",))
    second = book.create(WHO, New("a/b c", "two", config={"temperature": 0.5}))
    assert (second.number, second.labels, second.tags) == (2, ("latest",), ("t",))
    assert book.get("ours", "a/b c").written.prompt == "one"
    assert book.get("ours", "a/b c", label="latest").written.config == {"temperature": 0.5}
    assert book.label(WHO, "a/b c", 2, ["production", "a"], only=False).labels == ("a", "production", "latest")
    assert book.get("ours", "a/b c").number == 2
    assert book.get("ours", "a/b c", 1).labels == ()
    assert book.label(WHO, "a/b c", 2, ["b"], only=True).labels == ("b", "latest")
    assert [v.number for v in book.versions("ours", "a/b c")] == [2, 1]
    (listed,), total = book.listing("ours", Wanted(label="latest", tag="t"), 0, 10)
    assert (listed.versions, listed.labels, listed.config, total) == (
        (1, 2),
        {"b": 2, "latest": 2},
        {"temperature": 0.5},
        1,
    )
    done = [entry.action for entry in book.history("ours", "a/b c", 10)]
    assert sorted(done) == ["created", "created", "labelled", "labelled"]


def test_what_was_removed_is_not_numbered_again(book: Prompts) -> None:
    for text in ("one", "two"):
        book.create(WHO, New("p", text))
    book.remove(WHO, "p", 2)
    assert book.get("ours", "p", label="latest").number == 1
    assert book.create(WHO, New("p", "three", labels=["x"])).number == 3
    with pytest.raises(NotFoundError, match="no version with the label 'y'"):
        book.remove(WHO, "p", label="y")
    book.remove(WHO, "p", label="x")
    book.remove(WHO, "p")
    with pytest.raises(NotFoundError, match="no prompt 'p'"):
        book.get("ours", "p", 1)
    assert book.create(WHO, New("p", [{"role": "user", "content": "again"}])).kind is Kind.CHAT


def test_projects_do_not_see_each_other(book: Prompts) -> None:
    book.create(WHO, New("p", "ours", labels=["production"]))
    with pytest.raises(NotFoundError):
        book.get("theirs", "p")
    assert book.create(OTHERS, New("p", "theirs")).number == 1
    with pytest.raises(NotFoundError):
        book.remove(OTHERS, "q")
    with pytest.raises(ConflictError, match="which there is none of"):
        book.create(OTHERS, New("q", "@@@langfusePrompt:name=p@@@"))


def test_what_is_quoted_stays(book: Prompts) -> None:
    for number in (1, 2):
        book.create(WHO, New("in/ner", f"inner {number}", labels=["production"] if number == 2 else None))
    outer = book.create(WHO, New("outer", "@@@langfusePrompt:name=in/ner|label=production@@@!"))
    assert book.whole(outer, "ours").prompt == "inner 2!"
    book.remove(WHO, "in/ner", 1)
    with pytest.raises(ConflictError, match=r"Version 1 of the prompt 'outer' quotes 'in/ner' \(label 'production'\)"):
        book.remove(WHO, "in/ner")
    assert book.whole(outer, "ours").prompt == "inner 2!"
    with pytest.raises(ConflictError, match="circle: in/ner → outer → in/ner"):
        book.create(WHO, New("in/ner", "@@@langfusePrompt:name=outer|version=1@@@"))
    assert [v.number for v in book.versions("ours", "in/ner")] == [2]
    book.remove(WHO, "outer")
    book.remove(WHO, "in/ner")


def test_many_at_once_get_numbers_of_their_own(book_of_each: Prompts) -> None:
    with ThreadPoolExecutor(4) as threads:
        new = New("p", "text", labels=["production"])
        made = [done.result() for done in [threads.submit(book_of_each.create, WHO, new) for _ in range(12)]]
    assert sorted(version.number for version in made) == list(range(1, 13))
    standing = [v.number for v in book_of_each.versions("ours", "p") if "production" in v.labels]
    assert len(standing) == 1


def test_what_is_no_prompt_is_refused(book: Prompts) -> None:
    cases = [
        (New("", "x"), "name: text of 1"),
        (New("a|b", "x"), "without |"),
        (New("a/versions/3", "x"), "none is called versions"),
        (New("a", 5), "list of messages"),
        (New("a", "x", kind="chat"), "list of messages"),
        (New("a", [{"role": "user"}]), r"prompt\[0\].content: text"),
        (New("a", [{"type": "placeholder"}], kind="chat"), r"prompt\[0\].name"),
        (New("a", "x", kind="poem"), "type: text or chat"),
        (New("a", "x", labels=["ß"]), "labels: 'ß' is none"),
        (New("a", "x", tags="t"), "tags: a list"),
        (New("a", "x" * (1 << 20)), "at most 1024 KiB"),
        (New("a", "x", message="m" * 501), "commitMessage"),
    ]
    for new, says in cases:
        with pytest.raises(BadRequestError, match=says):
            book.create(WHO, new)


def test_kinds_do_not_mix_and_latest_is_not_set(book: Prompts) -> None:
    book.create(WHO, New("p", "text"))
    with pytest.raises(BadRequestError, match="'p' is a text"):
        book.create(WHO, New("p", []))
    with pytest.raises(BadRequestError, match="can't be set"):
        book.label(WHO, "p", 1, ["latest"], only=False)
    with pytest.raises(BadRequestError, match="not for both"):
        book.get("ours", "p", 1, "production")
