"""SQLAlchemy's and Django's transactions are joined as sqlite3's are."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    scoped_session,
    sessionmaker,
)
from tests.adapters.stores.sqlite.test_joined import PLAYBOOK, events, said, track

from guidepath import ConfigurationError, Guidepath


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoice"
    number: Mapped[int] = mapped_column(primary_key=True)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path}/host.db")
    Base.metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def guide(tmp_path: Path) -> Iterator[Guidepath]:
    with Guidepath(PLAYBOOK, f"sqlite:///{tmp_path}/host.db") as opened:
        yield opened


def invoices(engine: Engine) -> int:
    with engine.connect() as connection:
        found: int = connection.execute(text("SELECT count(*) FROM invoice")).scalar_one()
        return found


def insert(connection: Connection) -> None:
    connection.execute(text("INSERT INTO invoice VALUES (1)"))


def test_a_connection_of_sqlalchemy(guide: Guidepath, engine: Engine) -> None:
    with engine.connect() as connection:
        insert(connection)
        track(guide, connection, "e1")
        connection.commit()
        track(guide, connection, "e2")
        connection.rollback()
        track(guide, connection, "e3")  # closed without a commit
    assert events(guide) == ["e1"]
    assert invoices(engine) == 1


def test_a_commit_counts_also_where_the_host_itself_has_written_nothing(
    guide: Guidepath, engine: Engine
) -> None:
    with engine.connect() as connection:
        track(guide, connection, "e1")
        connection.commit()
    with engine.begin() as connection:
        track(guide, connection, "e2")
    assert events(guide) == ["e1", "e2"]


def test_an_error_in_the_hosts_block_takes_all_back(guide: Guidepath, engine: Engine) -> None:
    def fail() -> None:
        with engine.begin() as connection:
            insert(connection)
            track(guide, connection, "e1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (events(guide), said(guide), invoices(engine)) == ([], [], 0)


def test_a_nested_transaction_of_sqlalchemy(guide: Guidepath, engine: Engine) -> None:
    with engine.begin() as connection:
        insert(connection)
        nested = connection.begin_nested()
        track(guide, connection, "e1")
        nested.rollback()
        with connection.begin_nested():
            track(guide, connection, "e2")
    assert events(guide) == ["e2"]


def test_an_engine_that_commits_each_statement_is_refused(guide: Guidepath, engine: Engine) -> None:
    with (
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(ConfigurationError, match="begin one first"),
    ):
        track(guide, connection, "e1")


def test_a_session(guide: Guidepath, engine: Engine) -> None:
    with Session(engine) as session:
        session.add(Invoice(number=1))
        track(guide, session, "e1")
        session.commit()
        track(guide, session, "e2")
        session.rollback()
        track(guide, session, "e3")
        session.commit()
    assert events(guide) == ["e1", "e3"]
    assert invoices(engine) == 1


def test_what_a_session_has_not_written_yet_does_not_disturb(
    guide: Guidepath, engine: Engine
) -> None:
    with Session(engine) as session, session.begin():
        track(guide, session, "e1")
        session.add(Invoice(number=1))
    assert events(guide) == ["e1"]
    assert invoices(engine) == 1


def test_a_scoped_session(guide: Guidepath, engine: Engine) -> None:
    session = scoped_session(sessionmaker(engine))
    track(guide, session, "e1")
    session.commit()
    track(guide, session, "e2")
    session.remove()
    assert events(guide) == ["e1"]


DJANGO = """
import sys
import django
from django.conf import settings
from guidepath import ConfigurationError, Guidepath
from tests.adapters.stores.sqlite.test_joined import PLAYBOOK, events, said, track

file = sys.argv[1]
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": file}})
django.setup()
from django.db import connection, connections, transaction

with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE invoice (number integer)")
guide = Guidepath(PLAYBOOK, f"sqlite:///{file}")

class Undone(Exception):
    pass

def undone(work):
    try:
        with transaction.atomic():
            work()
            raise Undone
    except Undone:
        pass

def insert():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO invoice VALUES (1)")

with transaction.atomic():
    insert()
    track(guide, connection, "e1")
assert events(guide) == ["e1"], events(guide)

undone(lambda: track(guide, connection, "e2"))
assert events(guide) == ["e1"], events(guide)

with transaction.atomic():
    undone(lambda: track(guide, connection, "e3"))
    track(guide, connections["default"], "e4")
assert events(guide) == ["e1", "e4"], events(guide)

try:
    track(guide, connection, "e5")
except ConfigurationError as problem:
    assert "begin one first" in str(problem), problem
else:
    raise AssertionError("outside of atomic() nothing can be joined")

with transaction.atomic():
    assert track(guide, connection, "e6") == ["third"]
assert said(guide) == ["first", "third"], said(guide)
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM invoice")
    assert cursor.fetchone() == (1,)
guide.close()
"""


def test_django(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-W", "error", "-c", DJANGO, tmp_path / "host.db"],
        check=True,
        cwd=Path(__file__).parents[4],
    )
