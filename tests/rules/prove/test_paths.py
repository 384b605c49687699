from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidepath.rules.glob import match, path_of
from guidepath.rules.prove.paths import TooMany, paths

SEGMENTS = ("", "a", "b", "ab", "ba", "*", "a*", "*b", "a*b", "*a*")
TAILS = ("", "/**")

patterns = st.builds(
    lambda parts, tail: ("/" + "/".join(parts)).rstrip("/") + tail or "/",
    st.lists(st.sampled_from(SEGMENTS[1:]), max_size=3),
    st.sampled_from(TAILS),
)
literals = st.lists(st.sampled_from(("a", "b", "ab", "c")), max_size=2).map(
    lambda parts: path_of("/" + "/".join(parts))
)
EVERY = [
    path_of("/" + "/".join(parts))
    for length in range(4)
    for parts in product(("a", "b", "ab", "bab", "c", "aab"), repeat=length)
]


def answers(path: str, globs: list[str], exact: list[str]) -> tuple[bool, ...]:
    return (*(match(one, path) for one in globs), *(path == one for one in exact))


@given(st.lists(patterns, max_size=3), st.lists(literals, max_size=2))
def test_every_way_in_which_a_path_can_fit_has_a_path(globs: list[str], exact: list[str]) -> None:
    found = {answers(one, globs, exact) for one in paths(globs, exact, rooted=True)}
    missing = [one for one in EVERY if answers(one, globs, exact) not in found]
    assert not missing


@given(st.lists(patterns, max_size=3), st.lists(literals, max_size=2))
def test_each_path_is_one_that_a_page_can_have(globs: list[str], exact: list[str]) -> None:
    for one in paths(globs, exact, rooted=True):
        assert one == path_of(one)
        assert one.startswith("/")


def test_stars_of_an_exact_path_are_stars() -> None:
    found = paths(["/a*"], ["/a*"], rooted=True)
    assert "/a*" in found
    assert any(match("/a*", one) and one != "/a*" for one in found)


def test_a_text_that_is_no_path_need_not_begin_with_a_slash() -> None:
    assert "abc" in paths(["abc"], [], rooted=False)


def test_too_many_ways_are_given_up() -> None:
    letters = "abcdefghijklmnop"
    with pytest.raises(TooMany):
        paths([f"/*{one}*" for one in letters], [], rooted=True)
