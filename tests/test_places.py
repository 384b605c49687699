"""Guidance by place: the tree finds what a plain scan finds, and asks no more than matches."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidepath import places
from guidepath.places import Places
from guidepath.playbook.guidance import Guidance
from guidepath.rules.glob import match, match_segments

PARTS = st.sampled_from(["a", "b", "ab", "*", "a*", "*b", "a*b", "b*b", "*b*", "a*b*b", "abb*b"])
PATTERNS = st.builds(
    lambda parts, rest: "/" + "/".join(parts) + rest,
    st.lists(PARTS, max_size=3),
    st.sampled_from(["", "/**"]),
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "abb"]), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
ROLES = ("owner", "member")
PAGES = st.lists(PATTERNS, max_size=2)
ITEMS = st.lists(
    st.tuples(PAGES, st.lists(st.sampled_from(ROLES), max_size=2), st.lists(PAGES, max_size=2)),
    max_size=12,
)


def guidance(pages: list[str], roles: list[str], steps: Sequence[list[str]] = ()) -> Guidance:
    """Guidance as far as its place goes; each step is its pages."""
    walked = tuple(SimpleNamespace(page=tuple(one)) for one in steps)
    return cast("Guidance", SimpleNamespace(page=tuple(pages), roles=tuple(roles), steps=walked))


def can_begin(one: Guidance, path: str) -> bool:
    """Whether the page fits it, or one of its steps where it has no pages of its own."""
    several = [one.page] if one.page or not one.steps else [step.page for step in one.steps]
    return any(not pages or any(match(page, path) for page in pages) for pages in several)


@given(
    ITEMS, PATHS, st.sampled_from((*ROLES, None, "stranger")), st.sampled_from(["", "/", "?q=1"])
)
def test_the_tree_finds_what_a_scan_finds_in_rank_order(
    items: list[tuple[list[str], list[str], list[list[str]]]],
    path: str,
    role: str | None,
    end: str,
) -> None:
    ranked = [guidance(pages, roles, steps) for pages, roles, steps in items]
    found = Places(ranked, ROLES).find(path + end, role)
    scanned = [
        one for one in ranked if (not one.roles or role in one.roles) and can_begin(one, path)
    ]
    assert [id(one) for one in found] == [id(one) for one in scanned]


def test_without_a_page_only_what_shows_anywhere_is_found() -> None:
    anywhere, here = guidance([], []), guidance(["/**"], [])
    assert Places([anywhere, here], ROLES).find(None, "owner") == [anywhere]


def test_a_tour_is_found_on_the_pages_of_its_steps_only() -> None:
    tour, partly = guidance([], [], [["/a"], ["/b/*"]]), guidance([], [], [["/a"], []])
    tree = Places([tour, partly], ROLES)
    assert tree.find("/a", "owner") == [tour, partly]
    assert tree.find("/b/7", None) == [tour, partly]
    assert tree.find("/c", "owner") == [partly]


def test_a_thousand_patterns_of_one_segment_are_not_all_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[object] = []
    ranked = [guidance([f"/team-{n}-*/plan*{n}"], []) for n in range(1_000)]
    tree = Places(ranked, ROLES)

    def counted(patterns: tuple[str, ...], part: str) -> bool:
        compared.append(patterns)
        return match_segments(patterns, part)

    monkeypatch.setattr(places, "match_segments", counted)
    assert tree.find("/team-7-blue/plans-7", "owner") == [ranked[7]]
    assert len(compared) == 2
