"""A rule as a playbook holds it: its text."""

from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

from guidepath.rules.parser import parse
from guidepath.rules.problem import RuleSyntaxError
from guidepath.rules.text import unparse


def canonical(text: str) -> str:
    """The one way to write the rule; a text that is no rule stays as it is.

    >>> canonical('not(did( "invoice.sent" within 1w ))')
    'not did("invoice.sent" within 7d)'
    """
    try:
        return unparse(parse(text))
    except RuleSyntaxError:
        return text


# Fingerprints tell what a playbook says, not how its rules are spelled: a claim outlives `fmt`.
RuleText = Annotated[
    str,
    PlainSerializer(canonical, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "title": "Rule",
            "minLength": 1,
            "maxLength": 4_000,
            "examples": ['did("invoice.sent" within 7d)', 'role == "owner" and not reached(first)'],
        }
    ),
]
