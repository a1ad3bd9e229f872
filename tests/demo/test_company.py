"""The fictional company hangs together, and its models are ones that the base catalogue prices, but for its own."""

from farthing.demo import population
from farthing.demo.company import FEATURES, MODELS, UNPRICED_MODEL
from farthing.model.call import Call
from farthing.model.ledger import CostStatus
from farthing.model.usage import Bucket, Usage, UsageSource
from farthing.pricing import base
from farthing.pricing.cost import price

USED = Usage({Bucket.INPUT: 1000, Bucket.OUTPUT: 0}, UsageSource.PROVIDER)


def test_all_models_but_its_own_have_a_price() -> None:
    catalog = base.load()
    for model in MODELS.values():
        for name in (model.name, model.served):
            call = Call(b"t" * 16, b"s" * 8, 1_795_218_217_172_258_153, 1, "gen_ai", model.provider, name, usage=USED)
            expected = CostStatus.UNPRICED if model.name == UNPRICED_MODEL else CostStatus.COMPUTED
            assert price(call, catalog).status is expected, name


def test_features_name_models_that_exist_and_share_all_calls() -> None:
    assert sum(feature.weight for feature in FEATURES) == 1000
    assert {name for f in FEATURES for release in f.releases for name in release.models} == set(MODELS)
    for feature in FEATURES:
        days = [release.days_ago for release in feature.releases]
        assert days == sorted(days, reverse=True)
        assert days[0] > 365


def test_five_thousand_users_of_forty_tenants() -> None:
    people = population.users()
    assert len(people) == len({user.id for user, _ in people}) == 5000
    assert {user.tenant for user, _ in people} == set(population.TENANTS)
    assert len(population.TENANTS) == 40
