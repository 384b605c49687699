"""Waves of clients, each on an account of its own, of whom most are killed while they track."""

import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.faults import journal
from tests.faults.kills.children import Tracker
from tests.faults.kills.nursery import Nursery

from guidepath.registry import open_store

SEED = 20260821
MOMENTS = 60  # some events' worth, fewer where the clients get into each other's way
LONGEST_S = 0.03


def killed(
    nursery: Nursery,
    url: str,
    folder: Path,
    kills: int,
    *,
    victims: int,
    survivors: int = 1,
    at_once: int = 1,
    careless: str = "",
) -> journal.Calls:
    """What clients knew, once so many of them were killed, so many on one account.

    Those who survive track for as long as a victim lives, and once more.
    """
    open_store(url).close()  # its tables are made once
    groups = list(_waves(url, folder, kills // victims, victims, survivors, careless))
    ends = nursery.raised(groups, at_once=at_once)
    assert ends == [[-signal.SIGKILL] * victims + [0] * survivors] * len(groups)
    return journal.read(folder.iterdir())


def _waves(
    url: str, folder: Path, waves: int, victims: int, survivors: int, careless: str
) -> Iterator[list[Tracker]]:
    """Half of the victims die at a chosen moment, half at any time."""
    chance = Random(f"{SEED} {url.partition(':')[0]}")
    for wave in range(waves):
        group = []
        for number in range(victims + survivors):
            name = f"{wave}-{number}"
            mortal = number < victims
            chosen = mortal and (wave + number) % 2 == 0
            group.append(
                Tracker(
                    store=url,
                    journal=str(folder / name),
                    account=f"account {wave}",
                    name=name,
                    careless=careless,
                    moment=chance.randint(1, MOMENTS) if chosen else 0,
                    after=chance.uniform(0.0001, LONGEST_S) if mortal and not chosen else 0.0,
                )
            )
        yield group
