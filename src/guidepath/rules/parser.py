"""Text -> nodes. The grammar stands here, its tokens in `scanner`.

    rule        = unary { "and" unary } | unary { "or" unary }      never mixed without ( )
    unary       = "not" unary | "(" rule ")" | condition
    condition   = [ "account." ] "did" "(" occurrences ")"
                | [ "account." ] ( "count" | "days" ) "(" occurrences ")" sign integer
                | "account.users" "(" occurrences ")" sign integer
                | [ "account." ] "total" "(" event "." property [ where ] ")" sign number
                | [ "account." ] "since" "(" ( event [ where ] | "start" ) ")" order duration
                | "since" "(" "reached" milestone ")" order duration
                | "reached" "(" milestone ")" | "segment" "(" segment ")"
                | ( "user." name | "account." name | "role" | "page" | "device" ) test
    occurrences = event [ where ] [ "within" duration ]
    where       = "where" rule                                      each condition: property test
    test        = sign literal | [ "not" ] "in" "[" literal { "," literal } "]"
                | "matches" string | "is" [ "not" ] "set"
    sign        = "==" | "!=" | order        order = "<" | "<=" | ">" | ">="
    literal     = string | number | "true" | "false"                event = string

At most 4,000 characters, 200 conditions, and 24 parentheses and `not`s inside each other.
"""

from collections.abc import Callable
from typing import Literal

from guidepath.rules.expression import (
    And,
    Compare,
    Did,
    InSegment,
    IsSet,
    Name,
    Not,
    Occurrences,
    Of,
    Operator,
    Or,
    Reached,
    Rule,
    Scalar,
    Since,
    Span,
    Start,
    Tally,
    Total,
)
from guidepath.rules.problem import RuleSyntaxError, suggest
from guidepath.rules.reader import Reader
from guidepath.rules.scanner import mistake, shown

MAX_CHARACTERS = 4000
MAX_CONDITIONS = 200
MAX_DEPTH = 24
MAX_TALLY = 1000

# What a name in `where` or after `reached(` cannot be: these words hold a sentence together.
KEYWORDS = frozenset({"and", "or", "not", "in", "is", "where", "within", "true", "false"})

_FUNCTIONS = ("did", "count", "days", "users", "total", "since", "reached", "segment")
_PLACES: tuple[Literal["role", "page", "device"], ...] = ("role", "page", "device")
_ORDERS: tuple[Literal["<", "<=", ">", ">="], ...] = ("<", "<=", ">", ">=")
_SIGNS: tuple[Literal["==", "!=", "<", "<=", ">", ">="], ...] = ("==", "!=", *_ORDERS)

Leaf = Callable[[], Rule]


def parse(text: str) -> Rule:
    """The rule that the text writes, each node with its span.

    Raises:
        RuleSyntaxError: the text is not a rule; its `problem` says what was found, where, and how
            to mend it.

    >>> parse('did("invoice.sent") and role == "owner"')  # doctest: +ELLIPSIS
    And(rules=(Did(occurrences=Occurrences(of='user', event='invoice.sent', ...
    """
    if len(text) > MAX_CHARACTERS:
        message = f"a rule has at most {MAX_CHARACTERS:,} characters, this one has {len(text):,}"
        message += "; name parts of it as segments"
        raise mistake(message, Span(0, len(text)), code="rule-limit")
    return _Parser(text).whole()


