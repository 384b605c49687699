"""A store behind a broken network: an error in time, nothing lost, nothing stale, and it mends."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from tests.faults.checker import look, violations
from tests.faults.journal import Journal, read
from tests.faults.network.conftest import Line
from tests.faults.network.faults import TRIES, answered, broken, faults, together
from tests.faults.product import PLAYBOOK, deck
from tests.faults.scale import times
from tests.servers.proxy import Cut, Reset, Stall

from guidepath import Guidepath
from guidepath.errors import StoreError
from guidepath.registry import open_store
from guidepath.subject import Subject

WAYS = [Reset(), Reset(0), Cut(0), Stall()]


@pytest.fixture
def guide(line: Line) -> Iterator[Guidepath]:
    """A guide whose store is behind the network."""
    with answered(lambda: Guidepath(PLAYBOOK, line.url)) as guide:
        yield guide


class Callers:
    """They track and ask, and know what they were answered."""

    def __init__(self, guide: Guidepath, journal: Journal) -> None:
        self.unknown: list[tuple[Subject, str]] = []
        self.errors = 0
        self._guide = guide
        self._journal = journal
        self._numbers = count()

    def ask(self) -> None:
        """An answer, or an error of ours."""
        number = next(self._numbers)
        with suppress(StoreError):
            self._guide.next(user=f"user {number % 5}", account=f"account {number % 2}")

    def say(self) -> None:
        """The same; after an error nobody knows."""
        number = next(self._numbers)
        self._say(Subject(f"account {number % 2}", f"user {number % 5}"), f"e{number}")

    def repeat(self) -> None:
        """Say again, with the same ids, what nobody knows of."""
        for _ in range(TRIES):
            before, self.unknown = self.unknown, []
            for subject, event in before:
                self._say(subject, event)

    def _say(self, subject: Subject, event: str) -> None:
        try:
            with self._journal.call(subject, event):
                self._guide.track("sent", user=str(subject.user), account=subject.account, id=event)
        except StoreError:
            self.unknown.append((subject, event))
            self.errors += 1


def test_a_fault_costs_an_error_in_time_and_the_same_guide_goes_on_after_it(
    line: Line, guide: Guidepath, tmp_path: Path
) -> None:
    with Journal(tmp_path / "journal") as journal:
        callers = Callers(guide, journal)
        work = (callers.say, callers.say, callers.ask)  # more than one connection is struck
        for name, fault in faults(times(20)):
            with broken(line.proxy, fault):
                together(*work)
                assert line.proxy.struck, name
            together(callers.repeat)
            assert callers.unknown == [], name
        assert callers.errors > times(20) / 2
    store = open_store(line.direct)
    assert violations(deck(), read([tmp_path / "journal"]), look(store)) == []
    store.close()


@pytest.mark.parametrize("fault", WAYS[:3], ids=str)
def test_the_first_call_after_a_broken_connection_is_answered(
    line: Line, fault: Reset | Cut
) -> None:
    with Guidepath(PLAYBOOK, line.patient) as guide:

        def say() -> None:
            with suppress(StoreError):
                guide.track("sent", user="ada", account="acme")

        together(say, say, say)
        for number in range(times(20)):
            with broken(line.proxy, fault):
                together(say, say, say)
            assert guide.track("sent", user="bob", account="acme", id=f"e{number}").stored


@pytest.mark.parametrize("fault", WAYS, ids=str)
def test_next_is_an_error_while_the_store_is_away_never_what_was_right_before(
    line: Line, guide: Guidepath, fault: Reset | Cut | Stall
) -> None:
    def ask() -> str | None:
        return guide.next(user="ada", account="acme").guidance

    assert [answered(ask) for _ in range(3)] == ["send"] * 3  # remembered by now
    with broken(line.proxy, fault):

        def fails() -> None:
            with pytest.raises(StoreError):
                ask()

        together(fails, fails)
        with Guidepath(PLAYBOOK, line.direct) as elsewhere:
            for number in range(3):
                elsewhere.track("sent", user="ada", account="acme", id=f"e{number}")
        together(fails)
    assert answered(ask) == "party"
