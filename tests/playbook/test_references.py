"""Names that are taken, names that are not there, and who waits for whom in a circle."""

from collections.abc import Sequence

import pytest

from guidepath.errors import Diagnostic
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.references import cycles

HEAD = """\
name: ledgerly
events: {sent: {}}
"""
FIRST = """\
milestones:
  - {id: first, title: F, first_value: true, reached_when: did("sent")}
"""


def diagnosed(text: str) -> Sequence[Diagnostic]:
    return Playbook.diagnose(text, "guidepath.yaml")[1]


def places(text: str) -> list[tuple[str, str]]:
    """The code of each mistake, and the text that begins where it stands."""
    lines = text.splitlines()
    return [
        (one.code, lines[one.place.line - 1][one.place.column - 1 :]) for one in diagnosed(text)
    ]


def item(name: str, more: str = "") -> str:
    return f"  - {{id: {name}, type: banner, moment: onboard, toward: first, title: T{more}}}\n"


def guided(*items: str) -> str:
    return HEAD + FIRST + "guidance:\n" + "".join(items)


def test_a_name_that_is_there_three_times_is_told_twice_beside_the_first() -> None:
    text = guided(item("one"), item("one"), item("one"))
    found = diagnosed(text)
    assert [(one.code, one.place.line) for one in found] == [
        ("duplicate-id", 7),
        ("duplicate-id", 8),
    ]
    assert [related.place.line for one in found for related in one.related] == [6, 6]


def test_what_two_milestones_were_renamed_from_is_told() -> None:
    second = '  - {id: ID, title: S, renamed_from: old, reached_when: did("sent")}\n'
    text = HEAD + FIRST + second.replace("ID", "second") + second.replace("ID", "third")
    assert places(text) == [("duplicate-id", 'old, reached_when: did("sent")}')]


def test_every_first_value_but_the_first_is_told() -> None:
    more = '  - {id: ID, title: S, first_value: true, reached_when: did("sent")}\n'
    text = HEAD + FIRST + more.replace("ID", "second") + more.replace("ID", "third")
    assert [(one.code, one.place.line) for one in diagnosed(text)] == [
        ("first-value", 5),
        ("first-value", 6),
    ]


def test_what_comes_after_guidance_that_could_not_be_read_is_not_called_unknown() -> None:
    unread = "  - {id: two, type: banner, title: T}\n"
    found = diagnosed(guided(item("one", ", after: [two]"), unread))
    assert {one.code for one in found} == {"missing-key"}
    text = guided(item("one", ", after: [two]"))
    assert places(text) == [("unknown-milestone", "two]}")]


@pytest.mark.parametrize(
    ("ends", "codes"),
    [("2026-03-01", ["bad-time"]), ("2026-03-02", []), ("2026-02-28", ["bad-time"])],
)
def test_an_end_comes_after_its_start(ends: str, codes: list[str]) -> None:
    text = guided(item("one", f", starts: 2026-03-01, ends: {ends}"))
    assert [one.code for one in diagnosed(text)] == codes


def test_any_page_may_be_said_without_a_slash() -> None:
    assert diagnosed(guided(item("one", ", page: '**'"))) == ()
    assert places(guided(item("one", ", page: invoices"))) == [("bad-page", "invoices}")]


def test_a_circle_of_lines_stands_at_the_first_of_them() -> None:
    more = '  - {id: ID, title: M, reached_when: did("sent")}\n'
    lines = """\
guidance:
  - id: list
    type: checklist
    moment: onboard
    toward: first
    title: T
    items:
      - {milestone: first}
      - {milestone: two, after: [three]}
      - {milestone: three, after: [two]}
"""
    text = HEAD + FIRST + more.replace("ID", "two") + more.replace("ID", "three") + lines
    assert places(text) == [("cycle", "[three]}")]


def test_who_waits_for_a_circle_is_not_in_it() -> None:
    assert list(cycles({"c": ["a"], "a": ["b"], "b": ["a"]})) == [("a", "b")]
    assert list(cycles({"a": ["b"], "b": ["b"]})) == [("b",)]
    assert list(cycles({"a": ["b", "c"], "b": ["a"], "c": ["a"]})) == [("a", "b"), ("a", "c")]
