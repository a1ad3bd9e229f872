"""Why cost changed, asked of a real store: the parts are what was done to the calls, and every list adds up."""

import random
from decimal import Decimal
from typing import Any

import pytest
from stored_calls import failed, new_project, starts, stored_call, write

from farthing.model.call import PricedCall
from farthing.query import run
from farthing.query.errors import ParameterError
from farthing.query.why import why
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Density, Rollup

DAY = 86_400
START = 1_790_000_000 - 1_790_000_000 % DAY
NS = 10**9
NOW = (START + 10 * DAY) * NS

Json = dict[str, Any]


def asked(engine: Engine, rollup: Rollup, project: str, *more: tuple[str, str]) -> Json:
    pairs = [("from", str(START + DAY)), ("to", str(START + 2 * DAY)), *more]
    return why(engine, rollup, project, pairs, NOW)


def calls(day: int, count: int, chance: random.Random) -> list[PricedCall]:
    found: list[PricedCall] = []
    for _ in range(count):
        call = stored_call(
            (START + day * DAY + chance.randrange(DAY)) * NS,
            request_model=chance.choice(["gpt-4o", "gpt-4o-mini", "o3"][: 2 + day]),
            served_tier=chance.choice(["", "", "batch"]),
            feature=chance.choice(["chat", "search", ""]),
            user_id=f"u{chance.randrange(30)}",
            tags={"plan": chance.choice(["free", "paid"])},
            usd=chance.choice([(f"0.{chance.randrange(10**9)}", "0.0003"), ("0.001", "0.002"), None]),
        )
        found.append(failed(call, "timeout") if chance.random() < 0.05 else call)
    return found


def added(texts: list[str]) -> Decimal:
    return sum(map(Decimal, texts), Decimal(0))


@pytest.mark.parametrize("aggregated", [False, True])
def test_parts_models_and_dimensions_add_up_and_agree_with_spend(telemetry_engine: Engine, aggregated: bool) -> None:
    project, chance = new_project(), random.Random(7)
    rollup = Rollup(telemetry_engine, Density(1, 0, 0))
    rollup.recover()
    stored = calls(0, 150, chance) + calls(1, 220, chance)
    write(telemetry_engine, project, stored)
    rollup.touch(project, starts(stored))
    if aggregated:
        rollup.refresh(NOW / NS, everything=True)
    answer = asked(telemetry_engine, rollup, project, ("by", "model,feature,user,tag.plan,environment"), ("limit", "5"))
    for name, day in (("before", 0), ("after", 1)):
        pairs = [("from", str(START + day * DAY)), ("to", str(START + (day + 1) * DAY))]
        spent = run.spend(telemetry_engine, rollup, project, pairs, NOW)["total"]
        assert (answer[name]["cost_usd"], answer[name]["calls"]) == (spent["cost_usd"], spent["calls"])
        assert answer[name]["uncovered_calls"] == spent["unpriced_calls"] + spent["unknown_usage_calls"]
    difference = Decimal(answer["difference_usd"])
    assert difference == Decimal(answer["after"]["cost_usd"]) - Decimal(answer["before"]["cost_usd"])
    assert added([part["usd"] for part in answer["parts"]]) == difference
    assert added([model["difference_usd"] for model in answer["models"]]) == difference
    for model in answer["models"]:
        assert added(list(model["parts"].values())) == Decimal(model["difference_usd"])
    for part in answer["parts"]:
        assert added([model["parts"][part["part"]] for model in answer["models"]]) == Decimal(part["usd"])
    assert {moved["by"] for moved in answer["dimensions"]} == {"model", "feature", "user", "tag.plan", "environment"}
    for moved in answer["dimensions"]:
        values = moved["values"] + ([moved["others"]] if moved["others"] else [])
        assert added([value["difference_usd"] for value in values]) == difference
        assert sum(value["calls_after"] for value in values) == 220
        sizes = [abs(Decimal(value["difference_usd"])) for value in moved["values"]]
        assert sizes == sorted(sizes, reverse=True)
    assert answer["dimensions"][-1]["by"] == "environment"  # one value: it tells nothing


def test_a_new_rate_is_named(telemetry_engine: Engine) -> None:
    project = new_project()
    rollup = Rollup(telemetry_engine)
    for day, usd in ((0, ("0.002", "0.001")), (1, ("0.003", "0.001"))):
        write(telemetry_engine, project, [stored_call((START + day * DAY + at) * NS, usd=usd) for at in range(4)])
    answer = asked(telemetry_engine, rollup, project)
    assert {part["part"]: part["usd"] for part in answer["parts"] if part["usd"] != "0"} == {"price": "0.004"}
    [changed] = answer["prices"]
    assert (changed["model"], changed["bucket"], changed["usd"]) == ("gpt-4o", "input", "0.004")
    assert (changed["before_rate_usd"], changed["after_rate_usd"], changed["per"]) == ("2000", "3000", 1_000_000)


def test_nothing_before_is_all_volume_and_a_period_nobody_can_price_is_not_zero(telemetry_engine: Engine) -> None:
    project = new_project()
    rollup = Rollup(telemetry_engine)
    write(telemetry_engine, project, [stored_call((START + DAY + 5) * NS)])
    answer = asked(telemetry_engine, rollup, project)
    assert (answer["before"]["cost_usd"], answer["difference_usd"]) == ("0", "0.003")
    assert [part["part"] for part in answer["parts"] if part["usd"] != "0"] == ["volume"]
    write(telemetry_engine, project, [stored_call((START + 5) * NS, usd=None)])
    answer = asked(telemetry_engine, rollup, project)
    assert (answer["before"]["cost_usd"], answer["difference_usd"], answer["parts"]) == (None, None, [])
    assert "before" in answer["unknown"]


def test_nothing_at_all_is_no_difference(telemetry_engine: Engine) -> None:
    answer = asked(telemetry_engine, Rollup(telemetry_engine), new_project())
    assert (answer["before"]["cost_usd"], answer["after"]["cost_usd"], answer["difference_usd"]) == ("0", "0", "0")
    assert {part["usd"] for part in answer["parts"]} == {"0"}
    assert all(not moved["values"] and moved["others"] is None for moved in answer["dimensions"])


def test_filters_hold_for_both_periods_and_the_one_before_is_as_long(telemetry_engine: Engine) -> None:
    project = new_project()
    rollup = Rollup(telemetry_engine)
    rows = [stored_call((START + day * DAY + 5) * NS, feature=feature) for day in (0, 1) for feature in ("a", "b")]
    write(telemetry_engine, project, rows)
    answer = asked(telemetry_engine, rollup, project, ("feature", "a"))
    assert (answer["before"]["calls"], answer["after"]["calls"]) == (1, 1)
    assert (answer["cmp_from"], answer["cmp_to"]) == ("2026-09-21T00:00:00Z", "2026-09-22T00:00:00Z")
    elsewhere = asked(telemetry_engine, rollup, project, ("cmp_from", str(START - 3 * DAY)))
    assert elsewhere["cmp_to"] == "2026-09-19T00:00:00Z"


@pytest.mark.parametrize("wrong", [("by", "nonsense"), ("cmp_to", "later"), ("limit", "0"), ("cmp_form", "now-7d")])
def test_a_wrong_parameter_is_named(telemetry_engine: Engine, wrong: tuple[str, str]) -> None:
    with pytest.raises(ParameterError) as raised:
        asked(telemetry_engine, Rollup(telemetry_engine), new_project(), wrong)
    assert raised.value.parameter == wrong[0]
