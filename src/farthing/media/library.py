"""Who asks and which file they speak of in; files announced, taken in, and handed out by signed addresses, out."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import msgspec

from farthing.access.acting import actor
from farthing.access.identity import Identity
from farthing.errors import BadRequestError, ForbiddenError, NotFoundError, TooLargeError
from farthing.media.bucket import Bucket, Where
from farthing.media.signing import May, Permit, Signing
from farthing.media.storage import PARTIAL, Storage, Upload
from farthing.store.meta import audit, media
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database
from farthing.store.meta.media import StoredMedia

SUBJECT = "media:"
MOST_BYTES = 50 << 20
ID_LENGTH = 22
UPLOAD_S = 900
DOWNLOAD_S = 3_600
FILES = "/api/v1/media/files"
"""Where files are put and got; after it stand the project and the id."""

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,99}")


class Reached(msgspec.Struct, frozen=True):
    """Where clients find us: at `public_url`, else where they did already, below `root_path`."""

    public_url: str = ""
    root_path: str = ""

    def address(self, base: str, path: str) -> str:
        """Of a path; `base` is where the client that asks reached us."""
        return (self.public_url or base.rstrip("/") + self.root_path).rstrip("/") + path


class Media:
    """The media of all projects. Every method may be called from any thread."""

    def __init__(
        self,
        database: Database,
        storage: Storage | Bucket,
        signing: Signing,
        clock: Callable[[], datetime],
        reached: Reached,
    ) -> None:
        """`clock` answers an aware moment."""
        self._database = database
        self._storage = storage
        self._signing = signing
        self._clock = clock
        self._reached = reached

    @classmethod
    def open(
        cls,
        database: Database,
        folder: Path,
        where: Where | None,
        keys: list[bytes],
        clock: Callable[[], datetime],
        reached: Reached,
    ) -> Self:
        """Files in the bucket, if there is one, else in the folder; addresses signed with the first of these keys.

        Raises `StartError`.
        """
        storage = Bucket(where, folder / PARTIAL) if where and where.bucket else Storage(folder)
        return cls(database, storage, Signing(keys), clock, reached)

    def announce(self, project_id: str, content_type: Any, length: Any, sha256: Any) -> tuple[StoredMedia, bool]:
        """A file that somebody has, and whether it is to be uploaded. Raises `BadRequestError`, `TooLargeError`."""
        wanted = StoredMedia(
            project_id,
            media_id_of(sha256),
            _digest(sha256).hex(),
            _type(content_type),
            _length(length),
            self._clock(),
        )
        with self._database.write() as session:
            known = media.get(session, project_id, wanted.id)
            if known is not None and known.sha256 != wanted.sha256:
                msg = "sha256Hash: another file has the same id."
                raise BadRequestError(msg)
            if known is not None and known.uploaded_at and self._storage.has(project_id, known.sha256):
                return known, False
            media.put(session, wanted)
        return wanted, True

    def get(self, project_id: str, media_id: str) -> StoredMedia:
        """A file that was announced. Raises `NotFoundError`."""
        with self._database.read() as session:
            found = media.get(session, project_id, media_id)
        if found is None:
            msg = f"There is no media {media_id[:80]!r} in this project."
            raise NotFoundError(msg)
        return found

    def there(self, project_id: str, media_id: str) -> StoredMedia:
        """A file that was uploaded. Raises `NotFoundError`."""
        found = self.get(project_id, media_id)
        if found.uploaded_at is None or not self._storage.has(project_id, found.sha256):
            msg = f"The media {media_id[:80]!r} was announced, and not uploaded yet."
            raise NotFoundError(msg)
        return found

    def address(self, found: StoredMedia, may: May, base: str) -> tuple[str, datetime]:
        """Where the file may be put or got without a key, and until when; `base` is where the client reached us."""
        until = int(self._clock().timestamp()) + (UPLOAD_S if may is May.UPLOAD else DOWNLOAD_S)
        signature = self._signing.sign(Permit(may, found.project_id, found.id, until))
        path = f"{FILES}/{quote(found.project_id)}/{quote(found.id)}?until={until}&signature={signature}"
        return self._reached.address(base, path), datetime.fromtimestamp(until, UTC)

    def permitted(self, may: May, project_id: str, media_id: str, until: str, signature: str) -> StoredMedia:
        """The file an address is for. Raises `ForbiddenError`, `NotFoundError`."""
        seconds = int(until) if until.isascii() and until.isdigit() and len(until) < 12 else 0
        if not self._signing.holds(
            Permit(may, project_id, media_id, seconds), signature, int(self._clock().timestamp())
        ):
            msg = "This address was not given out here, or its time is over. Ask for another one."
            raise ForbiddenError(msg)
        return self.get(project_id, media_id) if may is May.UPLOAD else self.there(project_id, media_id)

    def begin(self, wanted: StoredMedia) -> Upload:
        """Take in a file that was announced. Raises `StoreError`."""
        return self._storage.begin(wanted.project_id, wanted.sha256, wanted.content_length)

    def uploaded(self, wanted: StoredMedia) -> None:
        """It is there. Raises `StoreError`."""
        with self._database.write() as session:
            media.put(session, msgspec.structs.replace(wanted, uploaded_at=self._clock()))

    def file(self, found: StoredMedia) -> Path | Iterator[bytes]:
        """What is in a file that is there. Raises `StoreError`."""
        return self._storage.file(found.project_id, found.sha256)

    def remove(self, who: Identity, media_id: str) -> None:
        """Delete a file; what speaks of it stays. Raises `NotFoundError`."""
        gone = self.get(who.project_id, media_id)
        with self._database.write() as session:
            media.remove(session, who.project_id, media_id)
            document = msgspec.json.encode(gone).decode()
            entry = Entry(self._clock(), actor(who), "removed", SUBJECT + media_id, who.project_id, document)
            audit.record(session, entry)
        self._storage.remove(who.project_id, gone.sha256)

    def forget(self, project_id: str) -> int:
        """Delete all files of a project; how many there were."""
        with self._database.write() as session:
            known = media.remove(session, project_id)
        self._storage.forget(project_id)
        return known


def media_id_of(sha256: Any) -> str:
    """The id of a file, by the SHA-256 of its bytes as base64. Raises `BadRequestError`."""
    return base64.urlsafe_b64encode(_digest(sha256)).decode()[:ID_LENGTH]


def _digest(told: Any) -> bytes:
    try:
        digest = base64.b64decode(told, validate=True) if isinstance(told, str) else b""
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 32:
        msg = "sha256Hash: the SHA-256 of the file as base64, 44 characters."
        raise BadRequestError(msg)
    return digest


def _type(told: Any) -> str:
    if not isinstance(told, str) or not _TYPE.fullmatch(told.lower().partition(";")[0].strip()):
        msg = "contentType: a media type such as image/png."
        raise BadRequestError(msg)
    return told.lower().partition(";")[0].strip()


def _length(told: Any) -> int:
    if isinstance(told, bool) or not isinstance(told, int) or told < 1:
        msg = "contentLength: a whole number of bytes, 1 or more."
        raise BadRequestError(msg)
    if told > MOST_BYTES:
        msg = f"contentLength: a file has at most {MOST_BYTES >> 20} MiB."
        raise TooLargeError(msg)
    return told
