"""Callers who come together under limits of a minute: no more get through than the limit holds, and what wasn't used comes back."""

import pytest

from farthing.errors import ForbiddenError, TooManyError
from farthing.gateway.asked import Asked, read
from farthing.gateway.kinds import find
from farthing.gateway.pacing import Pacing, likely
from farthing.model.call import Call, PricedCall
from farthing.model.ledger import Cost, CostStatus
from farthing.model.usage import Bucket, Usage, UsageSource
from farthing.routing.configured import KeyLimit

BODY = b'{"model":"gpt-4o","max_tokens":20,"messages":[{"role":"user","content":"hi"}]}'
LIKELY = len(BODY) // 4 + 20


def asked(body: bytes = BODY) -> Asked:
    found = find("/v1/chat/completions", "POST")
    assert found
    return read(body, found.kind)


def limits(requests: int | None = None, tokens: int | None = None, concurrent: int | None = None) -> KeyLimit:
    return KeyLimit("l", "shop", "key", None, requests, tokens, concurrent)


def call(usage: Usage) -> PricedCall:
    return PricedCall(Call(b"", b"", 1, 2, "", "openai", "gpt-4o", usage=usage), Cost(CostStatus.UNKNOWN))


def let_in(pacing: Pacing, of: KeyLimit, callers: int) -> list[int]:
    """What was taken for each that got through."""
    taken: list[int] = []
    for _ in range(callers):
        try:
            taken.append(pacing.enter("key", of, asked()))
        except TooManyError:
            continue
    return taken


def test_two_hundred_callers_get_the_tokens_there_are() -> None:
    pacing, of = Pacing(), limits(tokens=10 * LIKELY)
    taken = let_in(pacing, of, 200)
    assert taken == [LIKELY] * 10
    # Each used half of it.
    half = Usage({Bucket.INPUT: LIKELY // 2, Bucket.OUTPUT: 0}, UsageSource.PROVIDER)
    for one in taken:
        pacing.leave("key")
        pacing.used("key", of, one, [call(half)])
    assert len(let_in(pacing, of, 200)) == 5


def test_what_nobody_knows_is_what_it_was_taken_for() -> None:
    pacing, of = Pacing(), limits(tokens=2 * LIKELY)
    for one in let_in(pacing, of, 2):
        pacing.leave("key")
        pacing.used("key", of, one, [call(Usage({}, UsageSource.MISSING))])
    assert not let_in(pacing, of, 1)


def test_what_was_not_made_comes_back() -> None:
    pacing, of = Pacing(), limits(tokens=LIKELY)
    for _ in range(5):
        (taken,) = let_in(pacing, of, 9)
        pacing.leave("key")
        pacing.unused("key", of, taken)


def test_two_hundred_callers_get_the_calls_there_are() -> None:
    assert len(let_in(Pacing(), limits(requests=50), 200)) == 50
    pacing = Pacing()
    assert len(let_in(pacing, limits(concurrent=7), 200)) == 7
    pacing.leave("key")
    assert len(let_in(pacing, limits(concurrent=7), 200)) == 1


def test_who_is_refused_has_used_nothing() -> None:
    pacing = Pacing()
    assert len(let_in(pacing, limits(requests=100, tokens=LIKELY), 90)) == 1
    assert len(let_in(pacing, limits(requests=100), 200)) == 99


def test_none_at_all_is_never() -> None:
    for of in (limits(requests=0), limits(tokens=0)):
        with pytest.raises(ForbiddenError, match="0 "):
            Pacing().enter("key", of, asked())


def test_a_call_larger_than_the_limit_is_made_when_nothing_else_is() -> None:
    pacing, of = Pacing(), limits(tokens=LIKELY - 1)
    assert let_in(pacing, of, 3) == [LIKELY]


def test_what_a_call_may_well_use() -> None:
    assert likely(asked()) == LIKELY
    assert likely(Asked(b"")) == 1
    picture = b'{"model":"m","messages":[{"content":[{"image_url":{"url":"data:image/png;base64,%b"}}]}]}' % (
        b"a" * 99_999
    )
    assert likely(asked(picture)) == 2_000
    assert likely(Asked(b"a" * 99_999)) == 2_000
