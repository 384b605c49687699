"""What only some types of guidance have: steps, lines, questions, ways to a step."""

from collections.abc import Collection, Iterator

from guidepath.playbook.action import Action
from guidepath.playbook.declared import Declared
from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.question import OF_TYPES, Question

FEWEST = 2  # of one, there is nothing to choose


def kinds(declared: Declared, lost: Collection[str]) -> Iterator[Finding]:
    """Everything that its type of guidance, or of question, lacks or cannot have.

    Where something could not be read (`lost`), nobody is told that it is missing.
    """
    for index, guidance in enumerate(declared.guidance):
        at: Path = ("guidance", index)
        yield from _parts(guidance, at, lost)
        for action, path in actions(guidance, at):
            yield from _leading(guidance, action, path)
        for number, question in enumerate(guidance.questions):
            yield from _question(question, (*at, "questions", number), lost)


def actions(guidance: Guidance, at: Path) -> Iterator[tuple[Action, Path]]:
    """Every action of guidance, and where it stands."""
    found: list[tuple[Action | None, Path]] = [
        (guidance.action, (*at, "action")),
        (guidance.secondary_action, (*at, "secondary_action")),
    ]
    for index, step in enumerate(guidance.steps):
        path = (*at, "steps", index)
        found += [(step.action, (*path, "action"))]
        found += [(step.secondary_action, (*path, "secondary_action"))]
    for index, item in enumerate(guidance.items):
        found += [(item.action, (*at, "items", index, "action"))]
    yield from ((action, path) for action, path in found if action is not None)


def _parts(guidance: Guidance, at: Path, lost: Collection[str]) -> Iterator[Finding]:
    for kind, key, parts in (
        ("tour", "steps", guidance.steps),
        ("checklist", "items", guidance.items),
        ("survey", "questions", guidance.questions),
    ):
        if guidance.type == kind and not parts and not lost:
            message = f"a {kind} needs `{key}`, at least one"
            yield Finding("missing-key", message, (*at, "type"))
        elif guidance.type != kind and parts:
            message = f"only a {kind} has {key}; this is a {guidance.type}"
            yield Finding("wrong-kind", message, (*at, key), on="key")
    if guidance.type in ("tooltip", "hint") and guidance.target is None and not lost:
        message = f"a {guidance.type} without a `target` points at nothing"
        yield Finding("no-target", message, (*at, "type"), "warning")


def _leading(guidance: Guidance, action: Action, at: Path) -> Iterator[Finding]:
    if action.step is None:
        return
    if guidance.type != "tour":
        message = f"only in a tour an action leads to a step; this is a {guidance.type}"
        yield Finding("wrong-kind", message, (*at, "step"), on="key")
    elif action.navigate is not None:
        message = "an action leads to an address or to a step; keep `navigate` or `step`"
        yield Finding("wrong-kind", message, (*at, "step"), on="key")


def _question(question: Question, at: Path, lost: Collection[str]) -> Iterator[Finding]:
    for key, types in OF_TYPES.items():
        declared, default = getattr(question, key), Question.model_fields[key].default
        if declared != default and question.type not in types:
            message = f"only a {' or '.join(types)} has {key}; this is of type {question.type}"
            yield Finding("wrong-kind", message, (*at, key), on="key")
    if question.type == "choice" and len(question.options) < FEWEST and not lost:
        message = f"a choice needs `options`, at least {FEWEST}"
        yield Finding("missing-key", message, (*at, "type"))
