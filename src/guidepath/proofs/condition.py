"""What must hold for an item to be shown, each part as a rule, in words, and with its place.

The gates of the engine, in the rule language: what an item asks of the person, of where she is and
of what she reached. What guidance did before is not part of it.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from guidepath.attention import SESSION_GAP
from guidepath.playbook.finding import Path
from guidepath.playbook.guidance import Guidance, rule_of
from guidepath.playbook.playbook import Playbook
from guidepath.rules.expression import (
    And,
    Compare,
    InSegment,
    Name,
    Not,
    Or,
    Reached,
    Rule,
    Since,
    Start,
)
from guidepath.rules.text import unparse

_MICROSECOND = timedelta(microseconds=1)


class Part(NamedTuple):
    """A condition: the rule, how to say it, and where in the playbook it stands.

    `once` tells that it need not hold now, but must have held once; `linked`, that it is not asked
    for, but holds for everybody.
    """

    rule: Rule
    words: str
    path: Path
    offset: int | None = None
    once: bool = False
    linked: bool = False


class Index(NamedTuple):
    """Where guidance and milestones stand in the lists of a playbook, by id."""

    guidance: dict[str, int]
    milestones: dict[str, int]


def index_of(playbook: Playbook) -> Index:
    """Where everything stands."""
    return Index(
        {one.id: index for index, one in enumerate(playbook.guidance)},
        {one.id: index for index, one in enumerate(playbook.milestones)},
    )


def conjuncts(rule: Rule, path: Path) -> Iterator[Part]:
    """The conditions that must all hold for a rule to; those of a segment stand in the segment."""
    match rule:
        case And(rules):
            for one in rules:
                yield from conjuncts(one, path)
        case Not(Or(rules)):
            for one in rules:
                yield from conjuncts(Not(one, span=one.span), path)
        case Not(Not(one)):
            yield from conjuncts(one, path)
        case InSegment(name, rule=inner) if inner is not None:
            yield from conjuncts(inner, ("segments", name))
        case _:
            yield Part(rule, f"`{unparse(rule)}`", path, rule.span.start)


def condition(playbook: Playbook, item: Guidance, place: Index) -> list[Part]:
    """All that must hold for the item to be shown, besides what guidance did before."""
    at: Path = ("guidance", place.guidance[item.id])
    return [
        *_here(item, at),
        *_who(item, at),
        *_before(playbook, item, place),
        *_toward(item, at),
        *_own(playbook, item, at),
        *_quiet(playbook, item),
    ]


def whole(parts: list[Part]) -> Rule:
    """The parts that must hold now, as one rule."""
    rules = tuple(one.rule for one in parts if not one.once)
    return rules[0] if len(rules) == 1 else And(rules)


def after_items(playbook: Playbook, item: Guidance, place: Index) -> frozenset[str]:
    """The items that must have been completed before this one, and before those."""
    found: set[str] = set()
    waiting = [one for one in item.after if one in place.guidance]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            before = playbook.guidance[place.guidance[name]]
            waiting += [one for one in before.after if one in place.guidance]
    return frozenset(found)


def _fits(patterns: tuple[str, ...]) -> Rule:
    tests = tuple(Compare(Name("page"), "matches", one) for one in patterns)
    return tests[0] if len(tests) == 1 else Or(tests)


def _here(item: Guidance, at: Path) -> Iterator[Part]:
    if item.page:
        yield Part(_fits(item.page), f"it is for {_listed(item.page)} only", (*at, "page"))
    if item.device:
        test = Compare(Name("device"), "in", item.device)
        yield Part(test, f"it is for {_listed(item.device)} only", (*at, "device"))


def _who(item: Guidance, at: Path) -> Iterator[Part]:
    if item.roles:
        test = Compare(Name("role"), "in", item.roles)
        yield Part(test, f"it is for {_listed(item.roles)} only", (*at, "roles"))


def _before(playbook: Playbook, item: Guidance, place: Index) -> Iterator[Part]:
    at: Path = ("guidance", place.guidance[item.id])
    for index, name in enumerate(item.after):
        if name in place.milestones:
            yield Part(Reached(name), f"it comes after {name}", (*at, "after", index))
    for name in sorted(after_items(playbook, item, place)):
        rule = playbook.guidance_rules.get(name)
        path: Path = ("guidance", place.guidance[name])
        for one in [] if rule is None else conjuncts(rule, (*path, "when")):
            words = f"{one.words} (once, when {name} was shown)"
            yield one._replace(words=words, once=True)
        for milestone in playbook.guidance[place.guidance[name]].after:
            if milestone in place.milestones:
                words = f"{name} came after {milestone}"
                yield Part(Reached(milestone), words, (*path, "after"), once=True)


def _toward(item: Guidance, at: Path) -> Iterator[Part]:
    reached = Reached(item.toward)
    if item.moment == "celebrate":
        yield Part(reached, f"it celebrates {item.toward}", (*at, "toward"))
        started = Since(Start("user"), ">=", 0)
        yield Part(started, "it is for those who are known", (*at, "toward"))
    else:
        yield Part(Not(reached), f"it ends when {item.toward} is reached", (*at, "toward"))


def _own(playbook: Playbook, item: Guidance, at: Path) -> Iterator[Part]:
    rule = playbook.guidance_rules.get(item.id)
    if rule is not None:
        yield from conjuncts(rule, (*at, "when"))
    if not item.steps:
        return
    ways: list[Rule] = []
    before: list[Rule] = []
    for step in item.steps:
        own = playbook.guidance_rules.get(rule_of(item.id, step.id))
        parts = [
            *before,
            *([] if own is None else [own]),
            *([_fits(step.page)] if step.page else []),
        ]
        if not parts:
            return  # the first step can always be the one
        ways.append(parts[0] if len(parts) == 1 else And(tuple(parts)))
        if own is None:
            break
        before.append(Not(own))
    rules = ways[0] if len(ways) == 1 else Or(tuple(ways))
    yield Part(rules, "one of its steps can begin", (*at, "steps"))


def _quiet(playbook: Playbook, item: Guidance) -> Iterator[Part]:
    if playbook.limits.quiet_first_session and item.moment != "celebrate":
        later = Since(Start("user"), ">", SESSION_GAP)
        yield Part(later, "a first session is quiet", ("limits", "quiet_first_session"))


def _listed(names: tuple[str, ...]) -> str:
    return " or ".join(names)
