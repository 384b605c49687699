"""Medians of things that are compared, taken in turns, so that a busy moment hits all alike."""

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

ROUNDS = 25
SAMPLE_S = 0.004  # a sample repeats a short work until it takes about this long

Work = Callable[[], object]


def medians(works: Mapping[str, Work], *, rounds: int = ROUNDS) -> dict[str, float]:
    """Microseconds of one call of each work."""
    repeats = {name: _repeats(work) for name, work in works.items()}
    taken: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, work in works.items():
                taken[name].append(_time(work, repeats[name]))
    finally:
        gc.enable()
    return {name: median(those) * 1e6 for name, those in taken.items()}


def _time(work: Work, repeats: int) -> float:
    begin = perf_counter()
    for _ in range(repeats):
        work()
    return (perf_counter() - begin) / repeats


def _repeats(work: Work) -> int:
    work()  # warm
    return max(1, int(SAMPLE_S / max(_time(work, 3), 1e-9)))
