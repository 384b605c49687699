"""What parts of a playbook say of each other: ids, and who leads to whom."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from guidepath.playbook.declared import Declared
from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.part import Part
from guidepath.rules import glob
from guidepath.rules.problem import suggest


class _Known(NamedTuple):
    """What guidance may name."""

    milestones: Collection[str]
    guidance_and_milestones: Collection[str]
    roles: Collection[str]


def references(declared: Declared, lost: Collection[str]) -> Iterator[Finding]:
    """Every id that is there twice or not at all, and what cannot go together.

    `lost` are the sections of which not everything could be read: what is missing there may well
    be declared, so nobody is told to add it.
    """
    yield from _twice(declared)
    yield from _milestones(declared, lost)
    milestones = {one.id for one in declared.milestones}
    known = _Known(milestones, milestones | {one.id for one in declared.guidance}, declared.roles)
    for index, guidance in enumerate(declared.guidance):
        at: Path = ("guidance", index)
        yield from _names(known, guidance, at, lost)
        yield from _place(guidance, at)
    yield from _waiting_in_circles(declared)


def _twice(declared: Declared) -> Iterator[Finding]:
    ids: list[tuple[str, Path]] = [
        (one.id, ("milestones", index, "id")) for index, one in enumerate(declared.milestones)
    ]
    ids += [(one.id, ("guidance", index, "id")) for index, one in enumerate(declared.guidance)]
    yield from _repeated(ids)
    for index, guidance in enumerate(declared.guidance):
        for path, parts in _lists(guidance, ("guidance", index)):
            key = "milestone" if path[-1] == "items" else "id"
            named = ((getattr(one, key), (*path, n, key)) for n, one in enumerate(parts))
            yield from _repeated(named)
    yield from _repeated((role, ("roles", index)) for index, role in enumerate(declared.roles))


def _lists(guidance: Guidance, at: Path) -> Iterator[tuple[Path, Sequence[Part]]]:
    """Its lists of parts that have names."""
    yield (*at, "steps"), guidance.steps
    yield (*at, "items"), guidance.items
    yield (*at, "questions"), guidance.questions
    for index, question in enumerate(guidance.questions):
        yield (*at, "questions", index, "options"), question.options


def _repeated(ids: Iterable[tuple[str, Path]]) -> Iterator[Finding]:
    first: dict[str, Path] = {}
    for name, path in ids:
        if name in first:
            yield Finding(
                "duplicate-id",
                f"'{name}' is taken; give this one a name of its own",
                path,
                related=((first[name], "the first one is here"),),
            )
        first.setdefault(name, path)


def _milestones(declared: Declared, lost: Collection[str]) -> Iterator[Finding]:
    yield from _first_value(declared, lost)
    known = {one.id: index for index, one in enumerate(declared.milestones)}
    for index, one in enumerate(declared.milestones):
        at: Path = ("milestones", index)
        if one.responsible is not None and one.responsible.customer is not None:
            path = (*at, "responsible", "customer")
            yield from _unknown("role", [(one.responsible.customer, path)], declared.roles, lost)
        if one.renamed_from in known:
            yield Finding(
                "duplicate-id",
                f"'{one.renamed_from}' is still a milestone, so it was not renamed; remove either",
                (*at, "renamed_from"),
                related=((("milestones", known[one.renamed_from], "id"), "it is declared here"),),
            )
    yield from _repeated(
        (one.renamed_from, ("milestones", index, "renamed_from"))
        for index, one in enumerate(declared.milestones)
        if one.renamed_from is not None
    )


def _first_value(declared: Declared, lost: Collection[str]) -> Iterator[Finding]:
    first = [index for index, one in enumerate(declared.milestones) if one.first_value]
    if not first and not lost:
        message = "no milestone is the first value; add `first_value: true` to exactly one"
        yield Finding("first-value", message, ("milestones",), on="key")
    for index in first[1:]:
        yield Finding(
            "first-value",
            "a second milestone is the first value; keep `first_value: true` at one",
            ("milestones", index, "first_value"),
            related=((("milestones", first[0], "first_value"), "the first one is here"),),
        )


def _names(known: _Known, guidance: Guidance, at: Path, lost: Collection[str]) -> Iterator[Finding]:
    toward = [(guidance.toward, (*at, "toward"))]
    yield from _unknown("milestone", toward, known.milestones, lost)
    roles = _each(guidance.roles, (*at, "roles"))
    yield from _unknown("role", roles, known.roles, lost)
    if "guidance" not in lost:
        after, either = _each(guidance.after, (*at, "after")), known.guidance_and_milestones
        yield from _unknown("milestone", after, either, lost, what="guidance or milestone")
    for index, item in enumerate(guidance.items):
        path = (*at, "items", index)
        asked = [(item.milestone, (*path, "milestone")), *_each(item.after, (*path, "after"))]
        yield from _unknown("milestone", asked, known.milestones, lost)


def _each(names: Sequence[str], path: Path) -> list[tuple[str, Path]]:
    return [(name, (*path, index)) for index, name in enumerate(names)]


def _unknown(
    kind: str,
    asked: Iterable[tuple[str, Path]],
    known: Collection[str],
    lost: Collection[str],
    *,
    what: str = "",
) -> Iterator[Finding]:
    if f"{kind}s" in lost:
        return
    for name, path in asked:
        if name not in known:
            message = f"there is no {what or kind} '{name}'{suggest(name, known)}"
            yield Finding(f"unknown-{kind}", message, path)


def _place(guidance: Guidance, at: Path) -> Iterator[Finding]:
    yield from _pages(guidance.page, (*at, "page"))
    for index, step in enumerate(guidance.steps):
        yield from _pages(step.page, (*at, "steps", index, "page"))
    if guidance.starts and guidance.ends and guidance.ends <= guidance.starts:
        message = "this ends before it starts"
        related = (((*at, "starts"), "it starts here"),)
        yield Finding("bad-time", message, (*at, "ends"), related=related)


def _pages(patterns: Sequence[str], at: Path) -> Iterator[Finding]:
    for index, pattern in enumerate(patterns):
        problem = glob.problem(pattern)
        if problem is None and not pattern.startswith("/") and pattern != "**":
            problem = f"a page is a path; write '/{pattern}'"
        if problem is not None:
            yield Finding("bad-page", problem, (*at, index))


def _waiting_in_circles(declared: Declared) -> Iterator[Finding]:
    after = {one.id: one.after for one in declared.guidance}
    at: dict[str, Path] = {
        one.id: ("guidance", index, "after") for index, one in enumerate(declared.guidance)
    }
    for circle in cycles(after):
        spelled = " after ".join([*circle, circle[0]])
        message = f"these wait for each other: {spelled}; none would ever show"
        yield Finding("cycle", message, at[circle[0]])
    for index, guidance in enumerate(declared.guidance):
        lines = {item.milestone: item.after for item in guidance.items}
        for circle in cycles(lines):
            spelled = " after ".join([*circle, circle[0]])
            line = [item.milestone for item in guidance.items].index(circle[0])
            path = ("guidance", index, "items", line, "after")
            yield Finding("cycle", f"these wait for each other: {spelled}", path)


def cycles(edges: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, ...]]:
    """Each cycle once, in order, from the member that is declared first.

    >>> list(cycles({"a": ["b"], "b": ["a"], "c": ["a"]}))
    [('a', 'b')]
    """
    done: set[str] = set()
    for start in edges:
        trail: dict[str, Iterator[str]] = {}
        if start not in done:
            trail[start] = iter(edges[start])
        while trail:
            last = next(reversed(trail))
            following = next(trail[last], None)
            if following is None:
                done.add(last)
                del trail[last]
            elif following in trail:
                names = list(trail)
                yield tuple(names[names.index(following) :])
            elif following in edges and following not in done:
                trail[following] = iter(edges[following])
