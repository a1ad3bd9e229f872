"""The standard cases with Google's client."""

import os

from google import genai
from google.genai import types

client = genai.Client(api_key="stub", http_options=types.HttpOptions(base_url=os.environ["PROVIDER_URL"]))
ASK = "Why observability?"


def case_google_chat():
    client.models.generate_content(model="gemini-2.5-flash", contents=ASK)


def case_google_stream():
    for _ in client.models.generate_content_stream(model="gemini-2.5-flash", contents=ASK):
        pass


def case_google_thoughts():
    client.models.generate_content(model="gemini-2.5-pro", contents=ASK)


def case_google_thoughts_stream():
    for _ in client.models.generate_content_stream(model="gemini-2.5-pro", contents=ASK):
        pass


def case_google_429():
    client.models.generate_content(model="rate-limited", contents=ASK)
