"""The standard cases with Cohere's client."""

import os

import cohere

client = cohere.ClientV2(api_key="stub", base_url=os.environ["PROVIDER_URL"])


def case_cohere_chat():
    client.chat(model="command-a-03-2025", messages=[{"role": "user", "content": "Why observability?"}])
