"""The settings in; what is well on this machine and what is not, each with what to do about it, out."""

import os
import platform
import shutil
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import httpx
import msgspec

from farthing.pricing import base
from farthing.settings import Settings
from farthing.store import folder

GIB = 1 << 30
LITTLE_SPACE = 2 * GIB
STALE_PRICES_DAYS = 60
CLOCK_OFF_SECONDS = 5


class Finding(msgspec.Struct, frozen=True):
    """One check: fine or not, what was seen, and what to do."""

    ok: bool
    what: str
    seen: str
    todo: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """All checks, in the order in which they matter."""
    running = _running(settings.data)
    yield Finding(
        True,
        "server",
        f"answers at {running}" if running else "not running on this data folder",
        "" if running else "start it with: farthing up",
    )
    yield _python()
    yield _versions()
    yield from _folder(settings.data)
    for port, knob in (
        (settings.port, "FARTHING_PORT"),
        (settings.otlp_port, "FARTHING_OTLP_PORT"),
        (settings.grpc_port, "FARTHING_GRPC_PORT"),
    ):
        if port:
            yield _port(settings.host, port, knob, taken_by_us=bool(running))
    yield _prices(running)
    if running:
        yield _clock(running)


def _running(data: Path) -> str:
    try:
        url = folder.address(data)
        return url if url and httpx.get(f"{url}/healthz", timeout=5, trust_env=False).is_success else ""
    except (httpx.HTTPError, httpx.InvalidURL):
        return ""


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    return Finding(ok, "python", platform.python_version(), "" if ok else "install Python 3.11 or newer")


def _versions() -> Finding:
    names = ("farthing", "chdb", "clickhouse-connect", "genai-prices", "sqlalchemy")
    seen = ", ".join(f"{name} {version(name)}" for name in names)
    return Finding(True, "versions", f"{seen}, sqlite {sqlite3.sqlite_version}")


def _folder(data: Path) -> Iterator[Finding]:
    place = data if data.exists() else data.parent
    try:
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(b"farthing")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        todo = "choose another with --data or FARTHING_DATA, or mend its permissions"
        yield Finding(False, "data folder", f"{data}: {error.strerror}", todo)
        return
    state = "exists and can be written" if data.exists() else "will be made at the first start"
    yield Finding(True, "data folder", f"{data} {state}")
    free = shutil.disk_usage(place).free
    yield Finding(
        free >= LITTLE_SPACE,
        "disk",
        f"{free / GIB:.1f} GiB free",
        "" if free >= LITTLE_SPACE else "free some space: when the disk is full, telemetry is refused",
    )


def _port(host: str, port: int, knob: str, *, taken_by_us: bool) -> Finding:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if taken_by_us:
                return Finding(True, f"port {port}", "used by this server")
            return Finding(False, f"port {port}", str(error.strerror), f"stop what listens there or set {knob}")
    return Finding(True, f"port {port}", "free")


def _prices(running: str) -> Finding:
    if (told := _age_at(running)) is not None:
        old = told > STALE_PRICES_DAYS
        todo = "run: farthing prices update" if old else ""
        return Finding(not old, "prices", f"the server's data is {told} days old", todo)
    today = datetime.now(UTC).date()
    day = base.latest_date(today)
    name = base.load().version
    if day is None:
        return Finding(ok=True, what="prices", seen=f"{name}, of unknown age")
    age = (today - day).days
    stale = age > STALE_PRICES_DAYS
    todo = "run: farthing prices update (or pip install --upgrade genai-prices)" if stale else ""
    return Finding(not stale, "prices", f"{name}, last dated entry {day} ({age} days ago)", todo)


def _age_at(url: str) -> int | None:
    """How old the prices are that the running server has, which may be newer than the installed ones."""
    if not url:
        return None
    for line in httpx.get(f"{url}/metrics", timeout=5, trust_env=False).text.splitlines():
        name, _, number = line.partition(" ")
        if name == "farthing_price_data_age_seconds":
            return round(float(number) / 86_400)
    return None


def _clock(url: str) -> Finding:
    answer = httpx.get(f"{url}/healthz", timeout=5, trust_env=False)
    told = answer.headers.get("date", "")
    try:
        server = datetime.strptime(told, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return Finding(True, "clock", datetime.now(UTC).isoformat(timespec="seconds"))
    off = abs((datetime.now(UTC) - server).total_seconds())
    ok = off <= CLOCK_OFF_SECONDS
    return Finding(ok, "clock", f"{off:.0f} s off the server's", "" if ok else "set both clocks by NTP")


Check = Callable[[Settings], Iterator[Finding]]
