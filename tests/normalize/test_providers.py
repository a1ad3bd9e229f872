"""Providers as libraries spell them, and the conventions' names."""

import pytest

from farthing.normalize import providers


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("OpenAI", "openai"),
        ("openai.responses", "openai"),
        ("anthropic.messages", "anthropic"),
        ("google.generative-ai", "gcp.gemini"),
        ("google.vertex.chat", "gcp.vertex_ai"),
        ("google-vertex", "gcp.vertex_ai"),
        ("vertex.anthropic.messages", "gcp.vertex_ai"),
        ("amazon-bedrock.chat", "aws.bedrock"),
        ("aws.bedrock", "aws.bedrock"),
        ("azure.ai.openai", "azure.ai.openai"),
        ("xai.chat", "x_ai"),
        ("langchain.something", ""),
        ("a-house.of-ours", "a-house"),
        ("", ""),
    ],
)
def test_a_spelling_has_its_name(spelled: str, name: str) -> None:
    assert providers.canonical(spelled) == name
