"""The process that forks off those who are to be killed."""

from collections.abc import Iterator

import pytest
from tests.faults.kills.nursery import Nursery


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("nursery")) as nursery:
        yield nursery
