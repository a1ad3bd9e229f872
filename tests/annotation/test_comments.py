"""Comments are found by what they are about and who wrote them, in their own project only."""

import pytest
from annotation.conftest import NOW, OTHERS, WHO

from farthing.annotation.comments import Comments
from farthing.errors import BadRequestError, NotFoundError
from farthing.store.meta.database import Database


def test_comments_are_found(database: Database) -> None:
    comments = Comments(database, lambda: NOW)
    made = [comments.create(WHO, kind, "x", "said", who) for kind, who in (("TRACE", None), ("prompt", "ann"))]
    comments.create(OTHERS, "TRACE", "x", "elsewhere", None)
    assert comments.get("ours", made[1].id) == made[1]
    assert made[1].object_type == "PROMPT"
    assert comments.listing("ours", ("TRACE", "x"), "", 0, 10) == ([made[0]], 1)
    assert comments.listing("ours", ("", ""), "ann", 0, 10) == ([made[1]], 1)
    assert comments.listing("ours", ("", ""), "", 1, 10)[1] == 2
    with pytest.raises(NotFoundError):
        comments.remove(OTHERS, made[0].id)
    comments.remove(WHO, made[0].id)
    with pytest.raises(NotFoundError):
        comments.get("ours", made[0].id)


def test_what_is_no_comment(database: Database) -> None:
    comments = Comments(database, lambda: NOW)
    for told, says in (
        (("RUN", "x", "said", None), "objectType is one of"),
        (("TRACE", "", "said", None), "objectId: text"),
        (("TRACE", "x", "s" * 5001, None), "content: text of 1 to 5000"),
        (("TRACE", "x", "said", 7), "authorUserId: text"),
    ):
        with pytest.raises(BadRequestError, match=says):
            comments.create(WHO, *told)
    with pytest.raises(BadRequestError, match="objectType: an objectId needs it"):
        comments.listing("ours", ("", "x"), "", 0, 10)
