"""Google's expression language in C++."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from benchmarks.engines.engine import Engine, Given, Test, infix

WORDS = {"and": "&&", "or": "||", "not": "!"}


def made(tests: Sequence[Test], example: Given) -> Iterator[Engine]:
    cel = import_module("cel_expr_python.cel")
    types = {bool: cel.Type.BOOL, int: cel.Type.INT, str: cel.Type.STRING}
    environment = cel.NewEnv(variables={name: types[type(one)] for name, one in example.items()})
    texts = [infix(one, WORDS) for one in tests]
    rules = [environment.compile(text) for text in texts]
    whole = environment.compile(f"[{', '.join(texts)}]")

    def know(given: Given) -> Any:
        return environment.Activation(dict(given))

    yield Engine(
        "CEL in C++, rule by rule", know, lambda known: [r.eval(known).value() for r in rules]
    )
    yield Engine("CEL in C++, one list", know, lambda known: whole.eval(known).plain_value())
