"""What an engine of others is asked, in a form that each writes in its own language.

None of them knows of windows, ages or days, so each is given these as plain values, worked out
beforehand and free of charge: how many of an event, and how long ago the newest and the third
newest were (in microseconds).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

Given = Mapping[str, str | int | bool]
Sign = Literal["==", "<", ">", ">="]


@dataclass(frozen=True)
class Compare:
    """A value compared with a literal."""

    name: str
    sign: Sign
    literal: str | int | bool


@dataclass(frozen=True)
class Join:
    """All of them, or one of them, or not the only one."""

    word: Literal["and", "or", "not"]
    tests: tuple["Test", ...]


Test = Compare | Join


@dataclass(frozen=True)
class Engine:
    """One way to ask an engine for all verdicts about a person.

    `know` makes of a person's values what the engine reads; `ask` gives the verdicts.
    """

    name: str
    know: Callable[[Given], Any]
    ask: Callable[[Any], Sequence[object]]


# a module of this folder and the package that it asks
PACKAGES = {
    "cel_rust": "common-expression-language",
    "cel_cpp": "cel-expr-python",
    "zen_expressions": "zen-engine",
    "datalogic": "datalogic-py",
    "growthbook_sdk": "growthbook",
    "flagd": "openfeature-flagd-core",
}


def engines(tests: Sequence[Test], example: Given) -> Iterator[Engine]:
    """Every way of every engine that is installed; `example` shows the types of the values."""
    for module, package in PACKAGES.items():
        if release(package) is not None:
            yield from import_module(f"benchmarks.engines.{module}").made(tests, example)


def release(package: str) -> str | None:
    """Its release; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def infix(test: Test, words: Mapping[str, str]) -> str:
    """The test as most languages write it, with their words for and, or, not."""
    match test:
        case Compare(name, sign, literal):
            return f"{name} {sign} {json.dumps(literal)}"
        case Join("not", (one,)):
            return f"{words['not']}({infix(one, words)})"
        case Join(word, several):
            return f"({f' {words[word]} '.join(infix(one, words) for one in several)})"


def json_logic(test: Test) -> dict[str, Any]:
    """The test in JsonLogic."""
    match test:
        case Compare(name, sign, literal):
            return {sign: [{"var": name}, literal]}
        case Join("not", (one,)):
            return {"!": [json_logic(one)]}
        case Join(word, several):
            return {word: [json_logic(one) for one in several]}
