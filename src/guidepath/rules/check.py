"""A parsed rule against the declared names: every mistake at once, and the rule ready for use.

In a checked rule each segment carries its condition, times are microseconds, and in the scope of
an account every occurrence and start is the account's.

    user      a milestone of a user: no page, no device
    account   a milestone of an account: nothing of one user either
    guidance  what is shown to a user at a place: everything
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from guidepath.clock import DAY
from guidepath.rules.comparison import fit
from guidepath.rules.dependency import depth, size
from guidepath.rules.expression import (
    And,
    Compare,
    Did,
    InSegment,
    IsSet,
    Name,
    Not,
    Occurrences,
    Or,
    Reached,
    Rule,
    Since,
    Span,
    Start,
    Tally,
    Total,
)
from guidepath.rules.parser import MAX_CONDITIONS, MAX_DEPTH
from guidepath.rules.problem import Problem, suggest
from guidepath.rules.scanner import shown
from guidepath.rules.vocabulary import ValueType, Vocabulary

Scope = Literal["user", "account", "guidance"]
DEVICES = ("desktop", "tablet", "mobile")

# What is wrong inside a segment is told where the segment stands; only these are wrong where it
# is used.
_FROM_SEGMENTS = frozenset({"wrong-scope", "rule-limit", "segment-cycle"})


@dataclass(frozen=True, slots=True)
class Checked:
    """The rule ready for use where `problems` holds no error, and all that was found."""

    rule: Rule
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """Whether nothing is wrong; warnings do not count."""
        return all(one.severity != "error" for one in self.problems)


def check(rule: Rule, vocabulary: Vocabulary, scope: Scope) -> Checked:
    """The rule with its names resolved, and every problem, in the order of the text.

    >>> from guidepath.rules.parser import parse
    >>> words = Vocabulary(events={"invoice.sent": {}})
    >>> check(parse('did("invoice.snet")'), words, "user").problems[0].message
    "unknown event 'invoice.snet'; did you mean 'invoice.sent'?"
    """
    checker = _Checker(vocabulary, scope, {}, ())
    ready = checker.whole(rule)
    return Checked(ready, tuple(sorted(checker.problems, key=lambda one: one.span.start)))


@dataclass
class _Tests:
    """What one filter, or the rule around it, asks of optional values."""

    event: str | None = None
    asked: set[Name] = field(default_factory=set)
    negated: list[Name] = field(default_factory=list)


class _Checker:
    def __init__(
        self,
        vocabulary: Vocabulary,
        scope: Scope,
        segments: dict[str, tuple[Rule | None, Problem | None]],
        inside: tuple[str, ...],
    ) -> None:
        self.problems: list[Problem] = []
        self._words = vocabulary
        self._scope = scope
        self._segments = segments  # each is checked once, so that doubling ones stay cheap
        self._inside = inside  # the segments that this rule stands in, outermost first

    def whole(self, rule: Rule) -> Rule:
        """The rule checked as one text."""
        ready = self._tested(rule, None)
        found = (
            (size(ready), MAX_CONDITIONS, "has {} conditions, at most {} are"),
            (depth(ready), MAX_DEPTH, "nests {} deep, at most {} is"),
        )
        for actual, most, words in found:
            if actual > most:
                message = f"with its segments written out this {words.format(actual, most)} allowed"
                self._error("rule-limit", message, rule.span)
        return ready

    def _tested(self, rule: Rule, event: str | None) -> Rule:
        tests = _Tests(event)
        ready = self._rule(rule, tests, negated=False)
        for name in tests.negated:
            if name not in tests.asked:
                label = _label(name)
                message = f"this also holds where {label} is missing; add '{label} is set'"
                message += f" or, if that is meant, 'or {label} is not set'"
                self.problems.append(Problem("warning", "negated-optional", message, name.span))
        return ready

    def _rule(self, rule: Rule, tests: _Tests, *, negated: bool) -> Rule:
        match rule:
            case And(rules) | Or(rules):
                ready = tuple(self._rule(one, tests, negated=negated) for one in rules)
                return replace(rule, rules=ready)
            case Not(one):
                return replace(rule, rule=self._rule(one, tests, negated=not negated))
            case Did(found) | Tally(_, found) | Total(found):
                self._counted(rule)
                return replace(rule, occurrences=self._occurrences(found))
            case Since(anchor):
                return replace(rule, anchor=self._anchor(anchor))
            case Reached():
                self._reached(rule)
                return rule
            case InSegment():
                return self._segment(rule)
            case Compare(left):
                return self._compare(rule, self._type(left, tests), tests, negated=negated)
            case IsSet(left):
                self._type(left, tests)
                tests.asked.add(left)
                return rule

    def _anchor(self, anchor: Occurrences | Start | Reached) -> Occurrences | Start | Reached:
        match anchor:
            case Occurrences():
                return self._occurrences(anchor)
            case Start():
                return replace(anchor, of="account") if self._scope == "account" else anchor
            case Reached():
                self._reached(anchor)
                return anchor

    def _occurrences(self, found: Occurrences) -> Occurrences:
        if found.event not in self._words.events:
            self._unknown("event", found.event, self._words.events, found.span)
        elif found.where is not None:
            found = replace(found, where=self._tested(found.where, found.event))
        return replace(found, of="account") if self._scope == "account" else found

    def _counted(self, rule: Did | Tally | Total) -> None:
        match rule:
            case Total(Occurrences(event=event), name) if event in self._words.events:
                kind = self._property(event, name, rule.occurrences.span)
                if kind is not None and kind.kind not in ("integer", "number"):
                    message = f"only numbers add up; {name} is declared as {kind.kind}"
                    self._error("wrong-type", message, rule.occurrences.span)
            case Tally(operator=">=", number=0):
                self._warn("always-true", "this holds always: a count is never below 0", rule.span)
            case Tally(operator="<", number=0):
                self._warn("never-true", "this holds never: a count is never below 0", rule.span)
            case Tally("days", Occurrences(within=int(window)), operator, number):
                # a window of two days touches three: its first and its last in part
                most = -(-window // DAY) + 1
                if operator in ("==", ">=", ">") and number + (operator == ">") > most:
                    message = f"this holds never: such a window touches at most {most} days"
                    self._warn("never-true", message, rule.span)

    def _reached(self, rule: Reached) -> None:
        scope = self._words.milestones.get(rule.milestone)
        if scope is None:
            self._unknown("milestone", rule.milestone, self._words.milestones, rule.span)
        elif scope == "user" and self._scope == "account":
            message = f"{rule.milestone} is a milestone of one user; a milestone of the account"
            self._error("wrong-scope", f"{message} cannot ask for it", rule.span)

    def _segment(self, rule: InSegment) -> InSegment:
        if rule.name not in self._words.segments:
            self._unknown("segment", rule.name, self._words.segments, rule.span)
            return rule
        if rule.name in self._inside:
            way = " → ".join((*self._inside[self._inside.index(rule.name) :], rule.name))
            self._error("segment-cycle", f"segments go round in a circle: {way}", rule.span)
            return rule
        if len(self._inside) >= MAX_DEPTH:
            message = f"segments name each other more than {MAX_DEPTH} deep"
            self._error("rule-limit", message, rule.span)
            return rule
        if rule.name not in self._segments:
            self._segments[rule.name] = self._written_out(rule.name)
        ready, wrong = self._segments[rule.name]
        if wrong is not None:
            nested = wrong.message.startswith("segment '")
            told = f"segment '{rule.name}' cannot be used here: {wrong.message}"
            self._error(wrong.code, wrong.message if nested else told, rule.span)
        return replace(rule, rule=ready)

    def _written_out(self, name: str) -> tuple[Rule | None, Problem | None]:
        inner = _Checker(self._words, self._scope, self._segments, (*self._inside, name))
        ready = inner.whole(self._words.segments[name])
        wrong = next((one for one in inner.problems if one.code in _FROM_SEGMENTS), None)
        # one that is too large is left out, so that what uses it cannot grow without end
        return (None if wrong else ready), wrong

    def _compare(
        self, rule: Compare, kind: ValueType | None, tests: _Tests, *, negated: bool
    ) -> Compare:
        if kind is None:
            return rule
        if kind.optional and negated != (rule.operator in ("!=", "not in")):
            tests.negated.append(rule.left)
        ready, problems = fit(rule, kind, _label(rule.left))
        self.problems += problems
        return ready

    def _type(self, name: Name, tests: _Tests) -> ValueType | None:
        match name.kind:
            case "property":
                return self._property(tests.event or "", name.name, name.span)
            case "user" | "account":
                return self._attribute(name)
            case "role":
                if self._scope == "account":
                    self._error("wrong-scope", "an account has no role; its users do", name.span)
                return ValueType("enum", self._words.roles)
            case "page" | "device":
                if self._scope != "guidance":
                    message = f"only guidance knows where the person is; no {name.kind} here"
                    self._error("wrong-scope", message, name.span)
                return ValueType("enum", DEVICES) if name.kind == "device" else ValueType("string")

    def _attribute(self, name: Name) -> ValueType | None:
        declared = self._words.user if name.kind == "user" else self._words.account
        other = self._words.account if name.kind == "user" else self._words.user
        if name.kind == "user" and self._scope == "account":
            message = "a milestone of the account cannot ask for an attribute of one user"
            self._error("wrong-scope", message, name.span)
        if name.name not in declared:
            hint = ""
            if name.name in other:
                hint = (
                    f"; did you mean '{'account' if name.kind == 'user' else 'user'}.{name.name}'?"
                )
            self._unknown(f"attribute of the {name.kind}", name.name, declared, name.span, hint)
        return declared.get(name.name)

    def _property(self, event: str, name: str, span: Span) -> ValueType | None:
        declared = self._words.events[event]
        if name not in declared:
            self._unknown(f"property of {event}", name, declared, span)
        return declared.get(name)

    def _unknown(
        self,
        noun: str,
        name: str,
        known: Iterable[str] | Mapping[str, object],
        span: Span,
        hint: str = "",
    ) -> None:
        message = f"unknown {noun} '{shown(name)}'{hint or suggest(name, known)}"
        self._error(f"unknown-{noun.split(maxsplit=1)[0]}", message, span)

    def _error(self, code: str, message: str, span: Span) -> None:
        self.problems.append(Problem("error", code, message, span))

    def _warn(self, code: str, message: str, span: Span) -> None:
        self.problems.append(Problem("warning", code, message, span))


def _label(name: Name) -> str:
    return (
        f"{name.kind}.{name.name}" if name.kind in ("user", "account") else name.name or name.kind
    )
