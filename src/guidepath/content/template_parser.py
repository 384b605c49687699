"""A template's text to its nodes, by Jinja2's own lexer and parser.

The one rule: nothing reaches Jinja2's parser that could make it work hard, and nothing leaves it
that is not in `template.py`. Tokens carry their offset in place of their line, so that every
mistake knows its column.
"""

from collections.abc import Iterator

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from guidepath.content.template import (
    DEEPEST,
    FILTERS,
    LONGEST,
    Choice,
    Filter,
    Node,
    Template,
    TemplateError,
    Test,
    Value,
)

_MOST_WORDS = 24  # in one tag; keeps Jinja2's recursive parser shallow
_STATEMENTS = ("if", "elif", "else", "endif")
_REFUSED = {
    nodes.Call: "a text cannot call anything",
    nodes.Getitem: "a value is named with dots, as in user.first_name",
    nodes.BinExpr: "a text cannot calculate",
    nodes.UnaryExpr: "a text cannot calculate",
    nodes.Concat: "write the values one after the other: {{ … }} {{ … }}",
    nodes.CondExpr: "write {% if … %}…{% else %}…{% endif %}",
    nodes.Test: "write {% if user.name %} to ask whether a value is there",
    nodes.Literal: "write the text itself, outside the braces",
}


class _Refusal(Exception):
    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def parse(text: str) -> Template:
    """The text as a template.

    Raises:
        TemplateError: it is too long, or uses something that texts cannot do.

    >>> parse("Hi {{ user.first_name }}").paths
    frozenset({'user.first_name'})
    """
    if len(text) > LONGEST:
        raise TemplateError(f"this text is longer than {LONGEST:,} characters", text, 0)
    if "{" not in text:
        return Template((text,) if text else ())
    try:
        return Template(_all(_parsed(text).body))
    except _Refusal as refusal:
        raise TemplateError(refusal.message, text, refusal.offset) from None
    except TemplateSyntaxError as error:
        message = f"this is not a template: {error.message}"
        raise TemplateError(message, text, error.lineno) from None


def _parsed(text: str) -> nodes.Template:
    environment = Environment(keep_trailing_newline=True)  # noqa: S701 - it never renders
    parser = Parser(environment, "")
    tokens = environment.lexer.wrap(_checked(_placed(text, environment)))
    parser.stream = TokenStream(tokens, None, None)
    return parser.parse()


def _placed(text: str, environment: Environment) -> Iterator[tuple[int, str, str]]:
    """Jinja2's tokens, each with its offset."""
    end = 0
    try:
        for _, kind, word in environment.lexer.tokeniter(text, None):
            start = text.find(word, end)
            yield start, kind, word
            end = start + len(word)
    except TemplateSyntaxError as error:
        raise _Refusal(f"this is not a template: {error.message}", min(end, len(text))) from None


def _checked(tokens: Iterator[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    """The tokens, as long as tags are short and nesting is shallow."""
    words = depth = 0
    statement = False
    for start, kind, word in tokens:
        if kind in ("variable_begin", "block_begin"):
            words, statement = 0, kind == "block_begin"
        elif kind not in ("whitespace", "data"):
            words += 1
            if words > _MOST_WORDS:
                raise _Refusal("there is too much between these braces; write less", start)
            if statement:
                statement = False
                depth += _nesting(start, word if kind == "name" else "")
                if depth > DEEPEST:
                    raise _Refusal(f"{{% if %}} is nested deeper than {DEEPEST}", start)
            _check_word(start, kind, word)
        yield start, kind, word


def _nesting(start: int, word: str) -> int:
    if word not in _STATEMENTS:
        raise _Refusal(
            f"{{% {word or '…'} %}} is not possible in a text, only {{% if %}}, {{% elif %}}, "
            "{% else %} and {% endif %}",
            start,
        )
    return {"if": 1, "endif": -1}.get(word, 0)


def _check_word(start: int, kind: str, word: str) -> None:
    if kind == "name" and word.startswith("_"):
        raise _Refusal(f"{word!r}: names that begin with _ are not values of a person", start)
    if kind in ("integer", "float") and len(word) > 20:
        raise _Refusal("this number is too long", start)


def _all(found: list[nodes.Node]) -> tuple[Node, ...]:
    return tuple(one for node in found for one in _node(node))


def _node(node: nodes.Node) -> Iterator[Node]:
    match node:
        case nodes.TemplateData():
            yield node.data
        case nodes.Output():
            yield from _all(list(node.nodes))
        case nodes.If():
            yield _choice(node)
        case _:
            yield _value(node)


def _choice(node: nodes.If) -> Choice:
    branches = [(_test(one.test), _all(one.body)) for one in (node, *node.elif_)]
    otherwise = [(None, _all(node.else_))] if node.else_ else []
    return Choice((*branches, *otherwise))


def _test(node: nodes.Node) -> Test:
    match node:
        case nodes.Not():
            inner = _test(node.node)
            if inner.negated or inner.equals is not None:
                raise _Refusal("`not` stands before a single value", _start(node))
            return Test(inner.value, negated=True)
        case nodes.Compare(
            expr=left, ops=[nodes.Operand(op="eq", expr=nodes.Const(value=str() as equals))]
        ):
            return Test(_path(left), equals=equals)
        case nodes.Name() | nodes.Getattr():
            return Test(_path(node))
        case _:
            raise _Refusal(
                'a test is a value, `not` a value, or a value == "text"; '
                "use {% elif %} for more than one",
                _start(node),
            )


def _value(node: nodes.Node) -> Value:
    filters: list[Filter] = []
    while isinstance(node, nodes.Filter):
        filters.insert(0, _filter(node))
        if node.node is None:
            raise _Refusal("{% filter %} is not possible in a text", node.lineno)
        node = node.node
    path = _path(node)
    return Value(path.path, tuple(filters), path.offset)


def _path(node: nodes.Node) -> Value:
    names: list[str] = []
    offset = _start(node)
    while isinstance(node, nodes.Getattr):
        names.insert(0, node.attr)
        node = node.node
    if not isinstance(node, nodes.Name):
        mend = next((mend for kind, mend in _REFUSED.items() if isinstance(node, kind)), None)
        raise _Refusal(mend or "only values such as {{ user.first_name }} are possible", offset)
    return Value(".".join([node.name, *names]), offset=node.lineno)


def _start(node: nodes.Node) -> int:
    """Where an expression begins; Jinja2 gives some of them the place where they end."""
    inner = (one.lineno for one in node.find_all(nodes.Node) if one.lineno is not None)
    return min((node.lineno, *inner))


def _filter(node: nodes.Filter) -> Filter:
    if node.name not in FILTERS:
        known = ", ".join(FILTERS)
        raise _Refusal(f"there is no filter {node.name!r}; there are {known}", node.lineno)
    if node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise _Refusal(f'write {node.name}("…") with one plain value', node.lineno)
    if node.name == "default":
        match node.args:
            case [nodes.Const(value=str() | int() | float() as argument)] if not isinstance(
                argument, bool
            ):
                return Filter("default", str(argument))
        raise _Refusal('default needs one plain value, as in default("you")', node.lineno)
    if node.args:
        raise _Refusal(f"the filter {node.name} takes nothing in parentheses", node.lineno)
    return Filter(node.name)
