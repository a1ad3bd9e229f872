"""What calls may cost at most, reckoned alike, is what each costs when it is priced for itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.gateway import dearest
from farthing.gateway.dearest import Asked, Dearest
from farthing.model.call import Call
from farthing.model.ledger import Cost
from farthing.model.usage import Bucket, Usage, UsageSource
from farthing.pricing import base
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import price
from farthing.pricing.overrides import Scope

CATALOG = base.load()
MODELS = [
    ("openai", "gpt-4o-mini"), ("openai", "gpt-4o-audio-preview"), ("openai", "gpt-5"), ("anthropic", "claude-sonnet-4-5"),
    ("google", "gemini-2.5-pro"), ("deepseek", "deepseek-chat"), ("openai", "nobody-knows-this"),
]  # fmt: skip
INPUTS = [Bucket.INPUT, Bucket.CACHE_WRITE, Bucket.CACHE_WRITE_1H, Bucket.AUDIO_INPUT, Bucket.IMAGES]
COUNTS = st.one_of(st.integers(0, 3), st.integers(1, 10**9), st.sampled_from([200_000, 200_001, 272_000, 272_001]))


def alone(call: Call, scope: Scope) -> Cost:
    return price(call, CATALOG.within(scope))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(MODELS), st.sampled_from(INPUTS), COUNTS, COUNTS, st.sampled_from(["", "priority", "flex", "odd"])
)
def test_alike_is_the_same(model: tuple[str, str], bucket: Bucket, read: int, written: int, tier: str) -> None:
    asked = Asked("shop", "key", *model, "chat", tier)
    usage = Usage({bucket: read, Bucket.OUTPUT: written}, UsageSource.ESTIMATED)
    wanted = Dearest(lambda: alone).amount(asked, usage)
    assert ALIKE.amount(asked, usage) == wanted
    assert ALIKE.amount(asked, usage) == wanted


ALIKE = Dearest(lambda: alone, lambda: CATALOG)


def test_another_catalogue_is_asked_anew_and_names_don_t_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dearest, "MOST", 3)
    catalogs: list[Catalog] = [CATALOG]
    found = Dearest(lambda: alone, lambda: catalogs[-1])
    usage = Usage({Bucket.INPUT: 5, Bucket.OUTPUT: 5}, UsageSource.ESTIMATED)
    for number in range(7):
        assert found.amount(Asked("p", "k", "openai", f"gpt-4o-{number}", "chat", ""), usage) != 0
        assert len(found._held) <= 3  # pyright: ignore[reportPrivateUsage]
    known = Asked("p", "k", "openai", "gpt-4o", "chat", "")
    before = found.amount(known, usage)
    catalogs.append(CATALOG.overridden(()))
    assert found.amount(known, usage) == before
    assert len(found._held) == 1  # pyright: ignore[reportPrivateUsage]
