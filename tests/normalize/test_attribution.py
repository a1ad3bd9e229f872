"""Users, sessions and tags as each library passes them on, and the attribution they come to."""

from typing import Any

import pytest

from farthing.model.attribution import Attribution
from farthing.normalize.attribution import attribute

OWN_WAYS = [
    pytest.param(
        {
            "ai.telemetry.metadata.userId": "u",
            "ai.telemetry.metadata.sessionId": "s",
            "ai.telemetry.metadata.tags": ["beta"],
            "ai.telemetry.metadata.tenant": "acme",
            "ai.telemetry.metadata.langfusePrompt": '{"name":"greet","version":1}',
            "ai.telemetry.functionId": "answer",
            "ai.settings.maxRetries": 0,
            "resource.name": "answer",
        },
        Attribution(
            user_id="u",
            session_id="s",
            tenant="acme",
            prompt_version="1",
            tags={"functionId": "answer", "userId": "u", "sessionId": "s", "beta": "true"},
        ),
        id="Vercel's metadata",
    ),
    pytest.param(
        {"ai.settings.context.feature": "search", "ai.settings.context.plan.tier": "gold"},
        Attribution(feature="search", tags={"plan.tier": "gold"}),
        id="Vercel's runtime context",
    ),
    pytest.param(
        {
            "user.id": "u",
            "session.id": "[Scrubbed due to 'session']",
            "gen_ai.conversation.id": "c",
            "logfire.tags": ["LLM", "beta"],
            "request_data": "[content not kept]",
            "async": False,
        },
        Attribution(user_id="u", session_id="c", tags={"beta": "true"}),
        id="Logfire's scrubber",
    ),
    pytest.param(
        {
            "metadata": '{"tenant":"acme"}',
            "gen_ai.agent.name": "support",
            "model_name": "m",
            "agent_name": "support",
        },
        Attribution(tenant="acme", tags={"agent": "support"}),
        id="a run of Pydantic AI",
    ),
    pytest.param(
        {
            "langfuse.observation.metadata.langfuse_session_id": '"s"',
            "langfuse.observation.metadata.langfuse_user_id": '"u"',
            "langfuse.observation.metadata.langfuse_tags": '["beta","checkout"]',
            "langfuse.observation.metadata.tenant": '"acme"',
            "langfuse.observation.prompt.name": "greet",
            "langfuse.observation.prompt.version": 4,
            "langfuse.environment": "staging",
            "langfuse.release": "r1",
        },
        Attribution(
            user_id="u",
            session_id="s",
            tenant="acme",
            environment="staging",
            prompt_version="4",
            tags={"prompt": "greet", "release": "r1", "beta": "true", "checkout": "true"},
        ),
        id="Langfuse's drop-in",
    ),
    pytest.param(
        {
            "langfuse.observation.metadata.object": "response",
            "langfuse.observation.metadata.parallel_tool_calls": True,
            "langfuse.observation.metadata.tenant": "acme",
            "langfuse.observation.metadata.temperature": "1.0",
            "langfuse.observation.metadata.langfuse_user_id": "u",
        },
        Attribution(user_id="u", tenant="acme"),
        id="a response among Langfuse's metadata",
    ),
    pytest.param(
        {
            "user.id": "u",
            "session.id": "s",
            "tag.tags": ["beta"],
            "metadata": '{"tenant": "acme", "priority": 3}',
            "llm.prompt_template.version": "v1.2",
            "embedding.model_name": "m",
        },
        Attribution(
            user_id="u", session_id="s", tenant="acme", prompt_version="v1.2", tags={"beta": "true", "priority": "3"}
        ),
        id="OpenInference",
    ),
    pytest.param(
        {
            "session.id": "s",
            "metadata": '{"user_id": "u", "ls_provider": "openai", "langgraph_node": "model", "lc_versions": {"a": "1"}}',
        },
        Attribution(user_id="u", session_id="s"),
        id="LangChain through OpenInference",
    ),
    pytest.param(
        {
            "llm.user": "u",
            "metadata.user_api_key_hash": "",
            "metadata.user_api_key_team_alias": "checkout-team",
            "metadata.applied_guardrails": "[]",
            "metadata.usage_object": "{'completion_tokens': 17}",
            "hidden_params": "[content not kept]",
            "litellm.call_id": "id",
        },
        Attribution(user_id="u", team="checkout-team"),
        id="LiteLLM",
    ),
    pytest.param({"metadata.priority": "3"}, Attribution(tags={"metadata.priority": "3"}), id="not LiteLLM"),
    pytest.param(
        {
            "user": '"u"',
            "mlflow.trace.session": '"s"',
            "mlflow.traceTag.tenant": "acme",
            "model": '"gpt-4o"',
            "stream": "true",
            "temperature": "0.2",
            "reasoning_effort": '"low"',
        },
        Attribution(user_id="u", session_id="s", tenant="acme", tags={"user": "u"}),
        id="MLflow",
    ),
    pytest.param(
        {
            "gen_ai.request.user": "u",
            "tags": ["beta"],
            "feature": "search",
            "openlit.agent.version_hash": "ab",
            "function.args": "[content not kept]",
            "service.name": "said twice",
        },
        Attribution(user_id="u", feature="search", tags={"beta": "true"}),
        id="OpenLIT",
    ),
]


@pytest.mark.parametrize(("attributes", "attribution"), OWN_WAYS)
def test_each_librarys_own_way(attributes: dict[str, Any], attribution: Attribution) -> None:
    assert attribute([attributes], {}) == attribution
