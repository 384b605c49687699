"""Milestones: whether anything leads to them, and whether their dates can be kept."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from guidepath.clock import SECOND, length
from guidepath.playbook.duration import write
from guidepath.playbook.finding import Finding
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.lint.early import earliest
from guidepath.playbook.lint.ground import Ground, at
from guidepath.rules.expression import Of


def goals(ground: Ground) -> Iterator[Finding]:
    """What speaks against the milestones, and against items by where they lead."""
    yield from _without_guidance(ground)
    yield from _dates(ground)
    yield from _done_before(ground)
    yield from _beside(ground)
    if ground.grown:
        yield from _first_value(ground)


def _without_guidance(ground: Ground) -> Iterator[Finding]:
    if not ground.playbook.guidance:
        return  # it only measures
    led = {one.toward for _, one in ground.leading}
    led |= {line.milestone for _, one in ground.leading for line in one.items}
    led = led.union(*(ground.needs.mentioned[one] for one in led))
    done = frozenset[str]().union(*(ground.events(one) for one in led))
    for name in ground.milestones:
        events = ground.events(name)
        if not events or name in led or ground.needs.mentioned[name] & led or events & done:
            continue  # also where nobody can do anything for it: it comes with time
        message = f"no guidance leads to '{name}': people find the way alone, or not; add an item "
        message += f"with `toward: {name}`, or let it be if they need no help"
        yield Finding("no-guidance", message, ground.milestone(name, "id"), "warning")


def _soonest(ground: Ground) -> dict[str, int]:
    """When each can be reached at the earliest, in microseconds after its subject's start."""
    found: dict[str, int] = {}

    def known(other: str, scope: Of) -> int:
        """An account's milestone may be older than the user."""
        return found[other] if ground.milestones[other].scope == scope else 0

    for name in ground.needs.order:
        scope = ground.milestones[name].scope
        rule = ground.playbook.milestone_rules[name]
        found[name] = earliest(rule, scope, partial(known, scope=scope))
    return found


def _dates(ground: Ground) -> Iterator[Finding]:
    soonest = _soonest(ground)
    for name, one in ground.milestones.items():
        if one.due is None:
            continue
        at_due = ground.milestone(name, "due")
        due, first = one.due, soonest[name]
        if first >= length(due):
            message = f"this cannot be reached within {write(due)}: its rule first holds about "
            message += f"{_about(first)} after the start, so everybody is late; give it more time"
            yield Finding("due-too-soon", message, at_due, "warning")
        for needed in sorted(ground.needs.milestone[name]):
            other = ground.milestones[needed]
            if other.scope == one.scope and other.due is not None and other.due > due:
                message = f"'{name}' needs '{needed}', which is due later ({write(other.due)}): "
                message += "change either date"
                related = ((ground.milestone(needed, "due"), f"'{needed}' is due here"),)
                yield Finding("due-before-needed", message, at_due, "warning", related=related)


def _about(span: int) -> str:
    return write(timedelta(seconds=-(-span // SECOND)))


def _done_before(ground: Ground) -> Iterator[Finding]:
    for index, one in ground.leading:
        if one.toward in ground.needs.guidance[one.id]:
            message = f"this never shows: whoever may see it has reached '{one.toward}', and then "
            message += "it is done; lead to what comes next, or use `moment: celebrate`"
            yield Finding("done-before-shown", message, at(index, "toward"), "warning")


def _beside(ground: Ground) -> Iterator[Finding]:
    for index, one in ground.leading:
        if one.items and not _leads(ground, one):
            message = f"whoever has ticked every line has still not reached '{one.toward}', and no "
            message += "line is a step to it; add the line, or name another milestone"
            yield Finding("checklist-misses", message, at(index, "toward"), "warning")


def _leads(ground: Ground, checklist: Guidance) -> bool:
    toward, lines = checklist.toward, {one.milestone for one in checklist.items}
    if toward in lines or ground.needs.mentioned[toward] & lines:
        return True
    events = ground.events(toward)
    return any(events & ground.events(line) for line in lines)


def _first_value(ground: Ground) -> Iterator[Finding]:
    first = ground.playbook.first_value
    at_id = ground.milestone(first.id, "id")
    if not any(one.moment == "celebrate" and one.toward == first.id for _, one in ground.items):
        message = "nobody celebrates the first value; say so to whoever gets there, with "
        message += f"`moment: celebrate` and `toward: {first.id}`"
        yield Finding("no-celebration", message, at_id, "info")
    if first.due is None:
        message = "the first value has no `due`: nobody is told who is late; say by when it should"
        yield Finding("no-due", f"{message} be reached", at_id, "info")
    elif first.scope == "account" and first.responsible is None:
        message = "of several people in an account, nobody is `responsible` for the first value; "
        message += "name one of their roles, and a team of yours"
        yield Finding("no-responsible", message, at_id, "info")
