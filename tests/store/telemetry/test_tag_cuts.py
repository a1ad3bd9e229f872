"""Which cuts by tags a day gets."""

from farthing.store.telemetry.cuts import fitting, named
from farthing.store.telemetry.tag_cuts import OF_PROMPTS, choose


def test_versions_of_prompts_have_a_cut_of_their_own() -> None:
    chosen = choose([("plan", 2), ("prompt", 40), ("request", 9_000)], [])
    assert chosen.count(OF_PROMPTS) == 1
    assert fitting({"tag.prompt", "prompt_version"}, chosen) == OF_PROMPTS
    assert choose([("prompt", 40)], chosen).count(OF_PROMPTS) == 1
    assert OF_PROMPTS not in choose([("plan", 2)], [])
    aggregate = named(f"{OF_PROMPTS.name}@1d")
    assert aggregate is not None
    assert aggregate.cut == OF_PROMPTS


def test_few_values_share_a_cut_and_many_have_their_own() -> None:
    cuts = [set(cut.tags) for cut in choose([("plan", 2), ("country", 200), ("request", 9_000)], [])]
    assert {"tag.plan", "tag.country"} in cuts
    assert {"tag.request"} in cuts
