"""Questions in the contract's terms: wholes include their parts, and contradictions are refused."""

import pytest
from made_calls import at

from farthing.model.money import to_text
from farthing.pricing.catalog import Catalog
from farthing.pricing.explain import Question, UsageError, buckets, explain


def test_parts_are_taken_out_of_their_wholes() -> None:
    assert buckets(
        {
            "input_tokens": 1000,
            "cached_input_tokens": 300,
            "cache_write_tokens": 200,
            "cache_write_1h_tokens": 50,
            "audio_input_tokens": 100,
            "output_tokens": 90,
            "reasoning_tokens": 60,
            "web_searches": 2,
        }
    ) == {
        "input": 400,
        "cache_read": 300,
        "cache_write": 150,
        "cache_write_1h": 50,
        "audio_input": 100,
        "output": 30,
        "reasoning": 60,
        "web_searches": 2,
    }


@pytest.mark.parametrize(
    "told",
    [
        {"input_tokens": 1, "cached_input_tokens": 2},
        {"input_tokens": 5, "cache_write_tokens": 6},
        {"cache_write_tokens": 1, "cache_write_1h_tokens": 2},
        {"output_tokens": 1, "reasoning_tokens": 2},
        {"input_tokens": -1},
        {"smiles": 1},
    ],
)
def test_what_cannot_be_is_refused(told: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        buckets(told)


def test_the_answer_is_the_ledger(catalog: Catalog) -> None:
    cost = explain(
        Question(
            provider="openai",
            model="gpt-5.6-sol",
            usage={"input_tokens": 272_001, "cached_input_tokens": 272_000, "output_tokens": 10, "web_searches": 1},
            at_ns=at("2026-11-01T00:00:00"),
            service_tier="batch",
            region="eu",
        ),
        catalog,
    )

    assert [(line.bucket, line.quantity, to_text(line.rate or 0), line.tier) for line in cost.lines] == [
        ("cache_read", 272_000, "0.44", "batch, input > 272000"),
        ("input", 1, "4.4", "batch, input > 272000"),
        ("output", 10, "16.5", "batch, input > 272000"),
        ("web_searches", 1, "10", "standard"),
    ]
    assert cost.amount == sum(line.amount or 0 for line in cost.lines)
