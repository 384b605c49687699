"""Every error guidepath raises on purpose, as one tree.

    GuidepathError
    ├── PlaybookError       a playbook that cannot be used: all its mistakes, each with its place
    ├── EventError          an event that is refused; nothing of it was stored
    │   └── EventConflict   its id is known, with other content
    ├── ConfigurationError  a store, sink or setting that does not exist or lacks its extra
    ├── StoreError          the store could not answer; what was not confirmed may be repeated
    │   └── SchemaError     its tables are older than this version: migrate first
    └── DeliveryError       a sink did not take an envelope

Each names the thing and the mend, and carries its data as attributes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a text. Lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that belongs to a mistake, and what it has to do with it."""

    place: Place
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _visible(self.message))


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake in a playbook: a stable code, what is wrong and how to mend it, and where.

    The message is one line in which everything can be seen, whatever the playbook holds.
    """

    severity: Severity
    code: str
    message: str
    place: Place
    related: tuple[Related, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _visible(self.message))

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message} [{self.code}]"


def _visible(message: str) -> str:
    """The message on one line; what turns writing around or cannot be seen is named."""
    if message.isprintable():
        return message
    line = " ".join(message.split())
    return "".join(one if one.isprintable() else f"U+{ord(one):04X}" for one in line)


class GuidepathError(Exception):
    """The root of the tree."""


class PlaybookError(GuidepathError):
    """A playbook that cannot be used; `diagnostics` holds every mistake, not the first only."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(one) for one in self.diagnostics))


class EventError(GuidepathError):
    """An event that is refused. Nothing of it was stored."""


class EventConflict(EventError):
    """The id of the event is known already, with other content."""

    def __init__(self, event_id: str) -> None:
        self.event_id = event_id
        super().__init__(
            f"event {event_id!r} was received before with other content; "
            "a repeated event must repeat its content, a new one needs a new id"
        )


class ConfigurationError(GuidepathError):
    """A store, sink or setting that does not exist, or whose extra is not installed."""


class StoreError(GuidepathError):
    """The store could not answer. What was not confirmed may be sent again: ids make it safe."""


class SchemaError(StoreError):
    """The store's tables are of an older version than this code needs."""


class DeliveryError(GuidepathError):
    """A sink did not take what it was given; the relay sends it again.

    Args:
        message: what the receiver said, short enough for a log line.
        delivered: how many of the first envelopes it had taken before.
        retry_after: seconds the receiver asked to be left alone.
        refused: it will never take one of the rest as it is; the relay looks for which one, and
            that becomes a dead letter. Leave it False where the receiver refuses whatever comes,
            as with a wrong key.
    """

    def __init__(
        self,
        message: str,
        *,
        delivered: int = 0,
        retry_after: float | None = None,
        refused: bool = False,
    ) -> None:
        self.delivered = delivered
        self.retry_after = retry_after
        self.refused = refused
        super().__init__(message)
