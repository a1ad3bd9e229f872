"""A request to the server goes in; its status, headers and body come out, or an `Unreachable`. Loaded with the first request."""

from __future__ import annotations

import http.client
import ssl
import urllib.parse
import urllib.request
from base64 import b64encode
from typing import TYPE_CHECKING, Final, NamedTuple

from farthing_sdk._trouble import FarthingError
from farthing_sdk._version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_ANSWER: Final = 16 * 2**20


class Unreachable(FarthingError):  # noqa: N818 - it is a state of the server, and the usual reason to wait
    """No answer: refused, reset, timed out, or not HTTP."""


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Transport:
    """One connection to the server, kept open between requests. For one thread at a time."""

    def __init__(self, endpoint: str, api_key: str, timeout: float) -> None:
        """Nothing is connected before the first request."""
        self._url = urllib.parse.urlsplit(endpoint)
        if not self._url.hostname:
            raise ValueError(f"endpoint is {endpoint!r}; it names no host")
        self._timeout = timeout
        self._headers = {"User-Agent": f"farthing-sdk-python/{__version__}", "Accept": "application/json"}
        if api_key:
            self._headers["X-API-Key"] = api_key
        self._connection: http.client.HTTPConnection | None = None
        self._prefix = self._url.path.rstrip("/")

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The server's answer. Raises `Unreachable`."""
        reused = self._connection is not None
        try:
            return self._once(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not reused or isinstance(error, TimeoutError):
                raise Unreachable(_words(error)) from error
        # A connection kept open may have been closed at the other end meanwhile. All our requests can be repeated.
        try:
            return self._once(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unreachable(_words(error)) from error

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None) -> Answer:
        if self._connection is None:
            self._connection = self._connect()
        told = {**self._headers, **(headers or {})}
        if body is not None:
            told["Content-Type"] = "application/json"
        self._connection.request(method, self._prefix + path, body, told)
        response = self._connection.getresponse()
        content = response.read(_LONGEST_ANSWER)
        if not response.isclosed():
            # It is longer than any answer of ours; whatever follows isn't wanted.
            self.close()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

    def _connect(self) -> http.client.HTTPConnection:
        secure = self._url.scheme == "https"
        host, port = self._url.hostname or "", self._url.port or (443 if secure else 80)
        proxy = None if urllib.request.proxy_bypass(host) else urllib.request.getproxies().get(self._url.scheme)
        if proxy:
            return self._through(proxy, secure, host, port)
        self._prefix = self._url.path.rstrip("/")
        return self._direct(secure, host, port)

    def _direct(self, secure: bool, host: str, port: int) -> http.client.HTTPConnection:
        if secure:
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=self._timeout)

    def _through(self, proxy: str, secure: bool, host: str, port: int) -> http.client.HTTPConnection:
        """A connection through the proxy that the environment names: a tunnel, or for http the whole address per request."""
        way = urllib.parse.urlsplit(proxy if "//" in proxy else f"//{proxy}")
        passing: dict[str, str] = {}
        if way.username:
            secret = f"{urllib.parse.unquote(way.username)}:{urllib.parse.unquote(way.password or '')}"
            passing["Proxy-Authorization"] = "Basic " + b64encode(secret.encode()).decode()
        connection = self._direct(secure, way.hostname or "", way.port or 80)
        if secure:
            connection.set_tunnel(host, port, passing)
        else:
            self._headers.update(passing)
            self._prefix = f"http://{self._url.netloc}{self._url.path.rstrip('/')}"
        return connection


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
