"""A dataset, item.run, run_experiment on it and on local data, runs read and deleted, with the SDK's third or fourth version."""

import json
import os

from langfuse import Evaluation, get_client

NAME = os.environ["DATASET"]
langfuse = get_client()
langfuse.create_dataset(name=NAME, description="d", metadata={"m": 1})
for number, text in enumerate(("2+2", "3+3"), 1):
    langfuse.create_dataset_item(
        dataset_name=NAME, id=f"{NAME}-{number}", input={"text": text}, expected_output=text, metadata={"lvl": number}
    )
dataset = langfuse.get_dataset(NAME)


def answer(text, tokens):
    with langfuse.start_as_current_observation(name="answer", as_type="generation", model="gpt-4o-mini") as made:
        made.update(input=text, output=text, usage_details={"input": tokens, "output": 100})
    return text


def task(*, item, **_):
    return answer(item.input["text"] if hasattr(item, "input") else item["input"], 1000)


def accuracy(*, output, expected_output, **_):
    answer("judge", 5000)
    return Evaluation(name="accuracy", value=float(output == expected_output), comment="c")


def total(*, item_results, **_):
    return Evaluation(name="average", value=0.75)


result = dataset.run_experiment(
    name="exp-1", run_name="exp-1 run", description="desc", metadata={"model": "gpt-4o-mini"}, task=task,
    evaluators=[accuracy], run_evaluators=[total],
)  # fmt: skip
local = langfuse.run_experiment(name="local", data=[{"input": "a", "expected_output": "b"}], task=task)
observed = ""
if hasattr(dataset.items[0], "run"):
    with dataset.items[0].run(run_name="observed", run_metadata={"k": "v"}) as span:
        observed = answer("x", 1000)
langfuse.flush()

run = langfuse.get_dataset_run(dataset_name=NAME, run_name="exp-1 run")
runs = langfuse.get_dataset_runs(dataset_name=NAME)
print(
    json.dumps(
        {
            "dataset": [dataset.name, dataset.description, dataset.metadata],
            "items": [
                [item.input, item.expected_output, item.metadata, str(item.status.value)] for item in dataset.items
            ],
            "results": len(result.item_results),
            "run_id": result.dataset_run_id,
            "run": [run.id, run.name, run.metadata, run.description, run.dataset_name],
            "cases": sorted(one.dataset_item_id for one in run.dataset_run_items),
            "runs": sorted(one.name for one in runs.data),
            "local": len(local.item_results),
            "observed": observed,
        }
    )
)
