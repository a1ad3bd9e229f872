"""A mail and a server in; handed over by SMTP, to the address that was looked at and within its time, or `Undelivered`."""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from typing import NamedTuple

from farthing.alerts.aside import aside
from farthing.alerts.undelivered import Undelivered

TIMEOUT_S = 20.0
"""For all of it, however slowly the server goes on talking."""

_PERMANENT = 500


class Server(NamedTuple):
    """An SMTP server, and the addresses of it that may be connected to."""

    host: str
    port: int
    addresses: Sequence[str]
    security: str
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Without the password."""
        return f"Server({self.host}:{self.port})"


class _Smtp(smtplib.SMTP):
    """Connects to the addresses it is given, and speaks as to the host."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.is_cut = False
        super().__init__(timeout=TIMEOUT_S)
        # The name its certificate must bear, which `connect` alone doesn't tell.
        self._host = server.host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        raw = self._connection(port, timeout)
        if self._server.security != "tls":
            return raw
        try:
            return ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        except BaseException:
            raw.close()
            raise

    def _connection(self, port: int, timeout: float) -> socket.socket:
        """The first of the addresses that answers."""
        *others, last = self._server.addresses
        for address in others:
            with contextlib.suppress(OSError):
                return socket.create_connection((address, port), timeout / len(self._server.addresses))
        return socket.create_connection((last, port), timeout)


async def send(server: Server, mail: EmailMessage, sender: str, recipients: Sequence[str]) -> str:
    """What is to be remarked: which recipients were refused, while others were not. Raises `Undelivered`."""
    return await aside(_send, server, mail, sender, recipients)


def _send(server: Server, mail: EmailMessage, sender: str, recipients: Sequence[str]) -> str:
    smtp = _Smtp(server)
    try:
        with _connected(smtp, server):
            if server.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if server.username:
                smtp.login(server.username, server.password)
            refused = smtp.send_message(mail, sender, list(recipients))
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        msg = f"{server.host} refused all recipients ({', '.join(sorted({str(code) for code in codes}))})."
        raise Undelivered(msg, permanent=all(code >= _PERMANENT for code in codes)) from error
    except smtplib.SMTPNotSupportedError as error:
        msg = f"{server.host} offers no {'STARTTLS' if server.security == 'starttls' else 'way to sign in'}."
        raise Undelivered(msg, permanent=True) from error
    except smtplib.SMTPResponseException as error:
        told = _told(error, server.password)
        msg = f"{server.host} answered {error.smtp_code}{told}."
        raise Undelivered(msg, permanent=error.smtp_code >= _PERMANENT) from error
    except (smtplib.SMTPException, ssl.SSLError, OSError, ValueError) as error:
        raise Undelivered(f"{server.host} {_trouble(TimeoutError() if smtp.is_cut else error)}") from error
    return f"It refused {', '.join(sorted(refused))}." if refused else ""


@contextmanager
def _connected(smtp: _Smtp, server: Server) -> Generator[None]:
    # Timeouts of sockets are for each answer; one that trickles would go on for ever.
    ending = threading.Timer(TIMEOUT_S, _cut, (smtp,))
    ending.daemon = True
    ending.start()
    try:
        smtp.connect(server.host, server.port)
        yield
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        ending.cancel()
        smtp.close()


def _cut(smtp: _Smtp) -> None:
    smtp.is_cut = True
    connection = smtp.sock
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _told(error: smtplib.SMTPResponseException, password: str) -> str:
    raw = error.smtp_error
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    text = text.replace(password, "***") if password else text
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:200]
    return f": {text.rstrip('.')}" if text else ""


def _trouble(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"did not answer within {TIMEOUT_S:g} s."
    if isinstance(error, ssl.SSLError):
        return "could not be reached: TLS failed, or its certificate is not to be trusted."
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "went away before it took the mail."
    if isinstance(error, OSError):
        return "could not be reached: the connection failed."
    return f"answered with what is no SMTP ({type(error).__name__})."
