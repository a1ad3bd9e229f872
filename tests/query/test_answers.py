"""Questions of many at once, of changing calls and of a moving time in; how often each is really asked out."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from farthing.query.answers import FRESH_S, Answers

LIMIT_S = 30
PROJECT, OTHER = "p", "q"


class Asked:
    """A clock to set, and a question that counts how often it was answered."""

    def __init__(self, most_bytes: int = 1_000) -> None:
        self.now = 0.0
        self.times = 0
        self.answers = Answers(lambda: self.now, most_bytes)

    def make(self) -> bytes:
        self.times += 1
        return b"%d" % self.times

    def get(self, asked: str = "spend", project: str = PROJECT, *, fixed: bool = True) -> bytes:
        return self.answers.get(project, asked, self.make, fixed=fixed)


def test_it_is_asked_again_when_calls_have_changed() -> None:
    asked = Asked()
    assert [asked.get(), asked.get()] == [b"1", b"1"]
    asked.answers.heard(OTHER, {0})
    assert asked.get() == b"1"
    asked.answers.heard(PROJECT, {0})
    assert [asked.get(), asked.get()] == [b"2", b"2"]


def test_other_questions_and_projects_have_answers_of_their_own() -> None:
    asked = Asked()
    assert [asked.get("spend"), asked.get("calls"), asked.get("spend", OTHER)] == [b"1", b"2", b"3"]


def test_an_answer_about_a_time_that_moves_on_grows_old() -> None:
    asked = Asked()
    asked.get(fixed=False)
    asked.now = FRESH_S
    assert asked.get(fixed=False) == b"1"
    asked.now += 0.1
    assert asked.get(fixed=False) == b"2"
    asked.now += 1_000
    assert asked.get(fixed=True) == b"2"


def test_many_who_ask_at_once_get_one_answer_but_not_one_begun_before_a_change() -> None:
    asked = Asked()
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> bytes:
        begun.set()
        assert go_on.wait(LIMIT_S)
        return b"of before"

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(asked.answers.get, PROJECT, "spend", slow, fixed=True)
        assert begun.wait(LIMIT_S)
        others = [pool.submit(asked.get) for _ in range(2)]
        asked.answers.heard(PROJECT, {0})
        after = pool.submit(asked.get).result(LIMIT_S)
        go_on.set()
        told = {one.result(LIMIT_S) for one in others}
        assert first.result(LIMIT_S) == b"of before"
    assert after == b"1"
    # Those two came before the change or after it.
    assert told <= {b"of before", b"1"}
    assert asked.get() == b"1"


def test_what_failed_is_asked_again() -> None:
    asked = Asked()

    def fails() -> bytes:
        raise ValueError(asked.now)

    for _ in range(2):
        with pytest.raises(ValueError, match="0"):
            asked.answers.get(PROJECT, "spend", fails, fixed=True)
    assert asked.get() == b"1"


def test_the_longest_unasked_make_room() -> None:
    asked = Asked(most_bytes=2)
    asked.get("a")
    asked.get("b")
    asked.get("a")
    asked.get("c")
    assert [asked.get("a"), asked.get("c"), asked.get("b")] == [b"1", b"3", b"4"]
