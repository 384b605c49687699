"""Under a real gunicorn: what `track` returned for is stored and arrives, each milestone once."""

import os
import random
import signal
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.faults.checker import Delivered, look, violations
from tests.faults.hosts.gunicorn import Gunicorn
from tests.faults.hosts.load import Load
from tests.faults.journal import read
from tests.faults.product import deck
from tests.faults.scale import times
from tests.servers.postgres import Postgres

from guidepath.clock import utc_now
from guidepath.event import Envelope
from guidepath.registry import open_sink, open_store
from guidepath.relay import Relay

WORKERS = ("sync", "gthread", "gevent", "patched gevent", "asgi", "uvicorn")
FAULTS = times(4)  # of each kind, for each kind of worker: more than twenty in all
BETWEEN = 5  # answers between two of them


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store, for one application server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'guidepath.db'}"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.database()


@pytest.mark.parametrize("worker", WORKERS)
def test_whatever_ends_a_worker_nothing_that_was_answered_is_lost(
    worker: str, store: str, tmp_path: Path
) -> None:
    chance = random.Random(worker)
    sink = f"jsonl:{tmp_path / 'said.jsonl'}"
    with Gunicorn(worker, store, sink, recycled_after=20) as gunicorn:
        with Load(gunicorn.port, tmp_path / "clients") as load:
            for _ in range(FAULTS):
                end(chance.sample(gunicorn.workers, 1), signal.SIGKILL)
                load.advance(BETWEEN)
                load.crash()
                load.advance(BETWEEN)
            for _ in range(0, FAULTS, len(gunicorn.workers)):
                end(gunicorn.workers, signal.SIGTERM)
                load.advance(BETWEEN)
            while gunicorn.recycled < FAULTS:
                load.advance(BETWEEN)
            gunicorn.stop()
        assert gunicorn.ended() == 0
        calls = read([tmp_path / "clients", *gunicorn.journals])
    assert load.refused == []
    delivered = drained(store, sink)
    opened = open_store(store)
    kept = look(opened)
    opened.close()
    assert violations(deck(), calls, kept, {"jsonl": delivered}) == []
    assert load.answered > 4 * FAULTS * BETWEEN


def end(workers: Sequence[int], by: signal.Signals) -> None:
    for one in workers:
        with suppress(ProcessLookupError):  # it was recycled meanwhile
            os.kill(one, by)


def drained(store: str, sink: str) -> Delivered:
    """What the sink has once a relay has carried the rest, when all leases are over."""
    opened, there = open_store(store), open_sink(sink)
    relay = Relay(opened, [there], clock=lambda: utc_now() + timedelta(hours=1))
    assert [one.problem for one in relay.drain() if one.problem] == []
    assert [one.waiting for one in relay.queues()] == [0]
    assert opened.dead() == []
    opened.close()
    lines = Path(there.name.removeprefix("jsonl:")).read_bytes().splitlines()
    return Delivered([msgspec.json.decode(one, type=Envelope) for one in lines])
