"""The rules of a playbook, each by itself: whether it can hold at all, and whether it can fail."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from guidepath.playbook.finding import Path
from guidepath.playbook.guidance import rule_of
from guidepath.playbook.playbook import Playbook
from guidepath.proofs.asking import Asking, Never
from guidepath.proofs.condition import Part, conjuncts
from guidepath.proofs.life import NOON
from guidepath.rules.check import check
from guidepath.rules.dependency import milestones_of, reads_role
from guidepath.rules.expression import Compare, InSegment, Name, Not, Of, Rule
from guidepath.rules.facts import derive
from guidepath.rules.interpret import holds
from guidepath.rules.prove.solve import Possible, Undecided
from guidepath.rules.prove.survey import closure
from guidepath.rules.situation import Situation

Kind = Literal["segment", "milestone", "item", "step"]


class Statement(NamedTuple):
    """A rule of the playbook: whose it is, and where it stands; `of` whom a milestone is."""

    owner: str
    kind: Kind
    rule: Rule
    path: Path
    of: Of | None = None


def statements(playbook: Playbook) -> Iterator[Statement]:
    """All rules of a playbook, segments first."""
    for name in playbook.segments:
        ready = check(InSegment(name), playbook.vocabulary, "guidance").rule
        if isinstance(ready, InSegment) and ready.rule is not None:
            yield Statement(name, "segment", ready.rule, ("segments", name))
    for index, milestone in enumerate(playbook.milestones):
        rule = playbook.milestone_rules[milestone.id]
        path: Path = ("milestones", index, "reached_when")
        yield Statement(milestone.id, "milestone", rule, path, milestone.scope)
    rules = playbook.guidance_rules
    for index, item in enumerate(playbook.guidance):
        if item.id in rules:
            yield Statement(item.id, "item", rules[item.id], ("guidance", index, "when"))
        for number, step in enumerate(item.steps):
            name = rule_of(item.id, step.id)
            if name in rules:
                path = ("guidance", index, "steps", number, "when")
                yield Statement(step.id, "step", rules[name], path)


def fails(asking: Asking, statement: Statement) -> Possible | Never | Undecided | None:
    """Whether the rule can fail: Never where it always holds; None where that is plain to see."""
    if not _of_nobody(statement):
        return None
    parts = list(conjuncts(Not(statement.rule, span=statement.rule.span), statement.path))
    return asking.ask(parts, of=statement.of)[1]


def can_hold(
    asking: Asking, statement: Statement, also: list[Part]
) -> Possible | Never | Undecided | None:
    """Whether the rule can hold, with these parts; None where that is plain to see."""
    if not also and not milestones_of(statement.rule) and _of_nobody(statement):
        return None
    parts = [*also, *conjuncts(statement.rule, statement.path)]
    return asking.ask(parts, of=statement.of)[1]


def out_of_reach(
    asking: Asking, statement: Statement, roles: tuple[str, ...]
) -> Iterator[tuple[str, Never | Undecided]]:
    """The roles whose users can never reach a milestone, who have had their role all along."""
    needed = closure([statement.rule], asking.playbook.milestone_rules)
    if not any(map(reads_role, (statement.rule, *needed.values()))):
        return
    rule = list(conjuncts(statement.rule, statement.path))
    for role in roles:
        her = Part(Compare(Name("role"), "==", role), f"the role is {role}", ("roles",))
        answer = asking.ask([*rule, her], steady=True, of=statement.of)[1]
        if not isinstance(answer, Possible):
            yield role, answer


def _of_nobody(statement: Statement) -> bool:
    """Whether the rule holds of somebody of whom nothing is known."""
    facts = derive([statement.rule])
    started = NOON if statement.kind == "milestone" else None
    nobody = Situation(NOON, facts.empty_user, facts.empty_account, started, started)
    return holds(statement.rule, facts, nobody) or bool(milestones_of(statement.rule))
