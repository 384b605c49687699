"""Where a formula first holds, by looking at every place: for rules that may turn false again.

A rule's steps have a bit each. The sum of the bits that are on, up to a place, tells which steps
are on there, and so whether the formula holds. All rules of a stage are swept together; one that
asks for milestones comes in a later stage than those, and what was reached is handed on.

    q_stage_1    who, source: the milestone's number, at, sub: where it was reached
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from guidepath.rules.expression import Of, Reached
from guidepath.rules.sql import nodes
from guidepath.rules.sql.nodes import Node, binary, column, integer
from guidepath.rules.sql.step import Later, Met
from guidepath.rules.sql.together.formula import (
    All,
    Begun,
    Formula,
    Is,
    No,
    Some,
    Step,
    at_first,
    every,
    of,
    steps,
)
from guidepath.rules.sql.together.numbers import Numbers
from guidepath.rules.sql.together.subjects import Part

_WORD = 30  # bits that are added up together
_SMALL = 5  # steps of a formula whose every state is listed


class Swept(NamedTuple):
    """A milestone whose formula is to be swept."""

    id: str
    scope: Of
    told: Formula

    def begun(self) -> "Swept":
        """Not before the subject's first event, where it may hold before."""
        found = list(steps(self.told))
        if found and not at_first(self.told) and all(of(one) == self.scope for one in found):
            return self
        return self._replace(told=every((self.told, Is(Begun(self.scope)))))


def stages(milestones: Iterable[Swept]) -> list[list[Swept]]:
    """Each in a later stage than those that it asks for; they come after those already."""
    stage: dict[str, int] = {}
    found: list[list[Swept]] = []
    for one in milestones:
        asked = (_asked(step) for step in steps(one.told))
        number = max((stage[milestone] + 1 for milestone in asked if milestone), default=0)
        stage[one.id] = number
        found += [[]] * (number == len(found))
        found[number] = [*found[number], one]
    return found


