"""Blocks and functions that make one call: what is told of them, whatever they are and however they end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import farthing_sdk
from farthing_sdk import Record, call, context, current_call, track, tracked
from farthing_sdk._context import attribute

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from conftest import MakeClient
    from stub_farthing import StubFarthing


class RateLimitedError(Exception):
    """As a provider's library raises it."""

    status_code = 429


def submit(**fields: Any) -> None:
    """What a wrapped client does."""
    client = farthing_sdk.current()
    assert client is not None
    client.submit(Record(provider="openai", model="gpt-4o", **fields))


def told(stub: StubFarthing) -> list[dict[str, Any]]:
    """All that was told of, once it has arrived."""
    assert farthing_sdk.flush(10)
    return stub.records


def test_a_block_is_timed_and_told_of(stub: StubFarthing, init: MakeClient) -> None:
    init()
    with call(feature="support.reply", prompt_version="v3", user_id="u_1", provider="anthropic", model="claude") as c:
        c.first_token()
        c.first_token()
        c.usage(
            input_tokens=1200, cached_input_tokens=1000, output_tokens=80, response_model="claude-4", cost_usd="0.10"
        )
        name = c.external_request_id
    [record] = told(stub)
    assert record["externalRequestId"] == name
    assert (record["endpointTag"], record["promptVersion"], record["userId"]) == ("support.reply", "v3", "u_1")
    assert (record["inputTokens"], record["cachedInputTokens"], record["outputTokens"]) == (1200, 1000, 80)
    assert (record["costUsd"], record["responseModel"], record["status"]) == ("0.10", "claude-4", "success")
    assert record["streaming"] is True
    assert 0 <= record["ttftMs"] <= record["latencyMs"]


def test_what_was_not_reported_is_absent(stub: StubFarthing, init: MakeClient) -> None:
    init()
    with call(provider="openai", model="gpt-4o"):
        pass
    [record] = told(stub)
    assert not {"inputTokens", "outputTokens", "ttftMs", "costUsd", "streaming"} & record.keys()


def test_an_error_is_told_of_and_raised_again(stub: StubFarthing, init: MakeClient) -> None:
    init()
    with pytest.raises(RateLimitedError), call(model="m"):
        raise RateLimitedError
    with pytest.raises(KeyError), call(model="m"):
        raise KeyError("k")
    assert [(one["status"], one["errorCode"]) for one in told(stub)] == [("error", "429"), ("error", "KeyError")]


def test_coroutines_and_async_blocks(stub: StubFarthing, init: MakeClient) -> None:
    init()

    @tracked(model="m", feature="f", usage=lambda answer: {"output_tokens": answer})
    async def ask(tokens: int) -> int:
        await asyncio.sleep(0)
        return tokens

    async def main() -> list[int]:
        async with call(model="other") as c:
            await asyncio.sleep(0)
            c.usage(output_tokens=9)
        answers = await asyncio.gather(*(ask(number) for number in range(5)))
        assert await farthing_sdk.aflush(10)
        return answers

    assert asyncio.run(main()) == [0, 1, 2, 3, 4]
    assert sorted(one["outputTokens"] for one in stub.records) == [0, 1, 2, 3, 4, 9]


def test_functions_keep_their_names_and_what_they_raise(stub: StubFarthing, init: MakeClient) -> None:
    init()

    @tracked(model="m")
    def ask(prompt: str, *, loud: bool = False) -> str:
        """Ask."""
        if loud:
            raise RateLimitedError
        inner = current_call()
        assert inner is not None
        inner.usage(input_tokens=len(prompt))
        return prompt.upper()

    assert ask("hello") == "HELLO"
    assert (ask.__name__, ask.__doc__) == ("ask", "Ask.")
    with pytest.raises(RateLimitedError):
        ask("hello", loud=True)
    assert [one["status"] for one in told(stub)] == ["success", "error"]
    assert current_call() is None


def test_a_generator_is_one_call_until_its_end(stub: StubFarthing, init: MakeClient) -> None:
    init()

    @tracked(model="m", feature="stream")
    def stream() -> Generator[str, str, int]:
        sent = yield "a"
        assert sent == "more"
        assert farthing_sdk.current_call() is not None
        try:
            yield "b"
        except KeyError:
            yield "caught"
        return 7

    running = stream()
    assert next(running) == "a"
    assert current_call() is None
    track(model="between")
    assert running.send("more") == "b"
    assert running.throw(KeyError()) == "caught"
    with pytest.raises(StopIteration) as end:
        next(running)
    assert end.value.value == 7
    between, whole = told(stub)
    assert "endpointTag" not in between
    assert (whole["endpointTag"], whole["streaming"], whole["status"]) == ("stream", True, "success")


def test_a_generator_that_is_left_early_is_no_error(stub: StubFarthing, init: MakeClient) -> None:
    init()
    closed: list[str] = []

    @tracked(model="m")
    def stream() -> Generator[int, None, None]:
        try:
            yield from range(10)
        finally:
            closed.append("yes")

    running = stream()
    assert next(running) == 0
    running.close()
    assert closed == ["yes"]
    assert [one["status"] for one in told(stub)] == ["success"]


