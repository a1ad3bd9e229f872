"""Weights share calls out as they say, users stay where they are, and when weights move no more of them move than must."""

from collections import Counter
from collections.abc import Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.routing.choosing import Choice, choose
from farthing.routing.plan import Wish

USERS = 10_000


def choice(name: str, weight: int = 10_000, priority: int = 0, environment: str = "", *, holds: bool = True) -> Choice:
    return Choice(name, f"variant-{name}", lambda _: holds, environment=environment, weight=weight, priority=priority)


def wish(user: str = "", session: str = "", request_id: str = "") -> Wish:
    return Wish("shop", "production", "gpt-4o", "openai", user=user, session=session, request_id=request_id)


def chosen(choices: Sequence[Choice], asked: Wish, chance: str = "", config: str = "config") -> str | None:
    one = choose(config, choices, asked, "production", chance)
    return one.id if one else None


def shares(choices: Sequence[Choice], users: int = USERS) -> list[str | None]:
    return [chosen(choices, wish(f"user-{number}")) for number in range(users)]


def test_ninety_to_ten_over_ten_thousand_users() -> None:
    found = Counter(shares([choice("a", 9_000), choice("b", 1_000)]))
    # Four standard deviations of 10,000 draws at 10 %.
    assert abs(found["b"] - 1_000) <= 120
    assert found["a"] + found["b"] == USERS


def test_a_user_stays_and_so_does_a_session_without_one() -> None:
    both = [choice("a"), choice("b")]
    for asked in (wish("ada"), wish("ada", "s1"), wish(session="s1")):
        assert len({chosen(both, asked, str(chance)) for chance in range(50)}) == 1
    assert chosen(both, wish("ada", "s1")) == chosen(both, wish("ada", "s2"))
    assert {chosen(both, wish(), str(chance)) for chance in range(50)} == {"a", "b"}
    assert {chosen(both, wish(request_id=str(number)), "same") for number in range(50)} == {"a", "b"}


def test_when_weights_move_only_those_move_who_must() -> None:
    before = shares([choice("a", 9_000), choice("b", 1_000)])
    after = shares([choice("a", 8_000), choice("b", 2_000)])
    moved = Counter((was, now) for was, now in zip(before, after, strict=True) if was != now)
    assert set(moved) == {("a", "b")}
    assert abs(moved["a", "b"] - 1_000) <= 120


def test_a_third_variant_takes_from_both_and_moves_nobody_between_them() -> None:
    before = shares([choice("a", 5_000), choice("b", 5_000)])
    after = shares([choice("a", 5_000), choice("b", 5_000), choice("c", 2_500)])
    assert {now for was, now in zip(before, after, strict=True) if was != now} == {"c"}
    assert abs(Counter(after)["c"] - 2_000) <= 160


def test_configs_draw_independently() -> None:
    both = [choice("a"), choice("b")]
    agree = sum(
        chosen(both, wish(f"u{n}"), config="x") == chosen(both, wish(f"u{n}"), config="y") for n in range(4_000)
    )
    assert abs(agree - 2_000) <= 130


def test_the_highest_priority_whose_conditions_hold_goes_first() -> None:
    low, high = choice("low"), choice("high", priority=5)
    assert chosen([low, high], wish("ada")) == "high"
    assert chosen([low, choice("high", priority=5, holds=False)], wish("ada")) == "low"
    assert chosen([low, msgspec.structs.replace(high, weight=0)], wish("ada")) == "low"
    assert chosen([low, msgspec.structs.replace(high, environment="staging")], wish("ada")) == "low"
    assert chosen([msgspec.structs.replace(low, environment="production")], wish("ada")) == "low"
    assert chosen([choice("a", 0), choice("b", holds=False)], wish("ada")) is None


@given(weights=st.lists(st.integers(0, 10_000), min_size=2, max_size=6), data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_change_of_one_weight_moves_users_to_it_or_from_it_alone(weights: list[int], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(weights) - 1))
    changed = data.draw(st.integers(0, 10_000))
    before = [choice(str(number), weight) for number, weight in enumerate(weights)]
    after = [choice(str(number), changed if number == at else weight) for number, weight in enumerate(weights)]
    for number in range(100):
        was, now = (chosen(each, wish(f"user-{number}")) for each in (before, after))
        assert was == now or str(at) == (now if changed > weights[at] else was)
