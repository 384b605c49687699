"""Where a mistake in a rule stands, however YAML lets the rule be written."""

import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath.playbook.playbook import Playbook
from guidepath.playbook.reading import read

MARK = "§"  # no rule may have it, and nothing else here does
HEAD = """\
guidepath: 1
name: 😀
attributes: {user: {x: {type: string, optional: true}}}
"""
FIRST = "{id: m, title: M, reached_when: since(start) > 1d, first_value: true}"
ITEM = "id: g, type: tour, moment: onboard, toward: m, title: 'G, ''g''',"


class Context(NamedTuple):
    """A playbook with a rule at @, and the column of what is around it; None in braces."""

    text: str
    column: int | None


CONTEXTS = (
    Context(f"{HEAD}segments:\n  s: @\nmilestones: [{FIRST}]\n", 2),
    Context(f"{HEAD}milestones:\n- {FIRST}\n- id: nn\n  reached_when: @\n  title: Nn\n", 2),
    Context(f"{HEAD}milestones:\n  -   id: m\n      title: M\n      reached_when:\n        @\n", 6),
    Context(f"{HEAD}segments: {{a: 'since(start) > 1d', é: '', s: @}}\n", None),
    Context(f"{HEAD}guidance:\n  - {{{ITEM} steps: [{{id: s, title: '€', when: @}}]}}\n", None),
)

# What programs count or cut in different ways; no sign that ends a plain text in braces.
ODD = "é𝒳😀e\u0301\u00a0\u2003\u3000ß\u200d'%@!-"
LETTERS = st.text(st.sampled_from(f"{ODD}abz") | st.characters(categories=("L", "N", "So")))


