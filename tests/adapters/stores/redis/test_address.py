"""What a URL may say, and what is refused."""

import pytest

from guidepath import ConfigurationError
from guidepath.adapters.stores.redis import AsyncRedisStore
from guidepath.adapters.stores.redis.address import Address, address
from guidepath.registry import open_async_store


def test_a_bare_url_asks_for_what_is_usual() -> None:
    plain = "redis://host:7000/2"
    assert address(plain) == Address(plain, plain, False, "guidepath", None, 10.0, "yes")


def test_every_option_is_taken_out_and_the_librarys_own_are_left() -> None:
    found = address(
        "rediss://u:p@host/0?partitions=4&prefix=crm&timeout=2.5&durable=always&cluster=yes"
        "&ssl_ca_certs=ca.pem&db=3"
    )
    assert found == Address(
        "rediss://u:p@host/0?ssl_ca_certs=ca.pem&db=3",
        "rediss://host/0",
        True,
        "crm",
        4,
        2.5,
        "always",
    )


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("partition=4", "has no option 'partition'; there are cluster, db, durable,"),
        ("partitions=0", "it is a number from 1 to 1024"),
        ("partitions=1025", "it is a number from 1 to 1024"),
        ("partitions=-1", "it is a number from 1 to 1024"),
        ("durable=maybe", "durable=maybe: it is yes or always or no"),
        ("cluster=1", "cluster=1: it is yes or no"),
        ("timeout=soon", "timeout=soon: it is a number of seconds"),
        ("timeout=0", "timeout=0: it is a number of seconds"),
        ("timeout=nan", "timeout=nan: it is a number of seconds"),
        ("prefix={a}", "it is some text without braces"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(said: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        AsyncRedisStore.from_url(f"redis://host/0?{said}")


def test_a_password_is_not_in_what_is_shown() -> None:
    assert "secret" not in address("redis://user:secret@host/0").shown


def test_the_registry_knows_it_for_asyncio() -> None:
    assert isinstance(open_async_store("redis://host/0"), AsyncRedisStore)
