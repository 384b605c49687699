"""Google's expression language in Rust."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from benchmarks.engines.engine import Engine, Given, Test, infix

WORDS = {"and": "&&", "or": "||", "not": "!"}


def made(tests: Sequence[Test], _example: Given) -> Iterator[Engine]:
    cel = import_module("cel")
    texts = [infix(one, WORDS) for one in tests]
    programs = [cel.compile(text) for text in texts]
    whole = cel.compile(f"[{', '.join(texts)}]")

    def know(given: Given) -> Any:
        return cel.Context(variables=dict(given))

    yield Engine(
        "CEL in Rust, rule by rule", know, lambda known: [p.execute(known) for p in programs]
    )
    yield Engine("CEL in Rust, one list", know, whole.execute)
