"""Configs are kept, changed and archived; each project has its own."""

import pytest
from annotation.conftest import NOW, OTHERS, WHO

from farthing.annotation.score_configs import ScoreConfigs, Told
from farthing.errors import BadRequestError, NotFoundError
from farthing.model.score import DataType
from farthing.store.meta import audit
from farthing.store.meta.database import Database


def test_a_config_from_its_beginning_to_its_end(database: Database) -> None:
    configs = ScoreConfigs(database, lambda: NOW)
    made = configs.create(WHO, Told(name=" quality ", kind="NUMERIC", min_value=0, max_value=5))
    assert (made.name, made.rules.kind, made.is_archived) == ("quality", DataType.NUMERIC, False)
    assert configs.get("ours", made.id) == made
    assert configs.listing("ours", 0, 10) == ([made], 1)
    assert configs.listing("theirs", 0, 10) == ([], 0)
    assert configs.conforming("ours", made.id, "quality", None, 4.5) == (DataType.NUMERIC, 4.5)
    changed = configs.change(WHO, made.id, Told(max_value=4))
    assert (changed.rules.min_value, changed.rules.max_value) == (0.0, 4.0)
    with pytest.raises(BadRequestError, match=r"at most 4, not 4\.5"):
        configs.conforming("ours", made.id, "quality", None, 4.5)
    assert configs.change(WHO, made.id, Told(is_archived=True)).is_archived
    with pytest.raises(BadRequestError, match="archived"):
        configs.conforming("ours", made.id, "quality", None, 1)
    with database.read() as session:
        done = [entry.action for entry in audit.listing(session, "ours", "score_config:")]
    assert sorted(done) == ["changed", "changed", "created"]


def test_what_is_of_another_project_or_nobodys(database: Database) -> None:
    configs = ScoreConfigs(database, lambda: NOW)
    labels = [{"label": "yes", "value": 1}]
    made = configs.create(WHO, Told(name="seen", kind="CATEGORICAL", categories=labels))
    assert configs.change(WHO, made.id, Told(description="of what")).rules.categories == made.rules.categories
    with pytest.raises(NotFoundError):
        configs.get("theirs", made.id)
    with pytest.raises(NotFoundError):
        configs.change(OTHERS, made.id, Told(is_archived=True))
    with pytest.raises(BadRequestError, match="configId: There is no score config"):
        configs.conforming("theirs", made.id, "seen", None, "yes")
    with pytest.raises(BadRequestError, match="dataType: it stays"):
        configs.change(WHO, made.id, Told(kind="TEXT"))
    with pytest.raises(BadRequestError, match="dataType is one of"):
        configs.create(WHO, Told(name="x", kind="CORRECTION"))
    with pytest.raises(BadRequestError, match="name: printable text"):
        configs.create(WHO, Told(kind="TEXT"))
