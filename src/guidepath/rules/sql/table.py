"""The table of events that a query reads: what each column holds.

One row an event, each event once:

    account    whose event it is
    user       who did it; NULL where it is the account's alone
    seq        whole numbers from 0: in which order events of the same instant arrived
    kind       track, identify or group
    name       of a tracked event; else ''
    at         when it happened, in microseconds since 1970, UTC
    role       what an identify says of it, else NULL

and for each property and attribute that some rule reads, one of its declared type, NULL where it
is missing. A number that is added up has a second, exact column. An attribute has a second one,
TRUE where an identify or a group takes it away.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from guidepath.rules.dependency import attributes_of, conditions, occurrences
from guidepath.rules.expression import And, Compare, IsSet, Not, Or, Rule, Total
from guidepath.rules.vocabulary import TypeName, ValueType, Vocabulary

Kind = Literal["string", "boolean", "integer", "number", "time", "exact", "removed"]
Of = Literal["user", "account", "property"]

FIXED: Mapping[str, str] = {
    "account": "TEXT",
    "user": "TEXT",
    "seq": "BIGINT",
    "kind": "TEXT",
    "name": "TEXT",
    "at": "BIGINT",
    "role": "TEXT",
}
NEEDED = ("account", "seq", "kind", "name", "at")  # never NULL
SQL_TYPES: Mapping[Kind, str] = {
    "string": "TEXT",
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "time": "BIGINT",
    "exact": "DECIMAL(38, 12)",
    "removed": "BOOLEAN",
}
_LONGEST = 48  # PostgreSQL cuts names at 63 bytes
_KINDS: Mapping[TypeName, Kind] = {
    "string": "string",
    "enum": "string",
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "time": "time",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column beside the fixed ones: whose value it holds, and in which form."""

    name: str
    kind: Kind
    of: Of
    event: str  # of a property; else ''
    said: str  # the property or attribute

    @property
    def type(self) -> str:
        """Its type, as sqlglot writes it."""
        return SQL_TYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """What a set of rules reads of the events."""

    columns: tuple[Column, ...]
    _names: Mapping[tuple[Of, str, str, Kind | None], Column] = field(repr=False)

    def of_property(self, event: str, said: str) -> Column:
        """The column of an event's property."""
        return self._names["property", event, said, None]

    def of_amount(self, event: str, said: str) -> Column:
        """The column of the exact number that is added up."""
        return self._names["property", event, said, "exact"]

    def of_attribute(self, of: Literal["user", "account"], said: str) -> tuple[Column, Column]:
        """The column of an attribute, and that which says that it is taken away."""
        return self._names[of, "", said, None], self._names[of, "", said, "removed"]


def table_for(rules: Iterable[Rule], vocabulary: Vocabulary) -> Table:
    """The table that these checked rules need, the same for the same rules in any order."""
    wanted: set[tuple[Of, str, str, bool]] = set()
    for rule in rules:
        wanted.update(_wanted(rule))
    names: dict[tuple[Of, str, str, Kind | None], Column] = {}
    bases: dict[tuple[Of, str, str], str] = {}
    taken = set(FIXED)
    for of, event, said, exact in sorted(wanted):
        kind = _KINDS[_declared(vocabulary, of, event, said).kind]
        base = bases.get((of, event, said)) or _free(_slug(of[0], event, said), taken)
        bases[of, event, said] = base
        if exact:
            names[of, event, said, "exact"] = Column(f"{base}_exact", "exact", of, event, said)
            continue
        names[of, event, said, None] = Column(base, kind, of, event, said)
        if of != "property":
            removed = Column(f"{base}_removed", "removed", of, event, said)
            names[of, event, said, "removed"] = removed
    return Table(tuple(names.values()), names)


def _wanted(rule: Rule) -> Iterator[tuple[Of, str, str, bool]]:
    for of, said in attributes_of(rule):
        yield of, "", said, False
    for found in occurrences(rule):
        if found.where is not None:
            for one in _read(found.where):
                yield "property", found.event, one, False
    for asked in conditions(rule):
        if isinstance(asked, Total):
            yield "property", asked.occurrences.event, asked.property, True


def _read(where: Rule) -> Iterator[str]:
    match where:
        case And(rules) | Or(rules):
            for one in rules:
                yield from _read(one)
        case Not(one):
            yield from _read(one)
        case Compare(left) | IsSet(left):
            yield left.name


def _declared(vocabulary: Vocabulary, of: Of, event: str, said: str) -> ValueType:
    match of:
        case "user":
            return vocabulary.user[said]
        case "account":
            return vocabulary.account[said]
        case "property":
            return vocabulary.events[event][said]


def _slug(*parts: str) -> str:
    joined = "_".join(one for one in parts if one)
    return re.sub(r"\W+", "_", joined, flags=re.ASCII).lower()[:_LONGEST]


def _free(base: str, taken: set[str]) -> str:
    """A name that is not taken yet, nor with what may be put behind it."""
    number, found = 1, base
    while taken & (names := {found, f"{found}_exact", f"{found}_removed"}):
        number += 1
        found = f"{base}_{number}"
    taken |= names
    return found
