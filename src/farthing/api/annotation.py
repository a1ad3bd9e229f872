"""Requests about score configs, annotation queues and comments in; they, kept and audited, out.

Reading needs the scope read, changing admin.
"""

import msgspec
from fastapi import Depends, Request

from farthing.access.identity import Identity
from farthing.annotation.comments import Comments
from farthing.annotation.queues import Queue, Queues
from farthing.annotation.score_configs import Config, ScoreConfigs, Told
from farthing.api import paging
from farthing.api.annotation_schemas import (
    Assignment,
    CommentList,
    CommentShown,
    CommentWanted,
    QueueItemChanges,
    QueueItemList,
    QueueItemShown,
    QueueItemWanted,
    QueueList,
    QueueShown,
    QueueWanted,
    QueueWithProgress,
    ScoreConfigChanges,
    ScoreConfigList,
    ScoreConfigShown,
    ScoreConfigWanted,
)
from farthing.api.identity import Guard, project_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.store.meta.annotation import Comment, QueueItem

_REFUSED = (400, 401, 403, 404, 409, 422, 503)


def score_configs(configs: ScoreConfigs, may_read: Guard, may_change: Guard) -> Routes:
    """The routes about what scores keep to."""
    routes = Routes(prefix="/api/v1/score-configs", tags=["scores"], responses=documented(*_REFUSED))
    reading, changing = [Depends(may_read)], [Depends(may_change)]

    @routes.get("", summary="List score configs, the newest first", dependencies=reading)
    def listing(request: Request, limit: int = 50, cursor: str = "") -> ScoreConfigList:
        part = paging.part(cursor, limit)
        found, total = configs.listing(project_of(request), *part)
        return ScoreConfigList(data=[_config(one) for one in found], next_cursor=paging.after(part, total))

    @routes.post("", summary="Add a score config", status_code=201, dependencies=changing)
    def create(wanted: ScoreConfigWanted, request: Request) -> ScoreConfigShown:
        return _config(configs.create(_who(request), _told(wanted)))

    @routes.get("/{config_id}", summary="One score config", dependencies=reading)
    def get(config_id: str, request: Request) -> ScoreConfigShown:
        return _config(configs.get(project_of(request), config_id))

    @routes.patch("/{config_id}", summary="Change or archive a score config", dependencies=changing)
    def change(config_id: str, wanted: ScoreConfigChanges, request: Request) -> ScoreConfigShown:
        return _config(configs.change(_who(request), config_id, _told(wanted)))

    return routes


def queues(queues: Queues, may_read: Guard, may_change: Guard) -> Routes:  # noqa: C901  a list of routes
    """The routes about queues of what is to be looked at."""
    routes = Routes(prefix="/api/v1/annotation-queues", tags=["annotation"], responses=documented(*_REFUSED))
    reading, changing = [Depends(may_read)], [Depends(may_change)]

    @routes.get("", summary="List annotation queues", dependencies=reading)
    def listing(request: Request, limit: int = 50, cursor: str = "") -> QueueList:
        part = paging.part(cursor, limit)
        found, total = queues.listing(project_of(request), *part)
        return QueueList(data=[_queue(one) for one in found], next_cursor=paging.after(part, total))

    @routes.post("", summary="Add an annotation queue", status_code=201, dependencies=changing)
    def create(wanted: QueueWanted, request: Request) -> QueueShown:
        return _queue(queues.create(_who(request), wanted.name, wanted.description, wanted.score_config_ids))

    @routes.get("/{queue_id}", summary="One annotation queue, and how far it is", dependencies=reading)
    def get(queue_id: str, request: Request) -> QueueWithProgress:
        found = _queue(queues.get(project_of(request), queue_id))
        progress = queues.progress(project_of(request), queue_id)
        assigned = list(progress.assigned)
        return QueueWithProgress(
            **found.model_dump(), pending=progress.pending, completed=progress.completed, assigned=assigned
        )

    @routes.delete("/{queue_id}", summary="Remove an annotation queue", status_code=204, dependencies=changing)
    def remove(queue_id: str, request: Request) -> None:
        queues.remove(_who(request), queue_id)

    @routes.get("/{queue_id}/items", summary="What is in a queue", dependencies=reading)
    def items(queue_id: str, request: Request, status: str = "", limit: int = 50, cursor: str = "") -> QueueItemList:
        part = paging.part(cursor, limit)
        found, total = queues.items(project_of(request), queue_id, status, *part)
        return QueueItemList(data=[_item(one) for one in found], next_cursor=paging.after(part, total))

    @routes.post("/{queue_id}/items", summary="Put something in a queue", status_code=201, dependencies=changing)
    def add(queue_id: str, wanted: QueueItemWanted, request: Request) -> QueueItemShown:
        return _item(queues.add(_who(request), queue_id, wanted.object_type, wanted.object_id, wanted.status))

    @routes.patch("/{queue_id}/items/{item_id}", summary="Complete an item of a queue", dependencies=changing)
    def change(queue_id: str, item_id: str, wanted: QueueItemChanges, request: Request) -> QueueItemShown:
        return _item(queues.change(_who(request), queue_id, item_id, wanted.status))

    @routes.delete(
        "/{queue_id}/items/{item_id}", summary="Take something out of a queue", status_code=204, dependencies=changing
    )
    def take_out(queue_id: str, item_id: str, request: Request) -> None:
        queues.take_out(_who(request), queue_id, item_id)

    @routes.post("/{queue_id}/assignments", summary="Let somebody work through a queue", dependencies=changing)
    def assign(queue_id: str, wanted: Assignment, request: Request) -> Assignment:
        return Assignment(user_id=queues.assign(_who(request), queue_id, wanted.user_id, works=True))

    @routes.delete(
        "/{queue_id}/assignments/{user_id}",
        summary="Let somebody work through it no more",
        status_code=204,
        dependencies=changing,
    )
    def unassign(queue_id: str, user_id: str, request: Request) -> None:
        queues.assign(_who(request), queue_id, user_id, works=False)

    return routes


