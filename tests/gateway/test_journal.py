"""Calls written down while they pass: what a killed process leaves, torn lines, files that go when all is told."""

import gc
import sys
from pathlib import Path

import pytest

from farthing.gateway import journal as journals
from farthing.gateway.journal import FOLDER, Journal
from farthing.gateway.records import Attempt, Passed


def call(name: str) -> Passed:
    return Passed(name * 32, "r", "p", "k", "0" * 32, "", 1, "chat", {"user_id": "u"})


def attempt(name: str, number: int = 1, **more: object) -> Attempt:
    return Attempt(name * 32, number, "openai", "openai", "gpt-4o", 1, **more)  # pyright: ignore[reportArgumentType]


def files(data: Path) -> list[str]:
    return sorted(path.name for path in (data / FOLDER).iterdir())


def test_what_was_written_is_there_after_a_kill(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    first.began(call("a"), attempt("a"))
    first.began(call("b"), attempt("b"))
    first.note(attempt("a", end_ns=5, usage="{}"))
    first.note(attempt("a", 2))
    # Nothing is closed: the process is gone.
    second = Journal(tmp_path)
    a, b = second.left()
    assert a.call == call("a")
    assert [(one.number, one.end_ns) for one in a.attempts] == [(1, 5), (2, 0)]
    assert [(one.number, one.end_ns) for one in b.attempts] == [(1, 0)]
    assert files(tmp_path) == ["00000001.jsonl", "00000002.jsonl"]
    second.forget(a.call.id)
    assert len(files(tmp_path)) == 2
    second.forget(b.call.id)
    assert files(tmp_path) == ["00000002.jsonl"]
    second.close()
    assert files(tmp_path) == []
    first.close()


def test_what_was_told_is_not_left(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    first.began(call("a"), attempt("a"))
    first.forget(call("a").id)
    first.close()
    assert files(tmp_path) == []
    assert Journal(tmp_path).left() == []


def test_what_was_told_leaves_nothing_in_memory(tmp_path: Path) -> None:
    journal, one, tried = Journal(tmp_path), call("a"), attempt("a")

    def held_after(calls: int) -> int:
        for _ in range(calls):
            journal.began(one, tried)
            journal.note(tried)
            journal.forget(one.id)
        gc.collect()
        return sys.getallocatedblocks()

    before = held_after(100)
    assert held_after(5_000) - before < 1_000
    journal.close()


@pytest.mark.parametrize("cut", [1, 20, 150])
def test_torn_lines_take_nothing_else_with_them(tmp_path: Path, cut: int) -> None:
    first = Journal(tmp_path)
    first.began(call("a"), attempt("a"))
    first.note(attempt("a", end_ns=5))
    first.began(call("b"), attempt("b"))
    path = tmp_path / FOLDER / "00000001.jsonl"
    path.write_bytes(path.read_bytes()[:-cut] + b"\xff{\n\n[]\n")
    (a, *_) = Journal(tmp_path).left()
    assert [one.end_ns for one in a.attempts] == [5]


def test_another_file_is_begun_and_the_former_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "LARGEST", 300)
    journal = Journal(tmp_path)
    for name in "abcdef":
        journal.began(call(name), attempt(name))
    assert len(files(tmp_path)) > 2
    for name in "abcde":
        journal.note(attempt(name, end_ns=5))
        journal.forget(call(name).id)
    assert len(files(tmp_path)) == 1
    assert [record.call.id for record in Journal(tmp_path).left()] == ["f" * 32]
