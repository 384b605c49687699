"""A playbook against a log of what a product really sends: what never comes, and what comes wrong.

Messages are counted as they are, repeated ones too. Values of people are never told, besides those
of an enum that is not `pii`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from guidepath.event import Event
from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.playbook import Playbook
from guidepath.rules.dependency import events_of
from guidepath.rules.problem import suggest
from guidepath.rules.scanner import shown
from guidepath.rules.vocabulary import ValueType

_TOLD = 3
_KEPT = 1_000  # names that are not declared; a log in which they go on for ever fills no memory


@dataclass
class _Values:
    """What came where one declared value belongs."""

    path: Path
    kind: ValueType
    there: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    values: set[str] = field(default_factory=set)

    def take(self, value: object) -> None:
        """One value; None is none."""
        if value is None:
            return
        self.there += 1
        read = self.kind.read(value)
        if read is None:
            self.wrong[_described(value, self.kind)] += 1
        elif self.kind.kind == "enum":
            self.values.add(str(read))


@dataclass
class _Names:
    """How often each name came that is not declared."""

    count: Counter[str] = field(default_factory=Counter)

    def take(self, name: str) -> None:
        """One more of this name."""
        if name in self.count or len(self.count) < _KEPT:
            self.count[name] += 1

    def told(self) -> str:
        """The most frequent, each with its number."""
        named = [f"'{shown(name)}' ({count:,})" for name, count in self.count.most_common(_TOLD)]
        more = len(self.count) - len(named)
        return ", ".join(named) + (f" and {more:,} more" if more else "")


class Tracked:
    """What a log has of the names that a playbook declares. Take all events, then ask."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook
        words = playbook.vocabulary
        self._messages = 0
        self._events = Counter[str]()
        self._kinds = Counter[str]()
        self._roles = Counter[str]()
        self._undeclared = _Names()
        self._undeclared_roles = _Names()
        self._others: dict[str, _Names] = defaultdict(_Names)  # properties, by event
        self._properties = {
            event: _columns(("events", event, "properties"), types)
            for event, types in words.events.items()
        }
        self._attributes = {
            "identify": _columns(("attributes", "user"), words.user),
            "group": _columns(("attributes", "account"), words.account),
        }

    def take(self, event: Event) -> None:
        """One event of the log."""
        self._messages += 1
        self._kinds[event.kind] += 1
        if event.role is not None:
            self._take_role(event.role)
        if event.kind != "track":
            for name, column in self._attributes.get(event.kind, {}).items():
                column.take(event.properties.get(name))
        elif (columns := self._properties.get(event.name)) is None:
            self._undeclared.take(event.name)
        else:
            self._events[event.name] += 1
            for name, column in columns.items():
                column.take(event.properties.get(name))
            for name in event.properties.keys() - columns.keys():
                self._others[event.name].take(name)

    def _take_role(self, role: str) -> None:
        if role in self._playbook.roles:
            self._roles[role] += 1
        else:
            self._undeclared_roles.take(role)

    def findings(self) -> Iterator[Finding]:
        """What never came, and what came otherwise than it is declared."""
        yield from self._of_events()
        for event, columns in self._properties.items():
            if self._events[event]:
                yield from self._of_properties(event, columns)
        yield from self._of_attributes("user", "identify")
        yield from self._of_attributes("account", "group")
        yield from self._of_roles()

    def _of_events(self) -> Iterator[Finding]:
        asked = self._asking()
        for event in self._properties:
            if self._events[event] == 0:
                message = f"none of {self._messages:,} messages is '{event}'"
                message += ": what asks for it never holds" if asked[event] else ""
                message += _mend(event, self._undeclared, "send it, or mend its name")
                path: Path = ("events", event)
                related = tuple((one, "this asks for it") for one in asked[event][:_TOLD])
                yield Finding(
                    "untracked-event", message, path, "warning", on="key", related=related
                )
        if self._undeclared.count:
            message = "events that are not declared are in the log, and no rule can ask for them: "
            message += f"{self._undeclared.told()}; declare what matters"
            yield Finding("undeclared-event", message, ("events",), "info", on="key")

    def _asking(self) -> Mapping[str, list[Path]]:
        """Where the rules of milestones stand that ask for each event."""
        found: dict[str, list[Path]] = defaultdict(list)
        for index, one in enumerate(self._playbook.milestones):
            for _, event in events_of(self._playbook.milestone_rules[one.id]):
                found[event].append(("milestones", index, "reached_when"))
        return found

    def _of_properties(self, event: str, columns: Mapping[str, _Values]) -> Iterator[Finding]:
        total = self._events[event]
        for name, column in columns.items():
            if column.there == 0:
                message = f"none of {total:,} '{event}' has '{name}'"
                message += _mend(name, self._others[event], "send it, mend its name, or remove it")
                yield Finding("unseen-property", message, column.path, "warning", on="key")
                continue
            yield from _as_declared(name, column)
            lacking = total - column.there
            if lacking and not column.kind.optional:
                message = f"{lacking:,} of {total:,} '{event}' have no '{name}', which is not "
                message += "`optional`: what compares it is false there; send it always, or "
                message += "declare `optional: true`"
                yield Finding("often-missing", message, column.path, "info", on="key")

    def _of_attributes(self, whose: str, kind: str) -> Iterator[Finding]:
        columns = self._attributes[kind]
        if columns and not self._kinds[kind]:
            message = f"the log has no {kind}, so no attribute of any {whose} is known; send them"
            path: Path = ("attributes", whose)
            yield Finding("unseen-attribute", message, path, "warning", on="key")
            return
        for name, column in columns.items():
            if column.there == 0:
                message = f"none of {self._kinds[kind]:,} {kind} messages has '{name}'; send it, "
                message += "mend its name, or remove it"
                yield Finding("unseen-attribute", message, column.path, "warning", on="key")
            else:
                yield from _as_declared(name, column)

    def _of_roles(self) -> Iterator[Finding]:
        roles = self._playbook.roles
        if roles and self._undeclared_roles.count:
            message = "roles that are not declared are in the log: "
            message += f"{self._undeclared_roles.told()}; these people get only what is for "
            message += "everybody: declare them, or send a role that is"
            yield Finding("undeclared-role", message, ("roles",), "warning", on="key")
        if roles and not self._roles:
            message = "nobody in the log has one of these roles: what is for a role shows to "
            message += "nobody; send `role` among the traits of identify"
            yield Finding("unseen-role", message, ("roles",), "warning", on="key")
            return
        for index, role in enumerate(roles):
            if role not in self._roles:
                message = f"nobody in the log has the role '{role}': what is for it shows to nobody"
                message += _mend(role, self._undeclared_roles, "send it, or mend its name")
                yield Finding("unseen-role", message, ("roles", index), "warning")


