"""Random playbooks and journeys, and what a journey reaches, told slowly from the raw history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from heapq import heappop, heappush
from typing import Literal, NamedTuple

from hypothesis import strategies as st
from tests.rules.oracle import truth
from tests.rules.strategies import (
    PEOPLE,
    VOCABULARY,
    Happening,
    World,
    filled,
    histories,
    rules,
    times,
)

from guidepath import Playbook
from guidepath.clock import DAY, HOUR, iso
from guidepath.rules.check import Scope
from guidepath.rules.expression import Rule, Scalar
from guidepath.rules.text import unparse
from guidepath.rules.vocabulary import ValueType, Vocabulary

ACCOUNT = "acme"
AGES = (HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY)
SCOPES: Mapping[str, Literal["user", "account"]] = {
    "first_invoice": "account",
    "second_day": "user",
    "import-done": "user",
    "team": "account",
    "expert": "user",
}


class Fact(NamedTuple):
    """An identify or a group: what is so from then on. `user` is None for the account."""

    at: int
    user: str | None
    attributes: Mapping[str, Scalar]
    role: str | None = None


@dataclass(frozen=True)
class Journey:
    """What happened in one account, in order of time; each step has an id of its own."""

    steps: tuple[Happening | Fact, ...]
    end: int

    @property
    def users(self) -> list[str]:
        """Everyone of whom anything is known."""
        return sorted({one.user for one in self.steps if one.user is not None})


def _declared(kinds: Mapping[str, ValueType]) -> dict[str, object]:
    return {
        name: {"enum": list(kind.values), "optional": kind.optional}
        if kind.kind == "enum"
        else {"type": kind.kind, "optional": kind.optional}
        for name, kind in kinds.items()
    }


@cache
def _reasons(*, only_monotone: bool) -> Mapping[str, st.SearchStrategy[str]]:
    """When each milestone is reached: made once, for it takes longer than to draw."""
    known: dict[str, Literal["user", "account"]] = {"start": "account"}
    reasons = {}
    for name, scope in SCOPES.items():
        vocabulary = Vocabulary(
            user=VOCABULARY.user,
            account=VOCABULARY.account,
            events=VOCABULARY.events,
            milestones=dict(known),
            segments=VOCABULARY.segments,
            roles=VOCABULARY.roles,
        )
        reasons[name] = (
            lasting(vocabulary, scope) if only_monotone else rules(vocabulary, scope).map(unparse)
        )
        known[name] = scope
    return reasons


@st.composite
def playbooks(draw: st.DrawFn, *, only_monotone: bool = False) -> Playbook:
    """Milestones of both scopes, each free to read those before it."""
    reasons = _reasons(only_monotone=only_monotone)
    milestones = [_milestone("start", "account", 'did("signed_in")')]
    milestones += [_milestone(name, SCOPES[name], draw(rule)) for name, rule in reasons.items()]
    return Playbook.model_validate(
        {
            "name": "random",
            "roles": list(VOCABULARY.roles),
            "attributes": {
                "user": _declared(VOCABULARY.user),
                "account": _declared(VOCABULARY.account),
            },
            "events": {
                event: {"properties": _declared(kinds)}
                for event, kinds in VOCABULARY.events.items()
            },
            "segments": {name: unparse(rule) for name, rule in VOCABULARY.segments.items()},
            "milestones": milestones,
        }
    )


def lasting(vocabulary: Vocabulary, scope: Scope) -> st.SearchStrategy[str]:
    """Rules that, once true, no event and no time makes false."""
    whose = st.just("account.") if scope == "account" else st.sampled_from(("", "account."))
    event = st.sampled_from(
        (
            '"invoice.sent"',
            '"invoice.sent" where total >= 1',
            '"contact.imported" where total in [1, 2]',
            '"signed_in"',
        )
    )
    above = st.sampled_from((">= 1", "> 1", ">= 3"))
    age = st.sampled_from((">= 6h", "> 1d", "> 7d"))  # of the start: a milestone keeps its time
    milestone = st.sampled_from(
        sorted(one for one, of in vocabulary.milestones.items() if scope == "user" or of == scope)
    )
    condition = st.one_of(
        st.builds("{}did({})".format, whose, event),
        st.builds("{}count({}) {}".format, whose, event, above),
        st.builds("{}days({}) {}".format, whose, event, above),
        st.builds("account.users({}) {}".format, event, above),
        st.builds("{}since(start) {}".format, whose, age),
        st.builds("reached({})".format, milestone),
    )
    return st.recursive(
        condition,
        lambda inner: st.builds(
            "({} {} {})".format, inner, st.sampled_from(("and", "or")), inner
        ).filter(lambda text: len(text) < 500),
        max_leaves=4,
    )


def _milestone(name: str, scope: str, rule: str) -> dict[str, object]:
    return {
        "id": name,
        "title": name,
        "scope": scope,
        "reached_when": rule,
        "first_value": name == "start",
    }


facts = st.builds(
    Fact,
    at=times,
    user=st.sampled_from(PEOPLE[:2]),
    attributes=filled(VOCABULARY.user),
    role=st.sampled_from((None, *VOCABULARY.roles)),
) | st.builds(Fact, at=times, user=st.none(), attributes=filled(VOCABULARY.account))


@st.composite
def journeys(draw: st.DrawFn, *, with_facts: bool = True) -> Journey:
    """Events of four people and a few facts, in order of time."""
    steps: list[Happening | Fact] = [*draw(histories(VOCABULARY, most=10))]
    if with_facts:
        steps += draw(st.lists(facts, max_size=4))
    steps.sort(key=lambda one: one.at)
    end = max([one.at for one in steps], default=0) + draw(st.sampled_from((0, DAY, 20 * DAY)))
    return Journey(tuple(steps), end)


@dataclass
class Told:
    """What a journey reaches: by user (None is the account), by milestone, when."""

    reached: dict[str | None, dict[str, int]] = field(default_factory=dict)


def tell(playbook: Playbook, journey: Journey) -> Told:
    """Evaluate every rule of everyone at every instant at which anything can change."""
    told = Told({None: {}, **{user: {} for user in journey.users}})
    done: list[Happening | Fact] = []
    instants: list[int] = []

    def ripen(at: int) -> None:
        for age in AGES:
            heappush(instants, at + age)
            heappush(instants, at + age + 1)

    def look(at: int) -> None:
        while any(_look(playbook, told, done, user, at, ripen) for user in told.reached):
            pass

    for step in journey.steps:
        while instants and instants[0] <= step.at:
            look(heappop(instants))
        done.append(step)
        ripen(step.at)
        look(step.at)
    while instants and instants[0] <= journey.end:
        look(heappop(instants))
    return told


def _look(playbook, told, done, user, at, ripen) -> bool:  # type: ignore[no-untyped-def]
    """Whether anything new is reached by this user, or by the account."""
    if not any(one.user == user or user is None for one in done):
        return False
    mine = told.reached[user]
    world = _world(done, user, at, {**told.reached[None], **mine})
    new = [
        one.id
        for one in playbook.milestones
        if (one.scope == "account") == (user is None)
        and one.id not in mine
        and truth(playbook.milestone_rules[one.id], world)
    ]
    for name in new:
        mine[name] = at
        ripen(at)
    return bool(new)


def _world(
    done: Iterable[Happening | Fact], user: str | None, at: int, reached: Mapping[str, int]
) -> World:
    mine: dict[str, Scalar] = {}
    account: dict[str, Scalar] = {}
    role = None
    history = []
    for one in done:
        if isinstance(one, Happening):
            history.append(one)
        elif one.user is None:
            account.update(one.attributes)
        elif one.user == user:
            mine.update(one.attributes)
            role = one.role or role
    return _Lived(
        now=at,
        history=tuple(history),
        user=user or "",
        reached=reached,
        user_attributes=mine,
        account_attributes=account,
        role=role,
        starts=_starts(done, user),
    )


@dataclass(frozen=True)
class _Lived(World):
    """A world in which facts, too, make a start."""

    starts: Mapping[str, int] = field(default_factory=dict)

    def start(self, of: str) -> int | None:
        return self.starts.get(of)


def _starts(done: Iterable[Happening | Fact], user: str | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in done:
        found.setdefault("account", one.at)
        if one.user == user:
            found.setdefault("user", one.at)
    return found


def rule_of(playbook: Playbook, milestone: str) -> Rule:
    """The checked rule of a milestone."""
    return playbook.milestone_rules[milestone]


def written(scalars: Mapping[str, Scalar], kinds: Mapping[str, ValueType]) -> dict[str, object]:
    """Attributes or properties as a host writes them: times are ISO 8601."""
    return {
        name: iso(int(value)) if kinds[name].kind == "time" else value
        for name, value in scalars.items()
    }
