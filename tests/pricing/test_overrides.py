"""What an operator agreed, knows better or calls otherwise, and for whom it holds."""

import pytest
from made_calls import at

from farthing.model.ledger import Cost, CostStatus
from farthing.model.money import to_text
from farthing.pricing.catalog import Catalog
from farthing.pricing.explain import Question, explain
from farthing.pricing.overrides import Kind, Override, OverrideError, OverrideRate, Scope, check

NOW = at("2026-11-01T12:00:00")
ARN = "arn:aws:bedrock:eu-west-1:1234:application-inference-profile/abc"


def ask(catalog: Catalog, provider: str, model: str, *, tier: str = "", when: int = NOW) -> Cost:
    """A thousand tokens in, a hundred out."""
    usage = {"input_tokens": 1000, "output_tokens": 100}
    return explain(Question(provider=provider, model=model, usage=usage, at_ns=when, service_tier=tier), catalog)


def usd(cost: Cost) -> str | None:
    """The amount as text."""
    return None if cost.amount is None else to_text(cost.amount)


def rates(**usd_of: str) -> dict[str, OverrideRate]:
    """Rates per million tokens."""
    return {bucket: OverrideRate(text) for bucket, text in usd_of.items()}


def negotiated(name: str = "n", *, scope: Scope | None = None, **more: object) -> Override:
    """An input rate for gpt-4o."""
    told: dict[str, object] = {"rates": rates(input="2"), "scope": scope or Scope(), **more}
    return Override(id=name, kind=Kind.RATES, provider="openai", model="gpt-4o", **told)  # pyright: ignore[reportArgumentType]


def test_a_negotiated_rate_replaces_the_list_price_of_its_bucket_only(catalog: Catalog) -> None:
    cost = ask(catalog.overridden([negotiated(source="contract 7")]), "openai", "gpt-4o")

    assert usd(cost) == "0.003"
    assert (cost.lines[0].rule, cost.lines[0].source) == ("negotiated", "contract 7; override n")
    assert (cost.lines[1].rule, cost.lines[1].source) == ("", "")


def test_the_version_tells_the_overrides_apart(catalog: Catalog) -> None:
    one, other = catalog.overridden([negotiated()]), catalog.overridden([negotiated("m")])

    assert len({catalog.version, one.version, other.version}) == 3
    assert one.version.startswith(f"{catalog.version}.o-")
    assert one.within(Scope(project="p")) is one


def test_the_narrower_scope_wins_and_others_see_nothing_of_it(catalog: Catalog) -> None:
    own = [
        negotiated("org", scope=Scope(organisation="o"), rates=rates(input="2")),
        negotiated("project", scope=Scope(project="p"), rates=rates(input="1")),
        negotiated("key", scope=Scope(project="p", key="k"), rates=rates(input="0.5")),
    ]
    snapshot = catalog.overridden(own)

    def of(**scope: str) -> str | None:
        return usd(ask(snapshot.within(Scope(**scope)), "openai", "gpt-4o"))

    assert of() == "0.0035"
    assert of(organisation="o") == "0.003"
    assert of(organisation="o", project="p") == "0.002"
    assert of(organisation="o", project="p", key="k") == "0.0015"
    assert of(organisation="o", project="q", key="k") == "0.003"


def test_a_discount_holds_for_every_tier_but_not_for_what_was_agreed(catalog: Catalog) -> None:
    tenth = Override(id="d", kind=Kind.DISCOUNT, provider="openai", discount_percent="10")
    cost = ask(catalog.overridden([tenth, negotiated()]), "openai", "gpt-4o")
    batch = ask(catalog.overridden([tenth]), "openai", "gpt-4o", tier="batch")

    assert [to_text(line.rate or 0) for line in cost.lines] == ["2", "9"]
    assert cost.lines[1].rule == "10 % discount on the list price"
    assert [to_text(line.rate or 0) for line in batch.lines] == ["1.125", "4.5"]
    assert usd(ask(catalog.overridden([tenth]), "anthropic", "claude-sonnet-4-5")) == "0.0045"


