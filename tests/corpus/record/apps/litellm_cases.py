"""The standard cases through LiteLLM."""

import asyncio

import litellm
from opentelemetry import trace

litellm.num_retries = 0
MINI = "openai/gpt-4o-mini"
ASK = [{"role": "user", "content": "Why observability?"}]
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": WEATHER}}]
CACHED = [
    {"role": "user", "content": [{"type": "text", "text": "A long text. ", "cache_control": {"type": "ephemeral"}}]}
]


def ask(model, stream=False, **more):
    answer = litellm.completion(model=model, messages=more.pop("messages", ASK), stream=stream, max_retries=0, **more)
    if stream:
        for _ in answer:
            pass
    return answer


def case_chat():
    ask(MINI)


def case_chat_stream():
    ask(MINI, stream=True, stream_options={"include_usage": True})


def case_chat_stream_nousage():
    ask(MINI, stream=True)


def case_tools():
    first = ask(MINI, tools=TOOLS)
    call = first.choices[0].message.tool_calls[0]
    turns = [*ASK, first.choices[0].message.model_dump(exclude_none=True)]
    ask(MINI, tools=TOOLS, messages=[*turns, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}])


def case_cached():
    ask("openai/gpt-4o")


def case_reasoning():
    ask("openai/o4-mini")


def case_responses():
    litellm.responses(model="openai/gpt-4o", input="Why observability?")


def case_responses_stream():
    for _ in litellm.responses(model=MINI, input="Why observability?", stream=True):
        pass


def case_embeddings():
    litellm.embedding(model="openai/text-embedding-3-small", input=["one", "two"])


def case_error_429():
    ask("openai/rate-limited")


def case_two_level():
    with trace.get_tracer("shop").start_as_current_span("answer a question"):
        ask(MINI)
        ask("openai/gpt-4o")


def case_attrs():
    ask(MINI, user="u-1", metadata={"session_id": "s-1", "trace_name": "shop", "tags": ["a"], "trace_user_id": "u-1"})
    return {"user": "u-1", "session": "s-1"}


def case_anthropic_chat():
    ask("anthropic/claude-haiku-4-5")


def case_anthropic_stream():
    ask("anthropic/claude-haiku-4-5", stream=True, stream_options={"include_usage": True})


def case_anthropic_cached():
    ask("anthropic/claude-sonnet-4-5", messages=CACHED)


def case_anthropic_cached_stream():
    ask("anthropic/claude-sonnet-4-5", messages=CACHED, stream=True, stream_options={"include_usage": True})


async def case_async_chat():
    await litellm.acompletion(model=MINI, messages=ASK, max_retries=0)
    await asyncio.sleep(0.7)  # its callbacks need the loop


async def case_async_stream():
    stream = await litellm.acompletion(
        model=MINI, messages=ASK, max_retries=0, stream=True, stream_options={"include_usage": True}
    )
    async for _ in stream:
        pass
    await asyncio.sleep(0.7)
