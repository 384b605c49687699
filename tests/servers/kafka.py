"""Kafka, as the mock cluster of librdkafka speaks it: real brokers' protocol, all in memory."""

import signal
import sys
from pathlib import Path

from tests.servers.server import HOST, Server

MARK = "brokers at "


class Kafka(Server):
    """A cluster of mock brokers in a process of its own.

    A topic is there, with four partitions, as soon as it is asked for. The cluster keeps nothing
    and chooses its ports: after `stop` or `kill` the next start is empty, and at another `url`.
    """

    def __init__(self, *, brokers: int = 1) -> None:
        super().__init__()
        self.brokers = brokers

    @property
    def url(self) -> str:
        """The bootstrap servers: host:port, separated by commas."""
        return self.log.rpartition(MARK)[2].partition("\n")[0]

    def _command(self) -> list[str | Path]:
        root = Path(__file__).parents[2]
        run = (sys.executable, "-m", "tests.servers.kafka", str(self.brokers))
        return ["env", f"--chdir={root}", *run]

    def _answers(self) -> bool:
        return MARK in self.log and self.log.endswith("\n")


def serve(brokers: int) -> None:
    """Says where the brokers are and waits to be ended."""
    from confluent_kafka import Producer

    producer = Producer({"test.mock.num.brokers": brokers})
    known = producer.list_topics(timeout=10).brokers.values()
    print(MARK + ",".join(f"{HOST}:{one.port}" for one in known), flush=True)  # noqa: T201
    signal.pause()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
