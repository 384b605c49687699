"""Nodes to text. That reading it gives the same rule is tested in test_meaning."""

import pytest

from guidepath.rules.parser import parse
from guidepath.rules.text import duration, unparse


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('did( "x"within 1w )', 'did("x" within 7d)'),
        ('did("x" within 90m)', 'did("x" within 90m)'),
        ('did("x" within 120m)', 'did("x" within 2h)'),
        (r'role=="\u00e9\"\n"', r'role == "é\"\n"'),
        ("not (not (role is set))", "not role is not set"),
        (
            "((reached(a) and (reached(b) and reached(c))))",
            "reached(a) and reached(b) and reached(c)",
        ),
        ("not(reached(a)or reached(b))", "not (reached(a) or reached(b))"),
        ('user.n in[1,-0,2.50,true,"x"]', 'user.n in [1, 0, 2.5, true, "x"]'),
        ('total("x".n where n>1e3)>007', 'total("x".n where n > 1000.0) > 7'),
    ],
)
def test_there_is_one_way_to_write_a_rule(text: str, canonical: str) -> None:
    assert unparse(parse(text)) == canonical
    assert unparse(parse(canonical)) == canonical


def test_a_length_of_less_than_a_second_is_still_a_text() -> None:
    assert duration(1_500_000) == "1.5s"
