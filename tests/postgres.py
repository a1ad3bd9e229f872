"""A PostgreSQL server of our own on a private port, if its programs are on this machine; empty databases out."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from server_process import free_port

START_SECONDS = 30


def why_not() -> str:
    """Why no server can be started here; "" when one can."""
    if _programs() is None:
        return "PostgreSQL's programs are not installed (Debian: apt install postgresql)"
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed (pip install 'farthing[postgres]')"
    if os.geteuid() == 0 and _unprivileged() is None:
        return "PostgreSQL refuses to run as root and there is no user postgres or nobody"
    return ""


class PostgresServer:
    """A server in a temporary folder. It forgets everything when it is stopped."""

    def __init__(self) -> None:
        """Make the folder; `start` does the rest."""
        self._folder = Path(tempfile.mkdtemp(prefix="farthing-postgres-"))
        self._data = self._folder / "data"
        self._port = free_port()
        self._user = _unprivileged() if os.geteuid() == 0 else None
        if self._user:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)

    def start(self) -> None:
        """Come back when it answers."""
        self._run("initdb", "-D", self._data, "-U", "farthing", "--auth=trust", "--no-sync", "--encoding=UTF8")
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = self._folder / "log"
        self._run("pg_ctl", "-D", self._data, "-l", log, "-o", options, "-w", "-t", str(START_SECONDS), "start")

    def stop(self) -> None:
        """End it, whoever is connected, and remove its folder."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder)

    def new_database(self) -> str:
        """The URL of what looks like an empty database: a schema of its own, which takes no 8 MB of disk."""
        import psycopg  # noqa: PLC0415  an extra that may be missing

        name = f"t_{uuid.uuid4().hex}"
        address = f"farthing:unused@127.0.0.1:{self._port}/postgres"
        with psycopg.connect(f"postgresql://{address}", autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"postgresql+psycopg://{address}?options=-csearch_path%3D{name}"

    def _run(self, program: str, *arguments: str | Path) -> None:
        folder = _programs()
        assert folder is not None
        # Into a file: what pg_ctl starts would keep a pipe open for ever.
        said = self._folder / "said"
        with said.open("w") as file:
            done = subprocess.run(
                [folder / program, *arguments],
                cwd=self._folder,
                stdout=file,
                stderr=file,
                check=False,
                # PostgreSQL refuses root.
                user=self._user.pw_uid if self._user else None,
                group=self._user.pw_gid if self._user else None,
                extra_groups=[] if self._user else None,
            )
        assert done.returncode == 0, said.read_text()


def _programs() -> Path | None:
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


def _unprivileged() -> pwd.struct_passwd | None:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
