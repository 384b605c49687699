"""How much falls on one person: what is asked at once, and what the limits let through."""

from collections.abc import Iterator
from datetime import timedelta

from guidepath.playbook.duration import write
from guidepath.playbook.finding import Finding
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.limits import Limits
from guidepath.playbook.lint.ground import Ground, Numbered, at, at_one_time, same_people, shown_to

_TOLD = 3
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


def crowd(ground: Ground) -> Iterator[Finding]:
    """What is too much for one person, and who gets nothing."""
    yield from _up_front(ground)
    yield from _in_time(ground)
    yield from _on_a_page(ground)
    yield from _limits(ground)
    yield from _left_alone(ground)


def _up_front(ground: Ground) -> Iterator[Finding]:
    value = ground.playbook.first_value.id
    early = [(index, one) for index, one in ground.leading if ground.before_value(one)]
    for index, one in early:
        if len(one.questions) > 1:
            message = (
                f"{len(one.questions)} questions may come before the first value: people give "
            )
            message += f"before they got anything; ask one, or wait with `after: [{value}]`"
            yield Finding("asks-up-front", message, at(index, "questions"), "warning", on="key")
    modals = [
        (index, one) for index, one in early if one.type == "modal" and one.moment == "onboard"
    ]
    firsts: dict[object, tuple[int, Guidance]] = {}  # one for each kind of people
    for number, other in modals:
        for index, one in firsts.values():
            if same_people(one, other) and at_one_time(one, other):
                message = f"besides '{one.id}' this is a second modal between people and the first "
                message += "value; a banner or tooltip leaves them their work, or wait with "
                message += f"`after: [{value}]`"
                related = ((at(index, "type"), "the first one is here"),)
                place = at(number, "type")
                yield Finding("asks-up-front", message, place, "warning", related=related)
                break
        firsts.setdefault((other.roles, other.device, other.ends), (number, other))


def _most(limits: Limits, span: timedelta) -> int | None:
    """How many items the limits show one person in so much time, at most; None: any number."""
    found = [
        (span // length + 1) * most
        for most, length in (
            (limits.per_day, _DAY),
            (limits.per_week, _WEEK),
            (None if limits.cool_off is None else 1, limits.cool_off or _DAY),
        )
        if most is not None
    ]
    return min(found, default=None)


def _in_time(ground: Ground) -> Iterator[Finding]:
    """Items that nobody can see before their milestone is due; told once on the way."""
    leading: dict[str, list[Numbered]] = {}
    for number, one in ground.leading:
        if one.when is None and _always(one):
            leading.setdefault(one.toward, []).append((number, one))
    told: set[str] = set()
    for name in ground.needs.order:
        due, before = ground.milestones[name].due, ground.needs.milestone[name]
        most = None if due is None else _most(ground.playbook.limits, due)
        if due is None or most is None or not told.isdisjoint(before):
            continue
        there = [one for toward in {name, *before} for one in leading.get(toward, ())]
        for role in ground.roles:
            items = sorted(number for number, one in there if shown_to(one, role))
            if len(items) > most:
                told.add(name)
                message = f"{len(items)} items lead {_people(role)} here, and the limits show "
                message += f"{most} at most in {write(due)}; drop some, or raise the limits"
                late = items[most:][:_TOLD]
                related = tuple((at(one, "id"), "this one comes too late") for one in late)
                path = ground.milestone(name, "due")
                yield Finding("over-limits", message, path, "warning", related=related)
                break  # it is the same for the other roles


def _on_a_page(ground: Ground) -> Iterator[Finding]:
    """Items that wait on one page from the first visit on, more than a week can show."""
    most = _most(ground.playbook.limits, _WEEK - timedelta(microseconds=1))
    if most is None:
        return
    pages: dict[str | None, list[Numbered]] = {None: []}
    for number, one in ground.leading:
        if _at_once(one):
            for page in one.page or (None,):
                pages.setdefault(page, []).append((number, one))
    told: set[int] = set()
    for page, there in pages.items():
        anywhere = [] if page is None else pages[None]
        for role in ground.roles:
            items = sorted(number for number, one in (*anywhere, *there) if shown_to(one, role))
            if len(items) > most and items[most] not in told:
                told.add(items[most])
                where = "any page" if page is None else page
                message = f"{len(items)} items wait for {_people(role)} on {where}, and the limits "
                message += f"show {most} a week at most; say with `after` or `when` what comes when"
                yield Finding("over-limits", message, at(items[most], "id"), "warning")


def _at_once(guidance: Guidance) -> bool:
    return guidance.when is None and not guidance.after and _always(guidance)


def _always(guidance: Guidance) -> bool:
    return guidance.starts is None and guidance.ends is None


def _people(role: str | None) -> str:
    return "people" if role is None else f"the role '{role}'"


def _limits(ground: Ground) -> Iterator[Finding]:
    limits = ground.playbook.limits
    day, week = limits.per_day, limits.per_week
    for key, value, other, bound in (
        ("per_session", limits.per_session, "per_day", day),
        ("per_session", limits.per_session, "per_week", week),
        ("per_day", day, "per_week", week),
    ):
        if value is not None and bound is not None and value > bound:
            message = f"this never matters: `{other}` is {bound}; lower this, or leave it out"
            yield Finding("idle-limit", message, ("limits", key), "warning")
    if day is not None and week is not None and week >= 7 * day:
        message = f"this never matters: `per_day: {day}` is at most {7 * day} a week; lower this, "
        yield Finding("idle-limit", f"{message}or leave it out", ("limits", "per_week"), "warning")
    if ground.grown and (limits.per_session, day, week, limits.cool_off) == (None,) * 4:
        message = f"{len(ground.items)} items and no limit: one person may get them all at once; "
        message += "add `limits: {per_session: 1, per_day: 3}`, or what fits"
        yield Finding("no-limits", message, ("guidance",), "info", on="key")


def _left_alone(ground: Ground) -> Iterator[Finding]:
    onboarding = [one for _, one in ground.leading if one.moment == "onboard"]
    for index, role in enumerate(ground.playbook.roles):
        if onboarding and not any(shown_to(one, role) for one in onboarding):
            message = f"nothing with `moment: onboard` is for the role '{role}': these people find "
            message += "the way alone; add the role to an item, or an item for it"
            yield Finding("role-left-alone", message, ("roles", index), "warning")
