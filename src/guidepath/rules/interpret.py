"""The reference: what a checked rule means, read off its nodes.

Two-valued: a comparison with a missing value is false, `!=` and `not in` are `not (…)` and so true.
Something that never happened has no age: every comparison with it is false.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from guidepath.rules import glob, wording
from guidepath.rules.evidence import began, newest, read, tally, total
from guidepath.rules.expression import (
    And,
    Compare,
    Condition,
    Did,
    InSegment,
    IsSet,
    Not,
    Or,
    Reached,
    Rule,
    Since,
    Tally,
    Total,
)
from guidepath.rules.facts import Facts
from guidepath.rules.number import decimal
from guidepath.rules.situation import Situation
from guidepath.rules.text import unparse

# what each operator asks of a value and a literal
ORDER: Mapping[str, Callable[..., bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a rule holds or not, node by node.

    `text` is the canonical text of the node, `actual` and `required` are short phrases for people.
    `progress` is (done, needed), done at most needed, where the node counts towards something.
    Attributes stand in `actual` as they are: it is for operators, not for other users.
    """

    text: str
    holds: bool
    actual: str
    required: str
    children: tuple["Explanation", ...] = ()
    progress: tuple[int, int] | None = None


def holds(rule: Rule, facts: Facts, situation: Situation) -> bool:
    """Whether the rule holds. `facts` must be derived from a set of rules with this one in it."""
    match rule:
        case And(rules):
            return all(holds(one, facts, situation) for one in rules)
        case Or(rules):
            return any(holds(one, facts, situation) for one in rules)
        case Not(one):
            return not holds(one, facts, situation)
        case Did():
            return tally(rule, facts, situation) > 0
        case Tally(operator=sign, number=number):
            return ORDER[sign](tally(rule, facts, situation), number)
        case Total(operator=sign, number=number):
            return ORDER[sign](total(rule, facts, situation), decimal(number))
        case Since(operator=sign, age=limit):
            begin = began(rule, facts, situation)
            return begin is not None and ORDER[sign](situation.now - begin, limit)
        case Reached(milestone):
            return milestone in situation.reached
        case Compare(left):
            return _compare(rule, read(left, situation))
        case IsSet(left):
            return read(left, situation) is not None
        case InSegment(rule=inner):
            return inner is not None and holds(inner, facts, situation)


def matches(where: Rule, properties: Mapping[str, object]) -> bool:
    """Whether a filter lets an event in.

    Properties hold values of their declared types only; what is missing is absent.

    >>> from guidepath.rules.parser import parse
    >>> where = parse('did("invoice.sent" where total >= 100)').occurrences.where
    >>> matches(where, {"total": 120.0}), matches(where, {})
    (True, False)
    """
    match where:
        case And(rules):
            return all(matches(one, properties) for one in rules)
        case Or(rules):
            return any(matches(one, properties) for one in rules)
        case Not(one):
            return not matches(one, properties)
        case Compare(left):
            return _compare(where, properties.get(left.name))
        case IsSet(left):
            return properties.get(left.name) is not None
        case _:
            msg = f"{where} does not stand in a filter"
            raise TypeError(msg)


def explain(rule: Rule, facts: Facts, situation: Situation) -> Explanation:
    """Why the rule holds or not. `facts` as for `holds`."""
    match rule:
        case And(rules) | Or(rules):
            children = tuple(explain(one, facts, situation) for one in rules)
            return _every(rule, children) if isinstance(rule, And) else _some(rule, children)
        case Not(one):
            child = explain(one, facts, situation)
            required = wording.opposite(child.required)
            return Explanation(unparse(rule), not child.holds, child.actual, required, (child,))
        case InSegment(rule=inner):
            children = () if inner is None else (explain(inner, facts, situation),)
            return _in_segment(rule, children)
        case _:
            held = holds(rule, facts, situation)
            return _condition(rule, facts, situation, held=held)


def _every(rule: And, children: tuple[Explanation, ...]) -> Explanation:
    needed = len(children)
    done = sum(one.holds for one in children)
    actual = f"{done} of {needed}"
    missing = next((one for one in children if not one.holds), None)
    if missing is not None:
        actual += f"; {missing.text}: {missing.actual}"
    return Explanation(
        unparse(rule), missing is None, actual, f"all {needed}", children, (done, needed)
    )


def _some(rule: Or, children: tuple[Explanation, ...]) -> Explanation:
    done = sum(one.holds for one in children)
    counting = [one.progress for one in children if one.progress is not None]
    nearest = max(counting, key=lambda one: one[0] / one[1], default=None)
    actual = f"{done} of {len(children)}" if done else "none"
    required = f"one of {len(children)}"
    return Explanation(unparse(rule), done > 0, actual, required, children, nearest)


def _in_segment(rule: InSegment, children: tuple[Explanation, ...]) -> Explanation:
    held = any(one.holds for one in children)
    actual = "in the segment" if held else "not in the segment"
    progress = children[0].progress if children else None
    return Explanation(unparse(rule), held, actual, "in the segment", children, progress)


def _condition(rule: Condition, facts: Facts, situation: Situation, *, held: bool) -> Explanation:
    text = unparse(rule)
    match rule:
        case Did():
            at = newest(rule, facts, situation)
            actual, required = wording.did(rule, None if at is None else situation.now - at)
            return Explanation(text, held, actual, required, progress=(int(held), 1))
        case Tally():
            seen = tally(rule, facts, situation)
            actual, required = wording.tally(rule, seen)
            return Explanation(text, held, actual, required, progress=wording.steps(rule, seen))
        case Total():
            amount = total(rule, facts, situation)
            actual, required = wording.total(rule, amount)
            return Explanation(
                text, held, actual, required, progress=wording.sum_steps(rule, amount)
            )
        case Since():
            begin = began(rule, facts, situation)
            age = None if begin is None else situation.now - begin
            return Explanation(text, held, *wording.since(rule, age))
        case Reached():
            actual = "reached" if held else "not reached"
            return Explanation(text, held, actual, "reached", progress=(int(held), 1))
        case Compare(left):
            return Explanation(text, held, *wording.compare(rule, read(left, situation)))
        case _:
            return Explanation(text, held, "set" if held else "not set", "set")


def _compare(rule: Compare, value: object) -> bool:
    right = rule.right
    if rule.operator == "not in":
        return not _in(value, right)
    if rule.operator == "!=":
        return value != right
    if value is None:
        return False
    if rule.operator == "in":
        return _in(value, right)
    if rule.operator == "matches":
        return glob.match(str(right), str(value))
    return ORDER[rule.operator](value, right)


def _in(value: object, right: object) -> bool:
    return isinstance(right, tuple) and value in right
