import asyncio
import threading
from pathlib import Path

import pytest
from tests.adapters.web.browser_side import guide

from guidepath import EventError
from guidepath.adapters.web.blocking import AtOnce, at_once


def test_what_is_asked_is_done_in_the_thread_that_asks(tmp_path: Path) -> None:
    with guide(f"sqlite:///{tmp_path}/guidepath.db") as host:
        before = threading.active_count()
        beside = AtOnce.beside(host)
        at_once(beside.track("tour.opened", user="ada", account="acme"))
        assert host.progress(user="ada", account="acme").reached == ("toured",)
        assert at_once(beside.progress(user="ada", account="acme")).reached == ("toured",)
        assert threading.active_count() == before


def test_it_works_beside_an_event_loop_that_runs() -> None:
    async def inside() -> int:
        with guide() as host:
            decided = at_once(AtOnce.beside(host).next(user="ada", page="/tour"))
        return len(decided.item.steps) if decided.item else 0

    assert asyncio.run(inside()) == 2


def test_what_goes_wrong_goes_wrong_at_once() -> None:
    with guide() as host, pytest.raises(EventError, match="user"):
        at_once(AtOnce.beside(host).track("tour.opened", user=""))


def test_what_waits_for_an_event_loop_is_a_mistake_of_ours() -> None:
    with pytest.raises(RuntimeError, match="event loop"):
        at_once(asyncio.sleep(0))
