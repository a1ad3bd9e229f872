"""A dataset, items linked to traces and spans, runs read and deleted, with the SDK's second version; what was read, out."""

import json
import os

from langfuse import Langfuse

NAME = os.environ["DATASET"]
langfuse = Langfuse()
langfuse.create_dataset(name=NAME, description="d", metadata={"m": 1})
first = langfuse.create_dataset_item(
    dataset_name=NAME, id=f"{NAME}-1", input={"text": "2+2"}, expected_output={"text": "4"}, metadata={"lvl": 1}
)
second = langfuse.create_dataset_item(dataset_name=NAME, input="3+3")
langfuse.create_dataset_item(dataset_name=NAME, id=second.id, metadata=[1, "x"])

dataset = langfuse.get_dataset(NAME)
for item in dataset.items:
    trace = langfuse.trace(id=f"trace of {item.id}", name="case")
    part = trace.generation(
        name="answer", model="gpt-4o-mini", usage={"input": 1000, "output": 100}, input=item.input, output="fine"
    )
    trace.generation(name="other", model="gpt-4o-mini", usage={"input": 1000, "output": 100})
    trace.score(name="good", value=0.5)
    part.end()
    item.link(part, "by hand", run_metadata={"model": "gpt-4o-mini"}, run_description="why")
    item.link(trace, "whole traces")
with dataset.items[0].observe(run_name="observed") as trace_id:
    pass
langfuse.flush()

run = langfuse.get_dataset_run(dataset_name=NAME, dataset_run_name="by hand")
runs = langfuse.get_dataset_runs(dataset_name=NAME)
print(
    json.dumps(
        {
            "dataset": [dataset.name, dataset.description, dataset.metadata],
            "items": [
                [item.input, item.expected_output, item.metadata, str(item.status.value)] for item in dataset.items
            ],
            "first": [first.id, first.dataset_name],
            "one": langfuse.get_dataset_item(first.id).input,
            "run": [run.name, run.metadata, run.description, run.dataset_name],
            "cases": sorted([one.dataset_item_id == first.id, one.trace_id] for one in run.dataset_run_items),
            "runs": sorted(one.name for one in runs.data),
            "observed": len(trace_id) > 0,
        }
    )
)
