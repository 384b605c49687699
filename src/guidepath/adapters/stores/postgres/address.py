"""What a store's URL says: ours is taken out of it, the rest is libpq's."""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from psycopg import Error
from psycopg.conninfo import conninfo_to_dict

from guidepath.errors import ConfigurationError, StoreError

_OURS = ("schema", "timeout", "pool", "durable")
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is and how it is used; `libpq` has the words for libpq.

    `timeout` (seconds) bounds every call, `pool` the connections of one process.
    """

    libpq: dict[str, Any]
    schema: str = "guidepath"
    timeout: float = 10.0
    pool: int = 10
    durable: bool = True

    def __str__(self) -> str:
        """The database and its server; never the password."""
        host = self.libpq.get("host") or self.libpq.get("hostaddr") or "this machine"
        port = f":{self.libpq['port']}" if "port" in self.libpq else ""
        return f"{self.libpq.get('dbname', 'the database')} on {host}{port}"

    @property
    def connection(self) -> dict[str, Any]:
        """What psycopg connects with: the libpq words, and bounds where they set none."""
        seconds = max(1, math.ceil(self.timeout))
        bounds = {
            "connect_timeout": seconds,
            "tcp_user_timeout": int(self.timeout * 1000),
            "keepalives_idle": seconds,
            "keepalives_interval": max(1, seconds // 3),
            "keepalives_count": 3,
            "fallback_application_name": "guidepath",
        }
        return {**bounds, **self.libpq, "client_encoding": "UTF8"}

    @property
    def settings(self) -> dict[str, str]:
        """What each of our sessions is set to, whatever its role or database says."""
        # less than the client waits, so that it is the server that ends a statement
        server = str(max(1, int(self.timeout * 900)))
        return {
            "statement_timeout": server,
            "lock_timeout": server,
            "idle_in_transaction_session_timeout": server,  # of a turn whose holder stands still
            "default_transaction_isolation": "read committed",
            "search_path": "",  # all names are qualified
            "plan_cache_mode": "force_generic_plan",  # planning again would cost more than reading
            "enable_seqscan": "off",  # all that is asked often has its index, from the first row on
            "enable_bitmapscan": "off",  # rows are locked in the order of the index
            "jit": "off",
        }

    def refused(self, problem: BaseException) -> StoreError:
        """The error of a call that the database did not answer."""
        said = " ".join(str(problem).split()) or type(problem).__name__
        password = str(self.libpq.get("password") or "")
        if password:
            said = said.replace(password, "…")
        return StoreError(f"the store {self} did not answer: {said}")

    @contextmanager
    def translated(self) -> Iterator[None]:
        """While the block runs, the driver's errors are ours."""
        try:
            yield
        except Error as problem:
            raise self.refused(problem) from problem

    def exhausted(self) -> StoreError:
        """The error of a call for which no connection was free."""
        return StoreError(
            f"the store {self} did not answer: all {self.pool} connections of this process were in "
            f"use for {self.timeout:g} s; say pool=… for more"
        )


def read(url: str) -> Address:
    """The address of `postgresql://user@host/database?schema=…&timeout=…&pool=…&durable=…`.

    Raises:
        ConfigurationError: libpq cannot read it, or a word of ours has no such value.
    """
    place, _, query = url.partition("?")
    words = [one.partition("=") for one in query.split("&") if one]
    ours = {name: unquote(value) for name, _, value in words if name in _OURS}
    rest = "&".join(f"{name}{is_}{value}" for name, is_, value in words if name not in _OURS)
    try:
        libpq = conninfo_to_dict(f"{place}?{rest}" if rest else place)
    except Error:  # its message may repeat the whole address, password and all
        raise ConfigurationError(
            "the address of the PostgreSQL store cannot be read; write "
            "postgresql://user@host/database, with libpq's parameters after a ?"
        ) from None
    return Address(
        dict(libpq),
        schema=_schema(ours.get("schema", "guidepath")),
        timeout=_seconds(ours.get("timeout", "10")),
        pool=_count(ours.get("pool", "10")),
        durable=_answer(ours.get("durable", "yes")),
    )


def _schema(said: str) -> str:
    if not _SCHEMA.fullmatch(said) or said.startswith("pg_"):
        raise ConfigurationError(
            f"schema={said}: a schema has small letters, digits and _, at most 63, and no pg_"
        )
    return said


def _seconds(said: str) -> float:
    try:
        seconds = float(said)
    except ValueError:
        seconds = math.nan
    if not 0.1 <= seconds <= 86_400:
        raise ConfigurationError(f"timeout={said}: it is seconds, from 0.1 to 86400")
    return seconds


def _count(said: str) -> int:
    if not said.isdecimal() or not 1 <= int(said) <= 10_000:
        raise ConfigurationError(f"pool={said}: it is a number of connections, at least 1")
    return int(said)


def _answer(said: str) -> bool:
    if said not in ("yes", "no"):
        raise ConfigurationError(f"durable={said}: it is yes or no")
    return said == "yes"
