"""The standard cases with Anthropic's own client."""

import anthropic

client = anthropic.Anthropic(max_retries=0)
HAIKU, SONNET = "claude-haiku-4-5", "claude-sonnet-4-5"
ASK = [{"role": "user", "content": "Why observability?"}]
CACHED = [
    {
        "role": "user",
        "content": [{"type": "text", "text": "A long text. " * 8, "cache_control": {"type": "ephemeral"}}],
    }
]
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"name": "get_weather", "description": "Weather", "input_schema": WEATHER}]


def case_anthropic_chat():
    client.messages.create(model=HAIKU, max_tokens=100, messages=ASK)


def case_anthropic_stream():
    for _ in client.messages.create(model=HAIKU, max_tokens=100, messages=ASK, stream=True):
        pass


def case_anthropic_managed_stream():
    with client.messages.stream(model=HAIKU, max_tokens=100, messages=ASK) as stream:
        for _ in stream.text_stream:
            pass
        stream.get_final_message()


def case_anthropic_cached():
    client.messages.create(model=SONNET, max_tokens=100, messages=CACHED)


def case_anthropic_cached_stream():
    for _ in client.messages.create(model=SONNET, max_tokens=100, messages=CACHED, stream=True):
        pass


def case_anthropic_tools():
    turns = list(ASK)
    first = client.messages.create(model=HAIKU, max_tokens=100, messages=turns, tools=TOOLS)
    call = first.content[0]
    turns.append({"role": "assistant", "content": [call.model_dump(exclude_none=True)]})
    answer = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    turns.append({"role": "user", "content": [answer]})
    client.messages.create(model=HAIKU, max_tokens=100, messages=turns, tools=TOOLS)


def case_anthropic_429():
    client.messages.create(model="rate-limited", max_tokens=100, messages=ASK)


async def case_anthropic_async_stream():
    async with anthropic.AsyncAnthropic(max_retries=0) as asynchronous:
        stream = await asynchronous.messages.create(model=HAIKU, max_tokens=100, messages=ASK, stream=True)
        async for _ in stream:
            pass
