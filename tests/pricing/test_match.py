"""Which model's price a call gets, and the sentence that says why."""

import re
from collections.abc import Set

import pytest

from farthing.pricing import base
from farthing.pricing.match import Clause, Entry, Found, PriceList, find
from farthing.pricing.rates import PricedModel

BOOK = base.Shelf(base.installed_providers)


def matched(provider: str, request_model: str = "", response_model: str = "") -> str:
    """`provider/model` of the price that applies, or ""."""
    model = find(provider, response_model, request_model, BOOK).model
    return "" if model is None else f"{model.provider}/{model.id}"


@pytest.mark.parametrize(
    ("provider", "model", "priced"),
    [
        ("openai", "gpt-4o-mini", "openai/gpt-4o-mini"),
        ("openai", "GPT-4o-Mini", "openai/gpt-4o-mini"),
        ("openai", "gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"),
        ("openai", "openai/gpt-4o", "openai/gpt-4o"),
        ("openai", "gpt-5.2-20251211", "openai/gpt-5.2"),
        ("openai", "gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13"),
        ("anthropic", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5"),
        ("azure.ai.openai", "gpt-4o", "openai/gpt-4o"),
        ("azure", "azure/gpt-4.1", "openai/gpt-4.1"),
        ("azure", "phi-4", "azure/phi-4"),
        ("gcp.gemini", "models/gemini-2.5-flash", "google/gemini-2.5-flash"),
        ("vertex_ai", "publishers/google/models/gemini-2.5-flash", "google/gemini-2.5-flash"),
        ("vertex_ai", "claude-sonnet-4-5@20250929", "google/claude-sonnet-4-5"),
        ("groq", "openai/gpt-oss-120b", "groq/openai/gpt-oss-120b"),
        ("openrouter", "openai/gpt-4o", "openrouter/openai/gpt-4o"),
        ("x_ai", "grok-4", "x-ai/grok-4-0709"),
    ],
)
def test_names_at_a_provider(provider: str, model: str, priced: str) -> None:
    assert matched(provider, model) == priced


@pytest.mark.parametrize(
    ("provider", "model", "priced"),
    [
        (
            "aws.bedrock",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "bedrock",
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws/global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "aws",
            "arn:aws:bedrock:eu-west-1:1234:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        ("", "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0", "aws/amazon.nova-pro-v1:0"),
        ("aws", "bedrock/converse/us.amazon.nova-pro-v1:0", "aws/amazon.nova-pro-v1:0"),
        ("anthropic", "eu.anthropic.claude-opus-4-6-v1:0", "aws/regional.anthropic.claude-opus-4-6-v1:0"),
        ("aws", "arn:aws:bedrock:us-east-1:1234:application-inference-profile/a1b2c3", ""),
        ("aws", "arn:aws:bedrock:us-east-1:1234:provisioned-model/amazon.nova-pro", ""),
    ],
)
def test_bedrock(provider: str, model: str, priced: str) -> None:
    assert matched(provider, model) == priced


@pytest.mark.parametrize(
    ("model", "priced"),
    [
        ("gpt-4o", "openai/gpt-4o"),
        ("claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
        ("gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("gemini/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("azure/gpt-4o", "openai/gpt-4o"),
        ("openrouter/anthropic/claude-sonnet-4.5", "openrouter/anthropic/claude-sonnet-4.5"),
        ("groq/llama-3.3-70b-versatile", "groq/llama-3.3-70b-versatile"),
        ("ollama/gpt-4o", ""),
        ("hosted_vllm/openai/gpt-4o", ""),
        ("glm-5", ""),
        ("gpt-oss-120b", ""),  # anyone may serve it
        ("openai/gpt-oss-120b", ""),  # what its weights are called
        ("mistralai/mixtral-8x7b-instruct-v0.1", ""),
        ("no-such-model", ""),
    ],
)
@pytest.mark.parametrize("provider", ["", "litellm", "langchain"])
def test_nobody_told_the_provider(provider: str, model: str, priced: str) -> None:
    assert matched(provider, model) == priced


def test_the_prefix_of_one_name_tells_who_served_both() -> None:
    assert matched("", "bedrock/anthropic.claude-opus-4-6-v1:0", "claude-opus-4-6").startswith("aws/regional.")
    assert matched("litellm", "ollama/gpt-4o", "gpt-4o") == ""


@pytest.mark.parametrize(
    "provider", ["ollama", "vllm", "lm_studio", "openai-compatible", "ibm.watsonx.ai", "sagemaker"]
)
def test_own_machines_and_unlisted_sellers_have_no_hosted_price(provider: str) -> None:
    assert matched(provider, "gpt-4o", "gpt-4o-2024-08-06") == ""


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o-mini-x"),
        ("openai", "x-gpt-4o"),
        ("openai", "gpt-4o-mini-2024-07-19"),
        ("openai", "gpt-4"[:-1]),
        ("openai", "anthropic/claude-sonnet-4-5"),
        ("openai", "claude-sonnet-4-5"),
        ("anthropic", "gpt-4o"),
        ("groq", "gpt-4o"),
        ("azure", "my-deployment"),
        ("openai", ""),
        ("openai", "/"),
        ("openai", "openai/"),
        ("openai", "*"),
        ("", "x" * 500),
    ],
)
def test_no_guess(provider: str, model: str) -> None:
    assert matched(provider, model) == ""


def test_a_fine_tune_is_priced_as_itself_or_not_at_all() -> None:
    assert matched("openai", "ft:gpt-4o-mini-2024-07-18:org::id") == "openai/ft:gpt-4o-mini"
    assert matched("openai", "ft:gpt-4o-mini:org::id") == ""
    assert matched("openai", "openai/ft:gpt-4o-mini:org::id") == ""
    assert matched("openai", "gpt-4o-mini", "ft:gpt-4o-mini:org::id") == ""


def test_who_answered_comes_before_who_was_asked() -> None:
    answered = find("openai", "gpt-4o-2024-08-06", "gpt-4o-mini", BOOK)
    asked = find("openai", "deployment-7", "gpt-4o-mini", BOOK)

    assert answered.model is not None
    assert asked.model is not None
    assert (answered.model.id, answered.rule) == ("gpt-4o", "response model: a listed name at openai")
    assert (asked.model.id, asked.rule) == ("gpt-4o-mini", "request model: the exact name at openai")


@pytest.mark.parametrize(
    ("provider", "model", "rule"),
    [
        ("openai", "gpt-4o", "request model: the exact name at openai"),
        ("azure", "gpt-4o", "request model: the exact name at openai, whose prices azure uses"),
        ("openai", "gpt-5-nano-2025-08-07", "request model: the name starts with 'gpt-5-nano-' at openai"),
        ("openai", "gpt-5.2-20251211", "request model: a listed name, the date written with hyphens at openai"),
        ("", "gpt-4o", "request model: the exact name at openai; no provider told, no other first party lists it"),
        ("", "glm-5", "request model: anyone may serve this model, and no provider was told"),
        ("", "gemini/gemini-pro", "request model: its prefix names the provider; the exact name at google"),
        ("ollama", "gpt-4o", "served by one's own machines or behind a proxy: no list price applies"),
        ("openai", "", "no model was named"),
    ],
)
def test_the_rule_says_why(provider: str, model: str, rule: str) -> None:
    assert find(provider, "", model, BOOK).rule == rule


class Shelf:
    """Price lists laid out by hand."""

    def __init__(self, *lists: PriceList) -> None:
        self.lists = {listed.provider: listed for listed in lists}

    def providers(self) -> Set[str]:
        return self.lists.keys()

    def price_list(self, provider: str) -> PriceList | None:
        return self.lists.get(provider)


def test_two_makers_of_one_name_are_one_too_many() -> None:
    book = Shelf(*(PriceList(maker, [entry("m")]) for maker in ("openai", "cohere", "groq")))

    assert find("", "", "m", book) == Found(
        None, "request model: no provider told, and more than one lists this model: cohere, openai"
    )


def test_who_resells_is_not_the_maker() -> None:
    book = Shelf(PriceList("anthropic", [entry("m")]), PriceList("google", [entry("m")], resells=("anthropic",)))
    found = find("", "", "m", book)

    assert found.model is not None
    assert found.model is book.lists["anthropic"].entries[0].model


def entry(model_id: str, *parts: Clause) -> Entry:
    """A model that fits any of some clauses."""
    return Entry(PricedModel("p", model_id), Clause("any", parts=parts))


class TestPriceList:
    def test_an_exact_name_beats_an_earlier_pattern(self) -> None:
        listed = PriceList("p", [entry("a", Clause("starts_with", "m")), entry("b", Clause("equals", "m1"))])

        assert [found[0].id for name in ("m1", "m2") if (found := listed.find(name))] == ["b", "a"]

    def test_every_kind_of_clause(self) -> None:
        listed = PriceList(
            "p",
            [
                entry("starts", Clause("starts_with", "s.")),
                entry("ends", Clause("ends_with", ".e")),
                entry("contains", Clause("contains", "c+c")),
                entry("regex", Clause("regex", r"^r\d$", pattern=re.compile(r"^r\d$"))),
                entry("all", Clause("all", parts=(Clause("contains", "x"), Clause("contains", "y")))),
            ],
        )
        names = ["s.1", "1.e", "1c+c1", "r1", "1y1x1"]

        assert [found[0].id for name in names if (found := listed.find(name))] == [
            "starts",
            "ends",
            "contains",
            "regex",
            "all",
        ]
        assert not any(map(listed.find, ["sx1", "1.ex", "1ccc1", "r11", "1y1", "", "\n"]))

    def test_patterns_that_do_not_go_together_still_work_alone(self) -> None:
        named = r"^(?P<n>a)1$", r"^(?P<n>b)1$"
        listed = PriceList("p", [entry(text, Clause("regex", text, pattern=re.compile(text))) for text in named])

        assert [found[0].id for name in ("a1", "b1") if (found := listed.find(name))] == list(named)
        assert listed.find("c1") is None
