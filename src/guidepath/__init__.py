"""Guide the users of a product to value: one next thing, always with the reason.

The names below are the face; the rooms behind it are the library's own.
"""

from guidepath.asyncio import AsyncGuidepath
from guidepath.clock import Clock
from guidepath.decision import Decision
from guidepath.engine import Guidepath
from guidepath.errors import (
    ConfigurationError,
    DeliveryError,
    Diagnostic,
    EventConflict,
    EventError,
    GuidepathError,
    PlaybookError,
    SchemaError,
    StoreError,
)
from guidepath.playbook.playbook import Playbook

__all__ = [
    "AsyncGuidepath",
    "Clock",
    "ConfigurationError",
    "Decision",
    "DeliveryError",
    "Diagnostic",
    "EventConflict",
    "EventError",
    "Guidepath",
    "GuidepathError",
    "Playbook",
    "PlaybookError",
    "SchemaError",
    "StoreError",
]
