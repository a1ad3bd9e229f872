"""The same of files in a bucket: whole or not at all, and what goes wrong there is told in a sentence."""

import hashlib
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from media.stub_s3 import ACCESS_KEY, StubS3

from farthing.errors import BadRequestError, StoreError
from farthing.media.bucket import Bucket, Where

BYTES = b"bytes of a picture" * 100_000
SHA = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture(scope="module")
def s3() -> Generator[StubS3]:
    with StubS3() as running:
        yield running


def bucket_at(s3: StubS3, partial: Path, access_key: str = ACCESS_KEY) -> Bucket:
    return Bucket(Where("media", s3.url, "", access_key, "secret"), partial)


def test_a_file_from_its_arrival_to_its_end(s3: StubS3, tmp_path: Path) -> None:
    bucket = bucket_at(s3, tmp_path / "partial")
    assert not bucket.has("ours", SHA)
    with bucket.begin("ours", SHA, len(BYTES)) as upload:
        upload.write(BYTES)
        upload.finished()
    assert s3.files == {f"ours/{SHA[:2]}/{SHA}": BYTES}
    assert list((tmp_path / "partial").iterdir()) == []
    assert (bucket.has("ours", SHA), bucket.has("theirs", SHA)) == (True, False)
    pieces = bucket.file("ours", SHA)
    assert isinstance(pieces, Iterator)
    assert b"".join(pieces) == BYTES
    s3.files["theirs/ab/abc"] = b"x"
    bucket.forget("ours")
    assert list(s3.files) == ["theirs/ab/abc"]
    bucket.remove("theirs", "abc")
    bucket.remove("theirs", "abc")
    assert s3.files == {}
    with pytest.raises(StoreError, match="isn't in the bucket any more"):
        bucket.file("ours", SHA)


def test_what_was_not_announced_never_gets_there(s3: StubS3, tmp_path: Path) -> None:
    bucket = bucket_at(s3, tmp_path)
    with pytest.raises(BadRequestError, match="SHA-256"), bucket.begin("ours", SHA, len(BYTES)) as upload:
        upload.write(b"x" + BYTES[1:])
        upload.finished()
    assert s3.files == {}


def test_who_is_not_let_in_is_told(s3: StubS3, tmp_path: Path) -> None:
    bucket = bucket_at(s3, tmp_path, "somebody")
    with pytest.raises(StoreError, match="The bucket of media can't be used") as told:
        bucket.has("ours", SHA)
    assert "secret" not in str(told.value)
