"""Score configs, queues, comments and media by our own API: kept, told, and refused with a sentence."""

import asyncio
import base64
import hashlib
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Request

from farthing.access.identity import Identity, Scope
from farthing.annotation.comments import Comments
from farthing.annotation.queues import Queues
from farthing.annotation.score_configs import ScoreConfigs
from farthing.api import annotation, media, problems
from farthing.api.routes import Application
from farthing.media.library import Media, Reached
from farthing.media.signing import May
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project

BYTES = b"<svg onload=alert(1)>"


def now() -> datetime:
    return datetime.now(UTC)


async def let_in(request: Request) -> None:
    request.state.identity = Identity("ours", "k1", frozenset({Scope.ADMIN}))


class Client:
    """Asks the application as a client would."""

    def __init__(self, web: Application) -> None:
        self._web = web

    def __call__(self, method: str, path: str, **how: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._web)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return await client.request(method, path, **how)

        return asyncio.run(ask())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Client, Media]]:
    folder: Path = tmp_path_factory.mktemp("annotation")
    database = Database.open(f"sqlite:///{folder}/meta.db")
    database.migrate()
    with database.write() as session:
        projects.insert(session, Project("ours", "ours", now()))
    files = Media.open(database, folder / "media", None, [b"k" * 32], now, Reached("", "/llm"))
    web = Application("Annotation", "1", "What people say of traces.")
    problems.install(web)
    for router in (
        annotation.score_configs(ScoreConfigs(database, now), let_in, let_in),
        annotation.queues(Queues(database, now), let_in, let_in),
        annotation.comments(Comments(database, now), let_in, let_in),
        media.router(files, let_in, let_in),
    ):
        web.include_router(router)
    yield Client(web), files
    database.close()


@pytest.fixture
def ask(library: tuple[Client, Media]) -> Client:
    return library[0]


def test_a_queue_of_scores_to_give(ask: Client) -> None:
    wanted = {"name": "tone", "data_type": "CATEGORICAL", "categories": [{"label": "kind", "value": 1}]}
    config = ask("POST", "/api/v1/score-configs", json=wanted)
    assert (config.status_code, config.json()["categories"]) == (201, wanted["categories"])
    told = ask("PATCH", f"/api/v1/score-configs/{config.json()['id']}", json={"description": "how it sounds"})
    assert told.json()["description"] == "how it sounds"
    assert ask("GET", "/api/v1/score-configs").json()["data"] == [told.json()]
    refused = ask(
        "POST", "/api/v1/score-configs", json={"name": "n", "data_type": "NUMERIC", "min_value": 2, "max_value": 1}
    )
    assert (refused.status_code, refused.json()["detail"]) == (400, "maxValue, 1, has to be larger than minValue, 2.")
    ids = [config.json()["id"]]
    queue = ask("POST", "/api/v1/annotation-queues", json={"name": "today", "score_config_ids": ids}).json()
    place = f"/api/v1/annotation-queues/{queue['id']}"
    items = [
        ask("POST", f"{place}/items", json={"object_type": "TRACE", "object_id": str(number)}).json()
        for number in range(3)
    ]
    first = ask("GET", f"{place}/items", params={"limit": 2}).json()
    rest = ask("GET", f"{place}/items", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert (first["data"] + rest["data"], rest["next_cursor"]) == (items, None)
    assert ask("PATCH", f"{place}/items/{items[0]['id']}", json={"status": "COMPLETED"}).json()["completed_at"]
    assert ask("POST", f"{place}/assignments", json={"user_id": "ann"}).json() == {"user_id": "ann"}
    found = ask("GET", place).json()
    assert (found["pending"], found["completed"], found["assigned"]) == (2, 1, ["ann"])
    assert ask("DELETE", f"{place}/assignments/ann").status_code == 204
    assert ask("DELETE", f"{place}/items/{items[1]['id']}").status_code == 204
    assert ask("DELETE", place).status_code == 204
    assert ask("GET", place).status_code == 404
    assert ask("GET", "/api/v1/annotation-queues", params={"cursor": "x"}).status_code == 400


def test_comments(ask: Client) -> None:
    wanted = {"object_type": "PROMPT", "object_id": "p", "content": "shorter?"}
    made = ask("POST", "/api/v1/comments", json=wanted).json()
    assert {name: made[name] for name in wanted} == wanted
    assert ask("GET", "/api/v1/comments", params={"object_type": "PROMPT", "object_id": "p"}).json()["data"] == [made]
    assert ask("DELETE", f"/api/v1/comments/{made['id']}").status_code == 204
    assert ask("GET", "/api/v1/comments").json()["data"] == []


def test_files_never_run_in_a_browser(library: tuple[Client, Media]) -> None:
    ask, files = library
    sha = base64.b64encode(hashlib.sha256(BYTES).digest()).decode()
    found, _ = files.announce("ours", "image/svg+xml", len(BYTES), sha)
    url = files.address(found, May.UPLOAD, "http://here/")[0].replace("/llm", "")
    assert ask("GET", f"/api/v1/media/{found.id}").status_code == 404
    headers = {"Content-Type": "image/svg+xml"}
    assert ask("PUT", url, content=BYTES, headers={"Content-Type": "image/png"}).status_code == 415
    assert ask("PUT", url, content=BYTES + b"x", headers=headers).status_code == 400
    assert ask("PUT", url + "x", content=BYTES, headers=headers).status_code == 403
    assert ask("PUT", url, content=BYTES, headers=headers).status_code == 200
    told = ask("GET", f"/api/v1/media/{found.id}").json()
    assert (told["content_type"], told["content_length"]) == ("image/svg+xml", len(BYTES))
    assert told["url"].startswith("http://here/llm/api/v1/media/files/ours/")
    got = ask("GET", told["url"].replace("/llm", ""))
    assert (got.content, got.headers["content-type"]) == (BYTES, "application/octet-stream")
    assert got.headers["content-disposition"].startswith("attachment;")
    assert (got.headers["x-content-type-options"], "sandbox" in got.headers["content-security-policy"]) == (
        "nosniff",
        True,
    )
    assert ask("GET", url).status_code == 403
    assert ask("DELETE", f"/api/v1/media/{found.id}").status_code == 204
    assert ask("GET", told["url"].replace("/llm", "")).status_code == 404
