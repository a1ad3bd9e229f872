"""Langfuse's SDK turned on; a function that flushes out."""

import os

os.environ.setdefault("LANGFUSE_HOST", os.environ["RECEIVER_URL"])
os.environ.setdefault("LANGFUSE_BASE_URL", os.environ["RECEIVER_URL"])
os.environ.setdefault("LANGFUSE_PUBLIC_KEY", "pk-lf-stub")
os.environ.setdefault("LANGFUSE_SECRET_KEY", "sk-lf-stub")

from langfuse import get_client


def instrument():
    return get_client().flush
