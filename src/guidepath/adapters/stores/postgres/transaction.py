"""How work becomes a commit: of its own, at the end of a turn, or as a part of a host's."""

from functools import partial

import psycopg
from psycopg.errors import DeadlockDetected, SerializationFailure
from psycopg.pq import TransactionStatus

from guidepath.adapters.stores.migration import refuse_older
from guidepath.adapters.stores.postgres import schema as tables
from guidepath.adapters.stores.postgres.address import Address
from guidepath.adapters.stores.postgres.asking import Ask, Asks, T, Work
from guidepath.adapters.stores.postgres.connection import Session
from guidepath.errors import ConfigurationError, StoreError

BEATEN = (DeadlockDetected, SerializationFailure)  # undone by the server to let another pass
_AGAIN = "the host's transaction has lost to another; roll it back and do all of it again"

BEGIN = Ask(b"BEGIN")
COMMIT = Ask(b"COMMIT")  # where the transaction has failed, the server takes it as ROLLBACK
_LASTING = b"SELECT set_config('statement_timeout', %s, true)"
_SAVEPOINT = Ask(b"SAVEPOINT guidepath")
_BACK = Ask(b"ROLLBACK TO SAVEPOINT guidepath")
_RELEASE = Ask(b"RELEASE SAVEPOINT guidepath")

_KEY = "SELECT value FROM \"{schema}\".meta WHERE name = 'key'"


def alone(work: Work[T], session: Session) -> Asks[T]:
    """The work as a commit of its own."""
    if not work.whole:
        return work.asks() if work.beaten is None else _judged(work)
    return _lasting(work, session) if work.lasting else _whole(work)


def to_the_end(work: Work[T]) -> Asks[T]:
    """The work as the last of a transaction that is open."""
    answer = yield from _judged(work)
    yield COMMIT
    return answer


def turn(work: Work[T]) -> Asks[T]:
    """The work as the first of a transaction that goes on; who is beaten comes again."""
    while True:
        yield BEGIN
        try:
            return (yield from work.asks())
        except BEATEN:
            yield COMMIT


def committed() -> Asks[None]:
    """The end of a transaction."""
    yield COMMIT


def joined(work: Work[T], session: Session) -> Asks[T]:
    """The work in a host's transaction, which an error or a conflict leaves as it was."""
    if work.reads:
        return (yield from work.asks())
    yield _SAVEPOINT
    try:
        answer = yield from work.asks()
    except Exception as problem:
        if not session.lost:
            yield _BACK
            yield _RELEASE
        if isinstance(problem, BEATEN):
            raise StoreError(_AGAIN) from problem
        raise
    # what the work took for a no has locked rows all the same, and others may wait for them
    if session.state == TransactionStatus.INERROR or answer is False:
        yield _BACK
    yield _RELEASE
    return answer


def ready(session: Session, address: Address) -> Asks[bytes]:
    """See that the tables are there, making them in a database without; the key of the marks.

    Raises:
        ConfigurationError: the server is too old, or does not keep what it confirms.
        SchemaError: the tables are older than this version.
    """
    schema = address.schema
    yield from tables.fit(durable=address.durable)
    state = yield from tables.state(schema)
    steps = tables.steps(schema)
    if state.version == 0:
        yield from alone(Work(partial(tables.advance, schema, steps), whole=True), session)
        state = yield from tables.state(schema)
    refuse_older(str(address), state.version, steps)
    return state.key


def joinable(connection: object, kind: type[object]) -> None:
    """See that what is saved on a host's connection becomes part of a transaction.

    Raises:
        ConfigurationError: it does not, or it is another driver's.
    """
    if not isinstance(connection, kind):
        name = f"{type(connection).__module__}.{type(connection).__name__}"
        raise ConfigurationError(
            f"{name} is not psycopg 3's {kind.__name__}, nor SQLAlchemy's or Django's around one"
        )
    session = Session(connection)
    if session.lost:
        raise ConfigurationError("the host's connection is closed")
    if session.connection.autocommit and session.state == TransactionStatus.IDLE:
        raise ConfigurationError(
            "the host's connection is in autocommit mode and no transaction is open: begin one "
            "(Django: transaction.atomic()), or track without `within`"
        )


def checked(schema: str, key: bytes) -> Asks[None]:
    """See that a host's connection is to the database that the store is in.

    Raises:
        ConfigurationError: it is not.
    """
    yield _SAVEPOINT
    try:
        rows = yield Ask(_KEY.format(schema=schema).encode())
    except psycopg.Error:  # no such table, or no right to it
        yield _BACK
        rows = []
    yield _RELEASE
    if rows != [(key.hex(),)]:
        raise ConfigurationError(
            f"the host's connection is not to the store's database, or its role may not use the "
            f"schema {schema}"
        )


def _whole(work: Work[T]) -> Asks[T]:
    yield BEGIN
    return (yield from to_the_end(work))


def _lasting(work: Work[T], session: Session) -> Asks[T]:
    with session.patient() as milliseconds:
        yield BEGIN
        yield Ask(_LASTING, (str(milliseconds),))
        return (yield from to_the_end(work))


def _judged(work: Work[T]) -> Asks[T]:
    try:
        return (yield from work.asks())
    except BEATEN:
        if work.beaten is None:
            raise
        return work.beaten
