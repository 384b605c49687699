"""Whether an item can be shown to anybody, and who always comes first if not.

Somebody is made up for whom all that the item asks holds, and lived through. Where another item is
decided for her, somebody is looked for to whom that one would not be shown; until the item is
decided, or there is nobody left.
"""

from collections.abc import Iterator
from time import monotonic
from typing import Literal, NamedTuple

from guidepath.deck import Deck
from guidepath.playbook.guidance import Guidance
from guidepath.proofs.asking import Asking, Never
from guidepath.proofs.condition import Part, after_items, condition, index_of, whole
from guidepath.proofs.ending import endings
from guidepath.proofs.life import Behind, covers, instants, lived
from guidepath.rules.expression import Rule
from guidepath.rules.prove.paths import TooMany
from guidepath.rules.prove.portrait import portrait
from guidepath.rules.prove.solve import Possible, Undecided
from guidepath.rules.prove.world import World
from guidepath.rules.witness import Witness

Why = Literal["late", "too much", "nobody"]


class Shown(NamedTuple):
    """It can be shown: to this user, at this instant, with these items behind her."""

    witness: Witness
    now: int
    behind: Behind


class NeverShown(NamedTuple):
    """Its conditions cannot hold together: these parts alone are enough for that."""

    parts: tuple[Part, ...]


class Dead(NamedTuple):
    """It comes after an item that can never be shown."""

    after: Guidance


class Outranked(NamedTuple):
    """Whenever it could be shown, one of these comes first; for ever, or until they are over."""

    by: tuple[Guidance, ...]
    ends: bool


class Unknown(NamedTuple):
    """It is not known: the time was over, it is too much, or the engine shows it to nobody."""

    why: Why


Fate = Shown | NeverShown | Dead | Outranked | Unknown


class Items:
    """The fates of all items of a playbook, each told once."""

    def __init__(self, asking: Asking, deck: Deck, limit: float) -> None:
        self._asking = asking
        self._playbook = asking.playbook
        self._deck = deck
        self._limit = limit
        self._place = index_of(self._playbook)
        self._parts: dict[str, list[Part]] = {}
        self._rules: dict[str, Rule] = {}
        self._fates: dict[str, Fate] = {}
        self._timed = [one for one in self._playbook.guidance if one.starts or one.ends]

    def parts(self, item: Guidance) -> list[Part]:
        """What must hold for the item to be shown."""
        if item.id not in self._parts:
            self._parts[item.id] = condition(self._playbook, item, self._place)
        return self._parts[item.id]

    def fate(self, item: Guidance) -> Fate:
        """What becomes of the item."""
        if item.id not in self._fates:
            try:
                self._fates[item.id] = self._found(item)
            except TooMany:
                self._fates[item.id] = Unknown("too much")
        return self._fates[item.id]

    def _found(self, item: Guidance) -> Fate:
        for name in item.after:
            if name in self._place.guidance:
                before = self._playbook.guidance[self._place.guidance[name]]
                fate = self.fate(before)
                if isinstance(fate, NeverShown | Dead) or (
                    isinstance(fate, Outranked) and not fate.ends
                ):
                    return Dead(before)
        behind = Behind(after_items(self._playbook, item, self._place))
        fate = self._tried(item, behind)
        if isinstance(fate, Outranked) and any(_makes_way(one, item) for one in fate.by):
            celebrated = (one.id for one in self._playbook.guidance if _makes_way(one, item))
            fate = self._tried(item, behind._replace(celebrated=frozenset(celebrated)))
        return fate

    def _tried(self, item: Guidance, behind: Behind) -> Fate:
        until = monotonic() + self._limit
        others: dict[str, Guidance] = {}
        while monotonic() < until:
            ranked = sorted(others.values(), key=lambda one: _rank(one, item))
            world, answer = self._asking.ask(self.parts(item), [self._rule(one) for one in ranked])
            if isinstance(answer, Undecided):
                break
            if isinstance(answer, Never):
                by = tuple(
                    sorted((ranked[one] for one in answer.others), key=self._deck.ranked.index)
                )
                if not by:
                    return NeverShown(answer.parts)
                return Outranked(by, ends=any(_rank(one, item) for one in by))
            new: dict[str, Guidance] = {}
            for witness, now in self._somebody(item, world, answer):
                opened = lived(self._deck, witness, now, behind).open(item)
                if opened and opened[0].id == item.id:
                    return Shown(witness, now, behind)
                if opened and opened[-1].id == item.id:
                    new |= {one.id: one for one in opened[:-1] if covers(one, item)}
            if new.keys() <= others.keys():
                return Unknown("too much")
            others |= new
        return Unknown("late")

    def _rule(self, item: Guidance) -> Rule:
        if item.id not in self._rules:
            self._rules[item.id] = whole(self.parts(item))
        return self._rules[item.id]

    def _somebody(
        self, item: Guidance, world: World, answer: Possible
    ) -> Iterator[tuple[Witness, int]]:
        """Users for whom the item's conditions should hold, the likeliest first."""
        timed = [one for one in self._timed if not covers(one, item)]
        for now in instants(item, timed):
            for apart in (False, True):
                yield portrait(world, answer.model, now, apart=apart), now


def _makes_way(one: Guidance, item: Guidance) -> bool:
    """Whether it celebrates something else: that is shown once, and then makes way."""
    return one.moment == "celebrate" and one.toward != item.toward


def _rank(one: Guidance, item: Guidance) -> int:
    """0 where it comes first for ever, 1 where that ends, 2 where it is shown but once."""
    if item.moment == "celebrate":
        return 0 if one.toward == item.toward else 2
    if one.moment == "celebrate":
        return 2
    return int(bool(endings(one)))
