"""A whole deck of rules -> one Python function, as fast as ifs written by hand.

The function is built from `ast` nodes: its names are ours, what users wrote enters only as
constants, and no source text is put together. It means what `interpret` says it means.

What several conditions read is loaded once at the top, and so is the verdict of a segment that
several rules name; everything else is read where it stands, if the function gets there.
"""

import ast
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import CodeType, FunctionType
from typing import cast

from guidepath.rules import glob
from guidepath.rules.expression import (
    And,
    Compare,
    Condition,
    Did,
    InSegment,
    Instant,
    IsSet,
    Literals,
    Name,
    Not,
    Occurrences,
    Or,
    Reached,
    Rule,
    Scalar,
    Since,
    Start,
    Tally,
    Total,
)
from guidepath.rules.facts import Facts, decimal, derive, fact_of
from guidepath.rules.python import (
    age,
    attribute,
    call,
    compare,
    constant,
    every,
    get,
    is_set,
    item,
    length,
    name,
    negation,
    some,
)
from guidepath.rules.situation import Situation

Deck = Callable[[Situation], tuple[bool, ...]]
Filter = Callable[[Mapping[str, object]], bool]

_DECK = """
def deck(situation):
    (now, user, account, user_start, account_start, reached,
     user_attributes, account_attributes, role, page, device) = situation
"""
_PATH = "page = None if page is None else path_of(page)"
_FILTER = "def accept(properties): pass"

_MEMORIES = {
    "counter": "counters",
    "times": "times",
    "days": "days",
    "people": "people",
    "total": "totals",
}
# Where a value lies: (mapping, key), or (subject, memory, index).
Load = tuple[str, str] | tuple[str, str, int]


def compile_deck(rules: Sequence[Rule], facts: Facts) -> Deck:
    """One function that gives the verdicts of all the rules, in their order.

    The rules must be checked, and `facts` derived from a set that has them all.
    """
    builder = _Builder(rules, facts)
    function = cast("ast.FunctionDef", ast.parse(_DECK).body[0])
    if builder.reads_page:
        function.body += ast.parse(_PATH).body
    verdicts = ast.Tuple([builder.expression(one) for one in rules], ast.Load())
    function.body += [*builder.preamble, ast.Return(verdicts)]
    return cast("Deck", _function(function, builder.constants))


def compile_filter(where: Rule) -> Filter:
    """One function that tells whether a filter lets an event in, by its properties.

    >>> from guidepath.rules.parser import parse
    >>> accept = compile_filter(parse('did("invoice.sent" where total >= 100)').occurrences.where)
    >>> accept({"total": 120.0}), accept({})
    (True, False)
    """
    builder = _Builder([where], derive(()))
    function = cast("ast.FunctionDef", ast.parse(_FILTER).body[0])
    verdict = builder.expression(where)
    function.body = [*builder.preamble, ast.Return(verdict)]
    return cast("Filter", _function(function, builder.constants))


def _function(node: ast.FunctionDef, constants: Mapping[str, Decimal]) -> FunctionType:
    module = ast.fix_missing_locations(ast.Module([node], []))
    code = compile(module, "<rules>", "exec")
    inner = next(one for one in code.co_consts if isinstance(one, CodeType))
    names = {
        "__builtins__": {},
        "len": len,
        "match": glob.match,
        "match_segments": glob.match_segments,
        "path_of": glob.path_of,
        **constants,
    }
    return FunctionType(inner, names)


