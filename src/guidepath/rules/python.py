"""Python expressions from parts, as `ast` nodes: what the compiler of rules builds with."""

import ast
from typing import Any

_SIGNS: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "in": ast.In,
    "not in": ast.NotIn,
}


def name(identifier: str) -> ast.expr:
    """A local or a constant by its name."""
    return ast.Name(identifier, ast.Load())


def constant(value: Any) -> ast.expr:  # typeshed leaves out the tuples and sets that it takes
    """A literal: str, int, float, bool, None, or a tuple or frozenset of them."""
    return ast.Constant(value)


def attribute(owner: str, identifier: str) -> ast.expr:
    """`owner.identifier`."""
    return ast.Attribute(name(owner), identifier, ast.Load())


def get(mapping: str, key: str) -> ast.expr:
    """`mapping.get("key")`."""
    return ast.Call(attribute(mapping, "get"), [constant(key)], [])


def item(value: ast.expr, index: int) -> ast.expr:
    """`value[index]`."""
    return ast.Subscript(value, constant(index), ast.Load())


def call(function: str, *arguments: ast.expr) -> ast.expr:
    """`function(…)`."""
    return ast.Call(name(function), list(arguments), [])


def length(value: ast.expr) -> ast.expr:
    """`len(value)`."""
    return call("len", value)


def age(at: ast.expr) -> ast.expr:
    """`now - at`."""
    return ast.BinOp(name("now"), ast.Sub(), at)


def compare(left: ast.expr, sign: str, right: ast.expr) -> ast.expr:
    """`left sign right`."""
    return ast.Compare(left, [_SIGNS[sign]()], [right])


def is_set(value: ast.expr) -> ast.expr:
    """`value is not None`."""
    return ast.Compare(value, [ast.IsNot()], [constant(None)])


def every(*parts: ast.expr) -> ast.expr:
    """`… and …`."""
    return ast.BoolOp(ast.And(), list(parts))


def some(*parts: ast.expr) -> ast.expr:
    """`… or …`."""
    return ast.BoolOp(ast.Or(), list(parts))


def negation(value: ast.expr) -> ast.expr:
    """`not value`."""
    return ast.UnaryOp(ast.Not(), value)
