"""How often each event happened: a number for each age, class of properties and person."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Literal, NamedTuple

from guidepath.clock import DAY
from guidepath.rules.expression import Occurrences, Of, Rule, Tally, Total
from guidepath.rules.prove.classes import Class, classes
from guidepath.rules.prove.formula import (
    all_of,
    any_of,
    compared,
    negation,
    plus,
    real,
)
from guidepath.rules.prove.samples import Sample
from guidepath.rules.prove.survey import Asked
from guidepath.rules.vocabulary import ValueType

Who = Literal["herself", "colleague", "nobody"]  # nobody: an event of the account alone


class Cell(NamedTuple):
    """Occurrences of one event that no rule tells apart. Ages lie in [low, high)."""

    name: str
    event: str
    low: int
    high: int | None
    kind: Class
    who: Who

    @property
    def days(self) -> str:
        """The name of the number of days on which they lie."""
        return f"d{self.name}"

    @property
    def people(self) -> str:
        """The name of the number of colleagues who did it."""
        return f"p{self.name}"


class Sum(NamedTuple):
    """The name of a property's sum over the cells of one class and person, of all ages."""

    name: str
    cells: tuple[Cell, ...]
    property: str


class Cells:
    """All cells of some events, and what rules say of them."""

    def __init__(
        self,
        asked: Mapping[str, Asked],
        declared: Mapping[str, Mapping[str, ValueType]],
        edges: Sequence[int],
    ) -> None:
        self.all: list[Cell] = []
        self.sums: dict[str, list[Sum]] = {}
        self.laws: list[str] = []
        self.likely: list[str] = []  # what makes it easier to draw somebody, but need not be
        self.asked = asked
        self._declared = declared
        self._numbers: dict[str, str] = {}  # each with its sort
        self._by_event: dict[str, list[Cell]] = {}
        self._told: dict[tuple[str, frozenset[str]], str] = {}
        for event, one in asked.items():
            self._lay_out(event, one, sorted({*one.edges, *edges}))

    def declarations(self) -> list[str]:
        """All names, with their sorts."""
        return [f"(declare-const {name} {sort})" for name, sort in self._numbers.items()]

    def did(self, occurrences: Occurrences, ago: int = 0) -> str:
        """At least one; `ago` or longer."""
        return _some(self._among(occurrences, ago))

    def tally(self, rule: Tally, ago: int = 0) -> str:
        """So many occurrences, days or people; counting only what was `ago` or longer."""
        cells = self._among(rule.occurrences, ago)
        match rule.what:
            case "count":
                number = plus(one.name for one in cells)
            case "days":
                number = self._days(cells, rule.occurrences.within)
            case "users":
                number = self._people(cells)
        return compared(number, rule.operator, str(rule.number))

    def total(self, rule: Total) -> str:
        """A sum that is so large."""
        event, where, of = rule.occurrences.event, rule.occurrences.where, rule.occurrences.of
        terms = [
            one.name
            for one in self.sums[event]
            if one.property == rule.property and _counts(one.cells[0], of, where)
        ]
        sum_ = plus(terms)
        if terms and self._whole(event, rule.property):
            sum_ = f"(to_real {sum_})"
        return compared(sum_ if terms else "0.0", rule.operator, real(rule.number))

    def newest(self, occurrences: Occurrences, limit: int, *, older: bool) -> str:
        """The newest is so old, or not yet."""
        cells = self._among(occurrences)
        younger = _some([one for one in cells if one.low < limit])
        return all_of((_some(cells), negation(younger))) if older else younger

    def happened(self) -> Iterator[tuple[int, bool, str]]:
        """For each age and person: from which age on, whether hers, and that something happened."""
        groups: dict[tuple[int, bool], list[Cell]] = {}
        for one in self.all:
            groups.setdefault((one.low, one.who == "herself"), []).append(one)
        for (low, hers), cells in groups.items():
            yield low, hers, _some(cells)

    def _lay_out(self, event: str, asked: Asked, edges: Sequence[int]) -> None:
        whose: tuple[Who, ...] = ("herself", "colleague") if asked.of_account else ("herself",)
        if asked.people:
            whose = (*whose, "nobody")
        declared = self._declared[event]
        cells = self._by_event[event] = []
        self.sums[event] = []
        for kind in classes(asked, declared):
            for who in whose:
                alike: list[Cell] = []
                for low, high in zip((0, *edges), (*edges, None), strict=True):
                    if low != high:
                        name = f"n{len(self.all) + len(cells) + len(alike)}"
                        alike.append(Cell(name, event, low, high, kind, who))
                for one in alike:
                    self._number(one, asked)
                cells += alike
                self._sum(tuple(alike))
        self.all += cells
        self.likely.append(negation(_some([one for one in cells if one.who == "nobody"])))

    def _number(self, cell: Cell, asked: Asked) -> None:
        self._numbers[cell.name] = "Int"
        self.laws.append(f"(>= {cell.name} 0)")
        if asked.days:
            self._spread(cell, cell.days)
            most = _most_days(None if cell.high is None else cell.high - cell.low)
            if most is not None:
                self.laws.append(f"(<= {cell.days} {most})")
            if cell.high is not None:
                self.likely.append(f"(<= {cell.days} {_days_at_noon(cell.low, cell.high)})")
        if asked.people and cell.who == "colleague":
            self._spread(cell, cell.people)

    def _spread(self, cell: Cell, over: str) -> None:
        """They lie on some days, or are by some people: at least one where there are any."""
        self._numbers[over] = "Int"
        some = all_of((f"(>= {cell.name} 1)", f"(>= {over} 1)"))
        self.laws.append(f"(<= 0 {over} {cell.name})")
        self.laws.append(any_of((some, f"(= {cell.name} 0)")))

    def _sum(self, cells: tuple[Cell, ...]) -> None:
        event = cells[0].event
        for name, amount in cells[0].kind.amounts.items():
            whole = self._whole(event, name)
            one = Sum(f"s{sum(map(len, self.sums.values()))}_{cells[0].name}", cells, name)
            self._numbers[one.name] = "Int" if whole else "Real"
            self.sums[event].append(one)
            number = plus(cell.name for cell in cells)
            nothing = all_of((f"(= {number} 0)", f"(= {one.name} {'0' if whole else '0.0'})"))
            within = all_of((f"(>= {number} 1)", *_bounds(one.name, number, amount, whole=whole)))
            self.laws.append(any_of((nothing, within)))

    def _whole(self, event: str, name: str) -> bool:
        return self._declared[event][name].kind == "integer"

    def _among(self, occurrences: Occurrences, ago: int = 0) -> list[Cell]:
        within = occurrences.within
        return [
            one
            for one in self._by_event[occurrences.event]
            if _counts(one, occurrences.of, occurrences.where)
            and (within is None or (one.high is not None and one.high <= within))
            and one.low >= ago
        ]

    def _days(self, cells: Sequence[Cell], within: int | None) -> str:
        number = self._spanning("days", cells, [one.days for one in cells])
        most = _most_days(within)
        if most is not None:
            self.laws.append(f"(<= {number} {most})")
        for high in sorted({one.high for one in cells if one.high is not None}):
            older = plus(one.days for one in cells if one.low >= high)
            self.likely.append(f"(<= {number} (+ {_days_at_noon(0, high)} {older}))")
        return number

    def _people(self, cells: Sequence[Cell]) -> str:
        others = [one for one in cells if one.who == "colleague"]
        number = self._spanning("people", others, [one.people for one in others])
        herself = _some([one for one in cells if one.who == "herself"])
        return f"(+ {number} (ite {herself} 1 0))"

    def _spanning(self, what: str, cells: Sequence[Cell], over: Sequence[str]) -> str:
        """How many days or people there are in all of these, who may be the same in several."""
        if not cells:
            return "0"
        key = (what, frozenset(over))
        known = self._told.get(key)
        if known is not None:
            return known
        name = self._told[key] = f"a{len(self._told)}"
        self._numbers[name] = "Int"
        self.laws.append(f"(<= {name} {plus(over)})")
        self.laws += [f"(>= {name} {one})" for one in over]
        for (kind, some), other in list(self._told.items()):
            if kind == what and some != key[1]:
                self._beside(name, key[1], other, some)
        return name

    def _beside(self, one: str, over: frozenset[str], other: str, others: frozenset[str]) -> None:
        """Of two numbers over cells of which some are the same."""
        for less, few, more, many in ((one, over, other, others), (other, others, one, over)):
            if few <= many:
                rest = plus(sorted(many - few))
                self.laws.append(f"(<= {less} {more} (+ {less} {rest}))")


