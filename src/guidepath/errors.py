"""Every error guidepath raises on purpose, as one tree.

    GuidepathError
    ├── PlaybookError       a playbook that cannot be used: all its mistakes, each with its place
    ├── EventError          an event that is refused; nothing of it was stored
    │   └── EventConflict   its id is known, with other content
    ├── ConfigurationError  a store, sink or setting that does not exist or lacks its extra
    └── StoreError          the store could not answer; what was not confirmed may be repeated

Each names the thing and the mend, and carries its data as attributes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


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


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake in a playbook: a stable code, what is wrong and how to mend it, and where."""

    severity: Severity
    code: str
    message: str
    place: Place
    related: tuple[Related, ...] = ()

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message} [{self.code}]"


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
