"""Prompts, media, score configs, annotation queues, comments and models with whichever release of the SDK is there; what was read, out."""

import base64
import importlib.metadata
import json
import os

import langfuse.api
from langfuse import Langfuse
from langfuse.media import LangfuseMedia

MAJOR = int(importlib.metadata.version("langfuse").split(".")[0])
FOLDER = os.environ["FOLDER"]
CALL = {"model": "gpt-4o-mini", "usage_details": {"input": 1000, "output": 100}}
lf = Langfuse()
told = {}


def ask(function, request=None, **fields):
    """By a request's class until version 3, by keywords from then on; the first are named as in JSON."""
    if MAJOR >= 4 or request is None:
        snake = {"".join("_" + c.lower() if c.isupper() else c for c in name): of for name, of in fields.items()}
        return function(**(snake if MAJOR >= 4 else fields))
    ids = {name: fields.pop(name) for name in list(fields) if name.endswith("_id")}
    return function(**ids, request=getattr(langfuse.api, request)(**fields))


# Prompts: versions, labels, tags.
name = f"{FOLDER}/greet all"
first = lf.create_prompt(
    name=name,
    prompt="Hello {{who}}!",
    labels=["production"],
    tags=["t1", "t2"],
    config={"temperature": 0.5, "n": 3},
    commit_message="begun",
)
second = lf.create_prompt(name=name, prompt="Dear {{who}},")
got = lf.get_prompt(name)
told["created"] = [first.version, first.labels, second.version, second.labels]
told["default"] = [got.version, got.prompt, got.config, got.tags, got.labels, got.commit_message]
told["compiled"] = got.compile(who="Ann")
told["latest"] = lf.get_prompt(name, label="latest").version
told["cached"] = lf.get_prompt(name, cache_ttl_seconds=60) is got
lf.update_prompt(name=name, version=2, new_labels=["production", "shown"])
told["moved"] = [lf.get_prompt(name, cache_ttl_seconds=0).version, lf.get_prompt(name, version=1).labels]
told["fallback"] = lf.get_prompt(f"{FOLDER}/none", fallback="instead", max_retries=1).compile()
try:
    lf.get_prompt(f"{FOLDER}/none", max_retries=1)
except Exception as error:
    told["missing"] = type(error).__name__

# A chat, with a placeholder where there are any, that quotes another prompt.
messages = [{"role": "system", "content": f"@@@langfusePrompt:name={name}|label=production@@@ {{{{more}}}}"}]
if MAJOR >= 3:
    messages.append({"type": "placeholder", "name": "history"})
lf.create_prompt(name=f"{FOLDER}/chat", prompt=messages, type="chat", labels=["production"])
chat = lf.get_prompt(f"{FOLDER}/chat", type="chat")
with_history = {"history": [{"role": "user", "content": "2+2"}]} if MAJOR >= 3 else {}
told["chat"] = chat.compile(who="Bob", more="please", **with_history)
listed = lf.api.prompts.list(name=name)
told["listed"] = [[one.name, one.versions, sorted(one.labels), one.tags, one.last_config] for one in listed.data]

# A call with the prompt, and a file among what it was asked.
prompt = lf.get_prompt(name)
media = LangfuseMedia(content_bytes=FOLDER.encode(), content_type="text/plain")
if MAJOR == 2:
    trace = lf.trace(name="asked", input={"file": media})
    trace.generation(name="answer", prompt=prompt, **CALL).end()
elif MAJOR == 3:
    with lf.start_as_current_span(name="asked", input={"file": media}):
        lf.start_generation(name="answer", prompt=prompt, **CALL).end()
else:
    with lf.start_as_current_observation(name="asked", input={"file": media}):
        lf.start_observation(name="answer", as_type="generation", prompt=prompt, **CALL).end()
