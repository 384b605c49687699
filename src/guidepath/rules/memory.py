"""What is remembered of one subject, and what one more occurrence makes of it.

    counter   how many occurrences, ever
    times     the newest `keep` times, newest first
    days      the newest time of each of the newest `keep` UTC days, newest first
    people    the newest time of each of the newest `keep` people, newest first
    total     the exact decimal sum of a numeric property

Inserting commutes: events in any order leave the same memory. For each name of an event one
function is built that does all of it, because every event that is tracked passes there.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal, Inexact
from functools import lru_cache
from textwrap import indent
from types import CodeType, FunctionType
from typing import Literal, NamedTuple, cast

import msgspec

from guidepath.clock import DAY
from guidepath.rules.expression import Rule
from guidepath.rules.number import decimal, number

Kind = Literal["counter", "times", "days", "people", "total"]
Properties = Mapping[str, object]
Matches = Callable[[Rule, Properties], bool]

FIELDS: Mapping[Kind, str] = {
    "counter": "counters",
    "times": "times",
    "days": "days",
    "people": "people",
    "total": "totals",
}

# Every sum of decimal readings of 64-bit floats fits (their exponents span 632 digits).
_EXACT = Context(prec=800, traps=[Inexact])


class Memory(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The values of one subject's facts, by kind and slot."""

    counters: tuple[int, ...] = ()
    times: tuple[tuple[int, ...], ...] = ()
    days: tuple[tuple[int, ...], ...] = ()
    people: tuple[tuple[tuple[int, str], ...], ...] = ()
    totals: tuple[Decimal, ...] = ()


class Place(NamedTuple):
    """Where a value lies, and what of an occurrence goes into it."""

    kind: Kind
    slot: int
    keep: int
    where: Rule | None
    property: str


# the memory, when it happened, who did it, the properties, and what tells whether a filter lets
# them in -> the memory with one more occurrence
Insert = Callable[[Memory, int, str | None, Properties, Matches], Memory]

# what one more makes of `values[slot]`; what comes in order, as most does, stands here itself
_MORE: Mapping[Kind, str] = {
    "counter": "{values}[{slot}] += 1",
    "times": """\
old = {values}[{slot}]
{values}[{slot}] = (
    (at,) + old[: {keep} - 1] if not old or at >= old[0] else late(old, {keep}, at)
)""",
    "days": """\
old = {values}[{slot}]
{values}[{slot}] = (
    (at,) + old[1:] if old and at >= old[0] >= at - at % DAY else newest_day(old, {keep}, at)
)""",
    "people": "{values}[{slot}] = newest_person({values}[{slot}], {keep}, at, user)",
    "total": "{values}[{slot}] = sum({values}[{slot}], properties.get(property{number}))",
}


def inserting(places: Sequence[Place]) -> Insert:
    """One function that puts an occurrence into all these places.

    Only numbers enter its text; what users wrote are constants of it.
    """
    says = []
    names = dict(_NAMES)
    for count, one in enumerate(places):
        more = _MORE[one.kind].format(
            values=FIELDS[one.kind], slot=one.slot, keep=one.keep, number=count
        )
        names[f"property{count}"] = one.property
        if one.where is not None:
            names[f"where{count}"] = one.where
            more = f"if matches(where{count}, properties):\n{indent(more, '    ')}"
        says.append(more)
    touched = {FIELDS[one.kind] for one in places}
    fields = Memory.__struct_fields__
    after = [f"tuple({one})" if one in touched else f"memory.{one}" for one in fields]
    body = [
        *(f"{one} = list(memory.{one})" for one in fields if one in touched),
        *says,
        f"return Memory({', '.join(after)})",
    ]
    return cast("Insert", FunctionType(_code("\n".join(body)), names))


@lru_cache(maxsize=1024)  # a playbook that is read anew is mostly the same
def _code(body: str) -> CodeType:
    head = "def insert(memory, at, user, properties, matches):\n"
    module = compile(head + indent(body, "    "), "<memory>", "exec")
    return next(one for one in module.co_consts if isinstance(one, CodeType))


def _late(times: tuple[int, ...], keep: int, at: int) -> tuple[int, ...]:
    return tuple(sorted((*times, at), reverse=True)[:keep])


def _newest_day(days: tuple[int, ...], keep: int, at: int) -> tuple[int, ...]:
    newest = {one // DAY: one for one in days}
    newest[at // DAY] = max(at, newest.get(at // DAY, at))
    return tuple(sorted(newest.values(), reverse=True)[:keep])


def _newest_person(
    people: Sequence[tuple[int, str]], keep: int, at: int, user: str | None
) -> Sequence[tuple[int, str]]:
    if user is None:
        return people
    newest = {one: time for time, one in people}
    newest[user] = max(at, newest.get(user, at))
    return tuple(sorted(((time, one) for one, time in newest.items()), reverse=True)[:keep])


def _sum(total: Decimal, value: object) -> Decimal:
    amount = number(value)
    return total if amount is None else _EXACT.add(total, decimal(amount)).normalize(_EXACT)


_NAMES: Mapping[str, object] = {
    "__builtins__": {},
    "DAY": DAY,
    "Memory": Memory,
    "late": _late,
    "list": list,
    "newest_day": _newest_day,
    "newest_person": _newest_person,
    "sum": _sum,
    "tuple": tuple,
}
