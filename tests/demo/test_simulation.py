from datetime import UTC, datetime, timedelta

import pytest

from guidepath import Guidepath, Playbook
from guidepath.demo import simulation
from guidepath.demo.desk import PLAYBOOK

BASE = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = 86_400_000_000


@pytest.fixture(scope="module")
def guide() -> Guidepath:
    guide = Guidepath(Playbook.load(PLAYBOOK), clock=lambda: BASE)
    told = simulation.between(simulation.messages(BASE, accounts=120), None, BASE)
    for messages in simulation.by_account(told):
        guide.ingest(messages)
    return guide


def test_the_same_seed_tells_the_same_life() -> None:
    assert simulation.messages(BASE, accounts=30) == simulation.messages(BASE, accounts=30)
    assert simulation.messages(BASE, accounts=30) != simulation.messages(BASE, seed=8, accounts=30)


def test_the_whole_simulation_is_a_few_hundred_accounts_and_few_thousand_messages() -> None:
    told = list(simulation.between(simulation.messages(BASE), None, BASE))
    assert 200 <= len(simulation.by_account(told)) <= 400
    assert 2_000 <= len(told) <= 6_000


def test_messages_are_in_order_and_each_has_its_own_id() -> None:
    told = simulation.messages(BASE, accounts=60)
    times = [str(one["timestamp"]) for one in told]
    assert times == sorted(times)
    assert len({one["messageId"] for one in told}) == len(told)


def test_what_lies_between_two_times_adds_up_to_the_whole() -> None:
    told = simulation.messages(BASE, accounts=60)
    middle, end = BASE - timedelta(days=30), BASE + timedelta(days=200)
    parts = [*simulation.between(told, None, middle), *simulation.between(told, middle, end)]
    assert parts == told


def test_the_playbook_knows_every_event_that_is_simulated() -> None:
    known = set(Playbook.load(PLAYBOOK).events)
    told = simulation.messages(BASE, accounts=60)
    assert {one["event"] for one in told if one["type"] == "track"} <= known


def test_the_messages_are_taken_in_whole_and_nothing_is_ignored(guide: Guidepath) -> None:
    told = list(simulation.between(simulation.messages(BASE, accounts=120), None, BASE))
    again = guide.ingest(told)
    assert (again.stored, again.repeated, again.refused) == (0, len(told), {})
    assert guide.ignored == {}


def test_the_report_has_something_true_to_show(guide: Guidepath) -> None:
    report = guide.report(until=BASE, by="role")
    first = report.first_value
    assert first is not None
    shares = [share.value for share in first.numbers.within.values() if share is not None]
    assert 0.3 < shares[0] < shares[1] < shares[2] < 0.95  # some are fast, some never get there
    assert first.numbers.median is not None
    assert DAY / 4 < first.numbers.median < 14 * DAY
    by_id = {one.milestone.id: one.numbers for one in report.outcomes}
    assert by_id["contacts_in"].reached > first.numbers.reached > by_id["set_up"].reached > 0


def test_only_accountants_export_the_books(guide: Guidepath) -> None:
    report = guide.report(until=BASE, by="role")
    [books] = [one for one in report.outcomes if one.milestone.id == "books_exported"]
    assert books.groups["accountant"].reached == books.numbers.reached > 0
    assert set(books.groups) == {"owner", "accountant", "member"}
