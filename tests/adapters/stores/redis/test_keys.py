"""Where everything lies: one slot for an account, equal shares, and the same for ever."""

import pytest
from redis import RedisCluster as Client

from guidepath.adapters.stores.memory import MemoryStore
from guidepath.adapters.stores.redis import RedisStore
from guidepath.adapters.stores.redis.keys import Layout
from guidepath.ports import Change, Draft, Problem
from guidepath.subject import Subject
from guidepath.testing.sample import happened, progress, spoken

ODD = ["a{b}c", "a:b", "a b", "ä", "z", "\N{GRINNING FACE}", "\uffee", "{}", "a", "ab", "*", "[x"]


@pytest.fixture
def cluster(cluster_url: str) -> Client:
    plain, _, _ = cluster_url.partition("?")
    return Client.from_url(plain, protocol=2)


def exercised(url: str, account: str) -> None:
    """A store in which something of everything is kept."""
    store = RedisStore(url)
    events = [happened("e", 1, account=account)]
    envelopes = [spoken(1, account=account), spoken(2, account=account)]
    drafts = {None: Draft(progress(1), 0), "alice": Draft(progress(1, due=5), 0)}
    store.load(account, turn=True)
    assert store.save(Change(account, drafts, events, envelopes))
    parcel = store.claim("log", now=1, lease=9, most=9)
    assert parcel
    assert store.settle(parcel, now=2, done=1, dead=[Problem(0, "no")], retry_at=9)
    assert store.erase(Subject(account, "bob"), at=3)
    assert store.subjects(due=9)
    store.load(account, turn=True)  # and do not give it back yet: its keys expire
    store._client.close()


@pytest.mark.parametrize("account", ["acme", *ODD])
def test_all_that_is_kept_of_an_account_is_in_one_slot(
    cluster: Client, cluster_url: str, account: str
) -> None:
    exercised(cluster_url, account)
    prefix = cluster_url.partition("prefix=")[2]
    keys = set(cluster.scan_iter(match=f"{prefix}:*", target_nodes=Client.PRIMARIES))
    keys -= {f"{prefix}:meta".encode()}
    kinds = {key.partition(b"}:")[2].partition(b":")[0] for key in keys}
    assert kinds >= {b"rows", b"known", b"history", b"turn", b"lane", b"subjects", b"due"}
    assert kinds >= {b"newest", b"outbox", b"said", b"sinks", b"letters", b"deaths", b"erased"}
    others = {key for key in keys if b":cursor:" in key}  # that a sink pauses is told to all lanes
    assert len(others) == 16
    assert len({cluster.cluster_keyslot(key.decode()) for key in keys - others}) == 1
    cluster.close()


@pytest.mark.parametrize("partitions", [1, 3, 16, 100])
def test_partitions_have_equal_shares_of_the_slots(cluster: Client, partitions: int) -> None:
    lanes = Layout("guidepath", partitions, b"").lanes
    slots = [cluster.cluster_keyslot(one.outbox.decode()) for one in lanes]
    assert [slot * partitions // 16384 for slot in slots] == list(range(partitions))
    cluster.close()


def test_an_account_stays_where_it_is() -> None:
    layout = Layout("guidepath", 16, b"")
    where = {one: layout.lane(one).number for one in ("acme", "bolt", "ä", "u1")}
    assert where == {"acme": 14, "bolt": 7, "ä": 3, "u1": 6}
    assert layout.lane("acme").rows("acme") == b"guidepath:{14.23}:rows:acme"


@pytest.mark.parametrize("most", [1, 2, 7, 100, 500])
@pytest.mark.parametrize("due", [None, 50])
def test_whatever_the_ids_subjects_come_in_the_order_of_the_plain_store(
    store: RedisStore, most: int, due: int | None
) -> None:
    plain = MemoryStore()
    for number, account in enumerate([*ODD, *(f"n{number}" for number in range(60))]):
        users = [None, *ODD[number % 5 :: 3]]
        if account == "n3":  # one partition has more than its share
            users += [f"u{one}" for one in range(300)]
        drafts = {
            user: Draft(progress(1, due=(number * 7 + at) % 99), 0) for at, user in enumerate(users)
        }
        for one in (store, plain):
            assert one.save(Change(account, drafts))
    after, pages = None, 0
    while found := plain.subjects(after=after, due=due, most=most):
        assert store.subjects(after=after, due=due, most=most) == found
        after, pages = found[-1][0], pages + 1
    assert store.subjects(after=after, due=due, most=most) == []
    assert pages
