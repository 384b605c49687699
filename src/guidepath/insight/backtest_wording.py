"""The words for what differs between two playbooks, the same in a terminal and on a page.

Names come from playbooks and from data: here they are plain text, and whoever prints them makes
them safe for the place.
"""

from collections.abc import Iterator

from guidepath.clock import iso
from guidepath.insight import wording
from guidepath.insight.backtest import (
    Backtest,
    Because,
    ItemChange,
    MilestoneChange,
    Move,
    Moved,
    Part,
    Place,
    Way,
)
from guidepath.insight.report import Numbers, Outcome

MOST = 20  # changes of items that are written out, and places of one; JSON has all
_WAYS: dict[Way, str] = {
    "earlier": "earlier",
    "later": "later",
    "never": "no more by the end",
    "newly": "newly",
}


def counts(found: Backtest) -> str:
    """What was looked at, and how many accounts of how many."""
    told = wording.counts(found.after)
    if found.drawn is None:
        return told
    some, of = found.drawn
    return f"{told}; a sample: {some:,} of {wording.count(of, 'account')}"


def headline(found: Backtest) -> str:
    """The one sentence to remember."""
    told = []
    if moved := [one for one in found.milestones if one.moved]:
        every = wording.count(len(found.milestones), "milestone")
        told.append(f"{len(moved)} of {every} reached at other times")
    if found.added or found.removed:
        told.append(f"{len(found.added)} new and {len(found.removed)} gone")
    if found.items:
        told.append(f"another next item for {share(found.switched, 'user')}")
    return "; ".join(told) or "No change"


def header(found: Backtest) -> tuple[str, ...]:
    """The names of the columns of `rows`."""
    shares = (f"in {wording.span(time)}" for time in found.after.within)
    return ("milestone", "of", "earlier", "later", "no more", "newly", "half within", *shares)


def rows(found: Backtest) -> Iterator[tuple[str, ...]]:
    """The cells of each milestone that moves anybody, its groups after it with an indented name.

    What is the same on both sides is told once.
    """
    for one in found.milestones:
        if not one.moved:
            continue
        parts = [move.part for move in one.moves]
        many = [f"{part.subjects:,}" for part in parts]
        yield _row(found, title(one), many, one.before, one.after)
        for group, (before, after) in one.groups.items():
            many = [f"{part.groups[group][0]:,}" for part in parts]
            yield _row(found, f"  {group}", many, before, after)


def _row(
    found: Backtest, name: str, many: list[str], before: Numbers, after: Numbers
) -> tuple[str, ...]:
    words = [
        [wording.median(one), *(wording.share(one, time) for time in found.after.within)]
        for one in (before, after)
    ]
    both = [was if was == now else f"{was} → {now}" for was, now in zip(*words, strict=True)]
    return (name, f"{after.subjects:,}", *many, *both)


def title(one: MilestoneChange) -> str:
    """The title of a milestone, with a star where it is the first value."""
    return ("★ " if one.milestone.first_value else "") + one.milestone.title


def name(one: MilestoneChange) -> str:
    """The id of a milestone, and the one it had."""
    was = f" (before: {one.renamed_from})" if one.renamed_from else ""
    return one.milestone.id + was


def share(part: Part, noun: str) -> str:
    """How many of how many, and the share; of a sample with its limits.

    >>> share(Part(57, 1022, None, {}), "user"), share(Part(3, 40, (0.026, 0.199), {}), "account")
    ('57 of 1,022 users (6 %)', '3 of 40 accounts (8 %, 95 % band 3 to 20 %)')
    """
    band = ""
    if part.band is not None:
        low, high = map(wording.percent, part.band)
        band = f", 95 % band {low.removesuffix(' %')} to {high}"
    every = wording.count(part.of, noun)
    return f"{part.subjects:,} of {every} ({wording.percent(part.share)}{band})"


def groups(part: Part) -> str:
    """How many of each group; empty where there are no groups."""
    some = [f"{group} {many:,} of {of:,}" for group, (many, of) in part.groups.items() if many]
    return ", ".join(some)


def move(one: Move, noun: str) -> str:
    """How many move one way, and by how much."""
    told = f"{_WAYS[one.way]}: {share(one.part, noun)}"
    if one.median is None:
        return told
    if one.part.subjects == 1:
        return f"{told}, by {wording.span(one.median)}"
    return f"{told}, half of them by {wording.span(one.median)} or more"


def who(account: str, user: str | None) -> str:
    """A user in an account, or the account."""
    return account if user is None else f"{user} in {account}"


def times(moved: Moved) -> tuple[str, str]:
    """When a subject reaches a milestone on either side."""
    was, now = ("not reached" if at is None else iso(at) for at in (moved.before, moved.after))
    return was, now


def alone(one: Outcome) -> str:
    """A milestone that one side has: how many reach it, and how soon."""
    numbers, scope = one.numbers, one.milestone.scope
    people = wording.count(numbers.subjects, scope)
    known = numbers.enough and numbers.median is not None
    half = f", half within {wording.median(numbers)}" if known else ""
    return f"{one.milestone.title} ({one.milestone.id}): {numbers.reached:,} of {people}{half}"


def change(one: ItemChange) -> str:
    """Which item takes the place of which."""
    before, after = one.before or "nothing", one.after or "nothing"
    return f"{before}, with other content" if before == after else f"{before} → {after}"


def reasons(one: ItemChange) -> str:
    """By what an item is closed, and for how many; empty where only its content is another."""
    if one.before == one.after:
        return ""
    asked = f"{one.after} before" if one.before is None else f"{one.before} now"
    return f"{asked}: " + ", ".join(f"{code} {many:,}" for code, many in one.reasons.items())


def where(place: Place) -> str:
    """A place in words.

    >>> where(Place("/contacts", "mobile")), where(Place())
    ('/contacts (mobile)', 'no page')
    """
    page = place.page or "no page"
    return page if place.device is None else f"{page} ({place.device})"


def places(one: ItemChange) -> str:
    """On which pages, and for how many; empty where no page matters."""
    if set(one.places) == {Place()}:
        return ""
    found = [f"{where(place)} {many:,}" for place, many in one.places.items()]
    more = f", {len(found) - MOST} more" if len(found) > MOST else ""
    return f"on {', '.join(found[:MOST])}{more}"


def why(because: Because) -> str:
    """The gate, and where somebody asked what it found."""
    if not because.required:
        return because.code
    return f"{because.code}, {because.actual}; required: {because.required}"
