"""The standard cases with Mistral's client."""

import os

try:
    from mistralai import Mistral
except ImportError:
    from mistralai.client import Mistral

client = Mistral(api_key="stub", server_url=os.environ["PROVIDER_URL"])
ASK = [{"role": "user", "content": "Why observability?"}]


def case_mistral_chat():
    client.chat.complete(model="mistral-small-latest", messages=ASK)


def case_mistral_429():
    client.chat.complete(model="rate-limited", messages=ASK)
