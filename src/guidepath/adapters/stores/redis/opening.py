"""What is looked at when a store is opened.

Whether the server keeps what it is told, and how the keys are laid out.
"""

from collections.abc import Mapping, Sequence
from secrets import token_bytes
from typing import Any

from guidepath.adapters.stores.redis import keys
from guidepath.adapters.stores.redis.address import PARTITIONS, Address
from guidepath.adapters.stores.redis.batch import Batch, Steps, reading, writing
from guidepath.adapters.stores.redis.keys import Layout
from guidepath.errors import ConfigurationError, SchemaError

LAYOUT = 1
OLDEST = (6, 2)


def opened(address: Address) -> Steps[Layout]:
    """See that the server is fit for a store, and begin one in it where there is none.

    Raises:
        ConfigurationError: the server is too old, would forget, or the store has another number of
            partitions.
        SchemaError: a newer guidepath began it.
    """
    for server in (yield Batch((("INFO",),), reads=True, everywhere=True)):
        _see_that_it_is_fit(address, server)
    if address.durable == "always":
        asked = ("CONFIG", "GET", "appendfsync")
        settings = yield Batch((asked,), reads=True, everywhere=True)
        _see_that_it_forces(address, settings)
    meta = keys.meta(address.prefix)
    (known,) = yield reading(("HGETALL", meta))
    if not known:
        yield writing(
            ("HSETNX", meta, "layout", LAYOUT),
            ("HSETNX", meta, "partitions", address.partitions or PARTITIONS),
            ("HSETNX", meta, "secret", token_bytes(32)),
        )
        (known,) = yield reading(("HGETALL", meta))
    return _known(address, known)


def _known(address: Address, known: Mapping[bytes, bytes]) -> Layout:
    layout, partitions = int(known[b"layout"]), int(known[b"partitions"])
    if layout != LAYOUT:
        raise SchemaError(
            f"the store {address.shown} is laid out as version {layout}, this guidepath knows "
            f"{LAYOUT}; update guidepath"
        )
    if address.partitions not in (None, partitions):
        raise ConfigurationError(
            f"the store {address.shown} was begun with {partitions} partitions; say "
            f"partitions={partitions} or leave it out, or take another prefix"
        )
    return Layout(address.prefix, partitions, known[b"secret"])


def _see_that_it_is_fit(address: Address, server: Any) -> None:
    if isinstance(server, Exception):
        raise ConfigurationError(
            f"the store {address.shown} does not say what it is ({server}); allow its user INFO"
        )
    version = str(server["redis_version"])
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        raise ConfigurationError(
            f"the server of {address.shown} is Redis {version}; 6.2 is the oldest that will do"
        )
    if server.get("cluster_enabled") and not address.cluster:
        raise ConfigurationError(f"{address.shown} is a Redis Cluster; add cluster=yes to its URL")
    if address.durable == "no":
        return
    if not server.get("aof_enabled"):
        raise ConfigurationError(
            f"the server of {address.shown} keeps no append-only file, so a kill loses what it "
            "confirmed; set `appendonly yes` there, or add durable=no to the URL if that is well"
        )
    policy = str(server.get("maxmemory_policy", "noeviction"))
    if policy.startswith("allkeys"):
        raise ConfigurationError(
            f"the server of {address.shown} drops keys where memory is short ({policy}); set "
            "`maxmemory-policy noeviction` there, or add durable=no to the URL if that is well"
        )


def _see_that_it_forces(address: Address, settings: Sequence[Any]) -> None:
    for setting in settings:
        if isinstance(setting, Exception):
            raise ConfigurationError(
                f"the server of {address.shown} does not say its appendfsync ({setting}); allow "
                "its user CONFIG GET, or leave durable=always out"
            )
        if setting != [b"appendfsync", b"always"]:
            raise ConfigurationError(
                f"the server of {address.shown} writes to the disk later than it answers; set "
                "`appendfsync always` there, or leave durable=always out"
            )
