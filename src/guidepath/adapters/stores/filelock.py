"""An exclusive lock on a file, between processes and between the threads that each open it."""

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # no such locks on this system: SQLite's own waiting serves alone
    fcntl = None  # type: ignore[assignment]

FAIR = fcntl is not None


class FileLock:
    """Each instance is one place in the queue; the system serves them in order.

    A forked child shares its parent's place. It must close its copy, or a parent that dies leaves
    the file locked for as long as the child lives; closing it there lets go of nothing.
    """

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def acquire(self) -> None:
        """Wait for the lock."""
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let the next one have it."""
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file; twice does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
