"""Items one by one and beside each other: what waits for whom, and what looks like a copy."""

from collections.abc import Callable, Iterator
from itertools import combinations

from guidepath.playbook.duration import write
from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.lint.ground import Ground, Numbered, at, meet, same_people
from guidepath.playbook.text import BARE

_INTERRUPTING = ("modal", "tour", "survey")
_SINGLE = ("tooltip", "hint", "banner", "modal", "announcement")  # others have buttons of their own
_LONG_TOUR = 5


def order(ground: Ground) -> Iterator[Finding]:
    """What speaks against single items, and against pairs of them."""
    for index, one in ground.items:
        yield from _waiting(ground, one, index)
        yield from _coming_back(one, index)
        yield from _staying(one, index)
        if (steps := _longest(one)) > _LONG_TOUR:
            message = f"this tour has {steps} steps in a row; few finish more than {_LONG_TOUR}: "
            message += "keep what the next action needs, and point at the rest where it is used"
            yield Finding("long-tour", message, at(index, "steps"), "warning", on="key")
    yield from _copies(ground)


def _waiting(ground: Ground, guidance: Guidance, index: int) -> Iterator[Finding]:
    for place, name in enumerate(guidance.after):
        if name not in ground.by_id:
            continue  # a milestone
        number, first = ground.by_id[name]
        path = at(index, "after", place)
        related = ((at(number, "id"), f"'{name}' is declared here"),)
        if not same_people(guidance, first):
            message = f"'{name}' is for other people: whoever may see this can never complete it; "
            message += "wait for a milestone instead"
            yield Finding("after-out-of-reach", message, path, "warning", related=related)
        elif first.dismissible:
            message = f"whoever closes '{name}' without completing it never sees this; if that is "
            message += f"not meant, wait for a milestone, such as '{first.toward}'"
            yield Finding("after-dismissible", message, path, "info", related=related)


def _coming_back(guidance: Guidance, index: int) -> Iterator[Finding]:
    frequency = guidance.frequency
    if guidance.starts and guidance.ends:
        shown = guidance.ends - guidance.starts
        for place, one in enumerate(guidance.snooze):
            if one >= shown:
                message = f"whoever puts this off for {write(one)} never sees it again: it is shown"
                message += f" for {write(shown)} in all; offer less"
                yield Finding("snooze-past-end", message, at(index, "snooze", place), "warning")
    if guidance.type in _INTERRUPTING and frequency.max is None and frequency.cool_off is None:
        message = f"a {guidance.type} with no limit and no pause comes back on every page; set "
        message += "`max` or `cool_off`"
        yield Finding("nags", message, at(index, "frequency"), "warning")


def _staying(guidance: Guidance, index: int) -> Iterator[Finding]:
    ways = (guidance.action, guidance.secondary_action, *guidance.snooze)
    if guidance.type in _SINGLE and not guidance.dismissible and not any(ways):
        message = f"there is no way out of this {guidance.type}: it cannot be closed or put off, "
        message += "and has no button; add an `action`, or leave out `dismissible: false`"
        yield Finding("no-way-out", message, at(index, "dismissible"), "warning")


def _longest(tour: Guidance) -> int:
    """How many steps one person can see at most, going on."""
    places = {one.id: index for index, one in enumerate(tour.steps)}
    ahead = [0] * (len(tour.steps) + 1)
    for index in range(len(tour.steps) - 1, -1, -1):
        step = tour.steps[index]
        branch = None if step.action is None else step.action.step
        ways = [] if branch is not None and step.advance_on is None else [ahead[index + 1]]
        for action in (step.action, step.secondary_action or tour.secondary_action):
            to = None if action is None or action.step is None else places[action.step]
            if to is not None and to > index:  # back is no way on
                ways.append(ahead[to])
        ahead[index] = 1 + max(ways, default=0)
    return ahead[0]


def _copies(ground: Ground) -> Iterator[Finding]:
    for (index, one), (number, _) in _pairs(ground, lambda item: _title(ground, item)):
        message = f"'{one.id}' has the same title, for the same people; they cannot tell the two "
        message += "apart: change one"
        yield _copy("same-title", message, at(number, "title"), at(index, "title"))
    for (index, one), (number, other) in _pairs(ground, _selector):
        if one.toward == other.toward:
            message = f"'{one.id}' points at the same element on the same page, for the same people"
            message += " and end; keep one, or say by `when` or `after` which comes when"
            first = at(index, "target", "selector")
            yield _copy("same-target", message, at(number, "target", "selector"), first)
    titles: dict[str, Path] = {}
    for index, milestone in enumerate(ground.playbook.milestones):
        path: Path = ("milestones", index, "title")
        title = milestone.title.get(BARE) or milestone.title[ground.playbook.locale]
        if title in titles:
            message = "another milestone has this title; in checklists and reports nobody can tell "
            yield _copy("same-title", f"{message}them apart: change one", path, titles[title])
        titles.setdefault(title, path)


def _pairs(
    ground: Ground, of: Callable[[Guidance], str | None]
) -> Iterator[tuple[Numbered, Numbered]]:
    """Items that have this in common and that one person meets at the same time."""
    alike: dict[str, list[Numbered]] = {}
    for index, item in ground.items:
        if item.when is None and (shared := of(item)) is not None:
            alike.setdefault(shared, []).append((index, item))
    for items in alike.values():
        for (index, one), (number, other) in combinations(items, 2):
            apart = one.id in other.after or other.id in one.after
            if not apart and one.moment == other.moment and meet(one, other):
                yield (index, one), (number, other)


def _copy(code: str, message: str, path: Path, first: Path) -> Finding:
    return Finding(code, message, path, "warning", related=((first, "the first one is here"),))


def _selector(guidance: Guidance) -> str | None:
    return None if guidance.target is None else guidance.target.selector


def _title(ground: Ground, guidance: Guidance) -> str:
    return guidance.title.get(BARE) or guidance.title[ground.playbook.locale]
