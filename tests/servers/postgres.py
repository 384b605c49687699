"""A real PostgreSQL, as strict about what is on disk as in production."""

import os
import pwd
import shutil
import signal
import subprocess
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.servers.server import HOST, Server, program


class Postgres(Server):
    """A PostgreSQL cluster that trusts everybody on this machine.

    Args:
        fsync: False for tests that only want it quick: a commit is not forced to the disk.
    """

    ending = signal.SIGINT  # the "fast" shutdown: it does not wait for its clients

    def __init__(self, *, fsync: bool = True) -> None:
        super().__init__()
        self.fsync = fsync
        versions = Path("/usr/lib/postgresql").glob("*/bin")
        newest = sorted(versions, key=lambda one: float(one.parent.name), reverse=True)
        self._programs = program("postgres", *newest).resolve().parent
        if os.getuid() == 0:  # as whom PostgreSQL refuses to run
            nobody = pwd.getpwnam("nobody")
            ids = (f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
            self.rights = ids
        self._names = (f"test_{number}" for number in count(1))

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@{HOST}:{self.port}/postgres"

    def database(self) -> str:
        """Makes a fresh, empty database and gives its URL."""
        import psycopg  # here, so that it costs only those who use it

        name = next(self._names)
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://postgres@{HOST}:{self.port}/{name}"

    def unix(self, url: str) -> str:
        """The same database through the Unix socket."""
        name = urlsplit(url).path
        return f"postgresql://postgres@{quote(str(self.folder), safe='')}:{self.port}{name}"

    def _prepare(self) -> None:
        if self.rights:
            shutil.chown(self.folder, "nobody")
        made = subprocess.run(
            self._as_child(
                *(self._programs / "initdb", "-D", self._data, "-U", "postgres"),
                *("--no-locale", "--encoding=UTF8", "--no-sync"),
            ),
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"initdb fails:\n{made.stdout}{made.stderr}")

    def _command(self) -> list[str | Path]:
        settings = {
            "listen_addresses": HOST,
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 200,
            "shared_buffers": "32MB",
            "dynamic_shared_memory_type": "mmap",  # in its folder, so that a kill leaves nothing
            "fsync": "on" if self.fsync else "off",
        }
        chosen = [f"--{key}={value}" for key, value in settings.items()]
        return [self._programs / "postgres", "-D", self._data, *chosen]

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _clear_away(self) -> None:
        if self._prepared:
            forget_memory(self.folder)


def forget_memory(folder: Path) -> None:
    """Removes the few bytes of shared memory that a killed PostgreSQL leaves behind."""
    lock = folder / "data" / "postmaster.pid"
    if not lock.exists():
        return
    lines = lock.read_text().splitlines()
    if len(lines) > 6 and lines[6]:  # its key and its number
        subprocess.run(["ipcrm", "-m", lines[6].split()[1]], check=False)
