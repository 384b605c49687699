"""A witness says nothing of herself that does not matter."""

from collections.abc import Iterator

import pytest

from guidepath import Playbook
from guidepath.clock import DAY
from guidepath.deck import Deck
from guidepath.playbook.guidance import Guidance
from guidepath.proofs import witnesses
from guidepath.proofs.items import Shown
from guidepath.proofs.life import NOON, Behind, lived
from guidepath.proofs.plain import plain
from guidepath.rules.witness import Happened, Witness

PLAYBOOK = Playbook.parse("""
name: ledgerly
roles: [owner, member]
attributes:
  user: {plan: {enum: [free, pro], optional: true}, locale: {type: string, optional: true}}
  account: {size: {type: integer, optional: true}, industry: {type: string, optional: true}}
events:
  invoice.sent: {properties: {total: {type: number, optional: true}}}
  contact.imported: {}
milestones:
  - {id: begun, title: B, reached_when: did("contact.imported")}
  - {id: first, title: F, first_value: true, reached_when: total("invoice.sent".total) > 1000}
guidance:
  - {id: anybody, type: hint, moment: onboard, toward: begun, title: A}
  - id: twice
    type: hint
    moment: nurture
    toward: first
    title: T
    roles: [owner]
    page: /contacts/*
    device: [mobile]
    when: count("invoice.sent") == 2 and account.size > 3 and since("contact.imported") < 7d
  - id: ours
    type: hint
    moment: nurture
    toward: first
    title: O
    when: account.did("invoice.sent") and user.plan != "free"
  - {id: pro, type: hint, moment: nurture, toward: first, title: P, when: user.plan != "free"}
  - id: old
    type: hint
    moment: upgrade
    toward: first
    title: O
    when: since(start) > 30d and account.since(start) > 60d and user.locale == "de"
  - id: crowd
    type: hint
    moment: upgrade
    toward: first
    title: C
    after: [begun]
    when: account.users("invoice.sent" where total >= 10) >= 2 and user.plan is set
""")
DECK = Deck(PLAYBOOK)
BUSY = Witness(
    role="owner",
    user={"plan": "pro", "locale": "de"},
    account={"size": 7, "industry": "law"},
    events=tuple(
        Happened(event, ago * DAY, properties, by)
        for event, ago, properties, by in (
            ("contact.imported", 1, {}, None),
            ("contact.imported", 9, {}, "bob"),
            ("invoice.sent", 2, {"total": 12}, None),
            ("invoice.sent", 3, {}, None),
            ("invoice.sent", 4, {"total": 12}, "bob"),
            ("invoice.sent", 5, {"total": 2}, "cyd"),
        )
    ),
    started=40 * DAY,
    account_started=80 * DAY,
    page="/contacts/7",
    device="mobile",
)


def shown(item: Guidance, one: Witness) -> bool:
    """Whether the engine decides the item for her."""
    opened = lived(DECK, one, NOON, Behind()).open(item)
    return bool(opened) and opened[0] is item


def poorer(one: Witness) -> Iterator[Witness]:
    """She, each time without one thing that is known of her."""
    for place in range(len(one.events)):
        yield one._replace(events=(*one.events[:place], *one.events[place + 1 :]))
    for gone in one.user:
        yield one._replace(user={name: one.user[name] for name in one.user if name != gone})
    for gone in one.account:
        known = {name: one.account[name] for name in one.account if name != gone}
        yield one._replace(account=known)
    bare = (
        one._replace(role=None),
        one._replace(page=None),
        one._replace(device=None),
        one._replace(started=None),
        one._replace(account_started=None),
    )
    yield from (less for less in bare if less != one)


@pytest.mark.parametrize("item", PLAYBOOK.guidance, ids=lambda one: one.id)
def test_without_anything_that_is_said_of_her_it_is_not_shown(item: Guidance) -> None:
    one = witnesses(PLAYBOOK)[item.id]
    assert shown(item, one)
    assert not [less for less in poorer(one) if shown(item, less)]


def test_of_somebody_with_much_behind_her_only_what_matters_is_told() -> None:
    item = DECK.guidance["twice"]
    one = plain(DECK, item, Shown(BUSY, NOON, Behind()))
    assert one == Witness(
        role="owner",
        account={"size": 7},
        events=tuple(BUSY.events[place] for place in (0, 2, 3)),
        page="/contacts/7",
        device="mobile",
        reached=("begun",),
    )


def test_who_did_it_is_said_only_where_it_matters() -> None:
    imported = Happened("contact.imported", DAY)
    sent = Happened("invoice.sent", DAY, {"total": 12}, "bob")
    ours = Witness(events=(imported, sent))
    one = plain(DECK, DECK.guidance["ours"], Shown(ours, NOON, Behind()))
    assert [event.by for event in one.events] == [None, None]
    crowd = Witness(user={"plan": "free"}, events=(imported, sent, sent._replace(by="cyd")))
    one = plain(DECK, DECK.guidance["crowd"], Shown(crowd, NOON, Behind()))
    assert one == crowd._replace(reached=("begun",))


def test_where_she_is_and_who_she_is_goes_unsaid_where_it_does_not_matter() -> None:
    imported = Happened("contact.imported", DAY)
    one = BUSY._replace(user={}, account={}, events=(imported,))
    one = plain(DECK, DECK.guidance["pro"], Shown(one, NOON, Behind()))
    assert one == Witness(events=(imported,), reached=("begun",))
