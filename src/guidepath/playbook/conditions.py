"""The rules of a playbook, read and checked: of segments, milestones and guidance."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from guidepath.playbook.attribute import Types
from guidepath.playbook.declared import Declared
from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.frozen import FrozenMap
from guidepath.playbook.guidance import Guidance, rule_of
from guidepath.playbook.references import cycles
from guidepath.rules.check import Scope, check
from guidepath.rules.dependency import milestones_of, segments_of
from guidepath.rules.expression import Rule
from guidepath.rules.parser import parse
from guidepath.rules.problem import Problem, RuleSyntaxError
from guidepath.rules.vocabulary import ValueType, Vocabulary

# A problem that is none when the section of what it misses could not be read whole.
_SECTIONS = {
    "unknown-event": ("events",),
    "unknown-property": ("events",),
    "unknown-attribute": ("attributes",),
    "unknown-value": ("attributes", "events", "roles"),
    "unknown-milestone": ("milestones",),
    "unknown-segment": ("segments",),
}


@dataclass
class Conditions:
    """The vocabulary, the checked rules by the id of their owner, and every mistake."""

    vocabulary: Vocabulary
    milestones: dict[str, Rule] = field(default_factory=dict)
    guidance: dict[str, Rule] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def conditions(declared: Declared, lost: Collection[str]) -> Conditions:
    """All rules of the playbook. `lost` are the sections that could not be read whole."""
    found = Conditions(_vocabulary(declared))
    segments = {
        name: rule
        for name, text in declared.segments.items()
        if (rule := _parse(text, ("segments", name), found)) is not None
    }
    found.vocabulary = _vocabulary(declared, segments)
    missing = {"segments"} if len(segments) < len(declared.segments) else set()
    checker = _Checker(found, {*missing, *_lost(lost)})
    for name, rule in segments.items():
        checker.check(rule, ("segments", name), "guidance")
    for index, milestone in enumerate(declared.milestones):
        at: Path = ("milestones", index, "reached_when")
        if (parsed := _parse(milestone.reached_when, at, found)) is not None:
            found.milestones[milestone.id] = checker.check(parsed, at, milestone.scope)
    for index, guidance in enumerate(declared.guidance):
        for name, text, at in _of_guidance(guidance, ("guidance", index)):
            if (parsed := _parse(text, at, found)) is not None:
                found.guidance[name] = checker.check(parsed, at, "guidance")
    _circles(declared, segments, found)
    return found


def _of_guidance(guidance: Guidance, at: Path) -> Iterator[tuple[str, str, Path]]:
    """Its rule and those of its steps: the owner's name, the text, and where it stands."""
    if guidance.when is not None:
        yield guidance.id, guidance.when, (*at, "when")
    for index, step in enumerate(guidance.steps):
        if step.when is not None:
            yield rule_of(guidance.id, step.id), step.when, (*at, "steps", index, "when")


class _Checker:
    def __init__(self, found: Conditions, lost: set[str]) -> None:
        self._found = found
        self._lost = lost

    def check(self, rule: Rule, path: Path, scope: Scope) -> Rule:
        checked = check(rule, self._found.vocabulary, scope)
        for problem in checked.problems:
            excused = self._lost.intersection(_SECTIONS.get(problem.code, ()))
            # a circle of segments is told once, spelled out, at the segment
            if not excused and problem.code != "segment-cycle":
                self._found.findings.append(_finding(problem, path))
        return checked.rule


def _lost(lost: Collection[str]) -> set[str]:
    sections = {one for some in _SECTIONS.values() for one in some}
    return {one for one in sections if one in lost}


def _vocabulary(declared: Declared, segments: dict[str, Rule] | None = None) -> Vocabulary:
    def types(attributes: Types) -> FrozenMap[str, ValueType]:
        return FrozenMap((name, one.value_type) for name, one in attributes.items())

    return Vocabulary(
        user=types(declared.attributes.user),
        account=types(declared.attributes.account),
        events=FrozenMap((name, types(one.properties)) for name, one in declared.events.items()),
        milestones=FrozenMap((one.id, one.scope) for one in declared.milestones),
        segments=FrozenMap(segments or {}),
        roles=declared.roles,
    )


def _parse(text: str, path: Path, found: Conditions) -> Rule | None:
    try:
        return parse(text)
    except RuleSyntaxError as error:
        found.findings.append(_finding(error.problem, path))
        return None


def _finding(problem: Problem, path: Path) -> Finding:
    start = problem.span.start
    return Finding(problem.code, problem.message, path, problem.severity, offset=start)


def _circles(declared: Declared, segments: dict[str, Rule], found: Conditions) -> None:
    for circle in cycles({name: sorted(segments_of(rule)) for name, rule in segments.items()}):
        message = f"segments cannot ask for each other in a circle: {_spelled(circle)}"
        found.findings.append(Finding("cycle", message, ("segments", circle[0])))
    at = {one.id: index for index, one in enumerate(declared.milestones)}
    asked = {name: sorted(milestones_of(rule)) for name, rule in found.milestones.items()}
    for circle in cycles(asked):
        message = f"milestones cannot wait for each other in a circle: {_spelled(circle)}"
        path: Path = ("milestones", at[circle[0]], "reached_when")
        found.findings.append(Finding("cycle", message, path))


def _spelled(circle: tuple[str, ...]) -> str:
    return " asks for ".join([*circle, circle[0]])
