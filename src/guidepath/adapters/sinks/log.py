"""Envelopes as lines of the host's own log: logger `guidepath.events`, level INFO."""

import logging
from collections.abc import Sequence

import msgspec

from guidepath.event import Envelope


class LogSink:
    """One line an envelope, as JSON."""

    name = "log"

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger("guidepath.events")

    @classmethod
    def from_url(cls, url: str) -> "LogSink":
        """`log:` takes no further words."""
        del url
        return cls()

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """See ports.Sink."""
        for envelope in envelopes:
            self._logger.info("%s", msgspec.json.encode(envelope).decode())

    def close(self) -> None:
        """See ports.Sink."""
