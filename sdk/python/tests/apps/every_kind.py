"""Every kind of call of the installed `openai` and `anthropic`; what the application gets is printed as JSON.

`python every_kind.py plain|wrapped|instrumented`; the environment says where the providers and Farthing are.
"""

import asyncio
import json
import sys
import warnings

import anthropic
import media_kinds
import openai
import uncommon_kinds

warnings.filterwarnings("ignore", category=DeprecationWarning)
HOW = sys.argv[1]
if HOW != "plain":
    import farthing_sdk
    import farthing_sdk.anthropic
    import farthing_sdk.openai

    farthing_sdk.init(raise_errors=True)
    if HOW == "instrumented":
        farthing_sdk.openai.instrument_openai()
        farthing_sdk.openai.instrument_openai()
        farthing_sdk.anthropic.instrument_anthropic()


def wrapped(client):
    """Twice, which is as good as once."""
    if HOW == "plain":
        return client
    package = farthing_sdk.openai if isinstance(client, (openai.OpenAI, openai.AsyncOpenAI)) else farthing_sdk.anthropic
    return package.wrap(package.wrap(client))


SAID = [{"role": "user", "content": "How is the café?"}]
TOOL = {"type": "object", "properties": {"city": {"type": "string"}}}
CHAT_TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": TOOL}}]
RESPONSE_TOOLS = [{"type": "function", "name": "weather", "parameters": TOOL, "strict": False}]
MESSAGE_TOOLS = [{"name": "weather", "input_schema": TOOL}]
got = {}


def shown(value):
    dump = getattr(value, "model_dump_json", None)
    if dump is None:
        return repr(value)
    return f"{type(value).__name__} {dump()} {dump(exclude_unset=True)}"


def case(name):
    """Run it at once, under a tag of its name; an exception is a result too."""

    def run(function):
        def inner():
            try:
                value = function()
                if asyncio.iscoroutine(value):
                    value = asyncio.run(value)
                got[name] = (
                    value
                    if isinstance(value, str)
                    else [shown(one) for one in value]
                    if isinstance(value, list)
                    else shown(value)
                )
            except Exception as error:
                got[name] = [
                    type(error).__name__,
                    str(error),
                    getattr(error, "status_code", None),
                    repr(getattr(error, "body", None)),
                    type(error.__cause__).__name__,
                ]

        if HOW == "plain":
            inner()
        else:
            with farthing_sdk.context(feature=name):
                inner()

    return run


oa = wrapped(openai.OpenAI(max_retries=0))
an = wrapped(anthropic.Anthropic(max_retries=0))
chat = oa.chat.completions.create
msg = dict(max_tokens=100, messages=SAID)


@case("chat")
def _():
    return chat(model="gpt-4o-mini", messages=SAID)


@case("chat_cached_audio_reasoning")
def _():
    return [chat(model=model, messages=SAID) for model in ("gpt-4o", "gpt-4o-audio-preview", "o4-mini")]


@case("chat_tools")
def _():
    return chat(model="gpt-4o-mini", messages=SAID, tools=CHAT_TOOLS)


@case("chat_stream")
def _():
    stream = chat(model="o4-mini", messages=SAID, stream=True)
    return [isinstance(stream, openai.Stream), type(stream).__name__, stream.response.status_code, *stream]


@case("chat_stream_usage_wanted")
def _():
    return list(
        oa.chat.completions.create(
            model="gpt-4o", messages=SAID, stream=True, extra_body={"stream_options": {"include_usage": True}}
        )
    )


@case("chat_stream_usage_unwanted")
def _():
    return list(
        chat(model="gpt-4o", messages=SAID, stream=True, extra_body={"stream_options": {"include_usage": False}})
    )


@case("chat_stream_tools_with")
def _():
    if not hasattr(openai.Stream, "__enter__"):
        return [*chat(model="gpt-4o-mini", messages=SAID, tools=CHAT_TOOLS, stream=True)]
    with chat(model="gpt-4o-mini", messages=SAID, tools=CHAT_TOOLS, stream=True) as stream:
        return [next(stream), *stream]


@case("chat_stream_to_finish")
def _():
    seen = []
    stream = chat(model="gpt-4o-mini", messages=SAID, stream=True)
    for chunk in stream:
        seen.append(chunk)
        if chunk.choices[0].finish_reason:
            break
    stream.response.close()
    return seen


@case("chat_stream_left")
def _():
    stream = chat(model="gpt-4o-mini", messages=SAID, stream=True)
    first = [next(stream), next(stream)]
    stream.response.close()
    return [*first, stream.response.is_closed]


@case("chat_raw")
def _():
    raw = oa.chat.completions.with_raw_response.create(model="gpt-4o-mini", messages=SAID)
    return [type(raw).__name__, raw.http_response.text, raw.parse()]


@case("chat_raw_stream")
def _():
    raw = oa.chat.completions.with_raw_response.create(model="gpt-4o-mini", messages=SAID, stream=True)
    return [type(raw).__name__, *raw.parse()]


@case("chat_streaming_response_lines")
def _():
    with oa.chat.completions.with_streaming_response.create(model="gpt-4o-mini", messages=SAID, stream=True) as raw:
        return [type(raw).__name__, *raw.iter_lines()]


@case("chat_streaming_response_whole")
def _():
    with oa.chat.completions.with_streaming_response.create(model="gpt-4o-mini", messages=SAID) as raw:
        return [raw.read(), raw.http_response.json()]


@case("chat_options")
def _():
    return oa.with_options(timeout=20).chat.completions.create(model="gpt-4o-mini", messages=SAID)


