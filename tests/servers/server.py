"""What every server of the tests has in common: a real process, on a free port, in its own folder.

A server dies with the thread that started it, even by kill -9: Linux tells it when its parent is
gone. So it is started from a thread that lives as long as the server shall, a test's main thread.
"""

import os
import random
import select
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

HOST = "127.0.0.1"
PATIENCE = 60.0  # seconds; a machine under load is slow, a server that never answers is an error


def free_port() -> int:
    """A port that nobody listens on and that no outgoing connection is given by chance.

    The ports that the system gives to outgoing connections are left out: while a server is down,
    a client that tries to reach it there could be given that very port and talk to itself.
    """
    given = Path("/proc/sys/net/ipv4/ip_local_port_range")
    highest = int(given.read_text().split()[0]) if given.exists() else 32768
    while True:
        port = random.SystemRandom().randrange(highest - 16384, highest)
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError:
            return False
    return True


def program(name: str, *folders: Path) -> Path:
    """Where a program lies: in one of the folders, else on the path.

    Raises:
        RuntimeError: it is not installed: a missing server fails the tests, it skips none.
    """
    usual = [*map(str, folders), os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin"]
    found = shutil.which(name, path=os.pathsep.join(usual))
    if found is None:
        raise RuntimeError(f"no {name} found: run `sh tests/install.sh`")
    return Path(found)


class Server(ABC):
    """A server as a child process. Port and data outlast `stop` and `kill`; `close` ends it all."""

    ending = signal.SIGTERM  # what asks this server to end cleanly
    rights: tuple[str, ...] = ()  # setpriv's options for whom it runs as

    def __init__(self) -> None:
        self.port = free_port()
        self._folder: Path | None = None
        self._prepared = False
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """What a client is given to reach it."""

    @abstractmethod
    def _command(self) -> list[str | Path]:
        """The program and its arguments."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it serves clients now."""

    def _prepare(self) -> None:  # noqa: B027  # most have nothing to prepare
        """What is done once, before the first start."""

    def _clear_away(self) -> None:  # noqa: B027  # most leave nothing outside of their folder
        """What is done after its end, before its folder is removed."""

    @property
    def folder(self) -> Path:
        """Where its data and its log lie; made when first asked for, removed by `close`."""
        if self._folder is None:
            self._folder = Path(mkdtemp(prefix="guidepath-"))
            self._folder.chmod(0o755)  # the server may run as another user
        return self._folder

    @property
    def log(self) -> str:
        """All that it wrote since it was started last."""
        return (self.folder / "log").read_text("utf-8", errors="replace")

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Starts it, on what an earlier run left; returns when it answers.

        Raises:
            RuntimeError: it runs already, its port is taken, or it ended by itself or does not
                answer: then its log is in the message.
        """
        if self.running:
            raise RuntimeError(f"{type(self).__name__} runs already")
        if not is_free(self.port):  # else the one that listens there would be taken for this one
            raise RuntimeError(f"port {self.port} is taken")
        if not self._prepared:
            self._prepare()
            self._prepared = True
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self._as_child(*self._command()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,  # another user may not enter the tests' own
                start_new_session=True,  # Ctrl-C is for the tests, and they stop it
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            code = self._process.poll()
            if code is not None or time.monotonic() > deadline:
                self.kill()
                name = type(self).__name__
                raise RuntimeError(f"{name} does not start (exit code {code}):\n{self.log}")
            time.sleep(0.005)  # a server tells nobody that it is ready: it is asked
        return self

    def stop(self) -> None:
        """Asks it to end, and waits. What it keeps is there for the next start.

        Raises:
            RuntimeError: it did not run, or does not end; then it was killed.
        """
        if self._process is None or not self.running:
            raise RuntimeError(f"{type(self).__name__} does not run")
        self._process.send_signal(self.ending)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"{type(self).__name__} does not end:\n{self.log}") from None

    def kill(self) -> None:
        """Kills it and all its processes as kill -9 does; returns when they are gone."""
        if self._process is None or not self.running:
            return
        watched = []
        self._process.send_signal(signal.SIGSTOP)  # it starts no more children
        for pid in (self._process.pid, *_descendants(self._process.pid)):
            with suppress(ProcessLookupError):  # it ended meanwhile
                watched.append(os.pidfd_open(pid))
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        for one in watched:
            gone = select.poll()
            gone.register(one, select.POLLIN)
            gone.poll(PATIENCE * 1000)
            os.close(one)

    def restart(self) -> Self:
        """Starts it again on the same data and port, stopping it first if it runs."""
        if self.running:
            self.stop()
        return self.start()

    def pause(self) -> None:
        """Holds it and all its processes still: connections stay open and nobody answers.

        A thread that is at work stops a moment after it is told; on return all have.
        """
        told = self._signal_all(signal.SIGSTOP)
        end = time.monotonic() + PATIENCE
        while not all(_still(pid) for pid in told):
            if time.monotonic() > end:
                raise RuntimeError(f"{type(self).__name__} does not hold still")
            time.sleep(0.001)

    def resume(self) -> None:
        """Lets it go on after `pause`."""
        self._signal_all(signal.SIGCONT)

    def close(self) -> None:
        """Ends it without waiting for what it would still like to write, and removes its folder."""
        self.kill()
        self._clear_away()
        if self._folder is not None:
            shutil.rmtree(self._folder)
        self._folder = None
        self._prepared = False

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def _as_child(self, *command: str | Path) -> list[str]:
        """A command that dies with this process, and runs as the server's user."""
        return ["setpriv", "--pdeathsig", "KILL", *self.rights, *map(str, command)]

    def _signal_all(self, number: signal.Signals) -> list[int]:
        """Which processes were told."""
        if self._process is None or not self.running:
            raise RuntimeError(f"{type(self).__name__} does not run")
        told = [self._process.pid, *_descendants(self._process.pid)]
        for pid in told:
            with suppress(ProcessLookupError):  # it ended meanwhile
                os.kill(pid, number)
        return told

    def _said(self, question: bytes = b"") -> bytes:
        """The first bytes that it answers to a question, empty where it does not listen."""
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(question)
                return connection.recv(64)
        except OSError:
            return b""


def _still(pid: int) -> bool:
    """Whether no thread of a process runs: all are stopped, or it has ended."""
    for one in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(OSError):  # the thread has ended
            if one.read_text().rpartition(")")[2].split()[0] not in "TtZX":
                return False
    return True


def _descendants(ancestor: int) -> list[int]:
    """The children of a process and theirs, the nearest first."""
    parents: dict[int, int] = {}
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            # the name, in brackets, may contain anything; the parent is the second after it
            parents[int(one.parent.name)] = int(one.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
    found = [ancestor]
    for elder in found:
        found.extend(child for child, parent in parents.items() if parent == elder)
    return found[1:]