def _counts(cell: Cell, of: Of, where: Rule | None) -> bool:
    return (of == "account" or cell.who == "herself") and (
        where is None or where in cell.kind.lets_in
    )


def _some(cells: Sequence[Cell]) -> str:
    return any_of(f"(>= {one.name} 1)" for one in cells)


def _most_days(length: int | None) -> int | None:
    """How many days a stretch of time touches at most: its first and its last in part."""
    return None if length is None else ceil(length / DAY) + 1


def _days_at_noon(low: int, high: int) -> int:
    """How many days ages in [low, high) touch at noon.

    >>> _days_at_noon(0, DAY), _days_at_noon(0, DAY // 2)
    (2, 1)
    """
    noon = DAY // 2
    return (noon - low) // DAY - (noon - high + 1) // DAY + 1


def _bounds(sum_: str, number: str, amount: Sample, *, whole: bool) -> Iterator[str]:
    """The sum of so many amounts that lie in one range: a range itself, times their number."""
    for limit, sign in ((amount.low, ">"), (amount.high, "<")):
        if limit is not None:
            edge = _times(limit, number, whole=whole)
            yield f"({sign if amount.strict else sign + '='} {sum_} {edge})"


def _times(limit: float, number: str, *, whole: bool) -> str:
    return (
        f"(* {_integer(int(limit))} {number})" if whole else f"(* {real(limit)} (to_real {number}))"
    )


def _integer(value: int) -> str:
    return f"(- {-value})" if value < 0 else str(value)
