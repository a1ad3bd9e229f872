"""Real receivers of notices: an HTTP server that answers as it is told to, and an SMTP server that keeps the mails."""

import asyncio
import http.server
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from queue import Queue
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

PATIENCE_S = 30.0


class Got(NamedTuple):
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


class HttpReceiver(http.server.ThreadingHTTPServer):
    """Answers 200, or first what stands in `answers`; while it `hangs`, nothing."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Answering)
        self.url = f"http://127.0.0.1:{self.server_port}/hook/token-0123456789"
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.got: Queue[Got] = Queue()
        self.goes_on = threading.Event()
        self.goes_on.set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def next(self) -> Got:
        """The next request, as soon as it has come."""
        return self.got.get(timeout=PATIENCE_S)

    def close(self) -> None:
        """End it."""
        self.goes_on.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = self.server
        assert isinstance(receiver, HttpReceiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.got.put(Got(self.path, dict(self.headers.items()), body))
        receiver.goes_on.wait(PATIENCE_S)
        status, headers, content = receiver.answers.pop(0) if receiver.answers else (200, {}, b"ok")
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        """Nothing."""


class MailReceiver:
    """Takes mails; refuses recipients at `refused.example`, and everything once `refusal` is set."""

    def __init__(self, tls: ssl.SSLContext | None = None, password: str = "") -> None:
        self.mails: Queue[EmailMessage] = Queue()
        self.signed_in: list[str] = []
        self.refusal = ""
        self._password = password
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        options: dict[str, Any] = {"tls_context": tls, "require_starttls": True} if tls else {}
        if password:
            options |= {"authenticator": self._authenticate, "auth_required": True}

        async def listen() -> asyncio.Server:
            return await self._loop.create_server(lambda: SMTP(self, loop=self._loop, **options), "127.0.0.1", 0)

        self._server = asyncio.run_coroutine_threadsafe(listen(), self._loop).result(PATIENCE_S)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def next(self) -> EmailMessage:
        """The next mail, as soon as it has come."""
        return self.mails.get(timeout=PATIENCE_S)

    def close(self) -> None:
        """End it."""

        async def end() -> None:
            self._server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _authenticate(
        self, _server: object, _session: object, _envelope: object, _how: str, told: object
    ) -> AuthResult:
        assert isinstance(told, LoginPassword)
        self.signed_in.append(told.login.decode())
        return AuthResult(success=told.password.decode() == self._password, handled=False)

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        """Say whether a recipient is known here."""
        if address.endswith("@refused.example"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802  likewise
        """Keep a mail."""
        if self.refusal:
            return self.refusal
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.put(mail)
        return "250 OK"
