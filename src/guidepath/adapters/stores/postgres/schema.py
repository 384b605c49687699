"""The tables of the PostgreSQL store, version by version, in a schema of their own.

Names are compared byte by byte (COLLATE "C"), so that subjects come in the order that Python gives
them. User '' is the account itself.
"""

from collections.abc import Sequence
from typing import NamedTuple

from guidepath.adapters.stores.migration import Step, pending
from guidepath.adapters.stores.postgres.asking import Ask, Asks
from guidepath.errors import ConfigurationError

_STEPS = (
    Step(
        1,
        "progress, history, outbox and cursors",
        (
            """CREATE TABLE {schema}.meta (name text PRIMARY KEY, value text NOT NULL)""",
            """CREATE TABLE {schema}.subject (
                account_id text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL,
                version bigint NOT NULL, due bigint, progress bytea NOT NULL,
                PRIMARY KEY (account_id, user_id)
            ) WITH (fillfactor = 80)""",
            """CREATE INDEX subject_due ON {schema}.subject (due) WHERE due IS NOT NULL""",
            """CREATE TABLE {schema}.history (
                account_id text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
                user_id text COLLATE "C" NOT NULL, kind text NOT NULL, occurred_at bigint NOT NULL,
                seq bigint GENERATED ALWAYS AS IDENTITY, digest text NOT NULL, event bytea NOT NULL,
                PRIMARY KEY (account_id, id)
            )""",
            """CREATE INDEX history_order ON {schema}.history
                (account_id, user_id, occurred_at, seq)""",
            """CREATE TABLE {schema}.outbox (
                position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ticket bigint,
                id text NOT NULL, account_id text COLLATE "C" NOT NULL,
                user_id text COLLATE "C" NOT NULL, envelope bytea NOT NULL, said_at bigint NOT NULL
            )""",
            """CREATE UNIQUE INDEX outbox_ticket ON {schema}.outbox (ticket)
                WHERE ticket IS NOT NULL""",
            """CREATE INDEX outbox_waiting ON {schema}.outbox (position) WHERE ticket IS NULL""",
            """CREATE INDEX outbox_account ON {schema}.outbox (account_id, user_id)""",
            """CREATE TABLE {schema}.lane (number integer PRIMARY KEY, ticket bigint NOT NULL)""",
            """INSERT INTO {schema}.lane (number, ticket) VALUES (0, 0)""",
            """CREATE TABLE {schema}.cursor (
                sink text COLLATE "C" PRIMARY KEY, reached bigint NOT NULL, free_at bigint NOT NULL,
                failures bigint NOT NULL
            )""",
        ),
    ),
    Step(
        2,
        "leases with a token, dead letters",
        (
            """ALTER TABLE {schema}.cursor ADD COLUMN lease text NOT NULL DEFAULT ''""",
            """ALTER TABLE {schema}.cursor ADD COLUMN reason text""",
            """CREATE TABLE {schema}.dead (
                number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                sink text COLLATE "C" NOT NULL, id text NOT NULL,
                account_id text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL,
                envelope bytea NOT NULL, reason text NOT NULL, failed_at bigint NOT NULL,
                UNIQUE (sink, id)
            )""",
            """CREATE INDEX dead_account ON {schema}.dead (account_id, user_id)""",
        ),
    ),
    Step(
        3,
        "marks of the erased, a count of what was pruned",
        (
            """CREATE TABLE {schema}.erased (mark bytea PRIMARY KEY, at bigint NOT NULL)""",
            """INSERT INTO {schema}.meta (name, value) VALUES ('key', encode(sha256(convert_to(
                gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex'))""",
            """CREATE TABLE {schema}.pruned (
                number integer PRIMARY KEY, messages bigint NOT NULL, newest bigint
            )""",
            """INSERT INTO {schema}.pruned (number, messages) VALUES (0, 0)""",
        ),
    ),
)
_MAKE = "CREATE SCHEMA IF NOT EXISTS {schema}"
_KEEP = """INSERT INTO {{schema}}.meta (name, value) VALUES ('version', '{version}')
                ON CONFLICT (name) DO UPDATE SET value = excluded.value"""

_SERVER = b"""SELECT current_setting('server_version_num')::bigint,
    current_setting('server_encoding'), current_setting('fsync', true)"""
_FOUND = b"SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s"
_TABLES = b"""SELECT 1 FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace AS room
    ON room.oid = relnamespace WHERE nspname = %s AND relname = 'meta'"""
_META = 'SELECT name, value FROM "{schema}".meta'
_LOCK = b"SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%s, 0))"
_OLDEST = 130_000  # has gen_random_uuid()


class State(NamedTuple):
    """The version of the tables (0: there are none), and the key of the marks where it is there."""

    version: int
    key: bytes


def steps(schema: str) -> tuple[Step, ...]:
    """The steps for this schema; each says its version, so that it is whole as it stands."""

    def of(step: Step) -> Step:
        keep = _KEEP.format(version=step.version)
        said = (*((_MAKE,) if step.version == 1 else ()), *step.statements, keep)
        return step._replace(statements=[one.format(schema=f'"{schema}"') for one in said])

    return tuple(map(of, _STEPS))


def state(schema: str) -> Asks[State]:
    """What is there."""
    if not (yield Ask(_TABLES, (schema,))):
        return State(0, b"")
    rows = yield Ask(_META.format(schema=schema).encode())
    meta = dict(rows)
    return State(int(meta["version"]), bytes.fromhex(meta.get("key", "")))


def fit(*, durable: bool) -> Asks[None]:
    """See that the server keeps what it confirms, and knows all that is asked of it.

    Raises:
        ConfigurationError: it does not.
    """
    [(version, encoding, fsync)] = yield Ask(_SERVER)
    if version < _OLDEST:
        raise ConfigurationError(
            f"the server is PostgreSQL {version // 10_000}; the store needs 13 or newer"
        )
    if encoding != "UTF8":
        raise ConfigurationError(
            f"the database has the encoding {encoding}; the store needs one with UTF8"
        )
    if durable and fsync == "off":
        raise ConfigurationError(
            "the server runs with fsync=off and may lose what it confirmed; switch it on, or say "
            "durable=no"
        )


def advance(schema: str, chosen: Sequence[Step]) -> Asks[list[Step]]:
    """Take those of the steps that are still to be done, in the caller's transaction.

    Who comes at the same time waits, and finds nothing left to do.
    """
    yield Ask(_LOCK, (f"guidepath {schema}",))
    found = yield from state(schema)
    todo = pending(chosen, found.version)
    made = yield Ask(_FOUND, (schema,))
    for step in todo:
        for statement in step.statements:
            if not (made and statement.startswith("CREATE SCHEMA")):  # it asks for a right to
                yield Ask(statement.encode())
    return todo
