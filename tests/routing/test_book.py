"""A call's plan: the config's variant and version, its targets resolved, or a sentence that says what is missing."""

from typing import Any

import msgspec
import pytest

from farthing.errors import NotFoundError
from farthing.routing.book import Book, NoVariantError, book
from farthing.routing.configured import Aim, Config, Content, Environment, Noun, Rollout, Variant, Version
from farthing.routing.finding import ModelNotFoundError
from farthing.routing.plan import Account, Plan, Strategy, Wish

OPENAI, EU, CLAUDE = Account("1", "main", "openai"), Account("2", "eu", "azure"), Account("3", "claude", "anthropic")
ACCOUNTS = (OPENAI, EU, CLAUDE)
CONFIG = Config("cf", "shop", "support")


def variant(slug: str, *contents: Content) -> list[Noun]:
    versions = [Version(f"{slug}{n}", "shop", f"va-{slug}", n, one) for n, one in enumerate(contents, 1)]
    return [Variant(f"va-{slug}", "shop", "cf", slug), *versions]


def rollout(slug: str, **fields: Any) -> Rollout:
    return Rollout(f"ro-{slug}", "shop", "cf", f"va-{slug}", **fields)


def prompt(text: str) -> Content:
    return Content(system_prompt=text)


def plan(made: Book, config: str = "support", model: str = "gpt-4o", **more: Any) -> Plan:
    return made.plan(Wish("shop", more.pop("environment", ""), model, "openai", config, **more), lambda _: "", "chance")


def test_a_lone_variant_needs_no_rollout_and_answers_by_its_latest_version() -> None:
    made = book([CONFIG, *variant("a", prompt("one"), prompt("two"))], ACCOUNTS)
    for name in ("support", "cf"):
        found = plan(made, name)
        told = (found.config, found.variant, found.version, found.environment, found.system_prompt)
        assert told == ("support", "a", 2, "production", "two")
    assert found.targets[0].account is OPENAI


def test_all_of_a_version_is_in_the_plan() -> None:
    content = msgspec.convert(
        {
            "targets": [
                {"account": "eu", "model": "gpt-4o-eu", "weight": 3},
                {"provider": "anthropic", "model": "claude-x"},
            ],
            "strategy": "balance",
            "parameters": {"temperature": 0},
            "retries": {"attempts": 3},
            "timeouts": {"total_s": 20},
            "cache_ttl_s": 60,
            "guards": [{"name": "no cards", "kind": "pii"}],
        },
        Content,
    )
    found = plan(book([CONFIG, *variant("a", content)], ACCOUNTS))
    assert [(one.account, one.model, one.weight) for one in found.targets] == [
        (EU, "gpt-4o-eu", 3),
        (CLAUDE, "claude-x", 1),
    ]
    for field in ("strategy", "parameters", "retries", "timeouts", "cache_ttl_s", "guards"):
        assert getattr(found, field) == getattr(content, field)


def test_a_rollout_pins_a_version_in_its_environment_for_whom_it_is() -> None:
    nouns: list[Noun] = [
        CONFIG,
        *variant("a", prompt("one"), prompt("two")),
        *variant("b", prompt("b")),
        Environment("en", "shop", "live", is_production=True),
        Environment("en2", "shop", "staging"),
        rollout("a", version=1),
        rollout("b", priority=1, environment_id="en2"),
        msgspec.structs.replace(
            rollout("b", priority=2, conditions={"==": [{"var": "metadata.tier"}, "gold"]}), id="ro-3"
        ),
    ]
    made = book(nouns, ACCOUNTS)
    assert (plan(made).variant, plan(made).version, plan(made).environment) == ("a", 1, "live")
    assert plan(made, environment="staging").variant == "b"
    assert plan(made, metadata={"tier": "gold"}).variant == "b"
    assert plan(made, environment="elsewhere").variant == "a"


def test_conditions_see_the_environment_a_call_belongs_to() -> None:
    here = rollout("a", conditions={"==": [{"var": "environment"}, "production"]})
    made = book([CONFIG, *variant("a", prompt("one")), here], ACCOUNTS)
    assert plan(made).variant == "a"
    with pytest.raises(
        NoVariantError, match="No variant of the config 'support' is rolled out in the environment 'test'"
    ):
        plan(made, environment="test")


def test_targets_without_a_model_or_an_account_take_what_the_client_asked() -> None:
    contents = Content(targets=(Aim(), Aim(account="eu"), Aim(provider="openai"), Aim(model="claude-opus-4-1")))
    made = book([CONFIG, *variant("a", contents)], ACCOUNTS)
    told = [(one.account.slug, one.model) for one in plan(made, model="@main/gpt-4o").targets]
    assert told == [("main", "gpt-4o"), ("eu", "gpt-4o"), ("main", "gpt-4o"), ("claude", "claude-opus-4-1")]


def test_a_target_that_is_gone_is_left_out_unless_it_is_the_last() -> None:
    content = Content(targets=(Aim(account="gone"), Aim(provider="groq"), Aim(account="eu")))
    assert [one.account for one in plan(book([CONFIG, *variant("a", content)], ACCOUNTS)).targets] == [EU]
    only = Content(targets=(Aim(account="gone"), Aim(provider="groq")))
    with pytest.raises(ModelNotFoundError, match="There is no account 'gone', which this variant names"):
        plan(book([CONFIG, *variant("a", only)], ACCOUNTS))
    none = Content(targets=(Aim(account="eu", weight=0),), strategy=Strategy.BALANCE)
    with pytest.raises(ModelNotFoundError, match="have the weight 0"):
        plan(book([CONFIG, *variant("a", none)], ACCOUNTS))


def test_what_isn_t_there_is_told() -> None:
    two: list[Noun] = [CONFIG, *variant("a", prompt("one")), *variant("b")]
    with pytest.raises(NotFoundError, match="no config 'other' in this project; there is: support"):
        plan(book(two, ACCOUNTS), "other")
    with pytest.raises(NoVariantError, match="farthing gateway rollouts add support"):
        plan(book(two, ACCOUNTS))
    with pytest.raises(NoVariantError, match="'b' of the config 'support' has no version yet"):
        plan(book([*two, rollout("b")], ACCOUNTS))
    with pytest.raises(NoVariantError, match="is rolled out"):
        plan(book([*two, rollout("a", enabled=False)], ACCOUNTS))
    with pytest.raises(
        ModelNotFoundError, match="The secrets of these accounts can't be read, since their key is not here: eu"
    ):
        plan(book([], (), ["eu"]), "")