def test_discounts_do_not_compound(catalog: Catalog) -> None:
    every = Override(id="a", kind=Kind.DISCOUNT, discount_percent="50")
    exact = Override(id="b", kind=Kind.DISCOUNT, provider="openai", model="gpt-4o", discount_percent="10")

    assert usd(ask(catalog.overridden([every, exact]), "openai", "gpt-4o")) == "0.00315"
    assert usd(ask(catalog.overridden([every, exact]), "openai", "gpt-4.1")) == "0.0014"


def test_a_model_of_ones_own_has_whole_prices_and_names(catalog: Catalog) -> None:
    own = Override(
        id="v",
        kind=Kind.RATES,
        provider="ollama",
        model="Llama-X",
        names=("llama-x:70b",),
        rates=rates(input="0.1", output="0.2"),
        valid_from=at("2026-06-01T00:00:00"),
    )
    snapshot = catalog.overridden([own])

    assert usd(ask(snapshot, "ollama", "llama-x")) == "0.00012"
    assert usd(ask(snapshot, "Ollama", "LLAMA-X:70b")) == "0.00012"
    assert ask(snapshot, "ollama", "llama-y").status == CostStatus.UNPRICED
    early = ask(snapshot, "ollama", "llama-x", when=at("2026-05-31T23:59:59"))
    assert (early.status, early.rule.endswith("no price was in force at the time of the call")) == ("unpriced", True)
    assert ask(catalog, "ollama", "llama-x").status == CostStatus.UNPRICED


def test_an_alias_stands_for_a_model_that_has_a_price(catalog: Catalog) -> None:
    alias = Override(
        id="p", kind=Kind.ALIAS, provider="aws", model=ARN, of_model="anthropic.claude-3-haiku-20240307-v1:0"
    )
    snapshot = catalog.overridden([alias])

    assert ask(catalog, "aws.bedrock", ARN).status == CostStatus.UNPRICED
    cost = ask(snapshot, "aws.bedrock", ARN)
    assert usd(cost) == "0.000375"
    assert cost.rule == "request model: a name set by the operator at aws"


def test_capacity_paid_for_by_time_costs_nothing_and_says_so(catalog: Catalog) -> None:
    ptu = Override(id="ptu", kind=Kind.CAPACITY, provider="azure", model="gpt-4.1", scope=Scope(project="p"))
    snapshot = catalog.overridden([ptu])

    cost = ask(snapshot.within(Scope(project="p")), "azure", "gpt-4.1")
    assert usd(cost) == "0"
    assert {line.rule for line in cost.lines} == {"covered by capacity paid for by time (override ptu)"}
    assert usd(ask(snapshot, "azure", "gpt-4.1")) == "0.0028"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Override(id="x", kind=Kind.RATES, provider="p", model="m"), "rates need"),
        (Override(id="x", kind=Kind.RATES, provider="p", model="m", rates=rates(input="-1")), "is not a price"),
        (Override(id="x", kind=Kind.RATES, provider="p", model="m", rates=rates(input="cheap")), "not an exact amount"),
        (Override(id="x", kind=Kind.RATES, provider="p", model="m", rates=rates(smiles="1")), "charged for"),
        (Override(id="x", kind=Kind.DISCOUNT, discount_percent="0"), "is none"),
        (Override(id="x", kind=Kind.DISCOUNT, discount_percent="101"), "is none"),
        (Override(id="x", kind=Kind.DISCOUNT, discount_percent="half"), "not a percentage"),
        (Override(id="x", kind=Kind.CAPACITY), "capacity is bought"),
        (Override(id="x", kind=Kind.ALIAS, provider="aws", model="m"), "an alias needs"),
        (Override(id="x", kind=Kind.CAPACITY, provider="p", valid_from=2, valid_until=2), "ends before"),
    ],
)
def test_an_override_that_cannot_be_is_refused(told: Override, why: str) -> None:
    with pytest.raises(OverrideError, match=why):
        check(told)
