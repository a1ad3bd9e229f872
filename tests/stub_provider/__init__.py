"""A provider that knows what it served: OpenAI's and Anthropic's wire formats over HTTP, with usage fixed per model."""

from stub_provider.served import Served
from stub_provider.server import StubProvider

__all__ = ["Served", "StubProvider"]
