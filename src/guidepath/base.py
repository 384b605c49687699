"""What stays of a history that was dropped: a subject's progress as it stood at a cut.

    history up to the cut -> base;   base + history after it -> progress, as if nothing were missing

A base outlives the playbook it was made with. What it remembers lies there under the facts' own
descriptions, so that another playbook finds what it asks for too, and begins to count the rest at
the cut.
"""

from collections.abc import Mapping
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from guidepath.deck import Deck
from guidepath.progress import Progress, waking
from guidepath.rules.expression import Of, Scalar
from guidepath.rules.vocabulary import TypeName, ValueType


class Base(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The progress at the instant `at`, with where its facts lie and what its attributes are."""

    at: int
    progress: Progress
    facts: dict[bytes, int]
    kinds: dict[str, TypeName]  # of each attribute, by name


_decode = msgspec.msgpack.Decoder(Base).decode
_encode = msgspec.msgpack.Encoder().encode


def base_of(progress: Progress | None) -> Base | None:
    """The base that a subject's progress has, if any."""
    return _decode(progress.base) if progress is not None and progress.base else None


def founded(deck: Deck, of: Of, progress: Progress, at: int, stood: Progress) -> Progress:
    """The progress with a base: how it stood at that instant."""
    declared = _declared(deck, of)
    kinds = {name: declared[name].kind for name in stood.attributes}
    base = Base(at, stood, deck.facts.places(of), kinds)
    return replace(progress, base=_encode(base))


def standing_on(deck: Deck, of: Of, base: Base, reached: Mapping[str, int]) -> Progress:
    """The progress at a base for this playbook, with what it is to have reached by then."""
    progress = replace(waking(base.progress, base.progress.wakes, None), reached=dict(reached))
    if progress.fingerprint == deck.fingerprint:
        return progress
    attributes = {
        name: value for name, value in progress.attributes.items() if _fits(deck, of, base, name)
    }
    times = {
        name: at
        for name, at in progress.attribute_times.items()
        if name in attributes or name not in progress.attributes
    }
    return replace(
        progress,
        fingerprint=deck.fingerprint,
        memory=deck.facts.carried(progress.memory, of, base.facts),
        attributes=attributes,
        attribute_times=times,
        due=None,
        deadlines={},
    )


def without(progress: Progress, user: str) -> Progress:
    """An account's progress that no longer tells which of its users she was; counts stay."""
    nobody = f"erased_{uuid4().hex}"
    told = _unnamed(progress, user, nobody)
    base = base_of(progress)
    if base is None:
        return told
    stood = _unnamed(base.progress, user, nobody)
    return replace(told, base=_encode(replace(base, progress=stood)))


def _unnamed(progress: Progress, user: str, nobody: str) -> Progress:
    memory = progress.memory
    people = tuple(
        tuple((at, nobody if one == user else one) for at, one in newest)
        for newest in memory.people
    )
    return replace(
        progress,
        memory=replace(memory, people=people),
        reached_by={name: by for name, by in progress.reached_by.items() if by != user},
    )


def _fits(deck: Deck, of: Of, base: Base, name: str) -> bool:
    """Whether an attribute is still declared, and as what it was."""
    declared = _declared(deck, of).get(name)
    value: Scalar = base.progress.attributes[name]
    if declared is None or declared.kind != base.kinds[name]:
        return False
    return declared.kind != "enum" or value in declared.values


def _declared(deck: Deck, of: Of) -> Mapping[str, ValueType]:
    return deck.vocabulary.user if of == "user" else deck.vocabulary.account
