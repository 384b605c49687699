"""Whether anybody can be asked."""

import sys


def somebody_is_there() -> bool:
    """Whether a person sits at the other end of stdin."""
    return sys.stdin.isatty()
