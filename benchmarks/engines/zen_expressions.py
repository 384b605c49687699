"""GoRules' ZEN engine, in Rust: compiled expressions, and a graph of decisions."""

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from benchmarks.engines.engine import Engine, Given, Test, infix

WORDS = {"and": "and", "or": "or", "not": "not"}


def made(tests: Sequence[Test], _example: Given) -> Iterator[Engine]:
    zen = import_module("zen")
    texts = [infix(one, WORDS) for one in tests]
    rules = [zen.compile_expression(text) for text in texts]
    whole = zen.compile_expression(f"[{', '.join(texts)}]")
    decision = zen.ZenEngine().create_decision(zen.ZenDecisionContent(json.dumps(graph(texts))))
    keys = [f"r{n}" for n in range(len(texts))]

    def decided(known: Any) -> list[object]:
        result = decision.evaluate(known)["result"]
        return [result[key] for key in keys]

    yield Engine("zen-engine, rule by rule", dict, lambda known: [r.evaluate(known) for r in rules])
    yield Engine("zen-engine, a decision", dict, decided)
    yield Engine("zen-engine, one list", dict, whole.evaluate)


def graph(texts: Sequence[str]) -> dict[str, Any]:
    """A decision whose one node has all the expressions."""
    expressions = [{"id": f"{n}", "key": f"r{n}", "value": text} for n, text in enumerate(texts)]
    at = {"position": {"x": 0, "y": 0}}
    return {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", **at},
            {
                "id": "rules",
                "type": "expressionNode",
                "name": "rules",
                "content": {"expressions": expressions},
                **at,
            },
            {"id": "out", "type": "outputNode", "name": "out", **at},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "rules", "type": "edge"},
            {"id": "2", "sourceId": "rules", "targetId": "out", "type": "edge"},
        ],
    }
