import random
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.ledgerly import MESSAGES, PLAYBOOK, START, track

from guidepath.cli.outcome import decisions, milestones
from guidepath.clock import iso, micros
from guidepath.deck import Deck
from guidepath.engine import Guidepath
from guidepath.playbook.playbook import Playbook

DECK = Deck(Playbook.parse(PLAYBOOK))


def at(hours: float) -> str:
    return iso(micros(START + timedelta(hours=hours)))


@pytest.fixture
def guide() -> Guidepath:
    guide = Guidepath(DECK.playbook, clock=lambda: START + timedelta(days=400))
    guide.ingest(MESSAGES)
    return guide


def reached(guide: Guidepath, hours: float) -> list[tuple[object, ...]]:
    until = micros(START + timedelta(hours=hours))
    return [tuple(one.values()) for one in milestones(DECK, guide.store, until)]


def test_milestones_are_told_by_account_and_user_in_order_of_time(guide: Guidepath) -> None:
    assert reached(guide, 72) == [
        ("acme", None, "busy", at(48)),
        ("acme", "ada", "contacts_in", at(0)),
        ("acme", "ada", "first_invoice", at(5)),
        ("acme", "ada", "settled", iso(micros(START + timedelta(hours=53)) + 1)),
        ("acme", "bob", "contacts_in", at(6)),
        ("acme", "bob", "first_invoice", at(30)),
        ("acme", "cyd", "first_invoice", at(48)),
        ("zeta", "dan", "contacts_in", at(60)),
    ]


def test_what_is_reached_later_is_not_told_and_what_waiting_makes_true_by_then_is(
    guide: Guidepath,
) -> None:
    assert ("acme", "cyd", "settled") not in [one[:3] for one in reached(guide, 96)]
    assert ("acme", "cyd", "settled") in [one[:3] for one in reached(guide, 97)]
    assert reached(guide, 4) == [("acme", "ada", "contacts_in", at(0))]


@pytest.mark.parametrize("hours", [3, 5, 30, 47, 60, 96, 500])
def test_a_decision_is_that_of_explain_at_the_same_time(guide: Guidepath, hours: float) -> None:
    when = START + timedelta(hours=hours)
    told = list(decisions(DECK, guide.store, micros(when)))
    assert told
    for one in told:
        said = guide.explain(user=str(one["user"]), account=str(one["account"]), at=when)
        assert (one["item"], one["reason"]) == (said.guidance, said.reason)
        assert one["evaluatedAt"] == at(hours)


def test_who_starts_later_has_no_decision_yet(guide: Guidepath) -> None:
    told = list(decisions(DECK, guide.store, micros(START + timedelta(hours=30))))
    assert [(one["account"], one["user"]) for one in told] == [("acme", "ada"), ("acme", "bob")]


def test_what_a_user_was_shown_counts_from_when_she_was_shown_it() -> None:
    now = START + timedelta(hours=1)
    guide = Guidepath(DECK.playbook, clock=lambda: now)
    guide.track("contact.imported", user="ada", account="acme")
    now = START + timedelta(hours=10)
    guide.respond(guide.next(user="ada", account="acme").id, "shown")
    guide.respond(guide.next(user="ada", account="acme").id, "dismissed")
    now = START + timedelta(hours=20)
    guide.track("contact.imported", user="ada", account="acme")

    def reason(hours: float) -> object:
        (told,) = decisions(DECK, guide.store, micros(START + timedelta(hours=hours)))
        return told["reason"]

    assert [reason(hours) for hours in (2, 15, 20)] == ["CHOSEN", "DISMISSED", "DISMISSED"]


def test_nothing_is_claimed_or_saved(guide: Guidepath) -> None:
    before = guide.store.subjects()
    for hours in (20, 500):
        list(decisions(DECK, guide.store, micros(START + timedelta(hours=hours))))
        reached(guide, hours)
    assert guide.store.subjects() == before


def test_decisions_of_many_users_agree_with_explain_at_any_time() -> None:
    dice = random.Random(7)
    names = ("invoice.sent", "contact.imported")
    messages = [
        track(n, f"u{dice.randrange(9)}", dice.choice(names), hours=dice.randrange(200))
        for n in range(60)
    ]
    guide = Guidepath(DECK.playbook, clock=lambda: START + timedelta(days=400))
    guide.ingest(messages)
    for hours in (40, 110, 199):
        when = START + timedelta(hours=hours)
        for one in decisions(DECK, guide.store, micros(when)):
            said = guide.explain(user=str(one["user"]), account="acme", at=when)
            assert (one["item"], one["reason"]) == (said.guidance, said.reason)


def test_an_empty_store_has_neither(tmp_path: Path) -> None:
    guide = Guidepath(DECK.playbook, f"sqlite:///{tmp_path}/empty.db")
    assert list(decisions(DECK, guide.store, micros(START))) == []
    assert list(milestones(DECK, guide.store, micros(START))) == []
    guide.close()
