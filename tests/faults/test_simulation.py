"""Ten thousand seeds of everything that can go wrong, none of which loses or doubles anything."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from tests.faults.scale import times
from tests.faults.simulation import simulate

from guidepath.ports import Store

PART = 1000
SEEDS = times(10_000)
FEW = times(20)


@pytest.mark.parametrize("first", range(0, SEEDS, PART))
def test_no_seed_loses_tears_or_doubles_anything(first: int) -> None:
    for seed in range(first, first + PART):
        found = simulate(seed)
        assert not found, f"python -m tests.faults.simulation {seed}: {found}"


def test_a_few_seeds_in_every_store(make_store: Callable[[], Store]) -> None:
    for seed in range(FEW):
        found = simulate(seed, store=make_store)
        assert not found, f"{seed}: {found}"


def test_a_seed_tells_the_same_in_every_process() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-m", "tests.faults.simulation", "40"],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": number, "PATH": ""},
        ).stdout
        for number in ("1", "2")
    ]
    assert told[0] == told[1]
    assert told[0].count("\n") > 30
    assert told[0].endswith("all is well\n")
