"""One more occurrence: in whatever order they come, a memory holds what the whole history says."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules.strategies import VOCABULARY

from guidepath.clock import DAY, HOUR
from guidepath.rules.check import check
from guidepath.rules.expression import Did, Rule
from guidepath.rules.interpret import matches
from guidepath.rules.memory import FIELDS, Kind, Memory, Place, inserting
from guidepath.rules.parser import parse

Occurrence = tuple[int, str | None, dict[str, object]]  # when, who, what else is known of it


def where(text: str) -> Rule:
    rule = check(parse(f'did("invoice.sent" where {text})'), VOCABULARY, "guidance").rule
    assert isinstance(rule, Did)
    assert rule.occurrences.where is not None
    return rule.occurrences.where


FILTERS = [None, where("total >= 100"), where("total < 100")]
OCCURRENCES = st.lists(
    st.tuples(
        st.integers(0, 200).map(lambda hours: hours * HOUR),
        st.sampled_from([None, "ada", "bob", "cyd", 'x"]; raise SystemExit']),
        st.fixed_dictionaries({}, optional={"total": st.sampled_from([0.1, 0.2, 99, 100, 1e300])}),
    ),
    max_size=12,
)


@st.composite
def placed(draw: st.DrawFn) -> tuple[Place, ...]:
    """Some values, each kind's in slots of its own."""
    kinds = draw(st.lists(st.sampled_from(list(FIELDS)), min_size=1, max_size=8))
    return tuple(
        Place(
            kind,
            slot=kinds[:number].count(kind),
            keep=draw(st.integers(1, 4)),
            where=draw(st.sampled_from(FILTERS)),
            property="total",
        )
        for number, kind in enumerate(kinds)
    )


def empty(places: Sequence[Place]) -> Memory:
    values: dict[Kind, Any] = {"counter": 0, "total": Decimal(0)}
    return Memory(
        **{
            field: tuple(values.get(kind, ()) for one in places if one.kind == kind)
            for kind, field in FIELDS.items()
        }
    )


def told(place: Place, history: Sequence[Occurrence]) -> object:
    """What a value is, by all that happened."""
    let_in = [one for one in history if place.where is None or matches(place.where, one[2])]
    match place.kind:
        case "counter":
            return len(let_in)
        case "times":
            return tuple(sorted((at for at, _, _ in let_in), reverse=True)[: place.keep])
        case "days":
            newest = {at // DAY: at for at, _, _ in sorted(let_in, key=lambda one: one[0])}
            return tuple(sorted(newest.values(), reverse=True)[: place.keep])
        case "people":
            known = [(at, who) for at, who, _ in let_in if who is not None]
            last = {who: max(at for at, one in known if one == who) for _, who in known}
            return tuple(sorted(((at, who) for who, at in last.items()), reverse=True))[
                : place.keep
            ]
        case "total":
            amounts = [one["total"] for _, _, one in let_in if "total" in one]
            return sum(Fraction(repr(one)) for one in amounts)


@given(places=placed(), history=OCCURRENCES, data=st.data())
def test_what_is_remembered_is_what_the_history_says_in_any_order(
    places: tuple[Place, ...], history: list[Occurrence], data: st.DataObject
) -> None:
    insert, memory = inserting(places), empty(places)
    for at, who, properties in data.draw(st.permutations(history)):
        memory = insert(memory, at, who, properties, matches)
    for place in places:
        assert getattr(memory, FIELDS[place.kind])[place.slot] == told(place, history), place


def test_what_is_not_of_the_event_stays_as_it_is() -> None:
    before = Memory(counters=(1, 2), times=((3,),), totals=(Decimal(4),))
    after = inserting((Place("counter", 1, 1, None, ""),))(before, 9, "ada", {}, matches)
    assert after == Memory(counters=(1, 3), times=((3,),), totals=(Decimal(4),))
    assert after.times is before.times


@pytest.mark.parametrize("name", ["total", "a b", 'x"]; raise SystemExit', "__class__", "{slot}"])
def test_a_property_of_any_name_is_a_constant_and_no_text_of_the_function(name: str) -> None:
    insert = inserting((Place("total", 0, 1, None, name),))
    memory = insert(Memory(totals=(Decimal(0),)), 1, "ada", {name: 2.5}, matches)
    assert memory.totals == (Decimal("2.5"),)


def test_many_values_of_one_event_are_all_kept() -> None:
    places = tuple(Place("times", slot, 1 + slot % 3, None, "") for slot in range(2_000))
    insert, memory = inserting(places), empty(places)
    for at in (2, 3, 1):
        memory = insert(memory, at, None, {}, matches)
    assert memory.times[:3] == ((3,), (3, 2), (3, 2, 1))
    assert len(memory.times) == 2_000


def test_a_sum_is_exact_however_far_apart_its_amounts_are() -> None:
    insert, memory = inserting((Place("total", 0, 1, None, "total"),)), Memory(totals=(Decimal(0),))
    for amount in (1e300, 0.1, 5e-324, -1e300, 0.2):
        memory = insert(memory, 1, "ada", {"total": amount}, matches)
    assert Fraction(memory.totals[0]) == Fraction("0.3") + Fraction("5e-324")
