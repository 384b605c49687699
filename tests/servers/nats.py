"""A real NATS server with JetStream."""

from pathlib import Path

from tests.servers.server import HOST, Server, program


class Nats(Server):
    """One NATS server; its streams lie in its folder."""

    def __init__(self) -> None:
        super().__init__()
        self._program = program("nats-server")

    @property
    def url(self) -> str:
        return f"nats://{HOST}:{self.port}"

    def _command(self) -> list[str | Path]:
        where = ("-a", HOST, "-p", str(self.port))
        return [self._program, *where, "-js", "-sd", self.folder / "streams"]

    def _answers(self) -> bool:
        # it listens once JetStream is up, and greets first
        return self._said().startswith(b"INFO ")
