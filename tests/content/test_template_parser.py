from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath.content.template import TemplateError
from guidepath.content.template_parser import parse


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("{{ 9**9**9 }}", 4, "cannot calculate"),
        ("{{ user.a + 1 }}", 4, "cannot calculate"),
        ("{{ -user.a }}", 4, "cannot calculate"),
        ("{{ user.__class__ }}", 9, "begin with _"),
        ("{{ _x }}", 4, "begin with _"),
        ("{{ user.a() }}", 4, "cannot call"),
        ("{{ range(9) }}", 4, "cannot call"),
        ("{{ user['a'] }}", 4, "with dots"),
        ("{{ user.a ~ user.b }}", 4, "one after the other"),
        ("{{ user.a if user.b else '' }}", 4, "{% if"),
        ("{{ user.a is defined }}", 4, "{% if"),
        ("{{ 'Ada' }}", 4, "outside the braces"),
        ("{{ [1] }}", 4, "outside the braces"),
        ("{{ user.a == 'b' }}", 4, "only values"),
        ("{{ user.a | safe }}", 13, "no filter 'safe'"),
        ("{{ user.a | attr('b') }}", 13, "no filter 'attr'"),
        ("{{ user.a | upper(1) }}", 13, "takes nothing"),
        ("{{ user.a | default }}", 13, "one plain value"),
        ("{{ user.a | default(user.b) }}", 13, "one plain value"),
        ("{{ user.a | default(x=1) }}", 13, "one plain value"),
        ("{{ user.a | default(true) }}", 13, "one plain value"),
        ("{% for a in b %}{% endfor %}", 4, "{% for %} is not possible"),
        ("{% set a = 1 %}", 4, "{% set %} is not possible"),
        ("{% include 'a' %}", 4, "{% include %} is not possible"),
        ("{% macro a() %}{% endmacro %}", 4, "{% macro %} is not possible"),
        ("{% extends 'a' %}", 4, "{% extends %} is not possible"),
        ("{% import 'a' as b %}", 4, "{% import %} is not possible"),
        ("{% filter upper %}a{% endfilter %}", 4, "{% filter %} is not possible"),
        ("{% %}", 4, "{% … %} is not possible"),
        ("{% if a and b %}{% endif %}", 7, "a test is a value"),
        ("{% if a in b %}{% endif %}", 7, "a test is a value"),
        ("{% if a != 'b' %}{% endif %}", 7, "a test is a value"),
        ("{% if a == 1 %}{% endif %}", 7, "a test is a value"),
        ("{% if not a == 'b' %}{% endif %}", 7, "before a single value"),
        ("{% if not not a %}{% endif %}", 7, "before a single value"),
        ("{{ " + "9" * 5000 + " }}", 4, "too long"),
        ("{{ " + "(" * 9000, 28, "too much"),
        ("{{ " + "not " * 2000 + "}}", 100, "too much"),
        ("{% if a %}" * 11 + "{% endif %}" * 11, 104, "nested deeper"),
        ("a" * 10_001, 1, "longer than"),
        ("Hi {{ user.a", 12, "not a template"),
        ("{{ }}", 4, "not a template"),
        ("{% endif %}", 4, "not a template"),
    ],
)
def test_what_a_text_cannot_do_is_refused_with_its_place(text: str, column: int, says: str) -> None:
    with pytest.raises(TemplateError) as error:
        parse(text)
    assert says in error.value.message
    assert (error.value.line, error.value.column) == (1, column)


def test_the_line_of_a_mistake_counts_from_one() -> None:
    with pytest.raises(TemplateError) as error:
        parse("a\n  b {{ user.__x }}")
    assert (error.value.line, error.value.column, error.value.offset) == (2, 13, 14)


def test_comments_and_raw_text_are_harmless() -> None:
    assert parse("{# a #}b{% raw %}{{ c }}{% endraw %}").nodes == ("b", "{{ c }}")


def test_white_space_control_moves_no_place() -> None:
    with pytest.raises(TemplateError) as error:
        parse("{%- if a -%}   x   {%- endif -%}  {{ f() }}")
    assert error.value.column == 38


WORDS = (
    "{{ }} {% %} {# #} if elif else endif for not in is a user.b _c == 'd' \" ( ) [ ] | upper "
    "default ** ~ - , . : 9 raw endraw {%- -%} \n \\ \x00 😀"
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split(" ")) | st.text(max_size=3), max_size=20))
def test_any_text_is_a_template_or_a_clear_error(words: list[str]) -> None:
    text = " ".join(words)
    with suppress(TemplateError):
        template = parse(text)
        assert not any("_c" in path for path in template.paths)
        assert isinstance(template.render({}, locale="en"), str)
