"""A real Redis, and a real Redis Cluster of three masters."""

import subprocess
import time
from itertools import chain
from pathlib import Path
from typing import Literal, Self

from tests.servers.server import HOST, PATIENCE, Server, free_port, program

DATABASES = 4096


class Redis(Server):
    """A Redis that keeps its data in an append-only file, or nowhere.

    Args:
        appendfsync: When the file is forced to the disk: "always" before a write is answered.
            None keeps no file, as Debian's settings do: a kill loses everything.
    """

    def __init__(self, *, appendfsync: Literal["always", "everysec"] | None = "always") -> None:
        super().__init__()
        self.appendfsync = appendfsync
        self._program = program("redis-server")
        self._databases = iter(range(1, DATABASES))

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def database(self) -> str:
        """The URL of a database that nobody used before."""
        return f"redis://{HOST}:{self.port}/{next(self._databases)}"

    def unix(self, url: str) -> str:
        """The same database through the Unix socket."""
        return f"unix://{self.folder / 'redis.sock'}?db={url.rpartition('/')[2]}"

    def _settings(self) -> dict[str, str]:
        kept = {"appendonly": "yes", "appendfsync": self.appendfsync} if self.appendfsync else {}
        return {
            "bind": HOST,
            "port": str(self.port),
            "unixsocket": str(self.folder / "redis.sock"),
            "dir": str(self.folder),
            "databases": str(DATABASES),
            "save": "",
            **kept,
        }

    def _command(self) -> list[str | Path]:
        pairs = ((f"--{key}", value) for key, value in self._settings().items())
        return [self._program, *chain.from_iterable(pairs)]

    def _answers(self) -> bool:
        return self._said(b"PING\r\n").startswith(b"+PONG")


class RedisNode(Redis):
    """One master of a cluster. Its `url` reaches the cluster, as long as it runs."""

    def __init__(self) -> None:
        super().__init__()
        self._bus = free_port()

    def database(self) -> str:
        raise RuntimeError("a cluster has one database: use its url, and empty() between tests")

    def knows_all(self) -> bool:
        """Whether it knows a living master for every slot."""
        return b"cluster_state:ok" in self._said(b"CLUSTER INFO\r\n")

    def _settings(self) -> dict[str, str]:
        return {
            **super()._settings(),
            "databases": "1",
            "cluster-enabled": "yes",
            "cluster-port": str(self._bus),
            "cluster-node-timeout": "2000",
        }


class RedisCluster:
    """Three masters without replicas: each has a third of the slots."""

    def __init__(self) -> None:
        self.nodes = [RedisNode() for _ in range(3)]
        self._cli = program("redis-cli")
        self._made = False

    @property
    def url(self) -> str:
        return self.nodes[0].url

    def start(self) -> Self:
        """Starts all nodes that do not run; returns when every slot is served everywhere.

        Raises:
            RuntimeError: they do not become a cluster.
        """
        for node in self.nodes:
            if not node.running:
                node.start()
        if not self._made:
            self._make()
            self._made = True
        deadline = time.monotonic() + PATIENCE
        while not all(node.knows_all() for node in self.nodes):
            if time.monotonic() > deadline:
                raise RuntimeError("the nodes do not become a cluster:\n" + self.nodes[0].log)
            time.sleep(0.01)
        return self

    def _make(self) -> None:
        addresses = [f"{HOST}:{node.port}" for node in self.nodes]
        made = subprocess.run(
            [self._cli, "--cluster", "create", *addresses, "--cluster-yes"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"redis-cli makes no cluster:\n{made.stdout}{made.stderr}")

    def empty(self) -> None:
        """Forgets everything in all nodes."""
        for node in self.nodes:
            if node._said(b"FLUSHALL\r\n") != b"+OK\r\n":
                raise RuntimeError("a node does not forget:\n" + node.log)

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()

    def restart(self) -> Self:
        for node in self.nodes:
            if node.running:
                node.stop()
        return self.start()

    def close(self) -> None:
        for node in self.nodes:
            node.close()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()
