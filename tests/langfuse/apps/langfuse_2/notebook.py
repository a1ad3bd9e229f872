"""OpenLIT's guide with the SDK's second version: a call, one within a span, a dataset item by item, one told twice; its traces, out."""

import json
import os

import openai
import openlit
from langfuse import Langfuse
from openai import OpenAI
from opentelemetry import trace
from opentelemetry.trace import format_trace_id

langfuse = Langfuse()
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
    span.set_attribute("langfuse.user.id", "user-2")
    span.set_attribute("langfuse.session.id", "session-2")
    span.set_attribute("langfuse.trace.tags", ["dev", "test"])
    span.set_attribute("feature", "guide")
    openai_client.chat.completions.create(messages=[{"role": "user", "content": "And why?"}], model="gpt-4o-mini")
    by_hand = format_trace_id(span.get_span_context().trace_id)


def otel_helper_function(input):  # noqa: A002  the guide calls it so
    with tracer.start_as_current_span("Otel-Trace"):
        response = openai.OpenAI().chat.completions.create(
            messages=[{"role": "user", "content": input}],
            model="gpt-4o-mini",
        )
        print(response.choices[0].message.content)
        current_span = trace.get_current_span()
        span_context = current_span.get_span_context()
        trace_id = span_context.trace_id
        formatted_trace_id = format_trace_id(trace_id)
        langfuse_trace = langfuse.trace(id=formatted_trace_id, input=input, output=response.choices[0].message.content)
        return langfuse_trace, response.choices[0].message.content


dataset = langfuse.get_dataset(os.environ["DATASET"])
cases = {}
for item in dataset.items:
    langfuse_trace, output = otel_helper_function(item.input["text"])
    item.link(langfuse_trace, run_name="run-01", run_metadata={"model": "gpt-4o-mini"})
    langfuse_trace.score(name="<example_eval>", value=float("café" in output), comment="This is a comment")
    cases[item.id] = langfuse_trace.id
langfuse.flush()

# From here on the SDK tells of OpenAI's calls as well.
from langfuse.openai import openai as drop_in  # noqa: E402

with tracer.start_as_current_span("twice") as span:
    twice = format_trace_id(span.get_span_context().trace_id)
    drop_in.OpenAI().chat.completions.create(
        messages=[{"role": "user", "content": "Again"}], model="gpt-4o-mini", trace_id=twice
    )
langfuse.flush()
drop_in.flush_langfuse()
print(json.dumps({"by_hand": by_hand, "cases": cases, "twice": twice}))
