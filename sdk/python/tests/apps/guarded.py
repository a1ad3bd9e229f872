"""Wrapped clients whose budget is spent; which calls were stopped, and how, is printed as JSON.

The environment says where the providers and Farthing are.
"""

import asyncio
import json
import time

import anthropic
import openai

import farthing_sdk
import farthing_sdk.anthropic
import farthing_sdk.openai

heard = []
farthing = farthing_sdk.init(guard=True, raise_errors=True, on_result=heard.append)
SAID = [{"role": "user", "content": "hi"}]
CHAT = {"model": "gpt-4o-mini", "messages": SAID}
MESSAGE = {"model": "claude-haiku-4-5", "messages": SAID, "max_tokens": 10}
oa = farthing_sdk.openai.wrap(openai.OpenAI(max_retries=0))
an = farthing_sdk.anthropic.wrap(anthropic.Anthropic(max_retries=0))


async def in_async(stream):
    async with openai.AsyncOpenAI(max_retries=0) as client:
        answer = await farthing_sdk.openai.wrap(client).chat.completions.create(**CHAT, stream=stream)
        return [chunk async for chunk in answer] if stream else answer


async def message_in_async():
    async with anthropic.AsyncAnthropic(max_retries=0) as client:
        async with farthing_sdk.anthropic.wrap(client).messages.stream(**MESSAGE) as stream:
            return await stream.get_final_message()


WAYS = {
    "sync": lambda: oa.chat.completions.create(**CHAT),
    "stream": lambda: [*oa.chat.completions.create(**CHAT, stream=True)],
    "async": lambda: asyncio.run(in_async(False)),
    "async stream": lambda: asyncio.run(in_async(True)),
    "message": lambda: an.messages.create(**MESSAGE),
    "message stream": lambda: [*an.messages.create(**MESSAGE, stream=True)],
    "async message stream": lambda: asyncio.run(message_in_async()),
}


def tried():
    """Each way once: what it raised, or None."""
    found = {}
    for way, ask in WAYS.items():
        try:
            with farthing_sdk.context(feature="guarded"):
                ask()
            found[way] = None
        except farthing_sdk.BudgetExceeded as error:
            found[way] = str(error)
    return found


def until_spent(provider, model):
    """Tell of calls until the server says that the budget is spent: it knows within two seconds."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        farthing_sdk.track(provider=provider, model=model, feature="guarded", input_tokens=1, output_tokens=1)
        assert farthing.flush(30)
        if heard[-1].answer["budgetExceeded"]:
            return


# The first round is within the budget.
first = tried()
until_spent("openai", CHAT["model"])
until_spent("anthropic", MESSAGE["model"])
print(json.dumps([first, tried()]))
