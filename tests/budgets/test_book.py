"""What a project's budgets ask for: what was touched, what is new, and what has another period; and nothing gets lost."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import msgspec
import pytest
from budgets.made_budgets import make_budget

from farthing.budgets.book import MOST_TOUCHED, Book
from farthing.budgets.budget import Budget
from farthing.budgets.periods import FOREVER, Period
from farthing.budgets.spending import Wanted
from farthing.budgets.state import Sums
from farthing.errors import StoreError

NOON = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())
MIDNIGHT = NOON + 12 * 3_600
DAY = make_budget(Period.DAY, id="day")
MONTH = make_budget(Period.MONTH, id="month", filters={"feature": "chat"})
LAST_YEAR = make_budget(
    Period.ONCE, id="once", starts_at=datetime(2025, 1, 1, tzinfo=UTC), ends_at=datetime(2026, 1, 1, tzinfo=UTC)
)
YESTERDAY = NOON - 86_400


class Ledger:
    """Answers by how often it was asked, and remembers for what."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.fails = False

    def __call__(self, wanted: Collection[Wanted]) -> Mapping[Wanted, Sums]:
        self.asked.append(sorted(one.stretch.start for one in wanted))
        if self.fails:
            raise StoreError("down")
        return {one: Sums(len(self.asked), len(self.asked)) for one in wanted}


def opened(*budgets: Budget) -> tuple[Book, Ledger]:
    book = Book("shop")
    book.replace(budgets or (DAY, MONTH, LAST_YEAR), NOON)
    ledger = Ledger()
    book.refresh(NOON, ledger)
    return book, ledger


def begins(budget: Budget, at: int = NOON) -> int:
    return budget.stretch(at).start


HOT = NOON - 1_800
"""Where the piece begins that calls of now are in; the next one is that of later calls."""
COLD = NOON + 3_600


def test_only_pieces_that_were_touched_are_asked_for() -> None:
    book, ledger = opened()
    assert ledger.asked == [sorted([begins(LAST_YEAR), begins(MONTH), begins(DAY), HOT, HOT, COLD, COLD])]
    assert not book.is_due(NOON)
    book.refresh(NOON, ledger)
    for touched, expected in (
        ({NOON}, [HOT, HOT]),
        ({YESTERDAY}, [begins(MONTH)]),
        ({begins(LAST_YEAR)}, [begins(LAST_YEAR)]),
        ({begins(LAST_YEAR) - 1_800, MIDNIGHT}, [COLD]),
        ({begins(DAY) - 900}, [begins(MONTH), begins(DAY)]),  # a zone may be fifteen minutes off a half hour
        ({HOT - 1_800}, [begins(MONTH), begins(DAY)]),
        (set(range(0, MOST_TOUCHED * 1_800 + 1, 1_800)), ledger.asked[0]),
    ):
        book.touch(touched)
        assert book.is_due(NOON)
        book.refresh(NOON, ledger)
        assert ledger.asked[-1] == expected
    assert not book.is_due(NOON)
    assert len(ledger.asked) == 8


def test_pieces_add_up_and_later_ones_are_cut_anew() -> None:
    book, ledger = opened(DAY)
    assert book.matching({}, NOON)[0].calls == 3
    book.touch({NOON})
    assert book.refresh(NOON, ledger)["day"].calls == 1 + 2 + 1
    book.touch({COLD})
    later = NOON + 3_600
    assert book.refresh(later, ledger)["day"].calls == 3 + 3 + 3
    assert ledger.asked[-1] == [begins(DAY), later - 1_800, later + 3_600]


def test_a_question_that_failed_is_asked_again() -> None:
    book, ledger = opened()
    ledger.fails = True
    book.touch({NOON})
    with pytest.raises(StoreError):
        book.refresh(NOON, ledger)
    assert book.is_due(NOON)
    ledger.fails = False
    book.refresh(NOON, ledger)
    assert ledger.asked[-1] == ledger.asked[-2] == [HOT, HOT]


def test_a_new_period_begins_by_itself() -> None:
    book, ledger = opened()
    assert book.next_end == MIDNIGHT
    assert [one.calls for one in book.matching({}, MIDNIGHT - 1)] == [3]
    now = book.matching({}, MIDNIGHT)[0]
    assert (now.spent_usd, now.stretch) == (None, DAY.stretch(MIDNIGHT))
    assert book.is_due(MIDNIGHT)
    book.refresh(MIDNIGHT, ledger)
    assert MIDNIGHT in ledger.asked[-1]
    assert [one.calls for one in book.matching({}, MIDNIGHT)] == [4]


def test_a_budget_that_is_over_concerns_no_call() -> None:
    book, ledger = opened(LAST_YEAR)
    assert book.matching({}, NOON) == []
    assert book.next_end == FOREVER
    assert book.refresh(NOON, ledger)["once"].calls == 1


def test_what_is_the_same_stays_known() -> None:
    book, ledger = opened(DAY, MONTH)
    book.replace([DAY, MONTH], NOON)
    assert not book.is_due(NOON)
    renamed = msgspec.structs.replace(MONTH, name="another")
    book.replace([DAY, renamed, LAST_YEAR], NOON)
    assert book.budgets == [DAY, renamed, LAST_YEAR]
    assert [one.calls for one in book.matching({"feature": "chat"}, NOON)] == [3, 0]
    book.refresh(NOON, ledger)
    assert ledger.asked[-1] == [begins(LAST_YEAR), begins(MONTH), HOT, COLD]
    book.replace([], NOON)
    assert book.matching({"feature": "chat"}, NOON) == []


def test_what_is_touched_during_a_question_is_asked_for_again() -> None:
    book, ledger = opened(DAY)

    def touching(wanted: Collection[Wanted]) -> Mapping[Wanted, Sums]:
        book.touch({NOON})
        return ledger(wanted)

    book.touch({NOON})
    book.refresh(NOON, touching)
    assert book.is_due(NOON)
