"""Addresses and keys in the environment in; what libraries of several makers get of one question, whole and streamed, out as JSON."""

import json
import os
import sys

BASE, HOST, KEY = os.environ["OPENAI_BASE_URL"], os.environ["HOST_URL"], os.environ["OPENAI_API_KEY"]
QUESTION = "How is the café?"
SAID = [{"role": "user", "content": QUESTION}]
MODEL = "gpt-4o-mini"
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def langchain():
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    model = ChatOpenAI(model=MODEL, max_retries=0)
    whole = model.invoke(QUESTION)
    streamed = "".join(piece.text for piece in model.stream(QUESTION))
    called = model.bind_tools([TOOL]).invoke(QUESTION).tool_calls
    responded = ChatOpenAI(model=MODEL, use_responses_api=True, max_retries=0).invoke(QUESTION)
    vector = OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False).embed_query(QUESTION)
    return whole.text, whole.usage_metadata["output_tokens"], streamed, called[0]["args"], responded.text, vector


def instructor():
    import instructor
    import openai
    from pydantic import BaseModel

    class Weather(BaseModel):
        """The weather in a city."""

        city: str

    client = instructor.from_openai(openai.OpenAI(max_retries=0))
    answer, completion = client.chat.completions.create_with_completion(
        model=MODEL, messages=SAID, response_model=Weather, max_retries=1
    )
    return answer.model_dump(), completion.usage.completion_tokens


def litellm():
    import litellm

    told = {"messages": SAID, "api_key": KEY, "num_retries": 0, "max_tokens": 50}
    openai = {**told, "model": f"openai/{MODEL}", "api_base": BASE}
    whole = litellm.completion(**openai)
    streamed = "".join(piece.choices[0].delta.content or "" for piece in litellm.completion(**openai, stream=True))
    claude = litellm.completion(**told, model="anthropic/claude-haiku-4-5", api_base=HOST)
    return whole.choices[0].message.content, whole.usage.completion_tokens, streamed, claude.choices[0].message.content


def mistral():
    from mistralai.client import Mistral

    with Mistral(api_key=KEY, server_url=HOST) as client:
        whole = client.chat.complete(model="mistral-small-latest", messages=SAID)
        stream = client.chat.stream(model="mistral-small-latest", messages=SAID)
        streamed = "".join(event.data.choices[0].delta.content or "" for event in stream if event.data.choices)
    return whole.choices[0].message.content, whole.usage.completion_tokens, streamed


def cohere():
    import cohere

    client = cohere.ClientV2(api_key=KEY, base_url=os.environ["COHERE_URL"])
    whole = client.chat(model="command-a-03-2025", messages=SAID)
    return whole.message.content[0].text, whole.usage.tokens.output_tokens


def google():
    from google import genai

    own = {"base_url": os.environ["GOOGLE_URL"], "headers": {"x-farthing-key": KEY}}
    client = genai.Client(api_key="of-the-client", http_options=own)
    asked = {"model": "gemini-2.5-flash", "contents": QUESTION}
    whole = client.models.generate_content(**asked)
    streamed = "".join(piece.text or "" for piece in client.models.generate_content_stream(**asked))
    return whole.text, whole.usage_metadata.candidates_token_count, streamed


if __name__ == "__main__":
    found = {one.__name__: one() for one in (langchain, instructor, litellm, mistral, cohere, google)}
    json.dump(found, sys.stdout)
