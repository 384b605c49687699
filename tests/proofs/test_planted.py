"""Mistakes planted in random playbooks: all are found, nothing else is, and all of it stands trial.

"Never shown" is tried on many made-up people, "shown" by the engine with its store.
"""

from collections.abc import Iterator
from random import Random

import pytest
from benchmarks.proofs import ROLES, owner, planting

from guidepath import Guidepath, Playbook
from guidepath.clock import DAY, HOUR, moment
from guidepath.deck import Deck
from guidepath.proofs import prove, witnesses
from guidepath.proofs.life import NOON, Behind, lived
from guidepath.rules.witness import Happened, Witness

SEEDS = (1, 2)
RULES = 120


@pytest.mark.parametrize("seed", SEEDS)
def test_all_that_was_planted_is_found_and_nothing_else(seed: int) -> None:
    planted = planting(RULES, seed)
    found = prove(Playbook.parse(planted.text), planted.text, "guidepath.yaml")
    mistakes = {(one.code, owner(one)) for one in found if one.severity == "warning"}
    assert mistakes == planted.mistakes
    assert len(planted.mistakes) >= RULES / 20
    assert "undecided" not in {one.code for one in found}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_never_shown_is_shown_to_none_of_many(seed: int) -> None:
    planted = planting(RULES, seed)
    deck = Deck(Playbook.parse(planted.text))
    never = {name for code, name in planted.mistakes if code in ("never-true", "shadowed")}
    shown: set[str] = set()
    for one in people(deck.playbook, Random(seed), 300):
        life = lived(deck, one, NOON, Behind())
        opened = life.open(deck.ranked[-1])
        if opened:
            shown.add(opened[0].id)
    assert len(shown) > RULES / 10
    assert not shown & never


@pytest.mark.parametrize("seed", SEEDS)
def test_whoever_an_item_is_said_to_be_shown_to_gets_it_from_the_engine(seed: int) -> None:
    planted = planting(RULES, seed)
    playbook = Playbook.parse(planted.text)
    found = witnesses(playbook)
    never = {name for _, name in planted.mistakes}
    assert not never & found.keys()
    assert len(found) > RULES / 3
    with Guidepath(playbook, clock=lambda: moment(NOON)) as guide:
        for name, one in found.items():
            tell(guide, one, account=name)
            told = guide.explain(user=f"ada@{name}", account=name, page=one.page)
            assert told.item is not None
            assert told.item.id == name, one


def tell(guide: Guidepath, one: Witness, *, account: str) -> None:
    """Report what a witness has behind her, in an account of her own."""
    hers = max((each.ago for each in one.events if each.by is None), default=0)
    alls = max((each.ago for each in one.events), default=0)
    started = hers if one.started is None else one.started
    began = max(alls, started) if one.account_started is None else one.account_started
    if one.account or one.account_started is not None:
        guide.group(account=account, attributes=dict(one.account), at=moment(NOON - began))
    if one.role or one.user or one.started is not None:
        guide.identify(
            user=f"ada@{account}",
            account=account,
            role=one.role,
            attributes=dict(one.user),
            at=moment(NOON - started),
        )
    for each in sorted(one.events, key=lambda each: -each.ago):
        guide.track(
            each.event,
            user=f"{each.by or 'ada'}@{account}",
            account=account,
            properties=dict(each.properties),
            at=moment(NOON - each.ago),
        )


def people(playbook: Playbook, drawn: Random, number: int) -> Iterator[Witness]:
    """Random people, each on one of the playbook's pages."""
    events = list(playbook.events)
    pages = sorted({page for one in playbook.guidance for page in one.page})
    for _ in range(number):
        happened = [
            Happened(
                drawn.choice(events[1:]),
                drawn.choice((0, HOUR, DAY, 2 * DAY, 5 * DAY, 20 * DAY, 40 * DAY)),
                {"total": drawn.randint(-3, 9)},
                drawn.choice((None, None, "bob", "cyd")),
            )
            for _ in range(drawn.randint(0, 12))
        ]
        yield Witness(
            role=drawn.choice(ROLES),
            user={"plan": drawn.choice(("free", "pro")), "locale": drawn.choice(("de", "en"))},
            account={"size": drawn.randint(0, 9)},
            events=tuple(happened),
            page=drawn.choice(pages).replace("*", "x"),
        )
