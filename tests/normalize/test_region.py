"""Attributes and model names as libraries tell them, and where the call was served."""

from typing import Any

import pytest

from farthing.normalize.region import served


@pytest.mark.parametrize(
    ("attributes", "model", "region"),
    [
        ({"cloud.region": "us-east-1"}, "anthropic.claude-v2:1", "us-east-1"),
        ({"aws.region": "eu-central-1"}, "amazon.nova-pro-v1:0", "eu-central-1"),
        ({"server.address": "bedrock-runtime.us-east-1.amazonaws.com"}, "meta.llama3", "us-east-1"),
        ({"server.address": "bedrock-runtime-fips.us-gov-west-1.amazonaws.com"}, "x", "us-gov-west-1"),
        ({"server.address": "vpce-1.bedrock-runtime.ap-south-1.vpce.amazonaws.com"}, "x", "ap-south-1"),
        ({"server.address": "us-central1-aiplatform.googleapis.com"}, "gemini-2.5-pro", "us-central1"),
        ({"server.address": "europe-west12-aiplatform.googleapis.com"}, "gemini-2.5-pro", "europe-west12"),
        ({"server.address": "aiplatform.googleapis.com"}, "gemini-2.5-pro", "global"),
        ({"server.address": "aiplatform.eu.rep.googleapis.com"}, "gemini-2.5-pro", "eu"),
        ({"server.address": "https://eu.api.openai.com/v1/"}, "gpt-5.5", "eu"),
        ({"server.address": "api.openai.com"}, "gpt-5.5", ""),
        ({"server.address": "acme.openai.azure.com"}, "gpt-5.5", ""),
        ({"server.address": "eastus2.api.cognitive.microsoft.com"}, "gpt-5.5", "eastus2"),
        ({"server.address": "127.0.0.1"}, "gpt-5.5", ""),
        ({"url.full": "https://us-east5-aiplatform.googleapis.com/v1/projects/p"}, "claude-opus-5", "us-east5"),
        ({"cloud.region": "us-east-1"}, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us"),
        ({"cloud.region": "us-east-1"}, "bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0", "global"),
        ({}, "apac.amazon.nova-pro-v1:0", "apac"),
        ({}, "bedrock/ap-northeast-1/anthropic.claude-v1", "ap-northeast-1"),
        ({}, "arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/abc", "us-west-2"),
        ({}, "arn:aws:bedrock:us-west-2:1:inference-profile/us.anthropic.claude-sonnet-4-6", "us"),
        ({}, "projects/p/locations/europe-west1/publishers/anthropic/models/claude-opus-5", "europe-west1"),
        ({"farthing.region": "us", "cloud.region": "eu-west-1"}, "claude-opus-5", "us"),
        ({"farthing.region": "not_available"}, "claude-opus-5", ""),
        ({"cloud.region": 7, "server.address": None}, "claude-opus-5", ""),
        ({}, "", ""),
    ],
)
def test_the_most_telling_evidence_says_where(attributes: dict[str, Any], model: str, region: str) -> None:
    assert served(attributes, model, "") == region


def test_the_model_that_answered_is_asked_where_the_other_says_nothing() -> None:
    assert served({}, "my-alias", "eu.anthropic.claude-sonnet-4-6") == "eu"


def test_what_is_hostile_takes_no_time() -> None:
    assert served({"server.address": "a-" * 100_000 + ".amazonaws.com"}, "us-" * 100_000, "") == ""
