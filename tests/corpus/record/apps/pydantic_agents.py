"""The standard cases as agents of Pydantic AI."""

from pydantic_ai import Agent

ASK = "Why observability?"
MINI = "openai-chat:gpt-4o-mini"
try:
    from pydantic_ai.models.openai import OpenAIChatModel as ChatModel
except ImportError:
    from pydantic_ai.models.openai import OpenAIModel as ChatModel
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIResponsesModel


def agent(model, **kw):
    return Agent(model, name="helper", **kw)


async def case_pai_chat():
    await agent(ChatModel("gpt-4o-mini")).run(ASK)


async def case_pai_stream():
    async with agent(ChatModel("gpt-4o-mini")).run_stream(ASK) as result:
        async for _ in result.stream_text():
            pass


async def case_pai_tools():
    one = agent(ChatModel("gpt-4o-mini"))

    @one.tool_plain
    def get_weather(city: str) -> str:
        return f"sunny in {city}"

    await one.run(ASK)


async def case_pai_cached():
    await agent(ChatModel("gpt-4o")).run(ASK)


async def case_pai_reasoning():
    await agent(ChatModel("o4-mini")).run(ASK)


async def case_pai_responses():
    await agent(OpenAIResponsesModel("gpt-4o")).run(ASK)


async def case_pai_responses_stream():
    async with agent(OpenAIResponsesModel("o4-mini")).run_stream(ASK) as result:
        async for _ in result.stream_text():
            pass


async def case_pai_anthropic():
    await agent(AnthropicModel("claude-haiku-4-5")).run(ASK)


async def case_pai_anthropic_cached():
    await agent(AnthropicModel("claude-sonnet-4-5")).run(ASK)


async def case_pai_anthropic_stream():
    async with agent(AnthropicModel("claude-sonnet-4-5")).run_stream(ASK) as result:
        async for _ in result.stream_text():
            pass


async def case_pai_anthropic_tools():
    one = agent(AnthropicModel("claude-haiku-4-5"))

    @one.tool_plain
    def get_weather(city: str) -> str:
        return f"sunny in {city}"

    await one.run(ASK)


async def case_pai_error_429():
    import openai
    from pydantic_ai.providers.openai import OpenAIProvider

    client = openai.AsyncOpenAI(max_retries=0)
    await agent(ChatModel("rate-limited", provider=OpenAIProvider(openai_client=client))).run(ASK)


async def case_pai_two_level():
    inner = agent(ChatModel("gpt-4o-mini"))
    outer = Agent(ChatModel("gpt-4o-mini"), name="planner")

    @outer.tool_plain
    async def ask_helper(city: str) -> str:
        return (await inner.run("of " + city)).output

    await outer.run(ASK)
