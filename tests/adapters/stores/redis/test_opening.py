"""A server that would forget what it confirmed is refused, and so is a store begun otherwise."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as Client
from tests.acceptance.crowd import PLAYBOOK
from tests.servers.redis import Redis, RedisCluster

from guidepath import ConfigurationError, Guidepath, StoreError
from guidepath.adapters.stores.redis import AsyncRedisStore, RedisStore
from guidepath.errors import SchemaError
from guidepath.ports import Problem
from guidepath.subject import Subject


@contextmanager
def said(client: Any, **settings: str) -> Iterator[None]:
    """The server with other settings for a while."""
    before = {name: str(client.config_get(name)[name]) for name in settings}
    for name, value in settings.items():
        client.config_set(name, value)
    yield
    for name, value in before.items():
        client.config_set(name, value)


@pytest.fixture
def settings() -> Iterator[Any]:
    """A server of the test's own, as Debian sets it up: it keeps nothing."""
    with (
        Redis(appendfsync=None) as server,
        Client.from_url(server.url, protocol=2, decode_responses=True) as client,
    ):
        yield client


def of(client: Any) -> str:
    return f"redis://127.0.0.1:{client.get_connection_kwargs()['port']}/0"


def refused(url: str, why: str) -> None:
    """Both stores say so: the one at once, the other with its first call."""

    async def awaited() -> None:
        store = AsyncRedisStore(url)
        try:
            await store.load("acme")
        finally:
            await store.close()

    with pytest.raises(ConfigurationError, match=why):
        RedisStore(url)
    with pytest.raises(ConfigurationError, match=why):
        asyncio.run(awaited())


def test_a_server_without_an_append_only_file_is_refused(settings: Any) -> None:
    refused(of(settings), "keeps no append-only file.*set `appendonly yes` there")
    RedisStore(of(settings) + "?durable=no").close()


def test_a_server_that_drops_keys_is_refused(settings: Any) -> None:
    with said(settings, appendonly="yes", **{"maxmemory-policy": "allkeys-lru"}):
        refused(of(settings), r"drops keys .*\(allkeys-lru\); set `maxmemory-policy noeviction`")
        RedisStore(of(settings) + "?durable=no").close()


def test_a_server_that_drops_only_what_expires_anyway_is_well(settings: Any) -> None:
    with said(settings, appendonly="yes", **{"maxmemory-policy": "volatile-lru"}):
        RedisStore(of(settings)).close()


def test_who_asks_for_always_gets_it_or_nothing(settings: Any) -> None:
    with said(settings, appendonly="yes", appendfsync="everysec"):
        refused(of(settings) + "?durable=always", "set `appendfsync always` there")
    with said(settings, appendonly="yes", appendfsync="always"):
        RedisStore(of(settings) + "?durable=always").close()


def test_where_the_server_may_not_be_asked_it_is_said(settings: Any) -> None:
    url = of(settings).replace("//", "//host:secret@")
    settings.config_set("appendonly", "yes")
    rights = ["on", ">secret", "~*", "&*", "+@all", "-config"]
    settings.execute_command("ACL", "SETUSER", "host", *rights)
    RedisStore(url).close()
    refused(url + "?durable=always", "does not say its appendfsync .*allow its user CONFIG GET")
    settings.execute_command("ACL", "SETUSER", "host", "-info")
    refused(url, "does not say what it is .*allow its user INFO")
    with pytest.raises(ConfigurationError) as told:
        RedisStore(url)
    assert "secret" not in str(told.value)


def test_the_rights_that_the_documentation_names_are_enough(settings: Any) -> None:
    page = (Path(__file__).parents[4] / "docs" / "redis.md").read_text(encoding="utf-8")
    (rights,) = re.findall(r"^(ACL SETUSER guidepath .*)$", page, re.MULTILINE)
    settings.config_set("appendonly", "yes")
    settings.execute_command(*rights.split())
    url = of(settings).replace("//", "//guidepath:password@")
    guide, store = Guidepath(PLAYBOOK, url), RedisStore(url)
    store.load("acme", turn=True)
    with ThreadPoolExecutor(1) as other:
        tracking = other.submit(guide.track, "clicked", user="ada", account="acme", id="e")
        while settings.info("clients")["blocked_clients"] == 0:
            pass
        store.release()
        assert tracking.result().stored == 1
    parcel = store.claim("s", now=1, lease=5, most=5)
    assert parcel
    assert store.settle(parcel, now=1, done=1, dead=[Problem(0, "no")], retry_at=5)
    store.bury(store.dead())
    assert store.queues([])[0].failures == 1
    assert store.subjects() == [*store.subjects(due=5), *store.subjects()]
    assert store.trim(before=1) == 0
    store.forget("s")
    guide.erase(account="acme")
    assert store.totals() == (0, None)
    settings.execute_command("ACL", "SETUSER", "guidepath", "+config|get")
    settings.config_set("appendfsync", "always")
    RedisStore(url + "?durable=always").close()
    guide.close()
    store.close()


def test_a_cluster_is_named_as_such(redis_cluster: RedisCluster) -> None:
    refused(redis_cluster.url, "is a Redis Cluster; add cluster=yes")


def test_every_master_of_a_cluster_is_asked(redis_cluster: RedisCluster, cluster_url: str) -> None:
    RedisStore(cluster_url + "&durable=always").close()
    for node in redis_cluster.nodes:
        with (
            Client.from_url(node.url, decode_responses=True) as client,
            said(client, appendonly="no"),
        ):
            refused(cluster_url, "keeps no append-only file")
        with (
            Client.from_url(node.url, decode_responses=True) as client,
            said(client, appendfsync="everysec"),
        ):
            refused(cluster_url + "&durable=always", "set `appendfsync always`")


def test_the_number_of_partitions_is_remembered(url: str) -> None:
    RedisStore(url + "&partitions=3").close()
    refused(url + "&partitions=4", "was begun with 3 partitions")
    store = RedisStore(url)
    assert len(store._layout.lanes) == 3
    store.close()


def test_there_are_sixteen_where_nothing_else_is_said(store: RedisStore) -> None:
    assert len(store._layout.lanes) == 16


def test_a_layout_of_another_version_is_refused(url: str, server: Any) -> None:
    RedisStore(url).close()
    prefix = url.partition("prefix=")[2]
    server.hset(f"{prefix}:meta", "layout", "2")
    with pytest.raises(SchemaError, match="laid out as version 2, this guidepath knows 1"):
        RedisStore(url)


def test_stores_that_are_opened_first_at_the_same_time_are_one(url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(RedisStore, [url] * 8))
    stores[0].erase(Subject("acme"), at=5)
    assert [one.load("acme", ids=["e"]).erased for one in stores] == [{None: 5}] * 8
    for one in stores:
        one.close()


def test_a_server_that_is_not_there_is_a_store_error() -> None:
    with pytest.raises(StoreError, match=r"the store redis://127.0.0.1:1/0 did not answer"):
        RedisStore("redis://:secret@127.0.0.1:1/0")
    with pytest.raises(StoreError, match=r"the store redis://127.0.0.1:1/0 did not answer"):
        RedisStore("redis://127.0.0.1:1/0?cluster=yes")


def test_an_address_that_the_library_does_not_take_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="the store redis://host:port/0: "):
        RedisStore("redis://host:port/0")