def test_an_async_generator(stub: StubFarthing, init: MakeClient) -> None:
    init()

    @tracked(model="m", usage=lambda last: last)
    async def stream() -> AsyncGenerator[dict[str, int], None]:
        yield {"input_tokens": 1}
        await asyncio.sleep(0)
        yield {"input_tokens": 1, "output_tokens": 2}

    async def main() -> None:
        async for _ in stream():
            assert current_call() is None
        left = stream()
        await left.__anext__()
        await left.aclose()
        running = stream()
        await running.__anext__()
        with pytest.raises(RateLimitedError):
            await running.athrow(RateLimitedError())

    asyncio.run(main())
    first, second, third = told(stub)
    assert (first["inputTokens"], first["outputTokens"], first["status"]) == (1, 2, "success")
    assert (second["status"], third["status"], third["errorCode"]) == ("success", "error", "429")


def test_attempts_within_a_block_are_one_call(stub: StubFarthing, init: MakeClient) -> None:
    init()
    with call(feature="f", external_request_id="order-7"):
        submit(status="error", error_code="503")
        submit(status="error", error_code="503", attempts=2)
        submit(input_tokens=5, output_tokens=6)
    [record] = told(stub)
    assert (record["externalRequestId"], record["attempts"], record["status"]) == ("order-7", 4, "success")
    assert (record["endpointTag"], record["inputTokens"]) == ("f", 5)


def test_if_all_attempts_fail_the_last_one_is_told_of(stub: StubFarthing, init: MakeClient) -> None:
    init()
    with context(external_request_id="order-8", team="t"):
        submit(status="error", error_code="503")
        submit(status="error", error_code="429")
    [record] = told(stub)
    assert (record["externalRequestId"], record["attempts"]) == ("order-8", 2)
    assert (record["errorCode"], record["team"]) == ("429", "t")


def test_several_calls_under_one_id_stay_several(stub: StubFarthing, init: MakeClient) -> None:
    init()
    for _ in range(2):
        with context(external_request_id="job-1"):
            submit(input_tokens=1)
            submit(input_tokens=2)
            submit(input_tokens=3)
    told(stub)
    assert stub.ids == ["job-1", "job-1-2", "job-1-3"] * 2


def test_a_failed_attempt_that_used_tokens_is_told_of(stub: StubFarthing, init: MakeClient) -> None:
    init()
    with call(external_request_id="x"):
        submit(status="error", error_code="broken", input_tokens=100)
        submit(input_tokens=100, output_tokens=5)
    assert [(one["externalRequestId"], one["status"]) for one in told(stub)] == [("x", "error"), ("x-2", "success")]


def test_a_stream_that_outlives_its_block_is_told_of_once(stub: StubFarthing, init: MakeClient) -> None:
    client = init()
    record = Record(model="late")
    with call(feature="f", external_request_id="y"):
        attribute(record)
    record.update(output_tokens=9)
    client.submit(record)
    [only] = told(stub)
    assert (only["externalRequestId"], only["endpointTag"], only["outputTokens"]) == ("y", "f", 9)


def test_a_block_around_blocks_is_no_call(stub: StubFarthing, init: MakeClient) -> None:
    init()
    with call(feature="agent", team="t"):
        for feature in ("plan", "act"):
            with call(feature=feature, model="m") as c:
                c.usage(input_tokens=1)
    assert [(one["endpointTag"], one["team"]) for one in told(stub)] == [("plan", "t"), ("act", "t")]
    assert len(set(stub.ids)) == 2


def test_a_retry_by_hand(stub: StubFarthing, init: MakeClient) -> None:
    init()
    with call(model="m") as c:
        c.retry()
        c.set(service_tier="flex", metadata={"a": 1})
    [record] = told(stub)
    assert (record["attempts"], record["serviceTier"], record["metadata"]) == (2, "flex", {"a": 1})


def test_a_block_can_be_entered_again_and_is_another_call(stub: StubFarthing, init: MakeClient) -> None:
    init()
    for _ in range(2):
        with call(model="m"):
            pass
    told(stub)
    assert len(set(stub.ids)) == 2


def test_slips_of_the_pen_stop_nobody(stub: StubFarthing, init: MakeClient, caplog: pytest.LogCaptureFixture) -> None:
    init()
    wrong: dict[str, Any] = {"modle": "m"}
    track(**wrong)
    with call(**wrong) as c, context(**wrong):
        c.usage(**wrong)
    farthing_sdk.guard(**wrong)
    assert len(told(stub)) == 1
    assert len(caplog.records) == 5


def test_slips_of_the_pen_are_raised_under_the_test_flag(init: MakeClient) -> None:
    init(raise_errors=True)
    wrong: dict[str, Any] = {"modle": "m"}
    for use in (track, call, context, farthing_sdk.guard):
        with pytest.raises(TypeError, match="modle"):
            use(**wrong)


def test_without_a_client_everything_still_runs() -> None:
    with context(feature="f"), call(model="m") as c:
        c.usage(input_tokens=1)
    assert track(model="m") == ""
    assert farthing_sdk.flush()
    farthing_sdk.guard()
