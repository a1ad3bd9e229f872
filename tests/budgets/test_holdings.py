"""What is taken of budgets: any order of holding, changing, handing on and forgetting leaves exactly what is not in the ledger."""

from hypothesis import given
from hypothesis import strategies as st

from farthing.budgets.holdings import Handed, Holdings, Part, Reservation, Taken

DAY, MONTH = Part("day", 86_400), Part("month", 0)

_steps = st.lists(
    st.tuples(st.sampled_from(["hold", "change", "drop", "hand", "find", "forget"]), st.integers(0, 10**27))
)


class Told:
    """The same, kept as lists and added up anew each time."""

    def __init__(self) -> None:
        self.holdings = Holdings()
        self.held: list[Reservation] = []
        self.handed: list[Handed] = []

    def hold(self, number: int) -> None:
        one = Reservation("shop", 0, (DAY, MONTH) if number % 2 else (DAY,), number)
        self.holdings.hold(one)
        self.held.append(one)

    def change(self, number: int) -> None:
        if self.held:
            self.holdings.change(self.held[number % len(self.held)], number)

    def drop(self, number: int) -> None:
        if self.held:
            self.holdings.drop(self.held[number % len(self.held)])

    def hand(self) -> None:
        self.handed.append(self.holdings.hand_on(self.held))
        self.held = []

    def find(self, number: int, now: int) -> None:
        if self.handed:
            self.handed[number % len(self.handed)].in_ledger_ns = now

    def forget(self, now: int) -> None:
        self.holdings.forget(now)
        while self.handed and self.handed[0].in_ledger_ns is not None:
            self.handed.pop(0)

    def taken(self, part: Part) -> Taken:
        doubtful = [one for batch in self.handed for one in batch.reservations]
        return Taken(*(sum(one.units for one in found if part in one.parts) for found in (self.held, doubtful)))


@given(_steps)
def test_what_is_taken_is_what_the_ledger_does_not_count(steps: list[tuple[str, int]]) -> None:
    told = Told()
    for now, (step, number) in enumerate(steps, 1):
        match step:
            case "hand":
                told.hand()
            case "find":
                told.find(number, now)
            case "forget":
                told.forget(now)
            case _:
                getattr(told, step)(number)
        for part in (DAY, MONTH):
            assert told.holdings.taken(part) == told.taken(part)


def test_a_batch_is_forgotten_by_an_answer_that_is_younger() -> None:
    holdings = Holdings()
    one = Reservation("shop", 0, (DAY,), 7)
    holdings.hold(one)
    handed = holdings.hand_on([one])
    handed.in_ledger_ns = 100
    holdings.forget(99)
    assert holdings.taken(DAY) == Taken(0, 7)
    holdings.forget(100)
    assert holdings.taken(DAY) == Taken(0, 0)
