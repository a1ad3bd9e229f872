"""The standard cases with OpenAI's own client."""

import openai
from opentelemetry import trace

client = openai.OpenAI(max_retries=0)
MINI = "gpt-4o-mini"
ASK = [{"role": "user", "content": "Why observability?"}]
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": WEATHER}}]


def case_chat():
    client.chat.completions.create(model=MINI, messages=ASK)


def case_chat_stream():
    for _ in client.chat.completions.create(
        model=MINI, messages=ASK, stream=True, stream_options={"include_usage": True}
    ):
        pass


def case_chat_stream_nousage():
    for _ in client.chat.completions.create(model=MINI, messages=ASK, stream=True):
        pass


def case_tools():
    turns = list(ASK)
    first = client.chat.completions.create(model=MINI, messages=turns, tools=TOOLS)
    call = first.choices[0].message.tool_calls[0]
    turns.append(first.choices[0].message.model_dump(exclude_none=True))
    turns.append({"role": "tool", "tool_call_id": call.id, "content": "sunny"})
    client.chat.completions.create(model=MINI, messages=turns, tools=TOOLS)


def case_cached():
    client.chat.completions.create(model="gpt-4o", messages=ASK)


def case_reasoning():
    client.chat.completions.create(model="o4-mini", messages=ASK, reasoning_effort="low")


def case_embeddings():
    client.embeddings.create(model="text-embedding-3-small", input=["one", "two"], encoding_format="float")


def case_audio_tokens():
    client.chat.completions.create(
        model="gpt-4o-audio-preview",
        messages=ASK,
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "wav"},
    )


def case_error_429():
    client.chat.completions.create(model="rate-limited", messages=ASK)


def case_two_level():
    with trace.get_tracer("shop").start_as_current_span("answer a question"):
        client.chat.completions.create(model=MINI, messages=ASK)
        for _ in client.chat.completions.create(
            model="gpt-4o", messages=ASK, stream=True, stream_options={"include_usage": True}
        ):
            pass


def case_responses():
    client.responses.create(model="gpt-4o", input="Why observability?")


def case_responses_stream():
    for _ in client.responses.create(model=MINI, input="Why observability?", stream=True):
        pass


async def case_async_chat():
    async with openai.AsyncOpenAI(max_retries=0) as asynchronous:
        await asynchronous.chat.completions.create(model=MINI, messages=ASK)


async def case_async_stream():
    async with openai.AsyncOpenAI(max_retries=0) as asynchronous:
        stream = await asynchronous.chat.completions.create(
            model=MINI, messages=ASK, stream=True, stream_options={"include_usage": True}
        )
        async for _ in stream:
            pass
