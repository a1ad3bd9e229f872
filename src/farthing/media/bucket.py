"""Pieces of a file as they arrive in; the file in a bucket of S3-compatible storage, whole and hashed, out."""

import contextlib
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import msgspec

from farthing.errors import StartError, StoreError
from farthing.media.storage import Upload

_PIECE = 1 << 20


class Where(msgspec.Struct, frozen=True):
    """Which bucket, and who we are there; what is empty is AWS's own default."""

    bucket: str
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Where({self.bucket!r}, {self.endpoint!r})"


class Bucket:
    """Files of each project by the SHA-256 of their bytes. Every method may be called from any thread."""

    def __init__(self, where: Where, partial: Path) -> None:
        """Files stand in `partial` until they have arrived whole. Raises `StartError`."""
        try:
            # Here and not on top: only who keeps files there needs it.
            import obstore  # noqa: PLC0415
            from obstore.exceptions import BaseError  # noqa: PLC0415
            from obstore.store import S3Store  # noqa: PLC0415
        except ImportError as error:
            msg = "FARTHING_MEDIA_S3_BUCKET needs a client; install it beside Farthing with: pip install 'obstore>=0.12,<0.13'"
            raise StartError(msg) from error
        self._do = obstore
        self._error = BaseError
        told = {
            "endpoint": where.endpoint,
            "region": where.region or "us-east-1",
            "access_key_id": where.access_key,
            "secret_access_key": where.secret_key,
        }
        try:
            self._store = S3Store(
                where.bucket,
                config={name: value for name, value in told.items() if value},  # pyright: ignore[reportArgumentType]
                client_options={"allow_http": where.endpoint.startswith("http://"), "timeout": "60s"},
                retry_config={"max_retries": 3},
            )
        except BaseError as error:
            msg = f"FARTHING_MEDIA_S3_BUCKET can't be used: {_first_line(error)}."
            raise StartError(msg) from error
        self._partial = partial
        shutil.rmtree(partial, ignore_errors=True)

    def has(self, project_id: str, sha256: str) -> bool:
        """Whether the file is there. Raises `StoreError`."""
        with self._translated():
            try:
                self._do.head(self._store, _key(project_id, sha256))
            except FileNotFoundError:
                return False
        return True

    def begin(self, project_id: str, sha256: str, length: int) -> Upload:
        """Take a file in. Raises `StoreError`."""

        def keep(partial: Path) -> None:
            with self._translated():
                self._do.put(self._store, _key(project_id, sha256), partial)

        return Upload(self._partial, sha256, length, keep)

    def file(self, project_id: str, sha256: str) -> Path | Iterator[bytes]:
        """What is in a file that is there. Raises `StoreError`."""
        with self._translated():
            found = self._do.get(self._store, _key(project_id, sha256)).stream(_PIECE)
        return (bytes(piece) for piece in found)

    def remove(self, project_id: str, sha256: str) -> None:
        """Delete a file; nothing happens if it isn't there. Raises `StoreError`."""
        with self._translated(), contextlib.suppress(FileNotFoundError):
            self._do.delete(self._store, _key(project_id, sha256))

    def forget(self, project_id: str) -> None:
        """Delete all files of a project. Raises `StoreError`."""
        with self._translated():
            for batch in self._do.list(self._store, f"{project_id}/"):
                self._do.delete(self._store, [found["path"] for found in batch])

    @contextlib.contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except FileNotFoundError as error:
            msg = "A file isn't in the bucket any more."
            raise StoreError(msg) from error
        except self._error as error:
            msg = f"The bucket of media can't be used: {_first_line(error)}."
            raise StoreError(msg) from error


def _key(project_id: str, sha256: str) -> str:
    return f"{project_id}/{sha256[:2]}/{sha256}"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300].rstrip(".")
