"""What a driver does with replies, whether it waits for them or awaits them."""

from collections.abc import Sequence
from typing import Any

from redis.exceptions import NoScriptError, RedisClusterException, RedisError

from guidepath.adapters.stores.redis.address import Address
from guidepath.errors import StoreError

MOST_CONNECTIONS = 10_000  # a driver bounds them otherwise: a thread has one at a time


# why a server gives no reply, or an error in its place
FAILURES = (RedisError, RedisClusterException, OSError)


def options(address: Address) -> dict[str, Any]:
    """What every client is opened with. Nothing is sent twice behind a caller's back."""
    return {
        "socket_timeout": address.timeout_s,
        "socket_connect_timeout": address.timeout_s,
        "max_connections": MOST_CONNECTIONS,
        "protocol": 2,
        "health_check_interval": 30,
    }


def unknown(replies: Sequence[Any]) -> list[int]:
    """Which commands ran a script that the server does not know."""
    return [at for at, reply in enumerate(replies) if isinstance(reply, NoScriptError)]


def checked(replies: list[Any]) -> list[Any]:
    """The replies, where none is an error but that a script is not known."""
    for reply in replies:
        if isinstance(reply, Exception) and not isinstance(reply, NoScriptError):
            raise reply
    return replies


def unanswered(address: Address, problem: Exception) -> StoreError:
    """What one of the FAILURES means to who asked."""
    return StoreError(f"the store {address.shown} did not answer: {str(problem) or 'time is up'}")