@case("chat_parse")
def _():
    where = getattr(oa.chat.completions, "parse", None) or getattr(oa.beta, "chat", oa.chat).completions.parse
    return where(model="gpt-4o-mini", messages=SAID)


@case("chat_stream_helper")
def _():
    where = getattr(oa.chat.completions, "stream", None) or oa.beta.chat.completions.stream
    with where(model="gpt-4o-mini", messages=SAID) as stream:
        return [*(event.type for event in stream), stream.get_final_completion()]


@case("post")
def _():
    return oa.post("/chat/completions", body={"model": "gpt-4o-mini", "messages": SAID}, cast_to=object)


@case("embeddings")
def _():
    return oa.embeddings.create(model="text-embedding-3-small", input=["a", "b"], encoding_format="float")


@case("responses")
def _():
    return [
        oa.responses.create(model="gpt-4o", input="hi"),
        oa.responses.create(model="gpt-4o", input="hi", tools=RESPONSE_TOOLS),
    ]


@case("responses_stream")
def _():
    return [*oa.responses.create(model="o4-mini", input="hi", stream=True)]


@case("responses_stream_helper")
def _():
    with oa.responses.stream(model="gpt-4o-mini", input="hi") as stream:
        return [*(event.type for event in stream), stream.get_final_response()]


@case("responses_compact")
def _():
    return oa.responses.compact(model="gpt-4o", input="hi")


@case("not_found")
def _():
    return oa.post("/nowhere/completions", body={"model": "gpt-4o-mini", "prompt": "hi"}, cast_to=object)


@case("completions")
def _():
    return oa.completions.create(model="gpt-4o-mini", prompt="hi")


@case("completions_stream")
def _():
    return [*oa.completions.create(model="gpt-4o-mini", prompt="hi", stream=True)]


@case("responses_parse")
def _():
    return oa.responses.parse(model="gpt-4o-mini", input="hi")


@case("retried")
def _():
    return oa.with_options(max_retries=1).chat.completions.create(model="rate-limited", messages=SAID)


@case("stream_refused")
def _():
    return [*chat(model="rate-limited", messages=SAID, stream=True)]


@case("nobody_there")
def _():
    return wrapped(openai.OpenAI(base_url="http://127.0.0.1:9/v1", max_retries=0)).chat.completions.create(
        model="gpt-4o", messages=SAID
    )


@case("chat_async")
async def _():
    async with openai.AsyncOpenAI(max_retries=0) as client:
        return await wrapped(client).chat.completions.create(model="gpt-4o", messages=SAID)


@case("chat_async_stream")
async def _():
    async with openai.AsyncOpenAI(max_retries=0) as client:
        stream = await wrapped(client).chat.completions.create(model="gpt-4o", messages=SAID, stream=True)
        return [isinstance(stream, openai.AsyncStream), *[chunk async for chunk in stream]]


@case("responses_async_stream")
async def _():
    async with openai.AsyncOpenAI(max_retries=0) as client:
        stream = await wrapped(client).responses.create(model="gpt-4o", input="hi", stream=True)
        return [event async for event in stream]


@case("chat_async_cancelled")
async def _():
    async with openai.AsyncOpenAI(max_retries=0) as client:
        task = asyncio.ensure_future(wrapped(client).chat.completions.create(model="cancelled", messages=SAID))
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return "cancelled"


@case("messages")
def _():
    return [
        an.messages.create(model="claude-sonnet-4-5", **msg),
        an.messages.create(model="claude-haiku-4-5", tools=MESSAGE_TOOLS, **msg),
    ]


@case("messages_stream")
def _():
    stream = an.messages.create(model="claude-sonnet-4-5", stream=True, **msg)
    return [isinstance(stream, anthropic.Stream), type(stream).__name__, *stream]


@case("messages_stream_helper")
def _():
    with an.messages.stream(model="claude-sonnet-4-5", **msg) as stream:
        return ["".join(stream.text_stream), stream.get_final_message()]


@case("messages_stream_left")
def _():
    with an.messages.create(model="claude-sonnet-4-5", stream=True, **msg) as stream:
        return [next(stream), next(stream)]


@case("messages_raw")
def _():
    raw = an.messages.with_raw_response.create(model="claude-haiku-4-5", **msg)
    return [type(raw).__name__, raw.http_response.text, raw.parse()]


@case("messages_beta")
def _():
    return an.beta.messages.create(model="claude-haiku-4-5", **msg)


@case("messages_beta_stream")
def _():
    return [*an.beta.messages.create(model="claude-haiku-4-5", stream=True, **msg)]


@case("messages_streaming_response")
def _():
    with an.messages.with_streaming_response.create(model="claude-haiku-4-5", **msg) as raw:
        return [raw.read(), raw.http_response.json()]


@case("messages_count_tokens")
def _():
    where = an.messages if hasattr(an.messages, "count_tokens") else an.beta.messages
    return where.count_tokens(model="claude-haiku-4-5", messages=SAID)


@case("messages_refused")
def _():
    return an.messages.create(model="rate-limited", **msg)


@case("messages_async_stream_helper")
async def _():
    async with anthropic.AsyncAnthropic(max_retries=0) as client:
        async with wrapped(client).messages.stream(model="claude-sonnet-4-5", **msg) as stream:
            return [*[event.type async for event in stream], await stream.get_final_message()]


uncommon_kinds.run(case, wrapped)


@case("chat_stream_options_refused")
def _():
    return [*chat(model="without-stream-options", messages=SAID, stream=True)]


media_kinds.run(case, oa)

if HOW != "plain":
    assert farthing_sdk.flush(20)
print(json.dumps(got))
