"""What may be announced, uploaded and got, by whom and for how long."""

import base64
import hashlib
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from farthing.access.identity import Identity, Scope
from farthing.errors import BadRequestError, ForbiddenError, NotFoundError, TooLargeError
from farthing.media.library import MOST_BYTES, Media, Reached
from farthing.media.signing import May
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.media import StoredMedia
from farthing.store.meta.projects import Project

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
BYTES = b"a picture"
SHA = base64.b64encode(hashlib.sha256(BYTES).digest()).decode()
WHO = Identity("ours", "k1", frozenset({Scope.ADMIN}))


class Clock:
    """Goes on when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def media(tmp_path: Path, clock: Clock) -> Generator[Media]:
    database = Database.open(f"sqlite:///{tmp_path}/meta.db")
    database.migrate()
    with database.write() as session:
        for name in ("ours", "theirs"):
            projects.insert(session, Project(name, name, NOW))
    yield Media.open(database, tmp_path / "media", None, [b"k" * 32], clock, Reached("", "/llm"))
    database.close()


def place_of(media: Media, found: StoredMedia) -> Path:
    place = media.file(found)
    assert isinstance(place, Path)
    return place


def upload(media: Media, wanted: StoredMedia) -> None:
    with media.begin(wanted) as taking:
        taking.write(BYTES)
        taking.finished()
    media.uploaded(wanted)


def test_a_file_is_uploaded_once(media: Media) -> None:
    found, is_wanted = media.announce("ours", "Image/PNG; charset=x", len(BYTES), SHA)
    assert (found.id, found.content_type, is_wanted) == (
        SHA.replace("+", "-").replace("/", "_")[:22],
        "image/png",
        True,
    )
    with pytest.raises(NotFoundError, match="not uploaded yet"):
        media.there("ours", found.id)
    assert media.announce("ours", "image/png", len(BYTES), SHA)[1]
    upload(media, found)
    assert media.there("ours", found.id).uploaded_at == NOW
    assert place_of(media, found).read_bytes() == BYTES
    assert not media.announce("ours", "image/png", len(BYTES), SHA)[1]
    assert media.announce("theirs", "image/png", len(BYTES), SHA)[1]
    place_of(media, found).unlink()
    assert media.announce("ours", "image/png", len(BYTES), SHA)[1]


def test_addresses_hold_for_one_file_and_a_time(media: Media, clock: Clock) -> None:
    found, _ = media.announce("ours", "image/png", len(BYTES), SHA)
    url, until = media.address(found, May.UPLOAD, "http://here:1/")
    assert url.startswith(f"http://here:1/llm/api/v1/media/files/ours/{found.id}?")
    assert until == NOW + timedelta(minutes=15)
    told = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert media.permitted(May.UPLOAD, "ours", found.id, told["until"], told["signature"]) == found
    for may, project, until_ in (
        (May.DOWNLOAD, "ours", told["until"]),
        (May.UPLOAD, "theirs", told["until"]),
        (May.UPLOAD, "ours", "9" * 11),
        (May.UPLOAD, "ours", "x"),
    ):
        with pytest.raises(ForbiddenError):
            media.permitted(may, project, found.id, until_, told["signature"])
    clock.now += timedelta(minutes=16)
    with pytest.raises(ForbiddenError, match="its time is over"):
        media.permitted(May.UPLOAD, "ours", found.id, told["until"], told["signature"])


def test_files_are_removed(media: Media) -> None:
    found, _ = media.announce("ours", "image/png", len(BYTES), SHA)
    upload(media, found)
    place = place_of(media, found)
    media.remove(WHO, found.id)
    assert not place.exists()
    with pytest.raises(NotFoundError, match="There is no media"):
        media.get("ours", found.id)
    upload(media, media.announce("ours", "image/png", len(BYTES), SHA)[0])
    assert (media.forget("ours"), media.forget("ours")) == (1, 0)
    assert not place.exists()


def test_what_is_no_file_is_refused(media: Media) -> None:
    for told, says in (
        (("image", 1, SHA), "contentType"),
        (("image/png\r\nx: y", 1, SHA), "contentType"),
        (("image/png", 0, SHA), "contentLength"),
        (("image/png", True, SHA), "contentLength"),
        (("image/png", 1, "x"), "sha256Hash"),
        (("image/png", 1, None), "sha256Hash"),
        (("image/png", 1, "../" * 20), "sha256Hash"),
    ):
        with pytest.raises(BadRequestError, match=says):
            media.announce("ours", *told)
    with pytest.raises(TooLargeError, match="50 MiB"):
        media.announce("ours", "image/png", MOST_BYTES + 1, SHA)
