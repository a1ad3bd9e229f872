"""The standard cases with Langfuse's drop-in for OpenAI's client."""

import langfuse.openai
import sdk_openai
from sdk_openai import *  # noqa: F403

sdk_openai.client = langfuse.openai.openai.OpenAI(max_retries=0)


def case_two_level():
    from langfuse import get_client

    with get_client().start_as_current_observation(as_type="span", name="answer a question"):
        sdk_openai.client.chat.completions.create(model=sdk_openai.MINI, messages=sdk_openai.ASK)
        sdk_openai.client.chat.completions.create(model="gpt-4o", messages=sdk_openai.ASK)


def case_generation_by_hand():
    from langfuse import get_client

    with get_client().start_as_current_observation(
        as_type="generation", name="by hand", model="claude-sonnet-4-5", input="x"
    ) as generation:
        import anthropic

        answer = anthropic.Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=sdk_openai.ASK)
        generation.update(
            output="y",
            usage_details={
                "input": answer.usage.input_tokens,
                "output": answer.usage.output_tokens,
                "cache_read_input_tokens": answer.usage.cache_read_input_tokens,
                "cache_creation_input_tokens": answer.usage.cache_creation_input_tokens,
            },
        )
