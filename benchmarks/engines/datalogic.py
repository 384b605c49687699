"""JsonLogic in Rust: the JsonLogic engine for Python that is still worked on, and the fastest."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from benchmarks.engines.engine import Engine, Given, Test, json_logic


def made(tests: Sequence[Test], _example: Given) -> Iterator[Engine]:
    datalogic = import_module("datalogic_py")
    engine = datalogic.Engine()
    session = engine.session()
    rules = [engine.compile(json_logic(one)) for one in tests]
    whole = engine.compile([json_logic(one) for one in tests])

    def know(given: Given) -> Any:
        return datalogic.DataHandle(dict(given))

    yield Engine(
        "JsonLogic in Rust, rule by rule",
        know,
        lambda known: [session.evaluate_bool(one, known) for one in rules],
    )
    yield Engine(
        "JsonLogic in Rust, one list",
        know,
        lambda known: session.evaluate_data(whole, known),
    )
