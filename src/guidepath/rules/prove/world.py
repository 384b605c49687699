"""Everything that can be true of somebody, as far as some rules ask, in formulas.

`laws` hold of everybody. `holds` says in a formula what a rule says. What is not told here (that a
day has 24 hours, say, where three days are asked for) leaves more possible than there is: "never"
is always right, "possible" is to be tried on somebody.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from guidepath.rules.check import DEVICES
from guidepath.rules.expression import (
    And,
    Compare,
    Did,
    InSegment,
    IsSet,
    Name,
    Not,
    Occurrences,
    Of,
    Or,
    Reached,
    Rule,
    Since,
    Start,
    Tally,
    Total,
)
from guidepath.rules.prove import formula
from guidepath.rules.prove.age import Age
from guidepath.rules.prove.cells import Cells
from guidepath.rules.prove.formula import all_of, any_of, implies, negation
from guidepath.rules.prove.past import Past, lasting
from guidepath.rules.prove.samples import Sample, samples, true_of
from guidepath.rules.prove.survey import closure, edge, survey
from guidepath.rules.vocabulary import ValueType, Vocabulary

_OTHER_ROLE = "somebody"


class Link(NamedTuple):
    """What holds between a milestone and its rule."""

    milestone: str
    kind: Literal["reached with its rule", "not without its rule"]


class World:
    """What can be true of somebody, as far as these rules ask.

    `milestones` are the checked rules of all milestones by name. With `steady` roles a person has
    had her role from the start.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        milestones: Mapping[str, Rule],
        rules: Iterable[Rule],
        *,
        steady: bool = False,
    ) -> None:
        asking = list(rules)
        self.milestones = closure(asking, milestones)
        asked = survey([*asking, *self.milestones.values()])
        self.vocabulary = vocabulary
        self.edges = sorted(asked.edges)
        self.start: dict[Of, Age] = {
            "user": Age("su", self.edges),
            "account": Age("sa", self.edges),
        }
        names = [one for one in asked.milestones if one in vocabulary.milestones]
        self.reached = {one: Age(f"r{n}_", self.edges) for n, one in enumerate(names)}
        self.values: dict[Name, list[tuple[str, Sample]]] = {}
        self.laws: list[str] = []
        for number, (name, tests) in enumerate(asked.tests.items()):
            kind = kind_of(name, vocabulary)
            some = samples(kind, tests, page=name.kind == "page")
            self.values[name] = [(f"v{number}_{n}", one) for n, one in enumerate(some)]
        self.cells = Cells(asked.events, vocabulary.events, self.edges)
        self._lay_down()
        self.past = Past(self.cells, self.start, self.reached, self.test, steady=steady)
        self.links = dict(self._links())

    def declarations(self) -> list[str]:
        """All names, with their sorts; once everything was asked that shall be."""
        truths = [name for some in self.values.values() for name, _ in some]
        for age in (*self.start.values(), *self.reached.values()):
            truths += age.names
        return [*(f"(declare-const {one} Bool)" for one in truths), *self.cells.declarations()]

    def all_laws(self) -> list[str]:
        """The laws; once everything was asked that shall be."""
        return [*self.laws, *self.cells.laws]

    def holds(self, rule: Rule) -> str:
        """The rule, as a formula."""
        match rule:
            case And(rules):
                return all_of(self.holds(one) for one in rules)
            case Or(rules):
                return any_of(self.holds(one) for one in rules)
            case Not(one):
                return negation(self.holds(one))
            case InSegment(rule=inner):
                return formula.FALSE if inner is None else self.holds(inner)
            case Did(occurrences):
                return self.cells.did(occurrences)
            case Tally():
                return self.cells.tally(rule)
            case Total():
                return self.cells.total(rule)
            case Since():
                return self._since(rule)
            case Reached(milestone):
                return self.reached[milestone].exists
            case Compare(left) | IsSet(left):
                return self.test(rule, left)

    def test(self, rule: Compare | IsSet, left: Name) -> str:
        """A test of one value."""
        return any_of(name for name, one in self.values[left] if true_of(rule, left, one.value))

    def _since(self, rule: Since) -> str:
        limit, older = edge(rule), rule.operator in (">", ">=")
        match rule.anchor:
            case Occurrences():
                return self.cells.newest(rule.anchor, limit, older=older)
            case Start(of):
                age = self.start[of]
            case Reached(milestone):
                age = self.reached[milestone]
        return age.at_least(limit) if older else age.less(limit)

    def _lay_down(self) -> None:
        for some in self.values.values():
            self.laws += formula.exactly_one([name for name, _ in some])
        user, account = self.start["user"], self.start["account"]
        for age in (user, account, *self.reached.values()):
            self.laws += formula.at_most_one(age.names)
        self._not_before(user, account)
        for name, some in self.values.items():  # what is known of her was said of her
            if name.kind in ("user", "role"):
                self.laws.append(any_of((some[-1][0], user.exists)))
            elif name.kind == "account":
                self.laws.append(any_of((some[-1][0], account.exists)))
        for milestone, age in self.reached.items():
            self._not_before(age, self.start[self.vocabulary.milestones[milestone]])
        for low, hers, formula_ in self.cells.happened():
            begun = self.start["user" if hers else "account"]
            self.laws.append(implies(formula_, begun.at_least(low)))

    def _not_before(self, one: Age, start: Age) -> None:
        for edge_, name in zip((0, *self.edges), one.names, strict=True):
            self.laws.append(implies(name, start.at_least(edge_)))

    def _links(self) -> Iterable[tuple[Link, str]]:
        for milestone, rule in self.milestones.items():
            age, begun = self.reached[milestone], self.start[self.vocabulary.milestones[milestone]]
            needs = [implies(age.exists, self.past.once(rule))]
            now = implies(all_of((begun.exists, self.holds(rule))), age.exists)
            follows = [now]
            for limit in self.edges:
                then = self.past.once(rule, limit)
                needs.append(implies(age.at_least(limit), then))
                if lasting(rule):
                    known = all_of((then, begun.at_least(limit)))
                    follows.append(implies(known, age.at_least(limit)))
            yield Link(milestone, "not without its rule"), all_of(needs)
            yield Link(milestone, "reached with its rule"), all_of(follows)


def kind_of(name: Name, vocabulary: Vocabulary) -> ValueType:
    """The type of what a test of a person or an account reads."""
    match name.kind:
        case "user":
            return vocabulary.user[name.name]
        case "account":
            return vocabulary.account[name.name]
        case "role":
            return ValueType("enum", (*vocabulary.roles, _OTHER_ROLE))
        case "device":
            return ValueType("enum", (*DEVICES, "other"))
        case _:
            return ValueType("string")
