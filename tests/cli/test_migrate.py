"""What `guidepath migrate` does and says, and how migration tools run the same."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.adapters.stores.sqlite import version_one as old
from tests.cli.ledgerly import Run

from guidepath.adapters.stores.sqlite import SqliteMigrator
from guidepath.adapters.stores.sqlite.schema import STEPS

URL = "sqlite:///old.db"


@pytest.fixture
def file(here: Path) -> Path:
    """A file of the first version."""
    old.write(Path("old.db"))
    return here / "old.db"


def version(file: Path) -> int:
    return SqliteMigrator(file).version()


def test_it_says_what_it_did_and_then_that_there_is_nothing_to_do(run: Run, file: Path) -> None:
    done = run("migrate", "--store", URL)
    assert done.code == 0
    assert done.out.splitlines() == [
        f"done: version {one.version}, {one.title}" for one in STEPS[1:]
    ]
    again = run("migrate", "--store", URL)
    assert again == (0, "nothing to do: the tables are of version 3, the newest\n", "")


def test_check_changes_nothing_and_tells_by_its_exit_code(run: Run, file: Path) -> None:
    before = file.read_bytes()
    done = run("migrate", "--store", URL, "--check")
    assert done.code == 1
    assert done.out.splitlines() == [
        f"to do: version {one.version}, {one.title}" for one in STEPS[1:]
    ]
    assert file.read_bytes() == before
    run("migrate", "--store", URL)
    assert run("migrate", "--store", URL, "--check").code == 0


def test_the_sql_it_prints_does_what_it_does(run: Run, file: Path) -> None:
    printed = run("migrate", "--store", URL, "--sql").out
    assert version(file) == 1
    with closing(sqlite3.connect(file)) as database:
        database.executescript(printed)
    assert version(file) == 3
    nothing = run("migrate", "--store", URL, "--sql")
    assert nothing == (0, "", "nothing to do: the tables are of version 3, the newest\n")
    assert old.read(file) == old.ROWS


def test_sql_from_a_version_needs_no_database(run: Run, here: Path) -> None:
    for url in ("sqlite:///nowhere/a.db", "postgresql://nobody@nowhere.invalid/app"):
        all_of_it = run("migrate", "--store", url, "--sql", "--from", "0")
        rest = run("migrate", "--store", url, "--sql", "--from", "1")
        assert all_of_it.code == rest.code == 0
        assert all_of_it.out.startswith("-- version 1: ")
        assert all_of_it.out.endswith(rest.out)
        assert rest.out.startswith("-- version 2: ")
    assert list(here.iterdir()) == []


def test_a_table_that_is_newer_than_this_code_is_left_alone(run: Run, file: Path) -> None:
    run("migrate", "--store", URL)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE guidepath_meta SET value = 9 WHERE name = 'version'")
    newer = "nothing to do: the tables are of version 9, newer than this guidepath\n"
    assert run("migrate", "--store", URL) == (0, newer, "")
    assert run("migrate", "--store", URL, "--check") == (0, newer, "")


def test_an_older_store_names_the_command_that_mends_it(
    run: Run, file: Path, playbook: Path
) -> None:
    done = run("report", playbook, "--store", URL)
    assert done.code == 1
    assert "run `guidepath migrate --store URL` first" in done.err
    run("migrate", "--store", URL)
    assert run("report", playbook, "--store", URL).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--store", "sqlite:///olt.db"], 2, "there is no store at"),
        (["--store", "memory:"], 2, "has no tables to be migrated"),
        (["--store", "sqlit:///old.db"], 2, "did you mean sqlite:?"),
        (["--store", URL, "--check", "--sql"], 2, "give one of them"),
        (["--store", URL, "--from", "1"], 2, "--from goes with --sql"),
        (["--store", URL, "--sql", "--from", "9"], 1, "the newest is 3"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(
    run: Run, file: Path, arguments: list[str], code: int, told: str
) -> None:
    done = run("migrate", *arguments)
    assert done.code == code
    assert told in done.err
    assert done.out == ""
    assert [one.name for one in file.parent.iterdir()] == ["old.db"]


@pytest.mark.parametrize(
    "command",
    [
        ["report", "PLAYBOOK"],
        ["explain", "PLAYBOOK", "--user", "u1"],
        ["backfill", "PLAYBOOK"],
        ["export", "PLAYBOOK", "--user", "u1"],
        ["erase", "--user", "u1", "--yes"],
        ["relay", "--sink", "log:", "--once"],
        ["migrate"],
        ["migrate", "--check"],
        ["migrate", "--sql"],
    ],
    ids=lambda one: " ".join(one[:2]),
)
def test_no_command_makes_a_file_for_a_name_that_is_misspelt(
    run: Run, playbook: Path, command: list[str]
) -> None:
    words = [str(playbook) if one == "PLAYBOOK" else one for one in command]
    done = run(*words, "--store", "sqlite:///misspelt.db")
    assert done.code == 2
    assert "there is no store at" in done.err
    assert [one.name for one in Path.cwd().iterdir()] == [playbook.name]


REVISION = """
from alembic import op
from guidepath.adapters.stores.migration import statements

revision, down_revision, branch_labels, depends_on = "r1", None, None, None

def upgrade():
    op.execute("CREATE TABLE invoice (number INTEGER)")
    for statement in statements("sqlite:///old.db", since=1, to=3):
        op.execute(statement)
"""
ENVIRONMENT = """
from alembic import context
from sqlalchemy import create_engine

with create_engine("sqlite:///old.db").connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
"""


def test_an_alembic_revision_takes_the_steps(file: Path) -> None:
    versions = file.parent / "alembic" / "versions"
    versions.mkdir(parents=True)
    (versions / "r1.py").write_text(REVISION)
    (versions.parent / "env.py").write_text(ENVIRONMENT)
    (file.parent / "alembic.ini").write_text(
        "[alembic]\nscript_location = alembic\npath_separator = os\n"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-m", "alembic", "upgrade", "head"], check=True)
    assert version(file) == 3
    assert old.read(file) == old.ROWS


MIGRATION = """
from django.db import migrations
from guidepath.adapters.stores.migration import statements

class Migration(migrations.Migration):
    initial = True
    operations = [migrations.RunSQL(statements("sqlite:///old.db", since=1, to=3))]
"""
MANAGE = """
import django, sys
from django.conf import settings
from django.core.management import call_command

sys.path.insert(0, ".")
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "old.db"}},
    INSTALLED_APPS=["shop"],
)
django.setup()
call_command("migrate", verbosity=0)
"""


def test_a_django_migration_takes_the_steps(file: Path) -> None:
    migrations = file.parent / "shop" / "migrations"
    migrations.mkdir(parents=True)
    for folder in (migrations, migrations.parent):
        (folder / "__init__.py").write_text("")
    (migrations / "0001_guidepath.py").write_text(MIGRATION)
    for _ in range(2):
        subprocess.run([sys.executable, "-c", MANAGE], check=True)
    assert version(file) == 3
    assert old.read(file) == old.ROWS
