"""What the tests of all stores under a crowd leave out: forked threads, and many tasks at once."""

import asyncio
import subprocess
import sys

from tests.acceptance.command import ROOT
from tests.acceptance.crowd import CHILDREN, FEW, THREADS
from tests.test_decision import HEAD, item

from guidepath import AsyncGuidepath, Playbook
from guidepath.adapters.stores.redis import AsyncRedisStore, RedisStore

GUIDED = Playbook.parse(HEAD + "guidance:\n" + item())


def test_threads_of_forked_children_share_a_store_that_their_parent_opened(url: str) -> None:
    crowd = [sys.executable, "-m", "tests.acceptance.crowd", "fork", url, "p0"]
    subprocess.run(crowd, cwd=ROOT, check=True)
    store = RedisStore(url)
    total = FEW + CHILDREN * THREADS * FEW
    assert len(store.history("acme")) == total
    found = store.load("acme", ["ada"])
    for row in (found.account, found.users["ada"]):
        assert row.progress is not None
        assert row.progress.memory.counters == (total,)
    said = [one for one in store.said("acme") if one.type == "milestone.reached"]
    assert [one.data["milestone"] for one in said] == ["first", "hundreds"]
    store.close()


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
