from datetime import UTC, datetime

import pytest

from guidepath.clock import DAY
from guidepath.content.template import Values
from guidepath.content.template_parser import parse


def shown(text: str, values: Values | None = None, locale: str = "en") -> str:
    return parse(text).render(values or {}, locale=locale)


def test_a_text_without_values_is_shown_as_it_is() -> None:
    assert shown("100 % {sure} }} \n") == "100 % {sure} }} \n"


def test_a_missing_value_is_empty() -> None:
    assert shown("Hi{{ user.first_name }}!") == "Hi!"


@pytest.mark.parametrize(
    ("filters", "value", "expected"),
    [
        ("upper", "ada", "ADA"),
        ("lower", "ADA", "ada"),
        ("capitalize", "ada l", "Ada l"),
        ("title", "ada l", "Ada L"),
        ("trim", " ada ", "ada"),
        ("default('you')", None, "you"),
        ("default('you')", "", "you"),
        ("default('you')", "Ada", "Ada"),
        ("default(0)", None, "0"),
        ("default(0)", False, "false"),
        ("upper | default('you')", None, "you"),
        ("default('you') | upper", None, "YOU"),
        ("number", 1234.5, "1,234.5"),
        ("number", "many", "many"),
        ("number", True, "true"),
        ("date", 0, "Jan 1, 1970"),
        ("date", 31 * DAY, "Feb 1, 1970"),
        ("date", "2026-03-01T23:30:00-05:00", "Mar 2, 2026"),
        ("date", datetime(2026, 3, 1, tzinfo=UTC), "Mar 1, 2026"),
        ("date", "soon", "soon"),
        ("date", 10**30, str(10**30)),
        ("date | upper", 0, "JAN 1, 1970"),
    ],
)
def test_filters_change_what_is_shown(filters: str, value: object, expected: str) -> None:
    values = {} if value is None else {"user.it": value}
    assert shown(f"{{{{ user.it | {filters} }}}}", values) == expected


def test_numbers_follow_the_language_of_the_text() -> None:
    assert shown("{{ account.size | number }}", {"account.size": 1234}, "de") == "1.234"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"account.industry": "law"}, "lawyers"),
        ({"account.industry": "retail"}, "nobody"),
        ({"account.industry": "retail", "user.first_name": "Ada"}, "somebody"),
        ({"user.first_name": ""}, "nobody"),
        ({}, "nobody"),
    ],
)
def test_the_first_branch_that_holds_is_shown(values: Values, expected: str) -> None:
    text = (
        '{% if account.industry == "law" %}lawyers'
        "{% elif not user.first_name %}nobody{% else %}somebody{% endif %}"
    )
    assert shown(text, values) == expected


def test_no_branch_at_all_shows_nothing() -> None:
    assert shown("a{% if role %}b{% endif %}c") == "ac"


def test_each_value_is_escaped_and_the_text_around_it_is_not() -> None:
    template = parse("*{{ role }}* {{ user.x | default('*') }}")
    assert template.render({"role": "*"}, locale="en", escape=ascii) == "*'*'* '*'"


def test_a_template_names_every_value_it_reads() -> None:
    text = "{{ user.a }}{% if user.b %}{{ user.c | upper }}{% else %}{{ role }}{% endif %}"
    assert parse(text).paths == {"user.a", "user.b", "user.c", "role"}
