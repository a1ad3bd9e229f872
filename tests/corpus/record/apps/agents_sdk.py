"""The standard cases with OpenAI's agents SDK."""

import openai
from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, function_tool

client = openai.AsyncOpenAI(max_retries=0)
ASK = "Why observability?"


@function_tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def agent(name="gpt-4o-mini", chat=False, **more):
    kind = OpenAIChatCompletionsModel if chat else OpenAIResponsesModel
    return Agent(name="helper", model=kind(model=name, openai_client=client), **more)


async def case_agent_chat():
    await Runner.run(agent(chat=True), ASK)


async def case_agent_responses():
    await Runner.run(agent("gpt-4o"), ASK)


async def case_agent_tools():
    await Runner.run(agent(tools=[get_weather]), ASK)


async def case_agent_chat_tools():
    await Runner.run(agent(chat=True, tools=[get_weather]), ASK)


async def case_agent_stream():
    result = Runner.run_streamed(agent("gpt-4o"), ASK)
    async for _ in result.stream_events():
        pass


async def case_agent_reasoning():
    await Runner.run(agent("o4-mini"), ASK)


async def case_agent_handoff():
    other = Agent(name="expert", model=OpenAIResponsesModel(model="gpt-4o", openai_client=client))
    await Runner.run(agent(tools=[other.as_tool("ask_expert", "Ask")]), ASK)


async def case_agent_error_429():
    await Runner.run(agent("rate-limited"), ASK)
