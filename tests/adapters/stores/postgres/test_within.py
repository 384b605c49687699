"""What is tracked in a host's transaction is there if and only if the host commits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.rows import dict_row
from sqlalchemy.orm import Session
from tests.servers.postgres import Postgres

from guidepath import ConfigurationError, Guidepath, Playbook, StoreError
from guidepath.adapters.stores.postgres import PostgresStore
from guidepath.ports import Row

PLAYBOOK = Playbook.parse("""
name: ledgerly
events: {sent: {}}
milestones:
  - {id: first, title: Send one, reached_when: did("sent"), first_value: true}
  - {id: third, title: Send three, reached_when: count("sent") >= 3}
""")


@pytest.fixture
def guide(store: PostgresStore) -> Guidepath:
    return Guidepath(PLAYBOOK, store)


@pytest.fixture
def host(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS invoice (id text)")
        connection.execute("DELETE FROM invoice")
        connection.commit()
        yield connection


class Odd(Loader):
    """Whatever the database says, the host wants to hear this."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        return "odd"


def milestones(guide: Guidepath) -> list[str]:
    said = guide.store.said("a1", "u1")
    return [str(one.data["milestone"]) for one in said if one.type == "milestone.reached"]


def tracked(guide: Guidepath) -> list[str]:
    return [one.id for one in guide.store.history("a1")]


def test_what_the_host_commits_is_there(guide: Guidepath, host: psycopg.Connection) -> None:
    host.execute("INSERT INTO invoice VALUES ('i1')")
    receipt = guide.within(host).track("sent", user="u1", account="a1", id="e1")
    assert [one.milestone for one in receipt.reached] == ["first"]
    assert tracked(guide) == []
    host.commit()
    assert tracked(guide) == ["e1"]
    assert milestones(guide) == ["first"]


def test_of_what_the_host_rolls_back_there_is_nothing(
    guide: Guidepath, host: psycopg.Connection
) -> None:
    guide.within(host).track("sent", user="u1", account="a1", id="e1")
    host.rollback()
    assert tracked(guide) == []
    assert guide.store.said("a1") == []
    assert guide.store.load("a1", ["u1"]).users["u1"] == Row(None, 0)
    assert guide.store.claim("s", now=0, lease=1, most=9) is None


def test_what_a_savepoint_takes_back_is_gone_and_the_rest_is_there(
    guide: Guidepath, host: psycopg.Connection
) -> None:
    inside = guide.within(host)
    inside.track("sent", user="u1", account="a1", id="e1")
    with host.transaction(force_rollback=True):
        inside.track("sent", user="u1", account="a1", id="e2")
    inside.track("sent", user="u1", account="a1", id="e3")
    host.commit()
    assert sorted(tracked(guide)) == ["e1", "e3"]
    assert milestones(guide) == ["first"]


def test_inside_the_transaction_its_own_events_count(
    guide: Guidepath, host: psycopg.Connection
) -> None:
    inside = guide.within(host)
    for number in range(3):
        inside.track("sent", user="u1", account="a1", id=f"e{number}")
    host.commit()
    assert milestones(guide) == ["first", "third"]


def test_two_hosts_at_once_on_one_user_lose_nothing_and_say_it_once(
    guide: Guidepath, database: str
) -> None:
    def track(name: str) -> None:
        with psycopg.connect(database) as connection:
            guide.within(connection).track("sent", user="u1", account="a1", id=name)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(track, [f"e{number}" for number in range(24)]))
    assert len(tracked(guide)) == 24
    assert sorted(milestones(guide)) == ["first", "third"]


def test_a_conflict_leaves_the_hosts_transaction_as_it_was(
    guide: Guidepath, host: psycopg.Connection
) -> None:
    """Another makes the user between the load and the save of the first attempt."""
    inside = guide.within(host)
    host.execute("INSERT INTO invoice VALUES ('i1')")
    load = inside.store.load
    loads = []

    def overtaken(*args: object, **named: object) -> object:
        found = load(*args, **named)  # type: ignore[arg-type]
        loads.append(named)
        if len(loads) == 1:
            guide.track("sent", user="u1", account="a1", id="e1")
        return found

    inside.store.load = overtaken  # type: ignore[assignment,method-assign]
    inside.track("sent", user="u1", account="a1", id="e2")
    host.commit()
    assert [one.get("turn", False) for one in loads] == [False, True]
    assert sorted(tracked(guide)) == ["e1", "e2"]
    assert host.execute("SELECT id FROM invoice").fetchall() == [("i1",)]


def test_a_host_that_isolates_more_is_told_to_begin_again(
    guide: Guidepath, host: psycopg.Connection
) -> None:
    host.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    inside = guide.within(host)
    host.execute("SELECT 1 FROM invoice")  # its snapshot is of now
    guide.track("sent", user="u1", account="a1", id="e1")
    with pytest.raises(StoreError, match="roll it back and do all of it again"):
        inside.track("sent", user="u1", account="a1", id="e2")
    host.rollback()
    inside.track("sent", user="u1", account="a1", id="e2")
    host.commit()
    assert sorted(tracked(guide)) == ["e1", "e2"]


