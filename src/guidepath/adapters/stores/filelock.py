"""An exclusive lock on a file, between processes and between the threads that each open it."""

import os
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # no such locks on this system: SQLite's own waiting serves alone
    fcntl = None  # type: ignore[assignment]

FAIR = fcntl is not None
_PAUSE_S = 0.001


class FileLock:
    """Each instance is one place in the queue; the system serves them in order.

    A forked child shares its parent's place. It must close its copy, or a parent that dies leaves
    the file locked for as long as the child lives; closing it there lets go of nothing.
    """

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def acquire(self) -> None:
        """Wait for the lock. Where gevent has patched `time`, other greenlets go on meanwhile.

        One of them may have the lock: to wait for it in the system would be to wait for ever.
        """
        if fcntl is not None:
            if time.sleep.__module__ == "time":
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            else:
                while not self._free():
                    time.sleep(_PAUSE_S)

    def release(self) -> None:
        """Let the next one have it."""
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file; twice does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _free(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
