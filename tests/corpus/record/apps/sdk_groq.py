"""The standard cases with Groq's client."""

import os

from groq import Groq

client = Groq(api_key="stub", base_url=os.environ["PROVIDER_URL"], max_retries=0)
ASK = [{"role": "user", "content": "Why observability?"}]


def case_groq_chat():
    client.chat.completions.create(model="llama-3.3-70b-versatile", messages=ASK)


def case_groq_stream():
    for _ in client.chat.completions.create(model="llama-3.3-70b-versatile", messages=ASK, stream=True):
        pass


def case_groq_429():
    client.chat.completions.create(model="rate-limited", messages=ASK)