def test_hosts_that_wait_for_each_other_do_not_try_for_ever(
    guide: Guidepath, database: str
) -> None:
    with psycopg.connect(database) as one, psycopg.connect(database) as two:

        def track(connection: psycopg.Connection, name: str) -> None:
            guide.within(connection).track("sent", user=name, account=name)

        def cross(connection: psycopg.Connection, name: str) -> bool:
            try:
                track(connection, name)
            except StoreError:
                connection.rollback()
                return False
            connection.commit()
            return True

        track(one, "a1")
        track(two, "a2")
        with ThreadPoolExecutor(2) as threads:
            went = list(threads.map(cross, (one, two), ("a2", "a1")))
    assert sorted(went) == [False, True]


def test_what_a_host_has_set_on_its_connection_disturbs_nothing(
    guide: Guidepath, database: str
) -> None:
    with psycopg.connect(
        database,
        row_factory=dict_row,
        cursor_factory=psycopg.ClientCursor,
        prepare_threshold=None,
        client_encoding="latin1",
        options="-c search_path=pg_temp -c bytea_output=escape",
    ) as connection:
        for kind in ("text", "bytea", "int8", "bool"):
            connection.adapters.register_loader(kind, Odd)
        inside = guide.within(connection)
        inside.track("sent", user="u1", account="a1", id="é1", properties={"note": "日本"})
        assert inside.store.load("a1", ["u1"], ["é1"]).known
    assert tracked(guide) == ["é1"]
    assert guide.store.history("a1")[0].properties == {"note": "日本"}


def test_without_a_transaction_to_join_it_is_refused(guide: Guidepath, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        with pytest.raises(ConfigurationError, match="autocommit mode and no transaction is open"):
            guide.within(connection)
        with connection.transaction():
            inside = guide.within(connection)
            inside.track("sent", user="u1", account="a1", id="e1")
        with pytest.raises(ConfigurationError, match="no transaction is open"):
            inside.track("sent", user="u1", account="a1", id="e2")
    assert tracked(guide) == ["e1"]


def test_another_database_is_refused_and_its_transaction_goes_on(
    guide: Guidepath, postgres: Postgres
) -> None:
    empty, other = postgres.database(), postgres.database()
    PostgresStore.from_url(other).close()
    for url in (empty, other):
        with psycopg.connect(url) as connection:
            with pytest.raises(ConfigurationError, match="not to the store's database"):
                guide.within(connection)
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_what_is_no_connection_is_refused(guide: Guidepath, host: psycopg.Connection) -> None:
    with pytest.raises(ConfigurationError, match=r"builtins\.str is not psycopg 3's Connection"):
        guide.within("postgresql:///")
    host.close()
    with pytest.raises(ConfigurationError, match="is closed"):
        guide.within(host)


@pytest.fixture
def engine(database: str) -> Iterator[sqlalchemy.Engine]:
    made = sqlalchemy.create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    yield made
    made.dispose()


def test_sqlalchemys_connection_is_joined(guide: Guidepath, engine: sqlalchemy.Engine) -> None:
    with engine.begin() as connection:
        guide.within(connection).track("sent", user="u1", account="a1", id="e1")
        assert tracked(guide) == []
    with engine.connect() as connection:
        guide.within(connection).track("sent", user="u1", account="a1", id="e2")
        connection.commit()
    with engine.connect() as connection:
        guide.within(connection).track("sent", user="u1", account="a1", id="e3")
        connection.rollback()
    assert tracked(guide) == ["e1", "e2"]


def test_sqlalchemys_session_is_joined(guide: Guidepath, engine: sqlalchemy.Engine) -> None:
    with Session(engine) as session:
        guide.within(session).track("sent", user="u1", account="a1", id="e1")
        assert tracked(guide) == []
        session.commit()
    with Session(engine) as session, session.begin():
        session.execute(sqlalchemy.text("SELECT 1"))
        guide.within(session).track("sent", user="u1", account="a1", id="e2")
    with Session(engine) as session:
        guide.within(session).track("sent", user="u1", account="a1", id="e3")
    assert tracked(guide) == ["e1", "e2"]


def test_sqlalchemy_in_autocommit_mode_is_refused(
    guide: Guidepath, engine: sqlalchemy.Engine
) -> None:
    with (
        engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection,
        pytest.raises(ConfigurationError, match="no transaction is open"),
    ):
        guide.within(connection)


def test_a_milestone_is_carried_once_the_host_has_committed(
    guide: Guidepath, host: psycopg.Connection
) -> None:
    """Others that came later and committed first are carried before, and none is skipped."""
    guide.within(host).track("sent", user="u1", account="a1", id="e1")
    guide.track("sent", user="u2", account="a2", id="e2")

    def carried(now: int) -> set[str]:
        parcel = guide.store.claim("s", now=now, lease=1, most=99)
        if parcel is None:
            return set()
        assert guide.store.settle(parcel, now=now, done=len(parcel.envelopes))
        return {one.account for one in parcel.envelopes}

    assert carried(1) == {"a2"}
    assert carried(2) == set()
    host.commit()
    assert carried(3) == {"a1"}
