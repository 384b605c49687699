"""Servers killed while clients track: what was acknowledged is there when they are back."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest
from tests.faults import journal
from tests.faults.kills.aftermath import repeat_the_unknown, stored, unknown, wrong
from tests.faults.kills.client import Client
from tests.faults.scale import times
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis

from guidepath.errors import ConfigurationError
from guidepath.registry import open_store

SEED = 20260821
CLIENTS = 4
FEW = 2
KILLS = times(10)
WARM = 5  # events that each client gets acknowledged between two kills
LONGEST_S = 0.03


class QuickPostgres(Postgres):
    """One that is back sooner after a kill: it forces its files to the disk all in one call."""

    def _command(self) -> list[str | Path]:
        return [*super()._command(), "--recovery_init_sync_method=syncfs"]


Server = Postgres | Redis


@pytest.fixture(params=["postgres", "redis"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """One that nobody else needs."""
    with QuickPostgres() if request.param == "postgres" else Redis() as server:
        yield server


def killed(
    server: Server, url: str, folder: Path, kills: int, clients: int = CLIENTS
) -> journal.Calls:
    """What the clients knew, once their server was killed and started again so often."""
    chance = Random(f"{SEED} {type(server).__name__}")
    open_store(url).close()  # its tables are made once
    with ExitStack() as stack:
        running = [
            stack.enter_context(Client(url, folder / f"client{number}"))
            for number in range(clients)
        ]
        for _ in range(kills):
            for one in running:
                one.acknowledged(WARM)
            time.sleep(chance.uniform(0, LONGEST_S))  # the kill comes at any time
            server.kill()
            server.start()
        for one in running:
            one.acknowledged(1)
        assert [one.end() for one in running] == [0] * clients
    return journal.read(folder.iterdir())


def test_of_a_server_killed_while_clients_track_nothing_acknowledged_is_lost_torn_or_doubled(
    server: Server, tmp_path: Path
) -> None:
    calls = killed(server, server.url, tmp_path, KILLS)
    failed = sum(call.outcomes.count("unknown") for call in calls.values())
    assert failed >= KILLS  # the clients felt it
    assert all("fail" not in call.outcomes for call in calls.values())
    store = open_store(server.url)
    assert wrong(store, calls) == []
    assert unknown(calls)
    repeat_the_unknown(store, calls)
    assert wrong(store, calls) == []
    assert stored(store, calls) == calls.keys()
    store.close()


def test_a_redis_that_would_forget_is_refused() -> None:
    with (
        Redis(appendfsync=None) as forgetful,
        pytest.raises(ConfigurationError, match="append-only"),
    ):
        open_store(forgetful.url)


def test_a_redis_that_forgets_is_found_out(tmp_path: Path) -> None:
    """Were it taken as it is, every acknowledged event would be lost."""
    with Redis(appendfsync=None) as forgetful:
        url = f"{forgetful.url}?durable=no"
        calls = killed(forgetful, url, tmp_path, 1, FEW)
        store = open_store(url)
        assert any("is lost" in one for one in wrong(store, calls))
        store.close()


def test_a_postgres_that_commits_later_than_it_answers_is_found_out(tmp_path: Path) -> None:
    with QuickPostgres() as hasty:
        url = f"{hasty.url}?durable=no"
        calls = killed(hasty, url, tmp_path, 3, FEW)
        store = open_store(url)
        assert any("is lost" in one for one in wrong(store, calls))
        store.close()
