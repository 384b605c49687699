"""A place in a text between two tokens: what stands next, and what was expected instead."""

from collections.abc import Collection, Sequence
from typing import TypeVar

from guidepath.rules.expression import Scalar, Span
from guidepath.rules.problem import RuleSyntaxError, suggest
from guidepath.rules.scanner import Token, duration_mend, mistake, scan, shown

S = TypeVar("S", bound=str)

_WORDS = ("and", "or", "not", "in", "is", "set", "where", "within", "matches", "true", "false")
_FOREIGN = {
    "null": "there is no null, ask 'is set' or 'is not set'",
    "none": "there is no null, ask 'is set' or 'is not set'",
    "undefined": "there is no null, ask 'is set' or 'is not set'",
    "contains": 'write matches "*…*"',
    "like": 'write matches "*…*"',
    "startswith": 'write matches "…*"',
    "endswith": 'write matches "*…"',
    "between": "write two comparisons joined by 'and'",
    "eq": "write '=='",
    "equals": "write '=='",
}


class Reader:
    """The tokens of one text, one ahead. What does not fit raises RuleSyntaxError."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = 0  # where the token taken last ends
        self.operand = 0  # where the operand read last begins
        self._tokens = scan(text)
        self.next: Token = next(self._tokens)

    def since(self, start: int) -> Span:
        """The characters from `start` to the end of the token taken last."""
        return Span(start, self.end)

    def advance(self) -> None:
        """Go past the next token."""
        self.end = self.next.end
        self.next = next(self._tokens, self.next)

    def take(self) -> Token:
        """The next token, gone past."""
        token = self.next
        self.advance()
        return token

    def at_end(self) -> bool:
        """Whether nothing stands next."""
        return self.next.kind == "end"

    def at_word(self, word: str) -> bool:
        """Whether the word stands next."""
        return self.next.kind == "word" and self.next.value == word

    def at_sign(self, sign: str) -> bool:
        """Whether the sign stands next."""
        return self.next.kind == "sign" and self.next.value == sign

    def word(self, word: str) -> bool:
        """Whether the word stood next; if so it is taken."""
        found = self.at_word(word)
        if found:
            self.advance()
        return found

    def sign(self, sign: str) -> bool:
        """Whether the sign stood next; if so it is taken."""
        found = self.at_sign(sign)
        if found:
            self.advance()
        return found

    def keyword(self, word: str, expected: str) -> None:
        """Take the word, which must stand next."""
        if not self.word(word):
            raise self.unexpected(expected, (word,))

    def close(self, sign: str, opening: Token) -> None:
        """Take the closing sign, which must stand next."""
        if not self.sign(sign):
            raise self.unexpected(
                f"'{sign}' for the '{opening.value}' at {opening.start + 1}", _WORDS
            )

    def name(self, expected: str, forbidden: Collection[str] = (), hint: str = "") -> str:
        """Take a name, which must stand next."""
        if self.next.kind != "word" or self.next.value in forbidden:
            raise self.unexpected(expected, (), hint if self.next.kind != "end" else "")
        return str(self.take().value)

    def string(self, expected: str) -> str:
        """Take a string, which must stand next."""
        if self.next.kind != "string":
            hint = "put it in double quotes" if self.next.kind == "word" else ""
            raise self.unexpected(expected, (), hint)
        return str(self.take().value)

    def operator(self, allowed: Sequence[S], hint: str) -> S:
        """Take one of the signs, which must stand next."""
        for sign in allowed:
            if self.sign(sign):
                return sign
        if self.next.value in ("==", "!="):
            raise mistake("an age is never exactly equal; use <, <=, > or >=", self.next.span)
        raise self.unexpected(" ".join(allowed), _WORDS, hint)

    def literal(self) -> Scalar:
        """Take a string, number, true or false, which must stand next."""
        if self.next.kind in ("string", "number"):
            return self.take().value
        for word, value in (("true", True), ("false", False)):
            if self.word(word):
                return value
        raise self.unexpected("a string, a number, true or false", ("true", "false"))

    def number(self) -> int | float:
        """Take a number, which must stand next."""
        if self.next.kind != "number":
            raise self.unexpected("a number", ())
        value = self.take().value
        return value if isinstance(value, int | float) else 0

    def whole_number(self, most: int) -> int:
        """Take a whole number from 0 to `most`, which must stand next."""
        token = self.next
        value = self.number()
        if not isinstance(value, int):
            raise mistake(f"expected a whole number, found {shown(self._slice(token))}", token.span)
        if not 0 <= value <= most:
            message = f"the number here lies between 0 and {most:,}"
            raise mistake(message, token.span, code="out-of-range")
        return value

    def duration(self) -> int:
        """Take a duration in microseconds, which must stand next."""
        token = self.next
        if token.kind == "duration":
            return int(self.take().value)
        if token.kind != "number":
            hint = "write it without quotes" if token.kind == "string" else ""
            raise self.unexpected("a duration such as 12h or 7d", (), hint)
        self.advance()
        mend = "; a duration has a unit: s, m, h, d or w, such as 7d"
        if self.next.kind == "word":
            mend = duration_mend(self._slice(token), str(self.next.value))
        raise mistake(f"expected a duration, found {shown(self._slice(token))}{mend}", token.span)

    def unexpected(self, expected: str, known: Collection[str], hint: str = "") -> RuleSyntaxError:
        """The mistake that tells what stands next, what was expected, and how to mend it."""
        if self.next.kind == "end":
            found = "the end of the rule"
        else:
            found = f"'{shown(self._slice(self.next))}'"
        mend = self._mend(known) or (f"; {hint}" if hint else "")
        return mistake(f"expected {expected}, found {found}{mend}", self.next.span)

    def _mend(self, known: Collection[str]) -> str:
        token = self.next
        word = str(token.value)
        if token.kind == "sign" and word in ("==", "!=", "<", "<=", ">", ">="):
            return "; compare once, the name first; join two comparisons with 'and'"
        if token.kind != "word":
            return ""
        if word.lower() in _FOREIGN:
            return f"; {_FOREIGN[word.lower()]}"
        if word not in _WORDS and word.lower() in _WORDS:
            return f"; write '{word.lower()}'"
        return suggest(word, known)

    def _slice(self, token: Token) -> str:
        return self.text[token.start : token.end]
