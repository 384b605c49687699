"""The targets of a playbook against files, as a reader of the findings sees it."""

from pathlib import Path

import pytest

from guidepath.errors import Diagnostic
from guidepath.playbook.playbook import Playbook
from guidepath.templates.check import check
from guidepath.templates.folder import files

PLAYBOOK = """\
name: ledgerly
events: {{invoice.sent: {{}}}}
milestones:
  - {{id: first, title: Send it, reached_when: did("invoice.sent"), first_value: true}}
guidance:
  - id: send
    type: tour
    moment: onboard
    toward: first
    title: Send
    steps:
      - id: one
        title: One
        target: {{selector: {target}}}
        advance_on: {advance}
      - id: two
        title: Two
        target: {{selector: {target}}}
"""


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of templates, which stands in the current one."""
    monkeypatch.chdir(tmp_path)
    folder = Path("web")
    folder.mkdir()
    return folder


def checked(
    product: Path, target: str, *lines: str, advance: str = '"*"', name: str = "page.html"
) -> list[Diagnostic]:
    (product / name).write_text("\n".join(lines), "utf-8")
    text = PLAYBOOK.format(target=target, advance=advance)
    playbook = Playbook.parse(text, "guidepath.yaml")
    return check(playbook, text, "guidepath.yaml", files([product]), lambda done, total: None)


def told(found: list[Diagnostic]) -> list[str]:
    return [f"{one.severity} {one.code}: {one.message}" for one in found]


def test_targets_that_are_there_are_no_finding(product: Path) -> None:
    page = "<a data-guide='go' id='x' class='y z'>"
    assert checked(product, '"[data-guide=go], #gone"', page, advance='".z #x"') == []


def test_a_target_that_no_file_has_is_an_error_with_every_place_that_asks_for_it(
    product: Path,
) -> None:
    (one,) = checked(product, "\"[data-guide='import']\"", "<a data-guide-x='import'>")
    assert str(one) == (
        "guidepath.yaml:14:28: error: no file has [data-guide='import'] [missing-target]"
    )
    assert [str(other.place) for other in one.related] == ["guidepath.yaml:18:28"]


def test_the_nearest_anchor_is_named_with_its_place(product: Path) -> None:
    first = checked(product, "\"[data-guide='import-cvs']\"", "<p>", "<a data-guide=import-csv>")
    assert told(first) == [
        (
            "error missing-target: no file has [data-guide='import-cvs']; "
            "did you mean data-guide='import-csv' in web/page.html:2?"
        ),
        "info unused-anchor: nothing in the playbook points at data-guide='import-csv'",
    ]
    assert str(first[1].place) == "web/page.html:2:4"


def test_what_a_click_goes_on_at_is_looked_for_too(product: Path) -> None:
    (one,) = checked(product, '"*"', "<a id='x'>", advance='"#y"')
    assert (one.code, str(one.place)) == ("missing-target", "guidepath.yaml:15:21")


def test_a_target_that_is_put_together_cannot_be_told(product: Path) -> None:
    (one,) = checked(
        product,
        '"[data-guide=nav-team]"',
        "{% for one in ['nav-team'] %}",
        "<a data-guide='{{ one }}'>",
    )
    assert told([one]) == [
        (
            "warning dynamic-target: cannot tell whether any file has [data-guide='nav-team']: "
            "it is put together in web/page.html:2; 'nav-team' stands in web/page.html:1"
        )
    ]
    (one,) = checked(product, '"[data-guide=nav-team]"', "<a data-guide='nav-{{ one }}'>")
    assert one.message.endswith("in web/page.html:1, and no file has 'nav-team' in quotes")
    (one,) = checked(product, '"[data-guide=nav-team]"', "<a data-guide='top-{{ one }}'>")
    assert one.code == "missing-target"


def test_every_part_of_a_selector_must_be_there_and_of_alternatives_one(product: Path) -> None:
    page = "<a class='y' id='x'>"
    assert [one.message for one in checked(product, '".y #z .w"', page)] == [
        "no file has #z",
        "no file has .w",
    ]
    assert checked(product, '".gone .lost, .y:is(#x, #z)"', page) == []
    assert [one.message for one in checked(product, '".a .b, .c"', page)] == ["no file has .c"]


def test_what_surely_lacks_is_told_before_what_cannot_be_told(product: Path) -> None:
    found = checked(product, '".w #{}"'.format("z"), "<a class='{{ y }}'>")
    assert [one.code for one in found] == ["missing-target"]
    found = checked(product, '".w, #z"', "<a class='{{ y }}'>")
    assert [one.code for one in found] == ["dynamic-target"]


def test_a_selector_to_which_a_script_gives_its_element_is_there(product: Path) -> None:
    script = "connect({targets: {\"[data-guide='go']\": () => shadow.go}})"
    assert checked(product, "\"[data-guide='go']\"", script, name="app.js") == []


def test_what_is_no_selector_is_an_error_at_its_character(product: Path) -> None:
    (one,) = checked(product, "'main > a..b'", "<a>")
    assert told([one]) == ["error bad-selector: this is no CSS selector from here on"]
    assert str(one.place) == "guidepath.yaml:14:38"
    assert [str(other.place) for other in one.related] == ["guidepath.yaml:18:28"]


def test_an_anchor_that_a_wider_selector_points_at_is_used(product: Path) -> None:
    assert checked(product, "\"[data-guide^='nav-']\"", "<a data-guide='nav-team'>") == []
    found = checked(product, "\"[data-guide^='nav-']\"", "<a data-guide=nav-x data-guide=x>")
    assert [one.code for one in found] == ["unused-anchor"]


def test_findings_come_in_the_order_of_the_playbook_remarks_last(product: Path) -> None:
    found = checked(product, '"#z"', "<a data-guide=b><a data-guide=a>", advance='"a..b"')
    assert [one.code for one in found] == [
        "missing-target",
        "bad-selector",
        "unused-anchor",
        "unused-anchor",
    ]


def test_the_progress_ends_at_the_number_of_files(product: Path) -> None:
    for number in range(3):
        (product / f"{number}.html").write_text("<a>", "utf-8")
    text = PLAYBOOK.format(target='"*"', advance='"*"')
    steps: list[tuple[int, int | None]] = []
    check(
        Playbook.parse(text),
        text,
        "guidepath.yaml",
        files([product]),
        lambda done, total: steps.append((done, total)),
    )
    assert steps == [(1, 3), (2, 3), (3, 3)]
