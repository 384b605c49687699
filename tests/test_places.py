"""Guidance by place: the tree finds what a plain scan finds, and asks no more than matches."""

from types import SimpleNamespace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from guidepath.places import Places
from guidepath.playbook.guidance import Guidance
from guidepath.rules.glob import match

PARTS = st.sampled_from(["a", "b", "ab", "*", "a*", "*b"])
PATTERNS = st.builds(
    lambda parts, rest: "/" + "/".join(parts) + rest,
    st.lists(PARTS, max_size=3),
    st.sampled_from(["", "/**"]),
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "abb"]), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
ROLES = ("owner", "member")
ITEMS = st.lists(
    st.tuples(st.lists(PATTERNS, max_size=2), st.lists(st.sampled_from(ROLES), max_size=2)),
    max_size=12,
)


def guidance(pages: list[str], roles: list[str]) -> Guidance:
    return cast("Guidance", SimpleNamespace(page=tuple(pages), roles=tuple(roles)))


@given(
    ITEMS, PATHS, st.sampled_from((*ROLES, None, "stranger")), st.sampled_from(["", "/", "?q=1"])
)
def test_the_tree_finds_what_a_scan_finds_in_rank_order(
    items: list[tuple[list[str], list[str]]], path: str, role: str | None, end: str
) -> None:
    ranked = [guidance(pages, roles) for pages, roles in items]
    found = Places(ranked, ROLES).find(path + end, role)
    scanned = [
        one
        for one in ranked
        if (not one.roles or role in one.roles)
        and (not one.page or any(match(pattern, path) for pattern in one.page))
    ]
    assert [id(one) for one in found] == [id(one) for one in scanned]


def test_without_a_page_only_what_shows_anywhere_is_found() -> None:
    anywhere, here = guidance([], []), guidance(["/**"], [])
    assert Places([anywhere, here], ROLES).find(None, "owner") == [anywhere]
