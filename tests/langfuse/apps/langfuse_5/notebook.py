"""OpenLIT's guide with the SDK's fifth version: a call, one within a span, an experiment on a dataset, one told twice; its traces, out."""

import json
import os

import openlit
from langfuse import Evaluation, get_client, propagate_attributes
from openai import OpenAI
from opentelemetry import trace

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

MAJOR = os.environ["MAJOR"]
with (
    langfuse.start_as_current_observation(name="by hand", as_type="span") as root,
    propagate_attributes(
        user_id=f"user-{MAJOR}", session_id=f"session-{MAJOR}", tags=["dev", "test"], metadata={"feature": "guide"}
    ),
    # What is opened with OpenTelemetry itself, the SDK may leave out; what is called within it comes.
    tracer.start_as_current_span("within"),
):
    openai_client.chat.completions.create(messages=[{"role": "user", "content": "And why?"}], model="gpt-4o-mini")
    by_hand = root.trace_id


def my_app(*, item, **_):
    with tracer.start_as_current_span("Otel-Trace"):
        response = OpenAI().chat.completions.create(
            messages=[{"role": "user", "content": item.input["text"]}], model="gpt-4o-mini"
        )
        return response.choices[0].message.content


def example_eval(*, output, **_):
    return Evaluation(name="<example_eval>", value=float("café" in output), comment="This is a comment")


dataset = langfuse.get_dataset(os.environ["DATASET"])
result = dataset.run_experiment(
    name="run-01", run_name="run-01", task=my_app, evaluators=[example_eval], metadata={"model": "gpt-4o-mini"}
)
cases = {one.item.id: one.trace_id for one in result.item_results}
langfuse.flush()

# From here on the SDK tells of OpenAI's calls as well.
from langfuse.openai import openai as drop_in  # noqa: E402

with langfuse.start_as_current_observation(name="twice", as_type="span") as root:
    twice = root.trace_id
    drop_in.OpenAI().chat.completions.create(messages=[{"role": "user", "content": "Again"}], model="gpt-4o-mini")
langfuse.flush()
print(json.dumps({"by_hand": by_hand, "cases": cases, "twice": twice}))
