"""A mistake in the text of one rule, and where in that text it stands."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from guidepath.errors import GuidepathError, Severity
from guidepath.rules.expression import Span


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: a stable code, what is wrong and how to mend it, and the characters it is in."""

    severity: Severity
    code: str
    message: str
    span: Span


class RuleSyntaxError(GuidepathError):
    """A text that is not a rule. `problem` tells where and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"{problem.message} (at character {problem.span.start + 1})")


def suggest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: what was probably meant, or nothing.

    >>> suggest("invoice.snet", ["invoice.sent", "invoice.paid"])
    "; did you mean 'invoice.sent'?"
    >>> suggest("x", ["invoice.sent"])
    ''
    """
    if len(word) > 64:  # nobody mistypes that; comparing it would be slow
        return ""
    close = difflib.get_close_matches(word, sorted(known), 1)
    return f"; did you mean '{close[0]}'?" if close else ""