class _Parser:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self._read = Reader(text)
        self._depth = 0
        self._conditions = 0

    def whole(self) -> Rule:
        if self._read.at_end():
            raise mistake("a rule cannot be empty; leave it out where nothing is asked", Span(0, 0))
        rule = self._rule(self._condition)
        if not self._read.at_end():
            if self._read.next.value in ("==", "!="):
                message = "a condition is true or false as it stands; compare it with nothing more"
                raise mistake(message, self._read.next.span)
            raise self._read.unexpected("'and', 'or' or the end of the rule", KEYWORDS)
        return rule

    def _rule(self, leaf: Leaf) -> Rule:
        start = self._read.next.start
        rules = [self._unary(leaf)]
        joint = self._read.next
        if joint.kind != "word" or joint.value not in ("and", "or"):
            return rules[0]
        while self._read.word(str(joint.value)):
            self._read.operand = self._read.next.start
            rules.append(self._unary(leaf))
        other = "or" if joint.value == "and" else "and"
        if self._read.at_word(other):
            raise self._mixed(leaf, start, joint.start)
        kind = And if joint.value == "and" else Or
        flat = tuple(one for rule in rules for one in _operands(rule, kind))
        return kind(flat, self._read.since(start))

    def _mixed(self, leaf: Leaf, start: int, joint: int) -> RuleSyntaxError:
        """`a and b or c`: what was meant is not known, so both are shown."""
        last, first, middle = self._read.operand, self._read.next, self._read.end
        self._read.advance()
        self._unary(leaf)
        text = self._read.text
        left, right = shown(text[start:middle]), shown(text[last : self._read.end])
        before = shown(text[start:last].rstrip())
        after = shown(text[first.start : self._read.end])
        message = (
            "'and' and 'or' are mixed; say which belongs together: "
            f"({left}) {after}   or   {before} ({right})"
        )
        return mistake(message, Span(joint, first.end), code="mixed-and-or")

    def _unary(self, leaf: Leaf) -> Rule:
        opening = self._read.next
        if self._read.word("not"):
            self._deeper(opening.span)
            rule = self._unary(leaf)
            rule = Not(rule, self._read.since(opening.start))
        elif self._read.sign("("):
            self._deeper(opening.span)
            rule = self._rule(leaf)
            self._read.close(")", opening)
        else:
            self._conditions += 1
            if self._conditions > MAX_CONDITIONS:
                message = f"a rule has at most {MAX_CONDITIONS} conditions; name parts as segments"
                raise mistake(message, opening.span, code="rule-limit")
            return leaf()
        self._depth -= 1
        return rule

    def _deeper(self, span: Span) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f"parentheses and 'not' nest at most {MAX_DEPTH} deep; name parts as segments"
            raise mistake(message, span, code="rule-limit")

    def _condition(self) -> Rule:
        start = self._read.next
        hint = "" if start.kind == "word" else "a comparison begins with the name: role == ..."
        word = self._read.name('a condition, such as did("invoice.sent")', KEYWORDS, hint)
        if word in ("user", "account") and self._read.sign("."):
            of: Of = "user" if word == "user" else "account"
            name = self._read.name(f"the name of an attribute of the {word}")
            if not self._read.at_sign("("):
                return self._test(Name(of, name, self._read.since(start.start)))
            if of == "user":
                raise mistake(f"write {name}(…) without 'user.'", start.span)
            return self._call(name, of, start.start)
        if self._read.at_sign("("):
            return self._call(word, "user", start.start)
        for place in _PLACES:
            if word == place:
                return self._test(Name(place, span=start.span))
        known = [*_FUNCTIONS, *_PLACES, "user", "account"]
        message = f"unknown word '{shown(word)}'{suggest(word, known)}"
        raise mistake(f"{message}; attributes begin with 'user.' or 'account.'", start.span)

    def _call(self, function: str, of: Of, start: int) -> Rule:
        if of == "account" and function in ("reached", "segment"):
            raise mistake(f"write {function}(…) without 'account.'", self._read.since(start))
        if of == "user" and function == "users":
            message = "users are counted in the account; write account.users(…)"
            raise mistake(message, self._read.since(start))
        opening = self._read.next
        match function:
            case "did":
                return self._did(of, start)
            case "count" | "days" | "users":
                return self._tally(function, of, start)
            case "total":
                return self._total(of, start)
            case "since":
                return self._since(of, start)
            case "reached" | "segment":
                self._read.advance()
                named = "a milestone" if function == "reached" else "a segment"
                name = self._read.name(f"the name of {named}", KEYWORDS, "without quotes")
                self._read.close(")", opening)
                kind = Reached if function == "reached" else InSegment
                return kind(name, span=self._read.since(start))
            case _:
                message = f"unknown function '{shown(function)}'{suggest(function, _FUNCTIONS)}"
                raise mistake(message, self._read.since(start))

    def _did(self, of: Of, start: int) -> Rule:
        opening = self._read.take()
        occurrences = self._occurrences(of)
        self._read.close(")", opening)
        return Did(occurrences, self._read.since(start))

    def _tally(self, what: Literal["count", "days", "users"], of: Of, start: int) -> Rule:
        opening = self._read.take()
        occurrences = self._occurrences(of)
        self._read.close(")", opening)
        operator = self._read.operator(_SIGNS, f"compare {what}(…) with a number, such as >= 3")
        bounded = what != "count" or occurrences.within is not None
        number = self._read.whole_number(MAX_TALLY if bounded else 2**63 - 1)
        return Tally(what, occurrences, operator, number, self._read.since(start))

    def _total(self, of: Of, start: int) -> Rule:
        opening = self._read.take()
        first = self._read.next.start
        event = self._read.string("an event in double quotes")
        if not self._read.sign("."):
            raise self._read.unexpected('a property to add up: total("invoice.paid".amount)', ())
        name = self._read.name("the name of a property of the event")
        where = self._where()
        if self._read.at_word("within"):
            raise mistake(
                "total(…) adds up everything ever; leave out 'within'", self._read.next.span
            )
        occurrences = Occurrences(of, event, where, span=self._read.since(first))
        self._read.close(")", opening)
        operator = self._read.operator(_SIGNS, "compare total(…) with a number, such as >= 1000")
        number = self._read.number()
        return Total(occurrences, name, operator, number, self._read.since(start))

    def _since(self, of: Of, start: int) -> Rule:
        opening = self._read.take()
        anchor = self._anchor(of)
        self._read.close(")", opening)
        operator = self._read.operator(_ORDERS, "compare since(…) with a duration, such as > 2d")
        return Since(anchor, operator, self._read.duration(), self._read.since(start))

    def _anchor(self, of: Of) -> Occurrences | Start | Reached:
        first = self._read.next
        if self._read.word("start"):
            return Start(of, first.span)
        if self._read.word("reached"):
            if of == "account":
                raise mistake("write since(reached …) without 'account.'", first.span)
            name = self._read.name("the name of a milestone", KEYWORDS, "without quotes")
            return Reached(name, self._read.since(first.start))
        event = self._read.string("an event in double quotes, 'start' or 'reached' and a milestone")
        where = self._where()
        if self._read.at_word("within"):
            raise mistake(
                "since(…) asks about the newest one; leave out 'within'", self._read.next.span
            )
        return Occurrences(of, event, where, span=self._read.since(first.start))

    def _occurrences(self, of: Of) -> Occurrences:
        start = self._read.next.start
        event = self._read.string("an event in double quotes")
        where = self._where()
        within = self._read.duration() if self._read.word("within") else None
        if within is not None and self._read.at_word("where"):
            raise mistake("'where' comes before 'within'", self._read.next.span)
        return Occurrences(of, event, where, within, self._read.since(start))

    def _where(self) -> Rule | None:
        return self._rule(self._property) if self._read.word("where") else None

    def _property(self) -> Rule:
        start = self._read.next
        name = self._read.name("a property of the event", KEYWORDS)
        if self._read.at_sign("(") or self._read.at_sign("."):
            message = "inside 'where' stand only properties of the event, by their plain names"
            raise mistake(message, start.span)
        return self._test(Name("property", name, start.span))

    def _test(self, left: Name) -> Rule:
        start = left.span.start
        if self._read.word("is"):
            negated = self._read.word("not")
            self._read.keyword("set", "'is set' or 'is not set'")
            asked = IsSet(left, self._read.since(start))
            return Not(asked, asked.span) if negated else asked
        if self._read.word("matches"):
            right = self._read.string('a pattern in double quotes, such as "/invoices/*"')
            return Compare(left, "matches", right, self._read.since(start))
        if self._read.word("not"):
            self._read.keyword("in", "'not in' and a list")
            return self._list(left, "not in")
        if self._read.word("in"):
            return self._list(left, "in")
        operator = self._read.operator(_SIGNS, 'compare it, such as == "x", in ["x", "y"], is set')
        literal = self._read.literal()
        return Compare(left, operator, literal, self._read.since(start))

    def _list(self, left: Name, operator: Operator) -> Rule:
        opening = self._read.next
        if not self._read.sign("["):
            raise self._read.unexpected('a list, such as ["a", "b"]', ())
        if self._read.at_sign("]"):
            raise mistake("an empty list holds nothing; name at least one value", opening.span)
        literals: list[Scalar] = [self._read.literal()]
        while self._read.sign(","):
            literals.append(self._read.literal())
        self._read.close("]", opening)
        return Compare(left, operator, tuple(literals), self._read.since(left.span.start))


def _operands(rule: Rule, kind: type[And] | type[Or]) -> tuple[Rule, ...]:
    return rule.rules if isinstance(rule, kind) else (rule,)
