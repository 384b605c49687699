"""Where the steps of a tour lead: every branch has an end, and every step a way to it."""

from collections.abc import Collection, Iterator, Sequence

from guidepath.playbook.action import Action
from guidepath.playbook.declared import Declared
from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.guidance import Guidance, Step
from guidepath.playbook.kinds import actions
from guidepath.rules.problem import suggest


def tours(declared: Declared, lost: Collection[str]) -> Iterator[Finding]:
    """Every branch to a step that is not there, and every step that no path reaches.

    Where something could not be read (`lost`), it may be what is missing: nothing is said.
    """
    for index, guidance in enumerate(declared.guidance):
        if guidance.type == "tour" and guidance.steps and not lost:
            at: Path = ("guidance", index)
            unknown = list(_unknown(guidance, at))
            yield from unknown or _unreached(guidance, at)


def _unknown(guidance: Guidance, at: Path) -> Iterator[Finding]:
    known = [one.id for one in guidance.steps]
    for action, path in actions(guidance, at):
        if action.step is not None and action.step not in known:
            message = f"this tour has no step '{action.step}'{suggest(action.step, known)}"
            yield Finding("unknown-step", message, (*path, "step"))


def _unreached(guidance: Guidance, at: Path) -> Iterator[Finding]:
    steps = guidance.steps
    places = {one.id: index for index, one in enumerate(steps)}
    reached: set[int] = set()
    ways = [*_arriving(steps, 0)]
    while ways:
        index = ways.pop()
        if index not in reached:
            reached.add(index)
            ways += _onward(guidance, index, places)
    for index, step in enumerate(steps):
        if index not in reached:
            message = f"nothing leads to the step '{step.id}'; nobody will see it"
            yield Finding("unreached-step", message, (*at, "steps", index, "id"), "warning")


def _onward(guidance: Guidance, index: int, places: dict[str, int]) -> Iterator[int]:
    """Where a person can go from a step: an action that leads to a step stands in for "next"."""
    step = guidance.steps[index]
    if _branch(step.action) is None or step.advance_on is not None:
        yield from _arriving(guidance.steps, index + 1)
    for action in (step.action, step.secondary_action or guidance.secondary_action):
        branch = _branch(action)
        if branch in places:
            yield from _arriving(guidance.steps, places[branch])


def _arriving(steps: Sequence[Step], index: int) -> Iterator[int]:
    """The step at this place; where it may be left out, those after it, too."""
    for place in range(index, len(steps)):
        yield place
        if steps[place].when is None:
            return


def _branch(action: Action | None) -> str | None:
    return None if action is None else action.step
