"""GrowthBook's SDK: a feature a rule, on where its condition holds."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from benchmarks.engines.engine import Compare, Engine, Given, Join, Test

_SIGNS = {"<": "$lt", ">": "$gt", ">=": "$gte", "==": "$eq"}
_WORDS = {"and": "$and", "or": "$or"}


def made(tests: Sequence[Test], _example: Given) -> Iterator[Engine]:
    features = {
        f"r{n}": {"defaultValue": False, "rules": [{"condition": condition(one), "force": True}]}
        for n, one in enumerate(tests)
    }
    book = import_module("growthbook").GrowthBook(features=features)

    def ask(known: Any) -> list[object]:
        book.set_attributes(known)
        return [book.is_on(key) for key in features]

    yield Engine("GrowthBook", dict, ask)


def condition(test: Test) -> dict[str, Any]:
    """The test as GrowthBook writes conditions."""
    match test:
        case Compare(name, sign, literal):
            return {name: {_SIGNS[sign]: literal}}
        case Join("not", (one,)):
            return {"$not": condition(one)}
        case Join(word, several):
            return {_WORDS[word]: [condition(one) for one in several]}