class _Builder:
    """The parts of one function: what it loads first, and an expression for each rule."""

    def __init__(self, rules: Sequence[Rule], facts: Facts) -> None:
        self.constants: dict[str, Decimal] = {}
        self.preamble: list[ast.stmt] = []
        self.reads_page = False
        self._facts = facts
        self._locals: dict[Load | InSegment, str] = {}
        self._ready: set[Load | InSegment] = set()
        self._uses: Counter[Load | InSegment] = Counter()
        for rule in rules:
            self._count(rule)
        for key, uses in self._uses.items():
            if uses > 1 and not isinstance(key, InSegment):
                self._first(key, _read(key))

    def expression(self, rule: Rule) -> ast.expr:
        """The verdict: an expression whose value is a bool, and nothing else."""
        match rule:
            case And(rules):
                return every(*map(self.expression, rules))
            case Or(rules):
                return some(*map(self.expression, rules))
            case Not(one):
                return negation(self.expression(one))
            case InSegment():
                return self._segment(rule)
            case Did():
                return self._did(rule)
            case Tally():
                return self._tally(rule)
            case Total(operator=sign, number=number):
                return compare(self._once(self._load(rule)), sign, self._decimal(number))
            case Since():
                return self._since(rule)
            case Reached(milestone):
                return compare(constant(milestone), "in", name("reached"))
            case Compare():
                return self._comparison(rule)
            case IsSet(left):
                return is_set(self._once(self._value(left)))

    def _count(self, rule: Rule) -> None:
        """Count how often each load and segment is used; a segment's own loads count once."""
        match rule:
            case And(rules) | Or(rules):
                for one in rules:
                    self._count(one)
            case Not(one):
                self._count(one)
            case InSegment(rule=inner):
                self._uses[rule] += 1
                if inner is not None and self._uses[rule] == 1:
                    self._count(inner)
            case _:
                load = self._load(rule)
                if isinstance(load, tuple):
                    self._uses[load] += 1

    def _load(self, rule: Condition) -> Load | str:
        """What a condition reads: a load, or the name of a local."""
        match rule:
            case Compare(left) | IsSet(left):
                return self._value(left)
            case Since(anchor=Start(of)):
                return f"{of}_start"
            case Since(anchor=Reached(milestone)):
                return ("reached", milestone)
            case Did() | Tally() | Total() | Since():
                slot = self._facts.slot(fact_of(rule))
                return (slot.fact.of, _MEMORIES[slot.fact.kind], slot.index)
            case Reached() | InSegment():
                return "reached"

    def _value(self, left: Name) -> Load | str:
        match left.kind:
            case "user" | "account":
                return (f"{left.kind}_attributes", left.name)
            case "property":
                return ("properties", left.name)
            case "page":
                self.reads_page = True
                return "page"
            case "role" | "device":
                return left.kind

    def _first(self, key: Load | InSegment, value: ast.expr) -> None:
        """Put a value into a local at the top of the function."""
        self._ready.add(key)
        target = ast.Name(self._local(key), ast.Store())
        self.preamble.append(ast.Assign([target], value))

    def _local(self, key: Load | InSegment) -> str:
        return self._locals.setdefault(key, f"v{len(self._locals)}")

    def _once(self, load: Load | str) -> ast.expr:
        if isinstance(load, str):
            return name(load)
        return name(self._local(load)) if load in self._ready else _read(load)

    def _twice(self, load: Load | str) -> tuple[ast.expr, ast.expr]:
        """A value that is read again after it was read first."""
        if isinstance(load, str) or load in self._ready:
            return self._once(load), self._once(load)
        local = self._local(load)
        return ast.NamedExpr(ast.Name(local, ast.Store()), _read(load)), name(local)

    def _segment(self, rule: InSegment) -> ast.expr:
        if rule.rule is None:
            return constant(value=False)
        if self._uses[rule] < 2:
            return self.expression(rule.rule)
        if rule not in self._ready:
            self._first(rule, self.expression(rule.rule))
        return name(self._local(rule))

    def _did(self, rule: Did) -> ast.expr:
        if rule.occurrences.within is None:
            return compare(self._once(self._load(rule)), "!=", constant(()))
        first, again = self._twice(self._load(rule))
        within = constant(rule.occurrences.within)
        young = compare(age(item(again, 0)), "<", within)
        return every(compare(first, "!=", constant(())), young)

    def _tally(self, rule: Tally) -> ast.expr:
        load = self._load(rule)
        sign, number, within = rule.operator, rule.number, rule.occurrences.within
        if within is None:
            value = self._once(load)
            counter = rule.what == "count"
            return compare(value if counter else length(value), sign, constant(number))
        first, again = self._twice(load)

        def least(n: int, value: ast.expr) -> ast.expr:
            """`len(t) >= n and now - t[n - 1] < within`: at least n are young enough."""
            if n == 0:
                return constant(value=True)
            at: ast.expr = item(again, n - 1)
            if rule.what == "users":
                at = item(at, 0)  # a time and a person
            enough = compare(length(value), ">=", constant(n))
            return every(enough, compare(age(at), "<", constant(within)))

        match sign:
            case ">=":
                return least(number, first)
            case ">":
                return least(number + 1, first)
            case "<":
                return negation(least(number, first))
            case "<=":
                return negation(least(number + 1, first))
            case "==" | "!=":
                over = negation(least(number + 1, again if number else first))
                exactly = every(least(number, first), over)
                return exactly if sign == "==" else negation(exactly)

    def _since(self, rule: Since) -> ast.expr:
        first, again = self._twice(self._load(rule))
        limit = constant(rule.age)
        if isinstance(rule.anchor, Occurrences):
            happened = compare(first, "!=", constant(()))
            return every(happened, compare(age(item(again, 0)), rule.operator, limit))
        return every(is_set(first), compare(age(again), rule.operator, limit))

    def _comparison(self, rule: Compare) -> ast.expr:
        load = self._value(rule.left)
        if rule.operator == "matches":
            return self._matches(load, str(rule.right), page=rule.left.kind == "page")
        if rule.operator in ("==", "!=", "in", "not in"):  # right as they are where it is missing
            return compare(self._once(load), rule.operator, _literal(rule.right))
        first, again = self._twice(load)
        return every(is_set(first), compare(again, rule.operator, _literal(rule.right)))

    def _matches(self, load: Load | str, pattern: str, *, page: bool) -> ast.expr:
        if page and "*" not in pattern:
            return compare(self._once(load), "==", constant(glob.path_of(pattern)))
        first, again = self._twice(load)
        known: object = glob.segments(pattern) if page else pattern
        function = "match_segments" if page else "match"
        return every(is_set(first), call(function, constant(known), again))

    def _decimal(self, number: float) -> ast.expr:
        if isinstance(number, int):
            return constant(number)
        known = f"k{len(self.constants)}"
        self.constants[known] = decimal(number)
        return name(known)


def _read(load: Load) -> ast.expr:
    if len(load) == 2:
        return get(load[0], load[1])
    return item(attribute(load[0], load[1]), load[2])


def _literal(value: Literals) -> ast.expr:
    if isinstance(value, tuple):
        return constant(frozenset(map(_plain, value)))
    return constant(_plain(value))


def _plain(value: Scalar) -> Scalar:
    return int(value) if isinstance(value, Instant) else value  # the compiler takes exact types
