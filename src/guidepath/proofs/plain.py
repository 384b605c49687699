"""A witness with nothing about her that does not matter."""

from collections.abc import Iterator

from guidepath.deck import Deck
from guidepath.playbook.guidance import Guidance
from guidepath.proofs.items import Shown
from guidepath.proofs.life import lived
from guidepath.rules.witness import Witness

_MOST = 24  # events that are tried one by one: more of them are there to be counted


def plain(deck: Deck, item: Guidance, shown: Shown) -> Witness:
    """The witness without whatever can be left out with the item still being decided for her."""
    witness = shown.witness
    going = True
    while going:
        going = False
        for less in _less(witness):
            opened = lived(deck, less, shown.now, shown.behind).open(item)
            if opened and opened[0].id == item.id:
                witness, going = less, True
                break
    pair = lived(deck, witness, shown.now, shown.behind).pair
    reached = {name for one in pair.known for name in one.reached}
    known = [one.id for one in deck.playbook.milestones if one.id in reached]
    return witness._replace(reached=tuple(known))


def _less(one: Witness) -> Iterator[Witness]:
    """The witness with one thing less."""
    if any(event.by for event in one.events):
        yield one._replace(events=tuple(event._replace(by=None) for event in one.events))
    if len(one.events) <= _MOST:
        for index in range(len(one.events)):
            yield one._replace(events=(*one.events[:index], *one.events[index + 1 :]))
    for name in one.user:
        yield one._replace(user={key: value for key, value in one.user.items() if key != name})
    for name in one.account:
        rest = {key: value for key, value in one.account.items() if key != name}
        yield one._replace(account=rest)
    bare = (
        one._replace(device=None),
        one._replace(role=None),
        one._replace(page=None),
        one._replace(started=None),
        one._replace(account_started=None),
    )
    yield from (less for less in bare if less != one)
