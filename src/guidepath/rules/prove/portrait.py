"""Somebody of whom formulas hold: a witness, drawn from what a solver found for every name.

A cell tells how often, not when exactly: within it, events are laid an hour or a day apart as there
is room. Days and people of several cells may be the same or not; `apart` tells which is tried. An
event of the account alone is drawn as hers, so that rules that need one do not hold of her.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from guidepath.clock import DAY, HOUR
from guidepath.rules.expression import Name, Scalar
from guidepath.rules.prove.age import Age
from guidepath.rules.prove.cells import Cell
from guidepath.rules.prove.paths import TooMany
from guidepath.rules.prove.samples import said
from guidepath.rules.prove.solve import Model
from guidepath.rules.prove.world import World, kind_of
from guidepath.rules.witness import Happened, Witness

_ZERO = Fraction(0)
_MOST = 5_000  # events


def portrait(world: World, model: Model, now: int, *, apart: bool = False) -> Witness:
    """Somebody at an instant for whom the names stand for what the model says.

    Raises:
        TooMany: she has more events behind her than can be lived through.
    """
    if sum(int(model.get(cell.name, _ZERO)) for cell in world.cells.all) > _MOST:
        raise TooMany
    values = dict(_values(world, model))
    events = sorted(_events(world, model, now, apart=apart), key=lambda one: -one.ago)
    hers = [one.ago for one in events if one.by is None]
    started = _age(world.start["user"], model, at_least=max(hers, default=0))
    everyones = [one.ago for one in events] + ([] if started is None else [started])
    return Witness(
        role=_text(values.get(Name("role"))),
        user={name.name: one for name, one in values.items() if name.kind == "user"},
        account={name.name: one for name, one in values.items() if name.kind == "account"},
        events=tuple(events),
        started=started,
        account_started=_age(world.start["account"], model, at_least=max(everyones, default=0)),
        page=_text(values.get(Name("page"))),
        device=_text(values.get(Name("device"))),
        reached=tuple(
            name for name, age in world.reached.items() if any(model.get(one) for one in age.names)
        ),
    )


def _values(world: World, model: Model) -> Iterator[tuple[Name, Scalar]]:
    for name, some in world.values.items():
        for chosen, sample in some:
            value = said(kind_of(name, world.vocabulary), sample.value)
            if model.get(chosen) and value is not None:
                yield name, value


def _text(value: Scalar | None) -> str | None:
    return None if value is None else str(value)


def _age(age: Age, model: Model, *, at_least: int) -> int | None:
    """How long ago, in the stretch that the model chose; None where it does not matter."""
    if not age.edges:
        return None
    edges = (0, *age.edges)
    for low, name in zip(edges, age.names, strict=True):
        if model.get(name):
            room = next((one - low for one in edges if one > low), None)
            return max(low + _step(room), at_least)
    return None


def _step(room: int | None) -> int:
    """How far into a stretch: an hour, or its middle where it is short."""
    return HOUR if room is None or room > 2 * HOUR else room // 2


class _Calendar:
    """On which days the occurrences of each event lie."""

    def __init__(self, now: int, *, apart: bool) -> None:
        self._now = now
        self._apart = apart
        self._taken: dict[str, set[int]] = {}

    def ages(self, cell: Cell, number: int) -> list[int]:
        """An age in the cell on each of so many days; days that others have, or have not, first."""
        taken = self._taken.setdefault(cell.event, set())
        latest = self._now - cell.low
        earliest = latest - (number + len(taken)) * DAY
        if cell.high is not None:
            earliest = max(earliest, self._now - cell.high + 1)
        days = range(latest // DAY, earliest // DAY - 1, -1)
        liked = sorted(days, key=lambda day: (day in taken) is self._apart)[:number]
        taken.update(liked)
        ages = []
        for day in sorted(liked, reverse=True):
            first, last = max(day * DAY, earliest), min((day + 1) * DAY - 1, latest)
            ages.append(self._now - (last - min(HOUR, (last - first) // 2)))
        return ages


def _events(world: World, model: Model, now: int, *, apart: bool) -> Iterator[Happened]:
    calendar = _Calendar(now, apart=apart)
    people: dict[str, int] = {}
    amounts = _amounts(world, model)
    for cell in world.cells.all:
        number = int(model.get(cell.name, _ZERO))
        if not number:
            continue
        asked = world.cells.asked[cell.event]
        if asked.days:
            ages = calendar.ages(cell, int(model.get(cell.days, _ZERO)))
        else:
            ages = _ages(cell, number)
        colleagues = max(1, int(model.get(cell.people, _ZERO))) if asked.people else 1
        met = people.get(cell.event, 0) if apart else 0
        if cell.who == "colleague":
            people[cell.event] = met + colleagues
        for index in range(number):
            by = f"colleague{1 + met + index % colleagues}" if cell.who == "colleague" else None
            ago = ages[min(index, len(ages) - 1)]
            yield Happened(cell.event, ago, _properties(world, cell, amounts), by)


def _ages(cell: Cell, number: int) -> list[int]:
    """Ages in the cell, an hour apart where there is room."""
    room = None if cell.high is None else cell.high - cell.low
    begin = cell.low + _step(room)
    if room is None or _step(room) + number * HOUR < room:
        return [begin + index * HOUR for index in range(number)]
    return [begin]


def _properties(
    world: World, cell: Cell, amounts: Mapping[tuple[str, str], list[Scalar]]
) -> Mapping[str, Scalar]:
    declared = world.vocabulary.events[cell.event]
    found: dict[str, Scalar] = {}
    for name, value in cell.kind.properties.items():
        left = amounts.get((cell.name, name))
        told = left.pop() if left else said(declared[name], value)
        if told is not None:
            found[name] = told
    return found


def _amounts(world: World, model: Model) -> dict[tuple[str, str], list[Scalar]]:
    """What each occurrence adds to a sum, by cell and property: about the same, together exact."""
    found: dict[tuple[str, str], list[Scalar]] = {}
    for event, sums in world.cells.sums.items():
        for one in sums:
            numbers = [int(model.get(cell.name, _ZERO)) for cell in one.cells]
            whole = world.vocabulary.events[event][one.property].kind == "integer"
            parts = _shares(model.get(one.name, _ZERO), sum(numbers), whole=whole)
            for cell, number in zip(one.cells, numbers, strict=True):
                found[cell.name, one.property] = [parts.pop() for _ in range(number)]
    return found


def _shares(total: Fraction, number: int, *, whole: bool) -> list[Scalar]:
    """The total in so many parts.

    >>> _shares(Fraction(7), 3, whole=True)
    [3, 2, 2]
    """
    if not number:
        return []
    if whole:
        least, more = divmod(int(total), number)
        return [*[least + 1] * more, *[least] * (number - more)]
    share = round(total / number, 6)
    return [_number(total - share * (number - 1)), *[_number(share)] * (number - 1)]


def _number(value: Fraction) -> Scalar:
    return int(value) if value.denominator == 1 else float(value)
