"""A dataset, its versions, run_experiment on it and on local data, experiments read, with the SDK's fifth version."""

import datetime
import json
import os
import time

from langfuse import Evaluation, get_client
from langfuse.media import LangfuseMedia

NAME = os.environ["DATASET"]
langfuse = get_client()
began = datetime.datetime.now(datetime.UTC)
langfuse.create_dataset(
    name=NAME, description="d", metadata={"m": 1}, input_schema={"type": "object", "required": ["text"]}
)
for number, text in enumerate(("2+2", "3+3"), 1):
    item = langfuse.create_dataset_item(
        dataset_name=NAME, id=f"{NAME}-{number}", input={"text": text}, expected_output=text, metadata={"lvl": number}
    )
pictures = f"{NAME} pictures"
langfuse.create_dataset(name=pictures)
langfuse.create_dataset_item(
    dataset_name=pictures, input={"see": [LangfuseMedia(content_bytes=b"a picture", content_type="image/png")]}
)
seen = langfuse.get_dataset(pictures).items[0].input["see"][0]
refused = ""
try:
    langfuse.create_dataset_item(dataset_name=NAME, input={"other": 1})
except Exception as error:  # noqa: BLE001  its class has another name in each release
    refused = str(error)
version = langfuse.get_dataset_item(item.id).version if hasattr(langfuse, "get_dataset_item") else None
langfuse.create_dataset_item(dataset_name=NAME, id=item.id, input={"text": "4+4"})
before = langfuse.get_dataset(NAME, version=langfuse.api.dataset_items.get(f"{NAME}-1").updated_at)
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
langfuse.flush()

ids = {"dataset_id": dataset.id, "from_start_time": began}
for _ in range(100):
    found = langfuse.api.experiments.list(**ids, fields="core,metadata,scores").data
    cases = langfuse.api.experiments.list_items(
        **ids, fields="core,dataset,io,metadata,itemMetadata,experimentMetadata,scores"
    ).data
    if len(cases) == 2 and all(one.scores for one in cases) and found[0].scores:
        break
    time.sleep(0.1)
print(
    json.dumps(
        {
            "dataset": [dataset.name, dataset.description, dataset.metadata],
            "items": [[item.input, item.expected_output, item.metadata, str(item.status.value)] for item in dataset.items],
            "before": [item.input for item in before.items],
            "refused": refused,
            "picture": [seen.content_type, seen.fetch_bytes().decode()],
            "results": len(result.item_results),
            "experiments": [
                [one.name, one.description, one.item_count, one.metadata, [[s.name, s.value] for s in one.scores]]
                for one in found
            ],
            "cases": sorted(
                [
                    one.experiment_item_id, one.input, one.output, one.expected_output, one.level,
                    one.experiment_item_metadata, one.experiment_metadata, [[s.name, s.value] for s in one.scores],
                ]
                for one in cases
            ),
            "local": len(local.item_results),
        }
    )
)  # fmt: skip
