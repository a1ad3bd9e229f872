"""The standard cases through LangChain."""

from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

ASK = "Why observability?"


def model(name="gpt-4o-mini", **more):
    return ChatOpenAI(model=name, max_retries=0, **more)


def case_chat():
    model().invoke(ASK)


def case_chat_stream():
    for _ in model(stream_usage=True).stream(ASK):
        pass


def case_chat_stream_nousage():
    for _ in model(stream_usage=False).stream(ASK):
        pass


def case_chain():
    (ChatPromptTemplate.from_template("Tell of {topic}") | model()).invoke({"topic": "spans"})


def case_cached():
    model("gpt-4o").invoke(ASK)


def case_reasoning():
    model("o4-mini").invoke(ASK)


def case_responses():
    model("gpt-4o", use_responses_api=True).invoke(ASK)


def case_responses_stream():
    for _ in model("gpt-4o", use_responses_api=True).stream(ASK):
        pass


def case_embeddings():
    OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False).embed_query("one")


def case_error_429():
    model("rate-limited").invoke(ASK)


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def case_agent():
    try:
        from langchain.agents import create_agent
    except ImportError:
        from langgraph.prebuilt import create_react_agent as create_agent
    create_agent(model(), [get_weather]).invoke({"messages": [{"role": "user", "content": ASK}]})


def case_attrs():
    model().invoke(ASK, config={"tags": ["a"], "metadata": {"user_id": "u-1", "session_id": "s-1"}})
    return {"user": "u-1", "session": "s-1"}


async def case_async_stream():
    async for _ in model(stream_usage=True).astream(ASK):
        pass


def case_anthropic_chat():
    from langchain_anthropic import ChatAnthropic

    ChatAnthropic(model="claude-haiku-4-5", max_retries=0).invoke(ASK)


def case_anthropic_cached():
    from langchain_anthropic import ChatAnthropic

    ChatAnthropic(model="claude-sonnet-4-5", max_retries=0).invoke(ASK)


def case_anthropic_cached_stream():
    from langchain_anthropic import ChatAnthropic

    for _ in ChatAnthropic(model="claude-sonnet-4-5", max_retries=0).stream(ASK):
        pass
