"""A URL says where and how; what is wrong in it is said, and never its password."""

import pytest

from guidepath import ConfigurationError
from guidepath.adapters.stores.postgres import AsyncPostgresStore, PostgresStore
from guidepath.adapters.stores.postgres.address import read

URL = "postgresql://ada:pa55@db.example:6543/shop"


def test_what_is_not_ours_is_libpqs() -> None:
    found = read(f"{URL}?sslmode=require&schema=guide&application_name=x%20y&pool=3&timeout=2.5")
    assert (found.schema, found.pool, found.timeout, found.durable) == ("guide", 3, 2.5, True)
    asked = found.connection
    assert asked["sslmode"] == "require"
    assert asked["application_name"] == "x y"
    assert asked["dbname"] == "shop"
    assert (asked["connect_timeout"], asked["tcp_user_timeout"]) == (3, 2500)
    assert "schema" not in asked


def test_bounds_that_the_url_sets_are_kept() -> None:
    asked = read(f"{URL}?connect_timeout=77&keepalives_idle=5").connection
    assert (asked["connect_timeout"], asked["keepalives_idle"]) == ("77", "5")


def test_several_hosts_and_a_socket_are_understood() -> None:
    several = read("postgresql://one:1,two:2/shop?target_session_attrs=read-write")
    assert several.connection["host"] == "one,two"
    assert read("postgresql:///shop?host=/run/postgresql").connection["host"] == "/run/postgresql"


def test_it_is_named_without_its_password() -> None:
    assert str(read(URL)) == "shop on db.example:6543"
    refused = read(URL).refused(ValueError("ada pa55\nis wrong"))
    assert str(refused) == "the store shop on db.example:6543 did not answer: ada … is wrong"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("schema=Guide", "small letters"),
        ("schema=", "small letters"),
        ("schema=pg_guide", "no pg_"),
        ("schema=g%22%3B--", "small letters"),
        ("timeout=soon", "it is seconds"),
        ("timeout=nan", "it is seconds"),
        ("timeout=0", "from 0.1"),
        ("pool=0", "at least 1"),
        ("pool=many", "at least 1"),
        ("durable=true", "yes or no"),
        ("colour=red", "cannot be read"),
        ("port=%zz", "cannot be read"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused(query: str, said: str) -> None:
    for kind in (PostgresStore, AsyncPostgresStore):
        with pytest.raises(ConfigurationError, match=said) as refused:
            kind.from_url(f"{URL}?{query}")
        assert "pa55" not in str(refused.value)
