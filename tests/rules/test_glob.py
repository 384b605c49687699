"""Patterns for paths."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules import oracle

from guidepath.rules.glob import match, path_of, problem


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/", "/", True),
        ("/", "/a", False),
        ("/*", "/", False),
        ("/*", "/a", True),
        ("/**", "/", True),
        ("/**", "/a/b", True),
        ("/a/", "/a", True),
        ("/a", "/a/?x=/b#c", True),
        ("/a", "/A", False),
        ("/a/*/c", "/a/b/c", True),
        ("/a/*/c", "/a/b/b/c", False),
        ("/a-*-z", "/a-b-z", True),
        ("/a-*-z", "/a-z", False),
        ("/a*a", "/a", False),
        ("/*a*b*", "/xaybz", True),
        ("/*a*b*", "/xbya", False),
        ("*@example.com", "ada@example.com", True),
        ("/a.c", "/abc", False),
    ],
)
def test_a_star_stays_in_its_segment_and_two_go_on(pattern: str, path: str, *, fits: bool) -> None:
    assert match(pattern, path) is fits


pieces = st.sampled_from(["", "a", "b", "ab", "*", "a*", "*b", "a*b", "*a*b*"])
parts = st.sampled_from(["", "a", "b", "ab", "aab", "abb", "ba"])


@given(st.lists(pieces, max_size=4), st.booleans(), st.lists(parts, max_size=4))
@settings(max_examples=200, deadline=None)
def test_it_agrees_with_regular_expressions(
    pattern: list[str], deep: bool, path: list[str]
) -> None:
    glob = "/" + "/".join([*pattern, *["**"] * deep])
    assert match(glob, "/" + "/".join(path)) == oracle.fits(glob, "/" + "/".join(path))


def test_a_path_is_cut_before_it_is_compared() -> None:
    assert path_of("/" + "a" * 5_000) == "/" + "a" * 2_047
    assert match("/*", "/" + "a" * 5_000 + "/b")


def test_no_pattern_is_slow() -> None:
    assert not match("/" + "*a" * 1_000 + "b", "/" + "a" * 2_000)


@pytest.mark.parametrize("pattern", ["/**/a", "/a**", "/***", "/a?b", "/a#b", "/" + "a" * 2_048])
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    assert problem(pattern)


@pytest.mark.parametrize("pattern", ["/", "/a", "/*/b", "/a/**", "**", "*@x.org"])
def test_a_good_pattern_has_no_problem(pattern: str) -> None:
    assert problem(pattern) is None
