"""The standard cases with Bedrock's converse."""

import os

import boto3

ASK = [{"role": "user", "content": [{"text": "Why observability?"}]}]


def client():
    return boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=os.environ["PROVIDER_URL"],
        aws_access_key_id="stub",
        aws_secret_access_key="stub",
    )


def case_bedrock_chat():
    client().converse(modelId="amazon.nova-lite-v1:0", messages=ASK)


def case_bedrock_cached():
    client().converse(modelId="claude-sonnet-4-5", messages=ASK)
