"""Parts of a difference in cost: they add up whatever the figures are, and each cause alone is found in its own part."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.query.split import Group, Part, Period, split

GPT, MINI = ("openai", "gpt-4o"), ("openai", "gpt-4o-mini")
USUAL, BATCH = ("", ""), ("batch", "")

_amounts = st.integers(0, 10**30)
_lines = st.dictionaries(
    st.tuples(
        st.sampled_from(["input", "cache_read", "output", "reasoning", "images.hd", ""]), st.sampled_from(["", "long"])
    ),
    st.tuples(st.integers(0, 10**9), _amounts),
    max_size=5,
)
_groups = st.builds(Group, st.integers(1, 10**7), _lines)
_tiers = st.dictionaries(st.sampled_from([USUAL, BATCH, ("", "eu")]), _groups, min_size=1, max_size=3)
_periods = st.dictionaries(st.sampled_from([GPT, MINI, ("", "")]), _tiers, max_size=3)


def cost(period: Period, model: Any = None) -> int:
    return sum(g.cost for m, tiers in period.items() if model in (None, m) for g in tiers.values())


@settings(max_examples=300, deadline=None)
@given(_periods, _periods)
def test_parts_add_up_to_the_difference_of_every_model_and_of_all(before: Period, after: Period) -> None:
    parts = split(before, after)
    assert parts.keys() == before.keys() | after.keys()
    for model, of_model in parts.items():
        assert sum(of_model.values()) == cost(after, model) - cost(before, model)
    assert sum(sum(of.values()) for of in parts.values()) == cost(after) - cost(before)


@settings(max_examples=100, deadline=None)
@given(_periods)
def test_nothing_changed_is_no_cause(period: Period) -> None:
    assert not any(units for of in split(period, period).values() for units in of.values())


@settings(max_examples=100, deadline=None)
@given(_periods, st.integers(2, 9))
def test_more_of_the_same_is_volume_alone(period: Period, times: int) -> None:
    after = {
        model: {
            tier: Group(group.calls * times, {line: (q * times, a * times) for line, (q, a) in group.lines.items()})
            for tier, group in tiers.items()
        }
        for model, tiers in period.items()
    }
    for of_model in split(period, after).values():
        assert all(not units for part, units in of_model.items() if part is not Part.VOLUME)


def usage(**lines: tuple[int, int]) -> dict[tuple[str, str], tuple[int, int]]:
    return {(bucket, ""): sums for bucket, sums in lines.items()}


BASE: Period = {GPT: {USUAL: Group(10, usage(input=(1_000, 2_000), cache_read=(1_000, 1_000), output=(100, 1_000)))}}


@pytest.mark.parametrize(
    ("part", "after"),
    [
        (
            Part.VOLUME,
            {GPT: {USUAL: Group(20, usage(input=(2_000, 4_000), cache_read=(2_000, 2_000), output=(200, 2_000)))}},
        ),
        (Part.VOLUME, {}),
        (Part.TIER, {GPT: {BATCH: Group(10, usage(input=(1_000, 1_000), cache_read=(1_000, 500), output=(100, 500)))}}),
        (
            Part.TOKENS_PER_CALL,
            {GPT: {USUAL: Group(10, usage(input=(1_500, 3_000), cache_read=(1_500, 1_500), output=(90, 900)))}},
        ),
        (
            Part.CACHE_SHARE,
            {GPT: {USUAL: Group(10, usage(input=(500, 1_000), cache_read=(1_500, 1_500), output=(100, 1_000)))}},
        ),
        (Part.CACHE_SHARE, {GPT: {USUAL: Group(10, usage(input=(2_000, 4_000), output=(100, 1_000)))}}),
        (
            Part.PRICE,
            {GPT: {USUAL: Group(10, usage(input=(1_000, 1_500), cache_read=(1_000, 800), output=(100, 700)))}},
        ),
        (
            Part.OTHER_USAGE,
            {
                GPT: {
                    USUAL: Group(
                        10,
                        usage(
                            input=(1_000, 2_000), cache_read=(1_000, 1_000), output=(100, 1_000), web_searches=(3, 30)
                        ),
                    )
                }
            },
        ),
        (
            Part.CONTEXT,
            {
                GPT: {
                    USUAL: Group(
                        10,
                        {
                            **usage(cache_read=(1_000, 1_000), output=(100, 1_000)),
                            ("input", ""): (600, 1_200),
                            ("input", "input > 200000"): (400, 1_600),
                        },
                    )
                }
            },
        ),
    ],
)
def test_a_cause_alone_is_found_in_its_part(part: Part, after: Period) -> None:
    found = split(BASE, after)[GPT]
    assert {name: units for name, units in found.items() if units} == {part: cost(after) - cost(BASE)}


def test_calls_that_went_to_a_cheaper_model_are_the_mix() -> None:
    after: Period = {
        GPT: {USUAL: Group(5, usage(input=(500, 1_000), cache_read=(500, 500), output=(50, 500)))},
        MINI: {USUAL: Group(5, usage(input=(1_000, 100), output=(50, 50)))},
    }
    found = split(BASE, after)
    assert {part for of in found.values() for part, units in of.items() if units} == {Part.MODEL_MIX}
    assert (found[GPT][Part.MODEL_MIX], found[MINI][Part.MODEL_MIX]) == (-2_000, 150)


def test_what_does_not_divide_is_cut_off_one_part_and_put_into_the_next() -> None:
    before: Period = {GPT: {USUAL: Group(3, usage(input=(3, 10)))}}
    after: Period = {GPT: {USUAL: Group(4, usage(input=(7, 11)))}}
    found = split(before, after)[GPT]
    assert (found[Part.VOLUME], found[Part.TOKENS_PER_CALL], found[Part.PRICE]) == (3, 10, -12)
    assert sum(found.values()) == 1
