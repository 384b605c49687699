"""Random rules and histories over one rich vocabulary, small enough to meet each other often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from hypothesis import strategies as st

from guidepath.clock import DAY, HOUR, iso
from guidepath.rules.check import DEVICES, Scope, check
from guidepath.rules.expression import (
    And,
    Compare,
    Did,
    InSegment,
    IsSet,
    Literals,
    Name,
    Not,
    Occurrences,
    Of,
    Operator,
    Or,
    Reached,
    Rule,
    Scalar,
    Since,
    Start,
    Tally,
    Total,
)
from guidepath.rules.facts import Facts
from guidepath.rules.interpret import matches
from guidepath.rules.memory import Matches, Memory
from guidepath.rules.parser import parse
from guidepath.rules.situation import Situation
from guidepath.rules.vocabulary import ValueType, Vocabulary

VOCABULARY = Vocabulary(
    user={
        "locale": ValueType("string", optional=True),
        "landing": ValueType("string", optional=True),
        "beta": ValueType("boolean", optional=True),
        "plan": ValueType("enum", ("free", "pro"), optional=True),
        "joined": ValueType("time"),
        "score": ValueType("number", optional=True),
    },
    account={
        "size": ValueType("integer", optional=True),
        "industry": ValueType("enum", ("law", "retail", "other"), optional=True),
        "trial_ends": ValueType("time", optional=True),
    },
    events={
        "invoice.sent": {
            "total": ValueType("number", optional=True),
            "lines": ValueType("integer", optional=True),
            "currency": ValueType("enum", ("EUR", "USD"), optional=True),
            "paid": ValueType("boolean", optional=True),
            "note": ValueType("string", optional=True),
            "due": ValueType("time", optional=True),
        },
        "contact.imported": {"total": ValueType("integer")},
        "signed_in": {},
    },
    milestones={"first_invoice": "account", "second_day": "user", "import-done": "user"},
    segments={
        "small_team": parse("account.size <= 2"),
        "lively": parse('days("signed_in" within 7d) >= 2 or segment(small_team)'),
        "sending": parse('count("invoice.sent" where total >= 1 within 2d) >= 2'),
    },
    roles=("owner", "accountant", "member"),
)

# A Monday's midnight, so that days begin on the grid of the times below.
MONDAY = 19_723 * DAY
PEOPLE = ("u1", "u2", "u3", "u4")
PAGES = ("/", "/invoices", "/invoices/7", "/invoices/7/edit", "/contacts/?q=1")

_AGES = (HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY)
_STRINGS = ("de", "en", "é", 'a"b\\c', "x*y", "/invoices/7")
_GLOBS = ("*", "/invoices/*", "/invoices/**", "/**", "*e*", "/*/7/ed*t", "/contacts", "x*y")
_NUMBERS = (-1, 0, 1, 2, 3)
_EQUALS: tuple[Operator, ...] = ("==", "!=", "in", "not in")
_ORDERS: tuple[Literal["<", "<=", ">", ">="], ...] = ("<", "<=", ">", ">=")
_SIGNS: tuple[Literal["==", "!=", "<", "<=", ">", ">="], ...] = ("==", "!=", *_ORDERS)

# Strategies are made once, not in a draw: to make one and to check it costs more than to draw it.
_GRID = [
    st.sampled_from([MONDAY + step * 6 * HOUR + off for off in (0, 0, 0, -1, 1)])
    for step in range(41)
]
times = st.integers(0, 40).flatmap(_GRID.__getitem__)


class Happening(NamedTuple):
    """One event of a history, its properties of their declared types."""

    event: str
    at: int
    user: str
    properties: Mapping[str, Scalar]


@dataclass(frozen=True)
class World:
    """All there is to know about one user in one account at an instant: raw, nothing counted."""

    now: int
    history: tuple[Happening, ...] = ()
    user: str = "u1"
    reached: Mapping[str, int] = field(default_factory=dict)
    user_attributes: Mapping[str, Scalar] = field(default_factory=dict)
    account_attributes: Mapping[str, Scalar] = field(default_factory=dict)
    role: str | None = None
    page: str | None = None
    device: str | None = None

    def of(self, of: Of) -> list[Happening]:
        """What the user did, or anyone in the account."""
        return [one for one in self.history if of == "account" or one.user == self.user]

    def start(self, of: Of) -> int | None:
        """The earliest event of any kind."""
        return min((one.at for one in self.of(of)), default=None)

    def later(self, now: int) -> "World":
        """The same at another instant."""
        return replace(self, now=now)

    def situation(self, facts: Facts) -> Situation:
        """What rules are asked about, with what `facts` remember of the history."""
        return Situation(
            now=self.now,
            user=remember(facts, self.of("user"), "user"),
            account=remember(facts, self.of("account"), "account"),
            user_start=self.start("user"),
            account_start=self.start("account"),
            reached=self.reached,
            user_attributes=self.user_attributes,
            account_attributes=self.account_attributes,
            role=self.role,
            page=self.page,
            device=self.device,
        )


def remember(
    facts: Facts, history: Sequence[Happening], of: Of, *, accept: Matches = matches
) -> Memory:
    """The memory that a history leaves."""
    memory = facts.empty(of)
    for one in history:
        memory = facts.insert(
            memory,
            of,
            event=one.event,
            at=one.at,
            user=one.user,
            properties=one.properties,
            matches=accept,
        )
    return memory


def values(kind: ValueType) -> st.SearchStrategy[Scalar]:
    """Values of a declared type, as they are stored."""
    match kind.kind:
        case "string":
            return st.sampled_from(_STRINGS)
        case "enum":
            return st.sampled_from(kind.values)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.sampled_from(_NUMBERS)
        case "number":
            return st.sampled_from((*_NUMBERS, 0.1, 0.2, 0.3, 1.5, 1e300, -1e300, 5e-324))
        case "time":
            return times


def filled(declared: Mapping[str, ValueType]) -> st.SearchStrategy[dict[str, Scalar]]:
    """Values for some of the declared names; those that are not optional are always there."""
    needed = {name: values(kind) for name, kind in declared.items() if not kind.optional}
    others = {name: values(kind) for name, kind in declared.items() if kind.optional}
    return st.fixed_dictionaries(needed, optional=others)


def histories(
    vocabulary: Vocabulary, *, most: int = 12
) -> st.SearchStrategy[tuple[Happening, ...]]:
    """Events of four people within ten days, in any order."""
    people = st.sampled_from(("u1", "u1", *PEOPLE))
    named = {
        event: st.builds(Happening, st.just(event), times, people, filled(declared))
        for event, declared in vocabulary.events.items()
    }
    happenings = st.sampled_from(sorted(named)).flatmap(named.__getitem__)
    return st.lists(happenings, max_size=most).map(tuple)


def worlds(vocabulary: Vocabulary) -> st.SearchStrategy[World]:
    """A user in an account at an instant, with everything that rules may ask."""
    return st.builds(
        World,
        now=times,
        history=histories(vocabulary),
        reached=st.dictionaries(st.sampled_from(sorted(vocabulary.milestones)), times),
        user_attributes=filled(vocabulary.user),
        account_attributes=filled(vocabulary.account),
        role=st.sampled_from((None, *vocabulary.roles)),
        page=st.sampled_from((None, *PAGES)),
        device=st.sampled_from((None, *DEVICES)),
    )


def parsed(vocabulary: Vocabulary, scope: Scope) -> st.SearchStrategy[Rule]:
    """Rules as the parser gives them, right in the scope but not checked yet."""
    return _combined(_conditions(vocabulary, scope), leaves=6)


def rules(vocabulary: Vocabulary, scope: Scope) -> st.SearchStrategy[Rule]:
    """Checked rules."""

    def checked(rule: Rule) -> Rule:
        found = check(rule, vocabulary, scope)
        assert found.usable, found.problems
        return found.rule

    return parsed(vocabulary, scope).map(checked)


def _combined(leaf: st.SearchStrategy[Rule], *, leaves: int) -> st.SearchStrategy[Rule]:
    def joined(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
        several = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            inner.map(Not),
            several.map(lambda found: And(_spliced(found, And))),
            several.map(lambda found: Or(_spliced(found, Or))),
        )

    return st.recursive(leaf, joined, max_leaves=leaves)


def _spliced(found: list[Rule], kind: type[And] | type[Or]) -> tuple[Rule, ...]:
    """An And holds no And, an Or no Or."""
    return tuple(
        inner for one in found for inner in (one.rules if isinstance(one, kind) else (one,))
    )


def _conditions(vocabulary: Vocabulary, scope: Scope) -> st.SearchStrategy[Rule]:
    occurrences = _occurrences(vocabulary)
    bare = _occurrences(vocabulary, windows=False)
    milestones = sorted(
        name for name, of in vocabulary.milestones.items() if scope != "account" or of == "account"
    )
    reached = st.sampled_from(milestones).map(Reached)
    owners = ("account",) if scope == "account" else ("user", "account")
    starts = st.sampled_from([Start("user"), Start("account")])
    since = st.builds(
        Since, st.one_of(bare, starts, reached), st.sampled_from(_ORDERS), st.sampled_from(_AGES)
    )
    declared = {"user": vocabulary.user, "account": vocabulary.account}
    attributes = [
        _test(Name("user" if owner == "user" else "account", name), kind)
        for owner in owners
        for name, kind in declared[owner].items()
    ]
    segments = st.sampled_from(sorted(vocabulary.segments)).map(InSegment)
    # counts are where most can go wrong, so most rules have one
    found = [_tallies(vocabulary)] * 5 + [since] * 2 + [st.one_of(attributes)] * 2
    found += [occurrences.map(Did), _totals(vocabulary), reached, segments]
    if scope != "account":
        found.append(_test(Name("role"), ValueType("enum", vocabulary.roles)))
    if scope == "guidance":
        found.append(st.one_of(_test(Name("device"), ValueType("enum", DEVICES)), _page()))
    return st.integers(0, len(found) - 1).flatmap(found.__getitem__)


def _tallies(vocabulary: Vocabulary) -> st.SearchStrategy[Rule]:
    signs, numbers = st.sampled_from(_SIGNS), st.integers(0, 4)
    kinds: tuple[Literal["count", "days"], ...] = ("count", "days")
    counted = st.builds(Tally, st.sampled_from(kinds), _occurrences(vocabulary), signs, numbers)
    people = st.builds(
        Tally, st.just("users"), _occurrences(vocabulary, owners=("account",)), signs, numbers
    )
    return counted | people


def _totals(vocabulary: Vocabulary) -> st.SearchStrategy[Rule]:
    numeric = [
        (event, name)
        for event, declared in vocabulary.events.items()
        for name, kind in declared.items()
        if kind.kind in ("integer", "number")
    ]
    signs, amounts = st.sampled_from(_SIGNS), st.sampled_from((*_NUMBERS, 0.3, 0.6, 1.5))
    found = {
        (event, name): st.builds(
            Total,
            _occurrences(vocabulary, events=(event,), windows=False),
            st.just(name),
            signs,
            amounts,
        )
        for event, name in numeric
    }
    return st.sampled_from(numeric).flatmap(found.__getitem__)


def _occurrences(
    vocabulary: Vocabulary,
    *,
    events: tuple[str, ...] = (),
    windows: bool = True,
    owners: tuple[Of, ...] = ("user", "account"),
) -> st.SearchStrategy[Occurrences]:
    of, within = st.sampled_from(owners), st.sampled_from((None, *_AGES)) if windows else st.none()
    events = events or tuple(sorted(vocabulary.events))
    found = {
        event: st.builds(Occurrences, of, st.just(event), _where(vocabulary, event), within)
        for event in events
    }
    return st.sampled_from(events).flatmap(found.__getitem__)


def _where(vocabulary: Vocabulary, event: str) -> st.SearchStrategy[Rule | None]:
    tests = [_test(Name("property", name), kind) for name, kind in vocabulary.events[event].items()]
    if not tests:
        return st.none()
    return st.none() | st.none() | _combined(st.one_of(tests), leaves=3)


def _test(left: Name, kind: ValueType) -> st.SearchStrategy[Rule]:
    literals = values(kind)
    if kind.kind == "time":
        literals = times.map(iso)
    single: tuple[Operator, ...] = ("==", "!=")
    if kind.kind in ("integer", "number", "time"):
        single = (*single, *_ORDERS)
    several = st.lists(literals, min_size=1, max_size=2).map(tuple)
    tests: list[st.SearchStrategy[Rule]] = [
        st.just(IsSet(left)),
        st.builds(Compare, st.just(left), st.sampled_from(single), literals),
        st.builds(Compare, st.just(left), st.sampled_from(("in", "not in")), several),
    ]
    if kind.kind == "string":
        patterns: st.SearchStrategy[Literals] = st.sampled_from(_GLOBS)
        tests.append(st.builds(Compare, st.just(left), st.just("matches"), patterns))
    return st.one_of(tests)


def _page() -> st.SearchStrategy[Rule]:
    left = st.just(Name("page"))
    patterns = st.sampled_from([one for one in _GLOBS if one.startswith("/")])
    return st.one_of(
        st.just(IsSet(Name("page"))),
        st.builds(Compare, left, st.just("matches"), patterns),
        st.builds(Compare, left, st.sampled_from(("==", "!=")), st.sampled_from(PAGES)),
        st.builds(
            Compare, left, st.sampled_from(("in", "not in")), st.tuples(st.sampled_from(PAGES))
        ),
    )
