"""What the author of a playbook has decided to leave, and says why."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath.errors import Diagnostic, Place, Severity
from guidepath.playbook.silence import ALWAYS, CODES, Check, heard

FILE = "guidepath.yaml"


def finding(
    line: int, code: str = "long-text", *, severity: Severity = "warning", file: str = FILE
) -> Diagnostic:
    return Diagnostic(severity, code, "too long", Place(file, line, 3))


def told(text: str, *found: Diagnostic, asked: tuple[Check, ...] = ALWAYS) -> list[str]:
    left = heard(text, FILE, found, asked)
    assert left.silenced == len(found) - sum(one in left.found for one in found)
    return [f"{one.place.line}:{one.place.column} {one.code}" for one in left.found]


def test_without_a_silence_everything_is_told() -> None:
    assert told("a: 1\n", finding(1)) == ["1:3 long-text"]


@pytest.mark.parametrize(
    "text",
    [
        "a: 1 # guidepath: allow long-text because it is the law\n",
        "a: 1\t#guidepath:allow long-text because it is the law\n",
        "a: {b: 1} #  guidepath:  allow  long-text  because  it is the law  \n",
        "a: 1 # guidepath: allow same-title, long-text because it is the law\n",
    ],
)
def test_a_silence_stands_behind_what_it_is_about(text: str) -> None:
    assert "1:3 long-text" not in told(text, finding(1))
    assert "2:3 long-text" in told(text + "b: 2\n", finding(1), finding(2))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("between", ["", "# about something else\n", "\n", "   # more\n\n"])
def test_or_on_a_line_of_its_own_above_it(between: str, ending: str) -> None:
    text = f"a: 1\n  # guidepath: allow long-text because it is the law\n{between}b: 2\nc: 3\n"
    line = text[: text.index("b:")].count("\n") + 1
    text = text.replace("\n", ending)
    for mark in ("", "\ufeff"):
        assert told(mark + text, finding(line)) == []
        rest = told(mark + text, finding(1), finding(line), finding(line + 1))
        assert rest == ["1:3 long-text", f"{line + 1}:3 long-text"]


def test_several_may_stand_above_one_line() -> None:
    text = (
        "# guidepath: allow long-text because it is the law\n"
        "# guidepath: allow same-title because they belong together\n"
        "a: 1\n"
    )
    assert told(text, finding(3), finding(3, "same-title")) == []


@pytest.mark.parametrize(
    ("written", "inside"),
    [
        ("a: |\n  one\n  two\n  three\n", 3),
        ("a: >-\n  one\n\n  two\n", 3),
        ("a:\n  one\n  two\n", 2),
        ('a: "one\n  two"\n', 1),
        ("- 'one\n  two'\n", 1),
    ],
)
def test_it_is_about_all_of_a_text_that_begins_there(written: str, inside: int) -> None:
    text = "# guidepath: allow long-text because it is the law\n" + written + "z: 1\n"
    if written.startswith("-"):
        text = text.replace("z: 1", "- 1")
    after = 2 + written.count("\n")
    assert told(text, finding(2), finding(2 + inside)) == []
    assert told(text, finding(2), finding(after)) == [f"{after}:3 long-text"]


ENTRIES = """\
a:
  - id: one
    b: {c: 1,
      d: 2}
    e:
      - f
      - g
  - id: two
h:
  i:
    j: 1
  k: 2
