"""OpenLIT's guide with the SDK's third version: a call, one within a span, a dataset item by item, one told twice; its traces, out."""

import json
import os

import openlit
from langfuse import get_client
from openai import OpenAI
from opentelemetry import trace
from opentelemetry.trace import format_trace_id

langfuse = get_client()
if langfuse.auth_check():
    print("Langfuse client is authenticated and ready!")

openlit.init(disable_batch=True)
tracer = trace.get_tracer(__name__)

openai_client = OpenAI()
chat_completion = openai_client.chat.completions.create(
    messages=[{"role": "user", "content": "What is LLM Observability?"}],
    model="gpt-4o",
)
print(chat_completion)

with tracer.start_as_current_span("by hand") as span:
    span.set_attribute("langfuse.user.id", "user-3")
    span.set_attribute("langfuse.session.id", "session-3")
    span.set_attribute("langfuse.trace.tags", ["dev", "test"])
    span.set_attribute("feature", "guide")
    openai_client.chat.completions.create(messages=[{"role": "user", "content": "And why?"}], model="gpt-4o-mini")
    by_hand = format_trace_id(span.get_span_context().trace_id)


def my_app(text):
    with tracer.start_as_current_span("Otel-Trace"):
        response = OpenAI().chat.completions.create(messages=[{"role": "user", "content": text}], model="gpt-4o-mini")
        return response.choices[0].message.content


dataset = langfuse.get_dataset(os.environ["DATASET"])
cases = {}
for item in dataset.items:
    with item.run(run_name="run-01", run_metadata={"model": "gpt-4o-mini"}) as root_span:
        output = my_app(item.input["text"])
        root_span.update_trace(input=item.input, output=output)
        root_span.score_trace(name="<example_eval>", value=float("café" in output), comment="This is a comment")
        cases[item.id] = root_span.trace_id
langfuse.flush()

# From here on the SDK tells of OpenAI's calls as well.
from langfuse.openai import openai as drop_in  # noqa: E402

with langfuse.start_as_current_span(name="twice") as root_span:
    twice = root_span.trace_id
    drop_in.OpenAI().chat.completions.create(messages=[{"role": "user", "content": "Again"}], model="gpt-4o-mini")
langfuse.flush()
print(json.dumps({"by_hand": by_hand, "cases": cases, "twice": twice}))