class Sweep:
    """Makes the queries of stages; `rounds` places belong to each event."""

    def __init__(self, sources: Numbers[object], *, until: int, rounds: int) -> None:
        self._sources = sources
        self._until = until
        self._rounds = rounds
        self._done: list[int] = []

    def parts(self, found: Sequence[Sequence[Swept]]) -> Iterator[Part]:
        """The queries of all stages; the last holds what all of them reached."""
        for number, stage in enumerate(found, 1):
            yield from self._stage(number, stage, last=number == len(found))

    def _stage(self, number: int, stage: Sequence[Swept], *, last: bool) -> Iterator[Part]:
        asked = [(one, list(dict.fromkeys(steps(one.told)))) for one in stage]
        words = max(-(-len(found) // _WORD) for _, found in asked)
        shapes = _Shapes()
        uses: list[tuple[int, ...]] = [
            (one, one, 0, 0, 0, 0, *(0 for _ in range(words))) for one in self._done
        ]
        for one, found in asked:
            shape = shapes.number(one.told, found)
            for bit, step in enumerate(found):
                uses.append((*self._use(one, step), shape, *_bits(bit, words)))
        bits = [f"bit_{n}" for n in range(words)]
        yield (
            f"p_use_{number}",
            nodes.rows(("source", "rule", "spread", "size", "how", "shape", *bits), uses),
        )
        before = f"UNION ALL SELECT who, source, at, sub, 1 AS d FROM q_stage_{number - 1}"  # noqa: S608
        turned = f"SELECT who, source, at, sub, d FROM q_changes {before if number > 1 else ''}"  # noqa: S608
        yield f"q_turned_{number}", nodes.parsed(turned)
        spread = any(use[2] for use in uses)
        yield f"q_rows_{number}", nodes.parsed(self._rows(number, bits, spread=spread))
        holds = nodes.parsed(self._summed(number, bits))
        holds.set("where", exp.Where(this=shapes.verdict()))
        yield f"q_held_{number}", holds
        yield f"q_stage_{number}", nodes.parsed(_earliest(number) if last else _placed(number))
        self._done += [self._sources[one.id] for one in stage]

    def _use(self, rule: Swept, step: Step) -> tuple[int, ...]:
        """How a step's changes, or the milestone that it waits for, become rows of the rule.

        At their place (0); after it (1), where an account's users see at the event by which it was
        reached; or when time alone has come (2).
        """
        spread = int(of(step) != rule.scope)
        source, size, how = self._sources[step], 0, 0
        match step:
            case Met(milestone):
                source, how = self._sources[milestone], 1
            case Later(Reached(milestone), _, delay):
                source, size, how = self._sources[milestone], delay, 2
        return source, self._sources[rule.id], spread, size, how

    def _rows(self, number: int, bits: Sequence[str], *, spread: bool) -> str:
        users = f"UNION ALL {self._spread(number, bits)}" if spread else ""
        return f"{self._own(number, bits)} {users}"

    def _own(self, number: int, bits: Sequence[str]) -> str:
        return f"""
            SELECT c.who AS who, p.rule AS rule, p.shape AS shape, c.at + p.size AS at,
                CASE p.how WHEN 0 THEN c.sub WHEN 1 THEN c.sub + 1 ELSE 0 END AS sub{_added(bits)}
            FROM q_turned_{number} AS c
            JOIN p_use_{number} AS p ON p.source = c.source
            WHERE p.spread = 0 AND c.at + p.size <= {self._until}
        """  # noqa: S608

    def _spread(self, number: int, bits: Sequence[str]) -> str:
        """What the account does, for each of its users, who are looked at after it."""
        return f"""
            SELECT u.who AS who, p.rule AS rule, p.shape AS shape, c.at + p.size AS at,
                CASE p.how WHEN 0 THEN c.sub WHEN 1 THEN c.sub - c.sub % {self._rounds}
                    ELSE 0 END AS sub{_added(bits)}
            FROM q_turned_{number} AS c
            JOIN p_use_{number} AS p ON p.source = c.source
            JOIN q_users AS u ON u.whole = c.who
            WHERE p.spread = 1 AND c.at + p.size <= {self._until}
        """  # noqa: S608

    def _summed(self, number: int, bits: Sequence[str]) -> str:
        summed = "".join(
            f", SUM({one}) OVER (PARTITION BY who, rule ORDER BY at, sub) AS {one}" for one in bits
        )
        return f"""
            SELECT who, rule, at, sub
            FROM (SELECT who, rule, shape, at, sub{summed} FROM q_rows_{number}) AS summed
        """  # noqa: S608


class _Shapes:
    """The different formulas of a stage, as tests of bits."""

    def __init__(self) -> None:
        self._numbers: Numbers[object] = Numbers()
        self._tests: dict[int, Node] = {}

    def number(self, told: Formula, found: Sequence[Step]) -> int:
        bits = {step: bit for bit, step in enumerate(found)}
        if len(found) <= _SMALL:
            on = tuple(n for n in range(1 << len(found)) if _holds(told, bits, n))
            shape = self._numbers[on]
            if shape not in self._tests:
                self._tests[shape] = _one_of(on)
            return shape
        shape = self._numbers[_numbered(told, bits)]
        if shape not in self._tests:
            self._tests[shape] = _test(told, bits)
        return shape

    def verdict(self) -> Node:
        """Whether the shape of a row holds; of what is handed on it is 0, which always does."""
        tests = {0: nodes.boolean(value=True), **self._tests}
        return exp.Case(
            this=column("shape"),
            ifs=[exp.If(this=integer(one), true=test) for one, test in tests.items()],
            default=nodes.boolean(value=False),
        )


def _asked(step: Step) -> str | None:
    match step:
        case Met(milestone) | Later(Reached(milestone)):
            return milestone
        case _:
            return None


def _bits(bit: int, words: int) -> Iterator[int]:
    for word in range(words):
        yield 1 << bit % _WORD if bit // _WORD == word else 0


def _holds(told: Formula, bits: Mapping[Step, int], on: int) -> bool:
    match told:
        case bool():
            return told
        case All(parts):
            return all(_holds(one, bits, on) for one in parts)
        case Some(parts):
            return any(_holds(one, bits, on) for one in parts)
        case No(part):
            return not _holds(part, bits, on)
        case Is(step):
            return bool(on >> bits[step] & 1)


def _one_of(on: Sequence[int]) -> Node:
    return nodes.among(column("bit_0"), [integer(one) for one in on or (-1,)])


def _numbered(told: Formula, bits: Mapping[Step, int]) -> object:
    """The formula without what its steps are: the same for rules of the same shape."""
    match told:
        case All(parts) | Some(parts):
            return type(told), *(_numbered(one, bits) for one in parts)
        case No(part):
            return No, _numbered(part, bits)
        case Is(step):
            return bits[step]
        case _:
            return told


def _test(told: Formula, bits: Mapping[Step, int]) -> Node:
    match told:
        case All(parts):
            return nodes.every(_test(one, bits) for one in parts)
        case Some(parts):
            return nodes.some(_test(one, bits) for one in parts)
        case No(part):
            return nodes.negation(_test(part, bits))
        case Is(step):
            word, bit = divmod(bits[step], _WORD)
            lower = binary(column(f"bit_{word}"), "%", integer(2 << bit))
            return binary(lower, ">=", integer(1 << bit))
        case _:
            return nodes.boolean(value=bool(told))


def _added(bits: Iterable[str]) -> str:
    return "".join(f", CAST(c.d * p.{one} AS INT) AS {one}" for one in bits)


def _earliest(number: int) -> str:
    return f"""
        SELECT who, rule AS source, MIN(at) AS at, 0 AS sub FROM q_held_{number} GROUP BY who, rule
    """  # noqa: S608


def _placed(number: int) -> str:
    """With its place, for those who ask for it."""
    return f"""
        SELECT who, rule AS source, at, sub FROM (
            SELECT who, rule, at, sub,
                ROW_NUMBER() OVER (PARTITION BY who, rule ORDER BY at, sub) AS n
            FROM q_held_{number}
        ) AS ordered WHERE n = 1
    """  # noqa: S608
