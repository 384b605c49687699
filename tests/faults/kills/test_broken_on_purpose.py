"""Each promise broken on purpose: a few kills find it out."""

from pathlib import Path

import pytest
from tests.faults.kills.aftermath import wrong
from tests.faults.kills.careless import STORES
from tests.faults.kills.nursery import Nursery
from tests.faults.kills.victims import killed

from guidepath.registry import open_store

KILLS = 40


@pytest.mark.parametrize("careless", ["", *STORES])
def test_a_store_that_breaks_a_promise_is_found_out_and_no_other(
    nursery: Nursery, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, careless: str
) -> None:
    url = f"sqlite:///{tmp_path / 'guidepath.db'}"
    folder = tmp_path_factory.mktemp("journals")
    # one at a time: what is wrong comes of the kills, and not of others
    calls = killed(nursery, url, folder, KILLS, victims=1, survivors=0, careless=careless)
    store = open_store(url)
    assert bool(wrong(store, calls)) == bool(careless)
    store.close()
