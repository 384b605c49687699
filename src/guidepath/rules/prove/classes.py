"""The properties of one event, told apart as far as the filters and sums that ask for them do."""

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import NamedTuple

from guidepath.rules.expression import Rule, Scalar
from guidepath.rules.interpret import matches
from guidepath.rules.prove.paths import TooMany
from guidepath.rules.prove.samples import MISSING, Sample, samples
from guidepath.rules.prove.survey import Asked
from guidepath.rules.vocabulary import ValueType

MOST = 20_000  # combinations of values that are looked at


class Class(NamedTuple):
    """Occurrences that no filter and no sum tells apart: which filters let them in, an example.

    `amounts` are the properties that are summed, each with the range it lies in.
    """

    lets_in: frozenset[Rule]
    properties: Mapping[str, Scalar]
    amounts: Mapping[str, Sample]


def classes(asked: Asked, declared: Mapping[str, ValueType]) -> list[Class]:
    """The classes of one event's occurrences.

    Raises:
        TooMany: the filters ask for more than can be looked at.
    """
    names = sorted({*asked.tests, *asked.amounts})
    values = [samples(declared[name], asked.tests.get(name, ())) for name in names]
    if prod(map(len, values)) > MOST:
        raise TooMany
    found: dict[tuple[object, ...], Class] = {}
    for combination in product(*values):
        properties = {
            name: one.value
            for name, one in zip(names, combination, strict=True)
            if one.value is not None
        }
        amounts = {
            name: one
            for name, one in zip(names, combination, strict=True)
            if name in asked.amounts and one is not MISSING
        }
        lets_in = frozenset(one for one in asked.filters if matches(one, properties))
        found.setdefault((lets_in, tuple(amounts.items())), Class(lets_in, properties, amounts))
    return list(found.values())
