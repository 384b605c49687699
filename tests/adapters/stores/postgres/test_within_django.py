"""Django's transactions, in a process of their own: Django is set up once in a process."""

import json
import subprocess
import sys

import pytest

HOST = """
import json, sys
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.db import connection, transaction

from guidepath import ConfigurationError, Guidepath, Playbook

url = sys.argv[1]
parts = urlsplit(url)
place = {"HOST": parts.hostname, "PORT": parts.port, "USER": parts.username}
database = {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], **place}
settings.configure(DATABASES={"default": database}, USE_TZ=True)
django.setup()

playbook = Playbook.parse('''
name: ledgerly
events: {sent: {}}
milestones:
  - {id: first, title: Send one, reached_when: did("sent"), first_value: true}
''')
guide = Guidepath(playbook, url)


class Off(Exception):
    "Ends a transaction."


def track(name):
    guide.within(connection).track("sent", user="u1", account="a1", id=name)


def tracked():
    return [one.id for one in guide.store.history("a1")]


said = {}
with transaction.atomic():
    track("committed")
    said["inside"] = tracked()
said["after"] = tracked()
try:
    with transaction.atomic():
        track("rolled back")
        raise Off
except Off:
    said["rolled back"] = tracked()
with transaction.atomic():
    try:
        with transaction.atomic():
            track("inner")
            raise Off
    except Off:
        track("outer")
said["savepoint"] = tracked()
try:
    track("without")
except ConfigurationError as problem:
    said["refused"] = str(problem)
print(json.dumps(said))
connection.close()
guide.close()
"""


@pytest.fixture(scope="module")
def said(database: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", HOST, database], capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_what_atomic_commits_is_there_afterwards(said: dict[str, object]) -> None:
    assert said["inside"] == []
    assert said["after"] == ["committed"]


def test_what_atomic_rolls_back_is_not(said: dict[str, object]) -> None:
    assert said["rolled back"] == ["committed"]


def test_an_inner_atomic_takes_back_only_its_own(said: dict[str, object]) -> None:
    assert said["savepoint"] == ["committed", "outer"]


def test_outside_of_atomic_there_is_nothing_to_join(said: dict[str, object]) -> None:
    assert "transaction.atomic()" in str(said["refused"])
