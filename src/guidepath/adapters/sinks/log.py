"""Envelopes as lines of the host's own log: logger `guidepath.events`, level INFO."""

import logging
from collections.abc import Sequence

import msgspec

from guidepath.adapters.sinks.address import Address
from guidepath.event import Envelope


class LogSink:
    """One line an envelope, as JSON."""

    def __init__(
        self, logger: logging.Logger | None = None, *, carries: frozenset[str] = frozenset()
    ) -> None:
        self.name = "log"
        self.carries = carries
        self._logger = logger or logging.getLogger("guidepath.events")

    @classmethod
    def from_url(cls, url: str) -> "LogSink":
        """`log:`, with `?carry=` and `?name=`."""
        address = Address(url)
        sink = cls(carries=address.carries)
        sink.name = address.name(sink.name)
        address.finish()
        return sink

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """See ports.Sink."""
        for envelope in envelopes:
            self._logger.info("%s", msgspec.json.encode(envelope).decode())

    def close(self) -> None:
        """See ports.Sink."""
