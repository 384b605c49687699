"""A whole deck of rules -> one Python function, as fast as ifs written by hand.

The function is built from `ast` nodes: its names are ours, what users wrote enters only as
constants, and no source text is put together. It means what `interpret` says it means.

What is needed several times (a value, the limit of an age, a whole condition, the verdict of a
segment) is worked out once at the top; everything else where it stands, if the function gets there.
None of it can fail, so working it out early changes no verdict.
"""

import ast
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
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
from guidepath.rules.facts import Facts, derive, fact_of
from guidepath.rules.memory import FIELDS
from guidepath.rules.number import decimal
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

_DECK = "def deck(situation): pass"
_PATH = "page = None if page is None else path_of(page)"
_FILTER = "def accept(properties): pass"

# Where a value lies: (mapping, key), or (subject, memory, index).
Load = tuple[str, str] | tuple[str, str, int]

# `now - at < age` says the same as `at > now - age`, whose right side many conditions share
_TURNED: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compile_deck(rules: Sequence[Rule], facts: Facts) -> Deck:
    """One function that gives the verdicts of all the rules, in their order.

    The rules must be checked, and `facts` derived from a set that has them all.
    """
    builder = _Builder(rules, facts)
    function = cast("ast.FunctionDef", ast.parse(_DECK).body[0])
    verdicts = ast.Tuple([builder.expression(one) for one in rules], ast.Load())
    says = [*builder.preamble, ast.Return(verdicts)]
    page = ast.parse(_PATH).body if builder.reads_page else []
    function.body = [*_read(says), *page, *says]
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


def _read(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """What of the situation the statements need, into variables of the same names."""
    needed = {one.id for said in statements for one in ast.walk(said) if isinstance(one, ast.Name)}
    for field in Situation.__struct_fields__:
        if field in needed:
            yield from ast.parse(f"{field} = situation.{field}").body


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
    """The parts of one function: what it works out first, and an expression for each rule.

    All is built twice: once to count how often what is needed, and then for good.
    """

    def __init__(self, rules: Sequence[Rule], facts: Facts) -> None:
        self.constants: dict[str, Decimal] = {}
        self.preamble: list[ast.stmt] = []
        self.reads_page = False
        self._facts = facts
        self._decimals: dict[Decimal, str] = {}
        self._locals: dict[Hashable, str] = {}
        self._uses: Counter[Hashable] = Counter()
        self._counting = True
        for rule in rules:
            self.expression(rule)
        self._counting = False

    def expression(self, rule: Rule) -> ast.expr:
        """The verdict: an expression whose value is a bool, and nothing else."""
        match rule:
            case And(rules):
                return every(*map(self.expression, rules))
            case Or(rules):
                return some(*map(self.expression, rules))
            case Not(one):
                return negation(self.expression(one))
            case InSegment(rule=None):
                return constant(value=False)
            case _:
                return self._shared(rule, partial(self._condition, rule))

    def _condition(self, rule: Condition) -> ast.expr:
        match rule:
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
            case InSegment(rule=inner):
                return constant(value=False) if inner is None else self.expression(inner)

    def _shared(self, key: Hashable, made: Callable[[], ast.expr]) -> ast.expr:
        """What is made, from a local where it is needed more than once."""
        if self._counting:
            self._uses[key] += 1
            return made() if self._uses[key] == 1 else name("counted")
        if self._uses[key] < 2:
            return made()
        if key not in self._locals:
            value = made()  # what that needs comes before it
            if isinstance(value, ast.Name):
                self._locals[key] = value.id
            else:
                target = ast.Name(self._local(key), ast.Store())
                self.preamble.append(ast.Assign([target], value))
        return name(self._locals[key])

    def _local(self, key: Hashable) -> str:
        return self._locals.setdefault(key, f"v{len(self._locals)}")

    def _load(self, rule: Did | Tally | Total | Since) -> Load | str:
        """What a condition about the past reads: a load, or the name of a local."""
        match rule:
            case Since(anchor=Start(of)):
                return f"{of}_start"
            case Since(anchor=Reached(milestone)):
                return ("reached", milestone)
            case _:
                slot = self._facts.slot(fact_of(rule))
                return (slot.fact.of, FIELDS[slot.fact.kind], slot.index)

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

    def _read(self, load: Load) -> ast.expr:
        if len(load) == 2:
            return get(load[0], load[1])
        subject, memory, index = load
        return item(
            self._shared(("memory", subject, memory), partial(attribute, subject, memory)), index
        )

    def _once(self, load: Load | str) -> ast.expr:
        return (
            name(load) if isinstance(load, str) else self._shared(load, partial(self._read, load))
        )

    def _twice(self, load: Load | str) -> tuple[ast.expr, ast.expr]:
        """A value that is read again after it was read first."""
        first = self._once(load)
        if isinstance(first, ast.Name):
            return first, first
        local = self._local(("again", load))
        return ast.NamedExpr(ast.Name(local, ast.Store()), first), name(local)

    def _age(self, at: ast.expr, sign: str, limit: int) -> ast.expr:
        """How long ago something was, compared with a limit."""
        before = self._shared(("before", limit), partial(age, constant(limit)))
        return compare(at, _TURNED[sign], before)

    def _happened(self, load: Load | str, times: ast.expr) -> ast.expr:
        return self._shared(("happened", load), partial(compare, times, "!=", constant(())))

    def _did(self, rule: Did) -> ast.expr:
        load, within = self._load(rule), rule.occurrences.within
        if within is None:
            return self._happened(load, self._once(load))
        first, again = self._twice(load)
        return every(self._happened(load, first), self._age(item(again, 0), "<", within))

    def _tally(self, rule: Tally) -> ast.expr:
        load = self._load(rule)
        sign, number, within = rule.operator, rule.number, rule.occurrences.within
        if within is None:
            value = self._once(load)
            counter = rule.what == "count"
            return compare(value if counter else length(value), sign, constant(number))
        first, again = self._twice(load)

        def least(n: int, value: ast.expr) -> ast.expr:
            """`len(t) >= n and t[n - 1] > now - within`: at least n are young enough."""
            if n == 0:
                return constant(value=True)
            at: ast.expr = item(again, n - 1)
            if rule.what == "users":
                at = item(at, 0)  # a time and a person
            enough = compare(length(value), ">=", constant(n))
            return every(enough, self._age(at, "<", within))

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
        load = self._load(rule)
        first, again = self._twice(load)
        if isinstance(rule.anchor, Occurrences):
            young = self._age(item(again, 0), rule.operator, rule.age)
            return every(self._happened(load, first), young)
        return every(is_set(first), self._age(again, rule.operator, rule.age))

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
        exact = decimal(number)
        known = self._decimals.setdefault(exact, f"k{len(self._decimals)}")
        self.constants[known] = exact
        return name(known)


def _literal(value: Literals) -> ast.expr:
    if isinstance(value, tuple):
        return constant(frozenset(map(_plain, value)))
    return constant(_plain(value))


def _plain(value: Scalar) -> Scalar:
    return int(value) if isinstance(value, Instant) else value  # the compiler takes exact types
