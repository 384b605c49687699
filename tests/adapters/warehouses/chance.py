"""Random decks and journeys from one seed: many rules about many subjects at once.

All that is drawn comes from the seed, so that a failure can be had again.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.journeys import _declared
from tests.rules.strategies import MONDAY, VOCABULARY

from guidepath import Playbook
from guidepath.clock import DAY, HOUR, iso
from guidepath.event import Event, EventKind, event
from guidepath.rules.text import unparse
from guidepath.rules.vocabulary import ValueType
from guidepath.subject import Subject

AGES = ("1s", "1h", "6h", "1d", "2d", "7d")
SIGNS = ("==", "!=", "<", "<=", ">", ">=")
NUMBERS = (-1, 0, 1, 2, 3, 0.1, 0.2, 0.3, 1.5)
EXTREMES = (1e300, -1e300, 5e-324, 2**53, 0.30000000000000004)
STRINGS = (
    "de",
    "é",
    'a"b\\c',
    "x*y",
    "100%",
    "a_b",
    "^",
    "/invoices/7",
    "/invoices/7/",
    "/a/b?q#c",
)
GLOBS = (
    "*",
    "**",
    "/invoices/*",
    "/invoices/**",
    "/**",
    "*e*",
    "x*y",
    "100%",
    "a_*",
    "^",
    "*/7",
    "d*",
)
WRONG = ("10", True, None, [1], "x")  # of no number's type, and some of no other's
LATEST = 40  # steps of six hours


@dataclass(frozen=True)
class Case:
    """One deck, what happened to some accounts, and until when it is told."""

    seed: int
    playbook: Playbook
    events: tuple[Event, ...]  # in the order in which they arrived
    until: int

    @property
    def size(self) -> int:
        """How many pairs of a rule and a subject it asks about."""
        users = {(one.account, one.user) for one in self.events if one.user is not None}
        accounts = {one.account for one in self.events}
        scopes = [one.scope for one in self.playbook.milestones]
        return scopes.count("user") * len(users) + scopes.count("account") * len(accounts)


def case(seed: int, *, rules: int = 50, accounts: int = 14, totals: bool | None = None) -> Case:
    """The case of a seed. Without `totals`, numbers may be of any size."""
    chance = random.Random(seed)
    adds_up = chance.random() < 0.7 if totals is None else totals
    playbook = Playbook.model_validate(_playbook(chance, rules, adds_up=adds_up))
    events = _events(chance, accounts, extremes=not adds_up)
    newest = max((one.occurred_at for one in events), default=MONDAY)
    until = newest + chance.choice((0, 0, DAY, 20 * DAY, -2 * DAY))
    return Case(seed, playbook, tuple(events), until)


def _playbook(chance: random.Random, rules: int, *, adds_up: bool) -> dict[str, object]:
    writer = _Writer(chance, adds_up=adds_up)
    milestones = [writer.milestone(number) for number in range(rules)]
    milestones[0]["first_value"] = True
    return {
        "name": "random",
        "roles": list(VOCABULARY.roles),
        "attributes": {
            "user": _declared(VOCABULARY.user),
            "account": _declared(VOCABULARY.account),
        },
        "events": {
            name: {"properties": _declared(kinds)} for name, kinds in VOCABULARY.events.items()
        },
        "segments": {name: unparse(rule) for name, rule in VOCABULARY.segments.items()},
        "milestones": milestones,
    }


class _Writer:
    """Writes rules; each may ask for the milestones before it."""

    def __init__(self, chance: random.Random, *, adds_up: bool) -> None:
        self._chance = chance
        self._adds_up = adds_up
        self._known: list[tuple[str, str]] = []

    def milestone(self, number: int) -> dict[str, object]:
        scope = self._chance.choice(("user", "user", "account"))
        name = f"m{number}"
        rule = self._rule(scope, self._chance.choice((1, 1, 2, 3, 4)))
        self._known.append((name, scope))
        return {"id": name, "title": name, "scope": scope, "reached_when": rule}

    def _rule(self, scope: str, leaves: int) -> str:
        if leaves == 1:
            found = self._condition(scope)
        else:
            left = self._chance.randint(1, leaves - 1)
            parts = (self._rule(scope, left), self._rule(scope, leaves - left))
            found = f" {self._chance.choice(('and', 'or'))} ".join(f"({one})" for one in parts)
        return f"not ({found})" if self._chance.random() < 0.2 else found

    def _condition(self, scope: str) -> str:
        kinds = ["did", "tally", "tally", "tally", "since", "since", "attribute", "attribute"]
        kinds += ["segment", "total"] if self._adds_up else ["segment"]
        kinds += ["reached", "reached"] if self._readable(scope) else []
        return str(getattr(self, f"_{self._chance.choice(kinds)}")(scope))

    def _did(self, scope: str) -> str:
        return f"{self._whose(scope)}did({self._occurrences()})"

    def _tally(self, scope: str) -> str:
        what = self._chance.choice(("count", "days", "users"))
        whose = "account." if what == "users" else self._whose(scope)
        number = self._chance.randint(0, 4)
        sign = self._chance.choice((*SIGNS, ">=", ">="))
        return f"{whose}{what}({self._occurrences()}) {sign} {number}"

    def _total(self, scope: str) -> str:
        event, name = self._chance.choice(
            (("invoice.sent", "total"), ("invoice.sent", "lines"), ("contact.imported", "total"))
        )
        where = self._where(event)
        sign, number = self._chance.choice(SIGNS), self._chance.choice((*NUMBERS, 0.6, 3.3))
        return f'{self._whose(scope)}total("{event}".{name}{where}) {sign} {number}'

    def _since(self, scope: str) -> str:
        sign, age = self._chance.choice(("<", "<=", ">", ">=")), self._chance.choice(AGES)
        anchors = [self._occurrences(windows=False), "start"]
        readable = self._readable(scope)
        if readable:
            anchors.append(f"reached {self._chance.choice(readable)}")
        anchor = self._chance.choice(anchors)
        whose = "" if anchor.startswith("reached") else self._whose(scope)
        return f"{whose}since({anchor}) {sign} {age}"

    def _reached(self, scope: str) -> str:
        return f"reached({self._chance.choice(self._readable(scope)[-6:])})"

    def _segment(self, scope: str) -> str:
        return f"segment({self._chance.choice(sorted(VOCABULARY.segments))})"

    def _attribute(self, scope: str) -> str:
        choices = [("account", name, kind) for name, kind in VOCABULARY.account.items()]
        if scope == "user":
            choices += [("user", name, kind) for name, kind in VOCABULARY.user.items()]
            choices += [("", "role", ValueType("enum", VOCABULARY.roles))] * 2
        of, name, kind = self._chance.choice(choices)
        return self._test(f"{of}.{name}" if of else name, kind)

    def _test(self, left: str, kind: ValueType) -> str:
        how = self._chance.choice(("set", "one", "one", "one", "several", "match"))
        if how == "set":
            return f"{left} is {self._chance.choice(('', 'not '))}set"
        if how == "match" and kind.kind == "string":
            return f'{left} matches "{self._chance.choice(GLOBS)}"'
        if how == "several":
            several = ", ".join(self._literal(kind) for _ in range(self._chance.randint(1, 2)))
            return f"{left} {self._chance.choice(('in', 'not in'))} [{several}]"
        ordered = kind.kind in ("integer", "number", "time")
        sign = self._chance.choice(SIGNS if ordered else SIGNS[:2])
        return f"{left} {sign} {self._literal(kind)}"

    def _literal(self, kind: ValueType) -> str:
        match kind.kind:
            case "boolean":
                return self._chance.choice(("true", "false"))
            case "integer":
                return str(self._chance.choice(NUMBERS[:5]))
            case "number":
                return _number(self._chance.choice(NUMBERS + EXTREMES))
            case "time":
                return f'"{iso(_time(self._chance))}"'
            case "enum":
                return f'"{self._chance.choice(kind.values)}"'
            case "string":
                text = self._chance.choice(STRINGS)
                return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def _occurrences(self, *, windows: bool = True) -> str:
        event = self._chance.choice(sorted(VOCABULARY.events))
        windowed = windows and self._chance.random() < 0.6
        within = f" within {self._chance.choice(AGES)}" if windowed else ""
        return f'"{event}"{self._where(event)}{within}'

    def _where(self, event: str) -> str:
        kinds = VOCABULARY.events[event]
        if not kinds or self._chance.random() < 0.5:
            return ""
        tests = [self._test(*self._chance.choice(sorted(kinds.items(), key=lambda one: one[0])))]
        if self._chance.random() < 0.3:
            tests.append(
                self._test(*self._chance.choice(sorted(kinds.items(), key=lambda x: x[0])))
            )
        joined = f" {self._chance.choice(('and', 'or'))} ".join(tests)
        return f" where not ({joined})" if self._chance.random() < 0.15 else f" where {joined}"

    def _whose(self, scope: str) -> str:
        return self._chance.choice(("", "", "account.")) if scope == "user" else ""

    def _readable(self, scope: str) -> list[str]:
        return [name for name, of in self._known if scope == "user" or of == "account"]


def _events(chance: random.Random, accounts: int, *, extremes: bool) -> list[Event]:
    found: list[Event] = []
    for number in range(accounts):
        account = f"a{number}"
        people = [f"u{one}" for one in range(chance.randint(1, 4))]
        found += [
            _event(chance, account, people, f"e{one}", extremes=extremes)
            for one in range(chance.randint(0, 16))
        ]
    chance.shuffle(found)
    return found


def _event(
    chance: random.Random, account: str, people: Sequence[str], id: str, *, extremes: bool
) -> Event:
    kind: EventKind = chance.choice(("track", "track", "track", "track", "identify", "group"))
    name = chance.choice(sorted(VOCABULARY.events)) if kind == "track" else ""
    user = None if kind == "group" or chance.random() < 0.05 else chance.choice(people)
    declared = {
        "track": VOCABULARY.events.get(name, {}),
        "identify": VOCABULARY.user,
        "group": VOCABULARY.account,
    }[kind]
    at = _time(chance)
    return event(
        kind,
        name,
        subject=Subject(account, user),
        id=id,
        now=at,
        at=at,
        properties=_body(chance, declared, extremes=extremes or kind != "track"),
        role=chance.choice((None, *VOCABULARY.roles)) if kind == "identify" else None,
    )


def _body(
    chance: random.Random, declared: Mapping[str, ValueType], *, extremes: bool
) -> dict[str, object]:
    """Values for some of the names, a few of them of a wrong type or taken away."""
    return {
        name: chance.choice(WRONG)
        if chance.random() < 0.12
        else _value(chance, kind, extremes=extremes)
        for name, kind in declared.items()
        if chance.random() < 0.7
    }


def _value(chance: random.Random, kind: ValueType, *, extremes: bool) -> object:
    match kind.kind:
        case "boolean":
            return chance.random() < 0.5
        case "integer":
            return chance.choice(NUMBERS[:5])
        case "number":
            return chance.choice(NUMBERS + EXTREMES if extremes else NUMBERS)
        case "time":
            return iso(_time(chance))
        case "enum":
            return chance.choice(kind.values)
        case "string":
            return chance.choice((*STRINGS, "e\N{COMBINING ACUTE ACCENT}"))


def _time(chance: random.Random) -> int:
    """On a coarse grid, so that much happens at the same instant and on the edges of windows."""
    return MONDAY + chance.randint(0, LATEST) * 6 * HOUR + chance.choice((0, 0, 0, 0, -1, 1))


def _number(value: float) -> str:
    return format(value, "f").rstrip("0").rstrip(".") if abs(value) < 1 else f"{value}"
