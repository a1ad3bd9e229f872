"""What few do with a chat client of the installed `openai`; each result goes to `case`, as in `every_kind`."""

import copy

import openai
import pydantic

SAID = [{"role": "user", "content": "How is the café?"}]


class Weather(pydantic.BaseModel):
    city: str


def run(case, wrapped):
    client = wrapped(openai.OpenAI(max_retries=0))

    @case("chat_streaming_response_sized")
    def _():
        with client.chat.completions.with_streaming_response.create(
            model="gpt-4o-mini", messages=SAID, stream=True
        ) as raw:
            return [*raw.iter_bytes(50)]

    @case("chat_copied")
    def _():
        """A copy goes its own way."""
        made = copy.copy(wrapped(openai.OpenAI(max_retries=0)))
        made.base_url = str(client.base_url) + "nowhere/"
        return made.post("/chat/completions", body={"model": "gpt-4o-mini", "messages": SAID}, cast_to=object)

    @case("chat_unparsed")
    def _():
        """What was answered isn't what was asked for, and is charged all the same."""
        where = (
            getattr(client.chat.completions, "parse", None)
            or getattr(client.beta, "chat", client.chat).completions.parse
        )
        return where(model="gpt-4o-mini", messages=SAID, response_format=Weather)
