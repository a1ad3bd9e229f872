"""A data folder or a URL and a key in; the running server's JSON out, or one sentence that says why not."""

import weakref
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from farthing.access import cli_key
from farthing.errors import FarthingError
from farthing.settings import Settings
from farthing.store import folder

if TYPE_CHECKING:
    import httpx

Json = dict[str, Any]

PATIENCE_S = 60.0

_ANOTHER_KEY = " It is the data folder's own; the server makes another when it is started again."


class RefusedError(FarthingError):
    """The server can't be reached, or said no."""

    code = "refused"


class Client:
    """Talks to the server of a data folder. The embedded database opens from one process only, so the server is asked."""

    def __init__(self, settings: Settings, url: str | None = None, key: str | None = None) -> None:
        """Without a URL and a key, those of the server that runs on this data folder. Raises `RefusedError`."""
        self._is_told = bool(url)
        self.url = (url or folder.address(settings.data) or f"http://127.0.0.1:{settings.port}").rstrip("/")
        self._is_own_key = not key
        secret = key or cli_key.read(settings.data)
        if not secret:
            msg = (
                f"There is no key in {settings.data}. Run this where the server's data folder is (--data), "
                "or give a key with the scope read: --key fk_… or FARTHING_KEY."
            )
            raise RefusedError(msg)
        self.secret = secret
        """The key that is sent, for programs that are started to ask the same server."""
        # Here and not on top: commands are declared beside `up`, which asks nobody.
        import httpx

        if not (secret.isascii() and secret.isprintable()):
            msg = "The key (--key, FARTHING_KEY) has characters that no key has. Give it as it was shown when it was made."
            raise RefusedError(msg)
        try:
            asked = httpx.URL(self.url)
        except httpx.InvalidURL:
            asked = httpx.URL()
        if asked.scheme not in {"http", "https"} or not asked.host:
            msg = f"{self.url} is no address of a server (--url, FARTHING_URL). Such as: http://127.0.0.1:4180"
            raise RefusedError(msg)
        self._http = httpx.Client(base_url=self.url, headers={"X-API-Key": secret}, timeout=PATIENCE_S, trust_env=False)
        # No command has an end of its own that it could be closed at.
        weakref.finalize(self, self._http.close)

    def get(self, path: str, parameters: Mapping[str, str | Sequence[str]] | None = None) -> Json:
        """The JSON answer to a GET. Raises `RefusedError`."""
        return self._json("GET", path, params=dict(parameters or {}))

    def post(self, path: str, body: Json | None = None, *, patience_s: float = PATIENCE_S) -> Json:
        """The JSON answer to a POST. Raises `RefusedError`."""
        return self._json("POST", path, json=body or {}, timeout=patience_s)

    def put(self, path: str, body: Json) -> Json:
        """The JSON answer to a PUT. Raises `RefusedError`."""
        return self._json("PUT", path, json=body)

    def patch(self, path: str, body: Json) -> Json:
        """The JSON answer to a PATCH. Raises `RefusedError`."""
        return self._json("PATCH", path, json=body)

    def upload(self, path: str, content: bytes, parameters: Mapping[str, str]) -> Json:
        """The JSON answer to a POST of a file. Raises `RefusedError`."""
        return self._json("POST", path, content=content, params=dict(parameters))

    def download(self, path: str, parameters: Mapping[str, str]) -> bytes:
        """What a GET answers, as it comes. Raises `RefusedError`."""
        return self._answer("GET", path, params=dict(parameters)).content

    def delete(self, path: str) -> None:
        """Have something deleted. Raises `RefusedError`."""
        self._answer("DELETE", path)

    def _json(self, method: str, path: str, **more: Any) -> Json:
        answer = self._answer(method, path, **more)
        try:
            return cast("Json", answer.json()) if answer.content else {}
        except ValueError as error:
            raise RefusedError(self._stranger(answer)) from error

    def _answer(self, method: str, path: str, **more: Any) -> "httpx.Response":
        import httpx

        try:
            answer = self._http.request(method, path, **more)
        except httpx.ReadTimeout as error:
            msg = f"The server at {self.url} did not answer in time. Ask for less, or again later."
            raise RefusedError(msg) from error
        except httpx.TransportError as error:
            todo = "Is that its address, and does it run?" if self._is_told else "Start one with: farthing up"
            msg = f"No server answers at {self.url} ({error}). {todo}"
            raise RefusedError(msg) from error
        if answer.is_error:
            todo = _ANOTHER_KEY if answer.status_code == HTTPStatus.UNAUTHORIZED and self._is_own_key else ""
            raise RefusedError(self._problem(answer) + todo)
        return answer

    def _problem(self, answer: "httpx.Response") -> str:
        try:
            problem = answer.json()
            return str(problem.get("detail") or problem.get("title") or answer.text)
        except (ValueError, AttributeError):
            return self._stranger(answer)

    def _stranger(self, answer: "httpx.Response") -> str:
        kind = answer.headers.get("content-type", "nothing").partition(";")[0]
        return (
            f"What answers at {self.url} is no Farthing, or something stands before it: {answer.status_code} with {kind}. "
            "Is that its address (--url, FARTHING_URL)?"
        )