def _mend(name: str, others: _Names, otherwise: str) -> str:
    """What to do about a name that never came: it came under another, or else this."""
    return suggest(name, others.count) or f"; {otherwise}"


def _columns(path: Path, types: Mapping[str, ValueType]) -> dict[str, _Values]:
    return {name: _Values((*path, name), kind) for name, kind in types.items()}


def _as_declared(name: str, column: _Values) -> Iterator[Finding]:
    if column.wrong:
        count = column.wrong.total()
        message = f"{count:,} of {column.there:,} values of '{name}' are not of type "
        message += f"{column.kind.kind} ({_most(column.wrong)}): they count as missing; send what "
        message += "is declared, or declare what is sent"
        yield Finding("wrong-values", message, column.path, "warning", on="key")
    for index, value in enumerate(column.kind.values):
        if value not in column.values:
            message = f"none of {column.there:,} values of '{name}' is '{value}'; does your "
            message += "product call it something else?"
            yield Finding("unseen-value", message, (*column.path, "enum", index), "info")


def _most(wrong: Mapping[str, int]) -> str:
    first = islice(sorted(wrong.items(), key=lambda one: (-one[1], one[0])), _TOLD)
    return ", ".join(f"{what}: {count:,}" for what, count in first)


def _described(value: object, kind: ValueType) -> str:
    """What it is; never a value that may tell who somebody is."""
    match value:
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a number"
        case str() if kind.kind == "enum" and not kind.pii:
            return f"'{shown(value)}'"
        case str():
            return "a string"
        case _:
            return "a list or an object"