lf.flush()
reference = media._reference_string
found = LangfuseMedia.resolve_media_references(
    obj={"was": reference}, langfuse_client=lf, resolve_with="base64_data_uri"
)
told["media"] = base64.b64decode(found["was"].split(",")[1]).decode()
told["media_id"] = reference.split("|")[1] == f"id={lf.api.media.get(media._media_id).media_id}"

# What scores keep to, and who looks at what.
categories = [{"label": "good", "value": 1}, {"label": "bad", "value": 0}]
if MAJOR < 4:
    categories = [langfuse.api.ConfigCategory(**one) for one in categories]
config = ask(
    lf.api.score_configs.create,
    "CreateScoreConfigRequest",
    name=FOLDER,
    dataType="CATEGORICAL",
    categories=categories,
)
told["config"] = [(one.label, one.value) for one in lf.api.score_configs.get_by_id(config.id).categories]
told["configs"] = FOLDER in [one.name for one in lf.api.score_configs.get(limit=100).data]
if MAJOR >= 3:
    changed = ask(lf.api.score_configs.update, "UpdateScoreConfigRequest", config_id=config.id, isArchived=True)
    told["archived"] = changed.is_archived
    queue = ask(
        lf.api.annotation_queues.create_queue, "CreateAnnotationQueueRequest", name=FOLDER, scoreConfigIds=[config.id]
    )
    item = ask(
        lf.api.annotation_queues.create_queue_item,
        "CreateAnnotationQueueItemRequest",
        queue_id=queue.id,
        objectId="trace-1",
        objectType="TRACE",
    )
    done = ask(
        lf.api.annotation_queues.update_queue_item,
        "UpdateAnnotationQueueItemRequest",
        queue_id=queue.id,
        item_id=item.id,
        status="COMPLETED",
    )
    told["item"] = [str(item.status.value), str(done.status.value), done.completed_at is not None]
    told["items"] = len(lf.api.annotation_queues.list_queue_items(queue.id, status="COMPLETED").data)
    assigning = {"queue_id": queue.id, "userId": "ann"}
    assigned = ask(lf.api.annotation_queues.create_queue_assignment, "AnnotationQueueAssignmentRequest", **assigning)
    gone = ask(lf.api.annotation_queues.delete_queue_assignment, "AnnotationQueueAssignmentRequest", **assigning)
    told["assigned"] = [assigned.user_id, gone.success]
    told["taken out"] = lf.api.annotation_queues.delete_queue_item(queue.id, item.id).success
told["queues"] = [one.name for one in lf.api.annotation_queues.list_queues(limit=100).data if one.name == FOLDER]

comment = ask(
    lf.api.comments.create,
    "CreateCommentRequest",
    projectId="default",
    objectType="TRACE",
    objectId=FOLDER,
    content="well said",
)
told["comment"] = lf.api.comments.get_by_id(comment.id).content
told["comments"] = [one.content for one in lf.api.comments.get(object_type="TRACE", object_id=FOLDER).data]

# A price of one's own.
model = ask(
    lf.api.models.create,
    "CreateModelRequest",
    modelName="mine",
    matchPattern=f"(?i)^{FOLDER.replace(' ', '-')}$",
    unit="TOKENS",
    inputPrice=0.0000025,
    outputPrice=1e-05,
)
read = lf.api.models.get(model.id)
told["model"] = [read.model_name, read.input_price, read.output_price, read.is_langfuse_managed]
ours = lf.api.models.list(limit=100)
told["models"] = [
    model.id in [one.id for one in ours.data],
    ours.data[-1].is_langfuse_managed,
    ours.meta.total_items > 100,
]
lf.api.models.delete(model.id)

if MAJOR >= 3:
    lf.api.prompts.delete(f"{FOLDER}%2Fchat")
    instead = [{"role": "user", "content": "instead"}]
    told["deleted"] = lf.get_prompt(
        f"{FOLDER}/chat", type="chat", cache_ttl_seconds=0, fallback=instead, max_retries=0
    ).is_fallback
print(json.dumps(told))
