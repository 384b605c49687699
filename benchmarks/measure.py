"""Medians of things that are compared, taken in turns, so that a busy moment hits all alike."""

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

ROUNDS = 25
SAMPLE_S = 0.004  # a sample repeats a short work until it takes about this long

Work = Callable[[], object]
Clock = Callable[[], float]


def medians(works: Mapping[str, Work], *, rounds: int = ROUNDS) -> dict[str, float]:
    """Microseconds of one call of each work."""
    return {name: median(those) for name, those in samples(works, rounds=rounds).items()}


def one_by_one(works: Mapping[str, Work], *, rounds: int) -> dict[str, float]:
    """Microseconds of a call of each work, where each call finds what the one before has left.

    That is how a disk wants it: of many calls in a row, only the first waits for what others wrote.
    """
    taken = samples(works, rounds=rounds, sample_s=0)
    return {name: median(those) for name, those in taken.items()}


def samples(
    works: Mapping[str, Work],
    *,
    rounds: int = ROUNDS,
    clock: Clock = perf_counter,
    sample_s: float = SAMPLE_S,
) -> dict[str, list[float]]:
    """Microseconds of one call of each work, in each round.

    `process_time` as the clock leaves out what other programs do meanwhile, and waiting.
    """
    repeats = {name: _repeats(work, clock, sample_s) for name, work in works.items()}
    taken: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, work in works.items():
                taken[name].append(_time(work, repeats[name], clock))
    finally:
        gc.enable()
    return {name: [one * 1e6 for one in those] for name, those in taken.items()}


def _time(work: Work, repeats: int, clock: Clock) -> float:
    begin = clock()
    for _ in range(repeats):
        work()
    return (clock() - begin) / repeats


def _repeats(work: Work, clock: Clock, sample_s: float) -> int:
    work()  # warm
    return max(1, int(sample_s / max(_time(work, 3, clock), 1e-9)))