"""


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("a:", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("- id: one", [2, 3, 4, 5, 6, 7]),
        ("b:", [3, 4]),
        ("e:", [5, 6, 7]),
        ("- g", [7]),
        ("- id: two", [8]),
        ("i:", [10, 11]),
        ("j:", [11]),
    ],
)
@pytest.mark.parametrize("above", [True, False])
def test_it_is_about_all_of_an_entry_that_begins_there(
    line: str, about: list[int], above: bool
) -> None:
    comment = "# guidepath: allow long-text because it is the law"
    lines = ENTRIES.splitlines()
    at = next(n for n, one in enumerate(lines) if one.strip().startswith(line))
    if above:
        lines.insert(at, comment)
    else:
        lines[at] += f" {comment}"
    moved = {n: n + (above and n > at) for n in range(1, len(ENTRIES.splitlines()) + 1)}
    found = [finding(n) for n in moved.values()]
    left = {one.place.line for one in heard("\n".join(lines) + "\n", FILE, found).found}
    assert [n for n, now in moved.items() if now not in left] == about


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  # guidepath: allow long-text because it is the law\n",
        'a: "x # guidepath: allow long-text because it is the law"\n',
        "a: 'x\n  # guidepath: allow long-text because it is the law'\n",
        "a: x#guidepath: allow long-text because it is the law\n",
    ],
)
def test_what_is_part_of_a_text_silences_nothing(text: str) -> None:
    assert told(text, finding(1), finding(2)) == ["1:3 long-text", "2:3 long-text"]


@pytest.mark.parametrize(
    "comment",
    [
        "# the guidepath: allow everything",
        "# guidepath: 1",
        "# guidepath check guidepath.yaml",
        "# guidepath: allowances are told elsewhere",
        "#",
    ],
)
def test_other_comments_are_none_of_ours(comment: str) -> None:
    assert told(f"{comment}\na: 1\n") == []


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ("allow long-text", "say why"),
        ("allow long-text because", "say why"),
        ("allow long-text because   ", "say why"),
        ("allow long-txt because I like it", "is called 'long-txt'; did you mean 'long-text'?"),
        ("allow long-text same-title because I like it", "is called 'long-text same-title'"),
        ("allow unknown-event because I like it", "no finding that can be silenced"),
        ("allow bad-silence because I like it", "no finding that can be silenced"),
        ("allow", "by `# guidepath: allow CODE because REASON`"),
        ("allow because I like it", "by `# guidepath: allow CODE because REASON`"),
        ("ignore long-text because I like it", "by `# guidepath: allow CODE because REASON`"),
        ("disable", "by `# guidepath: allow CODE because REASON`"),
    ],
)
def test_a_silence_that_is_wrong_silences_nothing_and_is_told(said: str, mistake: str) -> None:
    found = heard(f"a: 1 # guidepath: {said}\n", FILE, [finding(1)]).found
    assert [one.code for one in found] == ["long-text", "bad-silence"]
    assert mistake in found[1].message
    assert (found[1].severity, found[1].place) == ("warning", Place(FILE, 1, 6))


def test_of_several_codes_each_is_judged_on_its_own() -> None:
    text = "a: 1 # guidepath: allow long-text, nope, same-title because it is the law\n"
    assert told(text, finding(1)) == ["1:6 bad-silence", "1:6 unused-silence"]


def test_an_error_cannot_be_silenced_whatever_its_code() -> None:
    text = "a: 1 # guidepath: allow long-text because it is the law\n"
    assert told(text, finding(1, severity="error")) == ["1:3 long-text"]
    assert told(text, finding(1, severity="info")) == []


def test_what_stands_in_other_files_is_told() -> None:
    text = "a: 1 # guidepath: allow long-text because it is the law\n"
    found = told(text, finding(1, file="page.html"))
    assert found == ["1:6 unused-silence", "1:3 long-text"]


def test_a_silence_is_told_when_there_is_nothing_to_silence() -> None:
    text = "a: 1\nb: 2 # guidepath: allow long-text because it is the law\nc: 3\n"
    assert told(text) == ["2:6 unused-silence"]
    assert told(text, finding(1), finding(3)) == [
        "1:3 long-text",
        "2:6 unused-silence",
        "3:3 long-text",
    ]


def test_nobody_knows_what_is_needed_while_there_are_errors() -> None:
    text = "a: 1 # guidepath: allow long-text because it is the law\n"
    error = finding(3, "unknown-event", severity="error")
    assert told(text, error) == ["3:3 unknown-event"]


@pytest.mark.parametrize(
    ("code", "asked", "unused"),
    [
        ("long-text", ("always",), True),
        ("untracked-event", ("always",), False),
        ("untracked-event", ("always", "events"), True),
        ("dynamic-target", ("always", "events"), False),
        ("never-true", ("always",), False),  # a proof may need it
        ("never-true", ("always", "prove"), True),
    ],
)
def test_what_was_not_looked_for_may_well_be_needed(
    code: str, asked: tuple[Check, ...], unused: bool
) -> None:
    text = f"a: 1 # guidepath: allow {code} because it is the law\n"
    assert told(text, asked=asked) == ["1:6 unused-silence"] * unused


def test_one_silence_is_enough_for_several_findings_on_its_line() -> None:
    text = "a: 1 # guidepath: allow long-text because it is the law\n"
    assert told(text, finding(1), finding(1)) == []


def test_no_code_is_listed_that_is_none() -> None:
    for codes in CODES.values():
        assert all(one.replace("-", "").isalpha() and one.islower() for one in codes)


PIECES = ("a:", " 1", "\n", "  ", "#", " # guidepath: allow ", "long-text", " because ", "x", "|")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.integers(1, 6))
def test_whatever_the_text_nothing_is_lost_uncounted(text: str, line: int) -> None:
    found = [finding(line), finding(line, severity="error")]
    left = heard(text, FILE, found)
    assert left.silenced == sum(one not in left.found for one in found)
    assert found[1] in left.found
    assert {one.code for one in left.found} <= {"long-text", "bad-silence", "unused-silence"}
