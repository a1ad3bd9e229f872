"""Files stand in their place whole or not at all."""

import hashlib
from pathlib import Path

import pytest

from farthing.errors import BadRequestError, StoreError
from farthing.media.storage import Storage

BYTES = b"bytes of a picture" * 1_000
SHA = hashlib.sha256(BYTES).hexdigest()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_arrives_in_pieces(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "media")
    with storage.begin("ours", SHA, len(BYTES)) as upload:
        for at in range(0, len(BYTES), 777):
            upload.write(BYTES[at : at + 777])
        assert not storage.has("ours", SHA)
        upload.finished()
    place = storage.place("ours", SHA)
    assert files(tmp_path) == [place]
    assert place.read_bytes() == BYTES
    assert place.stat().st_mode & 0o077 == 0
    assert not storage.has("theirs", SHA)
    storage.forget("theirs")
    storage.remove("ours", SHA)
    storage.remove("ours", SHA)
    assert files(tmp_path) == []


def test_what_was_not_announced_leaves_nothing(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    for sent, says in ((BYTES[:-1], "were announced"), (BYTES + b"x", "larger than"), (b"x" + BYTES[1:], "SHA-256")):
        with pytest.raises(BadRequestError, match=says), storage.begin("ours", SHA, len(BYTES)) as upload:
            upload.write(sent)
            upload.finished()
        assert files(tmp_path) == []


def test_what_a_crash_left_is_removed_at_the_next_start(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    upload = storage.begin("ours", SHA, len(BYTES))
    upload.write(BYTES[:10])
    assert len(files(tmp_path)) == 1
    Storage(tmp_path)
    assert files(tmp_path) == []
    upload.__exit__()


def test_a_project_is_forgotten_whole(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    for project in ("ours", "theirs"):
        with storage.begin(project, SHA, len(BYTES)) as upload:
            upload.write(BYTES)
            upload.finished()
    storage.forget("ours")
    assert files(tmp_path) == [storage.place("theirs", SHA)]


def test_a_place_that_takes_no_file(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(StoreError, match="Media can't be kept"):
        Storage(tmp_path / "media").begin("ours", SHA, 1)
