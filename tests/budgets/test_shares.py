"""What a server takes and tells: whatever is told, told in vain and told again, the others know all of it, and once."""

from hypothesis import given
from hypothesis import strategies as st

from farthing.budgets.holdings import Part, Reservation
from farthing.budgets.shares import Amount, Kept, News, Share, Telling

DAY, MONTH = Part("day", 86_400), Part("month", 0)

_steps = st.lists(
    st.tuples(st.sampled_from(["take", "less", "land", "keep", "tell", "tell in vain"]), st.integers(1, 10**27))
)


class Others:
    """What they know."""

    def __init__(self) -> None:
        self.shares: dict[Part, int] = {}
        self.landed: dict[Part, int] = {}
        self.kept: list[str] = []
        self.half_hours: set[int] = set()

    def hear(self, telling: Telling) -> None:
        for part, taken in telling.shares.items():
            self.shares[part] = taken.units
        for one in telling.news.landed:
            part = Part(one.budget_id, one.since)
            self.landed[part] = self.landed.get(part, 0) + int(one.units)
        self.kept += [one.id for one in telling.news.kept]
        self.half_hours.update(telling.news.half_hours)


@given(_steps)
def test_others_know_what_is_taken_and_what_became_of_it(steps: list[tuple[str, int]]) -> None:
    share, others, held = Share(), Others(), list[Reservation]()
    landed, kept = dict.fromkeys((DAY, MONTH), 0), list[str]()
    for number, (step, units) in enumerate([*steps, ("tell", 1)]):
        if step == "take":
            held.append(Reservation("shop", number, (DAY, MONTH) if units % 2 else (DAY,), units))
            share.take(held[-1], units)
        elif step == "less" and held:
            less = units % (held[-1].units + 1)
            share.take(held[-1], -less)
            held[-1].units -= less
        elif step == "land" and held:
            one = held.pop()
            share.land(one)
            for part in one.parts:
                landed[part] += one.units
        elif step == "keep" and held:
            one = held.pop()
            share.take(one, -one.units)
            share.keep(Kept(f"bh_{number}", *one.parts[0], one.at, str(one.units)))
            kept.append(f"bh_{number}")
        elif step == "tell":
            others.hear(share.tell())
            assert share.is_told
        elif step == "tell in vain":
            share.told_in_vain(share.tell())
    for part in (DAY, MONTH):
        assert others.shares.get(part, 0) == sum(one.units for one in held if part in one.parts)
        assert others.landed.get(part, 0) == landed[part]
    assert others.kept == kept


def test_what_landed_is_told_with_the_half_hour_in_which_its_call_began() -> None:
    share, one = Share(), Reservation("shop", 3_700, (DAY,), 7)
    share.take(one, 7)
    assert not share.is_told
    share.tell()
    share.land(one)
    telling = share.tell()
    assert telling.news == News((3_600,), (Amount("day", 86_400, "7"),))
    assert (telling.shares[DAY].units, telling.shares[DAY].at) == (0, 3_700)
    assert share.tell() == Telling({}, News())