def words(inner: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """A rule in words, right up to the mark."""
    test = inner.map(lambda found: ["user.x", "==", f'"{found}"', "and"])
    before = st.lists(test, max_size=3).map(lambda found: [one for each in found for one in each])
    return before.map(lambda found: ["user.x", "!=", '"z"', "and", *found, MARK, "user.x"])


ENDS = st.sampled_from(["\n", "\r\n", "\r"])
BLANK = st.sampled_from([" ", "  ", "\t", " \t "])
EMPTY = st.lists(st.sampled_from(["", " ", "  "]), max_size=2)


class Written(NamedTuple):
    """A scalar in a YAML style, its lines ending with \\n; where the mark is in it."""

    text: str
    mark: int


def joined(parts: list[str], gaps: list[str], mark: str, start: str, end: str) -> Written:
    text = start
    at = -1
    for part, gap in zip(parts, [*gaps, ""], strict=False):
        if part == MARK:
            at = len(text)
        text += (mark if part == MARK else part) + gap
    return Written(text + end, at)


@st.composite
def flow(draw: st.DrawFn, style: str) -> Written:
    """Plain or quoted, over one line or several."""
    parts = draw(words(LETTERS))
    mark = MARK
    if style == "'":
        parts = [one.replace("'", "''") for one in parts]
    if style == '"':
        parts = [draw(escaped(one)) for one in parts]
        mark = draw(st.sampled_from([MARK, "\\xa7", "\\u00a7", "\\U000000A7"]))
    broken = st.builds(
        lambda before, empty, indent: before + "\n" + "".join(f"{one}\n" for one in empty) + indent,
        st.sampled_from(["", " ", "\t", "  "]),
        EMPTY,
        st.sampled_from([" " * 12, " " * 15, " " * 12 + "\t"]),
    )
    gap = BLANK | broken
    if style == '"':
        gap |= st.sampled_from(["\\t", "\\u0020", " \\\n            \\ ", " \\\n            "])
    gaps = draw(st.lists(gap, min_size=len(parts) - 1, max_size=len(parts) - 1))
    return joined(parts, gaps, mark, style, style)


@st.composite
def escaped(draw: st.DrawFn, word: str) -> str:
    """The word in double quotes: some of its characters escaped."""
    found = ""
    for one in word:
        ways = [one, f"\\U{ord(one):08X}"]
        if one in '"\\':
            ways = [f"\\{one}", f"\\x{ord(one):02x}"]
        elif ord(one) < 0x10000:
            ways.append(f"\\u{ord(one):04x}")
        found += draw(st.sampled_from(ways if one != MARK else [one]))
    return found


@st.composite
def block(draw: st.DrawFn, style: str, column: int) -> Written:
    """Literal or folded, with all that a block's first line may say."""
    parts = draw(words(LETTERS))
    further = draw(st.integers(1, 9))
    indent = " " * (column + further)
    indicator = draw(st.sampled_from(["", str(further)]))
    chomping = draw(st.sampled_from(["", "-", "+"]))
    both = draw(st.permutations([indicator, chomping]))
    head = style + "".join(both) + draw(st.sampled_from(["", " ", " # § no", "\t# it's"]))
    lines = draw(st.lists(st.sampled_from([" " * column, "", indent]), max_size=2))
    first = draw(st.sampled_from(["", " ", "   "])) if indicator else ""
    deeper = st.sampled_from(["", "", " ", "\t", "   "])
    empty = st.lists(st.sampled_from(["", " " * column, indent, f"{indent}  "]), max_size=2)
    broken = st.builds(
        lambda before, some, inner: (
            before + "\n" + "".join(f"{one}\n" for one in some) + indent + inner
        ),
        st.sampled_from(["", " ", "\t"]),
        empty,
        deeper,
    )
    gaps = draw(st.lists(BLANK | broken, min_size=len(parts) - 1, max_size=len(parts) - 1))
    start = f"{head}\n" + "".join(f"{one}\n" for one in lines) + indent + first
    after = "".join(f"\n{one}" for one in draw(empty))
    return joined(parts, gaps, MARK, start, after)


@st.composite
def playbooks(draw: st.DrawFn) -> tuple[str, int]:
    """A playbook with one mistake, and where in its text that is."""
    context = draw(st.sampled_from(CONTEXTS))
    styles = ["", "'", '"'] + (["|", ">"] if context.column is not None else [])
    style = draw(st.sampled_from(styles))
    blocks = style in ("|", ">")
    written = draw(block(style, context.column or 0) if blocks else flow(style))
    before, after = context.text.split("@")
    at = len(before) + written.mark
    text = before + written.text + after
    end = draw(ENDS)
    return text.replace("\n", end), at + text.count("\n", 0, at) * (len(end) - 1)


def place(text: str, at: int) -> tuple[int, int]:
    lines = re.split(r"\r\n|\r|\n", text[:at])
    return len(lines), len(lines[-1]) + 1


@settings(max_examples=400, deadline=None)
@given(playbooks())
def test_a_mistake_is_told_where_it_stands_in_every_style(case: tuple[str, int]) -> None:
    text, at = case
    _, found = Playbook.diagnose(text, "x.yaml")
    told = [one for one in found if MARK in one.message]
    assert [(one.place.line, one.place.column) for one in told] == [place(text, at)], found


@settings(max_examples=200, deadline=None)
@given(playbooks())
def test_each_character_of_a_text_is_found_in_its_source(case: tuple[str, int]) -> None:
    document = read(case[0], "x.yaml")
    assert not document.diagnostics
    for spot in document.spots.values():
        scalar = spot.scalar
        if scalar is None:
            continue
        places = [scalar.index(offset, case[0]) for offset in range(len(scalar.value))]
        assert places == sorted(places)
        for character, index in zip(scalar.value, places, strict=True):
            written = case[0][index]
            assert written in (character, "\\") or character.isspace(), (character, written)


def test_what_is_missing_at_the_end_is_missing_behind_the_last_word() -> None:
    blocks = ("|\n    role ==\n\n", ">+\n    role ==\n")
    for written in ("role ==", "'role =='", '"role ==\\t"', *blocks):
        text = f"{HEAD}roles: [a]\nsegments:\n  s: {written}\nmilestones: [{FIRST}]\n"
        _, found = Playbook.diagnose(text, "x.yaml")
        assert len(found) == 1
        assert "the end of the rule" in found[0].message
        assert (found[0].place.line, found[0].place.column) == place(text, text.index("==") + 2)


@pytest.mark.parametrize(
    "written", ["role is set \u00a0", "'role is set \u00a0'", "|\n    role is set \u00a0"]
)
def test_a_blank_that_is_none_to_a_rule_is_told_where_it_stands(written: str) -> None:
    text = f"{HEAD}roles: [a]\nsegments:\n  s: {written}\nmilestones: [{FIRST}]\n"
    _, found = Playbook.diagnose(text, "x.yaml")
    assert [(one.place.line, one.place.column) for one in found] == [
        place(text, text.index("\u00a0"))
    ]
