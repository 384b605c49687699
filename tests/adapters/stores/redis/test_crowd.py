"""Many processes, threads and tasks on one user: nothing is lost, and nothing said twice."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.acceptance.crowd import CHILDREN, EVENTS, FEW, PLAYBOOK, THREADS
from tests.servers.redis import Redis
from tests.test_decision import HEAD, item

from guidepath import AsyncGuidepath, Guidepath, Playbook
from guidepath.adapters.stores.redis import AsyncRedisStore, RedisStore
from guidepath.ports import Change, Draft

ROOT = Path(__file__).parents[4]
PROCESSES = 8
GUIDED = Playbook.parse(HEAD + "guidance:\n" + item())


def crowd(how: str, url: str, processes: int) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.crowd", how, url, f"p{number}"], cwd=ROOT
        )
        for number in range(processes)
    ]
    assert [one.wait() for one in running] == [0] * processes


def counted(store: RedisStore) -> list[object]:
    """What was counted of the account and of the user."""
    found = store.load("acme", ["ada"])
    rows = (found.account, found.users["ada"])
    return [row.progress.memory.counters if row.progress else None for row in rows]


def reached(store: RedisStore) -> list[tuple[str | None, object]]:
    said = store.said("acme")
    assert len({one.id for one in said}) == len(said)
    for user in (None, "ada"):
        numbers = [one.seq for one in said if one.user == user]
        assert numbers == list(range(1, len(numbers) + 1))
    return [(one.user, one.data["milestone"]) for one in said if one.type == "milestone.reached"]


@pytest.fixture
def quick() -> Iterator[str]:
    """A server that forces its file to the disk once a second: here no power is cut."""
    with Redis(appendfsync="everysec") as server:
        yield server.url


def test_no_event_of_eight_processes_is_lost_or_doubled(quick: str) -> None:
    crowd("track", quick, PROCESSES)
    store = RedisStore(quick)
    ids = [one.id for one in store.history("acme")]
    assert sorted(ids) == sorted(f"p{p}-{n}" for p in range(PROCESSES) for n in range(EVENTS))
    assert counted(store) == [(4000,), (4000,)]
    expected = [(None, "team"), ("ada", "first"), ("ada", "hundreds"), ("ada", "all")]
    assert reached(store) == expected
    assert store.totals().messages == 4000
    store.close()


def test_threads_of_forked_children_share_a_store_that_their_parent_opened(url: str) -> None:
    crowd("fork", url, 1)
    store = RedisStore(url)
    total = FEW + CHILDREN * THREADS * FEW
    assert len(store.history("acme")) == total
    assert counted(store) == [(total,), (total,)]
    assert reached(store) == [("ada", "first"), ("ada", "hundreds")]
    store.close()


def test_greenlets_share_a_store(url: str) -> None:
    module = "tests.adapters.stores.redis.greenlets"
    subprocess.run([sys.executable, "-m", module, url], cwd=ROOT, check=True, timeout=60)
    store = RedisStore(url)
    assert counted(store) == [(300,), (300,)]
    assert reached(store) == [("ada", "first"), ("ada", "hundreds")]
    store.close()


class Naive(RedisStore):
    """GET, change, SET: it writes whatever is there by now."""

    def save(self, change: Change) -> bool:
        while True:
            found = self.load(change.account, [user for user in change.drafts if user])
            versions: dict[str | None, int] = {None: found.account.version}
            versions |= {user: row.version for user, row in found.users.items()}
            drafts = {
                user: Draft(draft.progress, versions[user]) for user, draft in change.drafts.items()
            }
            if super().save(change._replace(drafts=drafts)):
                return True


def tracked(store: RedisStore) -> dict[str, int]:
    """What 8 threads leave that track one user 25 times each, by what it is."""
    guide = Guidepath(PLAYBOOK, store)

    def track(number: int) -> None:
        for at in range(25):
            guide.track("clicked", user="ada", account="acme", id=f"{number}-{at}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(track, range(8)))
    user = store.load("acme", ["ada"]).users["ada"].progress
    assert user
    return {"counted": user.memory.counters[0], "stored": len(store.history("acme"))}


def test_this_suite_would_see_a_lost_update(url: str) -> None:
    naive = Naive(url)
    found = tracked(naive)
    assert found["counted"] < found["stored"] == 200
    naive.close()


def test_threads_lose_no_update(store: RedisStore) -> None:
    assert tracked(store) == {"counted": 200, "stored": 200}


def test_of_fifty_who_ask_for_each_user_all_get_one_claim(url: str) -> None:
    async def ask() -> list[int]:
        guides = [AsyncGuidepath(GUIDED, AsyncRedisStore(url)) for _ in range(2)]
        claims = []
        for number in range(12):
            user = f"u{number}"
            asked = (guides[at % 2].next(user=user) for at in range(50))
            decisions = await asyncio.gather(*asked)
            assert all(one.item for one in decisions)
            claims.append(len({one.id for one in decisions}))
        for guide in guides:
            await guide.close()
        return claims

    assert asyncio.run(ask()) == [1] * 12


def test_fifty_threads_get_one_claim(store: RedisStore) -> None:
    guide = Guidepath(GUIDED, store)
    with ThreadPoolExecutor(50) as threads:
        for number in range(10):
            asked = [threads.submit(guide.next, user=f"u{number}") for _ in range(50)]
            assert len({one.result().id for one in asked}) == 1
