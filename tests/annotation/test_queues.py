"""Queues take what is to be looked at, tell how far they are and who works through them."""

import pytest
from annotation.conftest import NOW, OTHERS, WHO

from farthing.annotation.queues import Progress, Queues
from farthing.annotation.score_configs import ScoreConfigs, Told
from farthing.errors import BadRequestError, ConflictError, NotFoundError
from farthing.store.meta.database import Database


def test_a_queue_is_worked_through(database: Database) -> None:
    config = ScoreConfigs(database, lambda: NOW).create(WHO, Told(name="q", kind="BOOLEAN"))
    queues = Queues(database, lambda: NOW)
    queue = queues.create(WHO, "to do", "of today", [config.id, config.id])
    assert queue.about.score_config_ids == (config.id,)
    assert queues.get("ours", queue.id) == queue
    assert queues.listing("ours", 0, 10) == ([queue], 1)
    first, second = (queues.add(WHO, queue.id, kind, "t1") for kind in ("TRACE", "SESSION"))
    assert queues.items("ours", queue.id, "PENDING", 0, 1)[1] == 2
    done = queues.change(WHO, queue.id, first.id, "COMPLETED")
    assert (done.status, done.completed_at) == ("COMPLETED", NOW)
    assert queues.assign(WHO, queue.id, "ann", works=True) == "ann"
    queues.assign(WHO, queue.id, "ann", works=True)
    assert queues.progress("ours", queue.id) == Progress(1, 1, ("ann",))
    assert queues.change(WHO, queue.id, first.id, "PENDING").completed_at is None
    queues.take_out(WHO, queue.id, second.id)
    queues.assign(WHO, queue.id, "ann", works=False)
    assert queues.progress("ours", queue.id) == Progress(1, 0, ())
    with pytest.raises(ConflictError, match="'to do' already"):
        queues.create(WHO, "to do", None, [config.id])
    queues.remove(WHO, queue.id)
    with pytest.raises(NotFoundError):
        queues.items("ours", queue.id, "", 0, 1)


def test_what_is_no_queue_and_no_item(database: Database) -> None:
    config = ScoreConfigs(database, lambda: NOW).create(WHO, Told(name="q", kind="BOOLEAN"))
    queues = Queues(database, lambda: NOW)
    with pytest.raises(BadRequestError, match="there is no score config 'other'"):
        queues.create(WHO, "n", None, ["other"])
    with pytest.raises(BadRequestError, match="there is no score config"):
        queues.create(OTHERS, "n", None, [config.id])
    with pytest.raises(BadRequestError, match="a list of 1 to"):
        queues.create(WHO, "n", None, [])
    queue = queues.create(WHO, "n", None, [config.id])
    with pytest.raises(BadRequestError, match="objectType is one of"):
        queues.add(WHO, queue.id, "PROMPT", "p")
    with pytest.raises(BadRequestError, match="status is PENDING or"):
        queues.add(WHO, queue.id, "TRACE", "t", "DONE")
    item = queues.add(WHO, queue.id, "OBSERVATION", "o", "COMPLETED")
    assert item.completed_at == NOW
    with pytest.raises(NotFoundError, match="no annotation queue"):
        queues.item("theirs", queue.id, item.id)
    with pytest.raises(NotFoundError, match="no item"):
        queues.take_out(WHO, queue.id, "other")