def comments(comments: Comments, may_read: Guard, may_change: Guard) -> Routes:
    """The routes about what people say of things."""
    routes = Routes(prefix="/api/v1/comments", tags=["annotation"], responses=documented(*_REFUSED))
    reading, changing = [Depends(may_read)], [Depends(may_change)]

    @routes.get("", summary="List comments, the newest first", dependencies=reading)
    def listing(
        request: Request,
        object_type: str = "",
        object_id: str = "",
        author_user_id: str = "",
        limit: int = 50,
        cursor: str = "",
    ) -> CommentList:
        part = paging.part(cursor, limit)
        found, total = comments.listing(project_of(request), (object_type, object_id), author_user_id, *part)
        return CommentList(data=[_comment(one) for one in found], next_cursor=paging.after(part, total))

    @routes.post(
        "",
        summary="Say something of a trace, an observation, a session or a prompt",
        status_code=201,
        dependencies=changing,
    )
    def create(wanted: CommentWanted, request: Request) -> CommentShown:
        fields = (wanted.object_type, wanted.object_id, wanted.content, wanted.author_user_id)
        return _comment(comments.create(_who(request), *fields))

    @routes.delete("/{comment_id}", summary="Remove a comment", status_code=204, dependencies=changing)
    def remove(comment_id: str, request: Request) -> None:
        comments.remove(_who(request), comment_id)

    return routes


def _who(request: Request) -> Identity:
    identity: Identity = request.state.identity
    return identity


def _told(wanted: ScoreConfigWanted | ScoreConfigChanges) -> Told:
    given = wanted.model_dump(exclude_unset=True)
    if "data_type" in given:
        given["kind"] = given.pop("data_type")
    return Told(**given)


def _config(config: Config) -> ScoreConfigShown:
    rules = config.rules
    return ScoreConfigShown.model_validate(
        {
            "id": config.id,
            "name": config.name,
            "data_type": rules.kind.value,
            "min_value": rules.min_value,
            "max_value": rules.max_value,
            "categories": [msgspec.to_builtins(one) for one in rules.categories] or None,
            "description": rules.description,
            "is_archived": config.is_archived,
            "created_at": config.created_at,
            "updated_at": config.updated_at,
        }
    )


def _queue(queue: Queue) -> QueueShown:
    return QueueShown(
        id=queue.id,
        name=queue.name,
        description=queue.about.description,
        score_config_ids=list(queue.about.score_config_ids),
        created_at=queue.created_at,
        updated_at=queue.updated_at,
    )


def _item(item: QueueItem) -> QueueItemShown:
    told = {name: getattr(item, name) for name in QueueItem.__struct_fields__ if name != "queue_id"}
    return QueueItemShown.model_validate(told)


def _comment(comment: Comment) -> CommentShown:
    told = {name: getattr(comment, name) for name in Comment.__struct_fields__ if name != "project_id"}
    return CommentShown.model_validate(told)
