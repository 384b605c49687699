"""How much of everything: GUIDEPATH_TORTURE=10 makes ten times as many faults as usual."""

import os

TORTURE = max(1, int(os.environ.get("GUIDEPATH_TORTURE", "1")))


def times(usual: int) -> int:
    """So many, or as often as the torture asks."""
    return usual * TORTURE
