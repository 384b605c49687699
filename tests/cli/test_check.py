import json
import sys
from pathlib import Path

import pytest
from tests.cli.ledgerly import PLAYBOOK, Run

from guidepath.cli.check import _annotation
from guidepath.errors import Diagnostic, Place

WRONG = PLAYBOOK.replace('did("contact.imported")', 'did("contact.importet")', 1).replace(
    "scope: account", "scoop: account"
)


@pytest.fixture
def wrong(playbook: Path) -> Path:
    playbook.write_text(WRONG, "utf-8")
    return playbook


def place(needle: str) -> tuple[int, int]:
    line = next(line for line in WRONG.splitlines() if needle in line)
    return WRONG.splitlines().index(line) + 1, line.index(needle) + 1


def test_a_right_playbook_has_no_mistakes(run: Run, playbook: Path) -> None:
    done = run("check", playbook)
    assert done == (0, "guidepath.yaml: no mistakes\n", "")


def test_every_mistake_is_told_with_its_place_and_a_caret_under_it(run: Run, wrong: Path) -> None:
    done = run("check", wrong)
    assert done.code == 1
    lines = done.out.splitlines()
    for needle, length in (('"contact.importet"', 1), ("scoop", 1)):
        line, column = place(needle)
        at = next(n for n, one in enumerate(lines) if one.startswith(f"guidepath.yaml:{line}:"))
        assert lines[at].startswith(f"guidepath.yaml:{line}:{column}: error: ")
        assert lines[at + 1].endswith(WRONG.splitlines()[line - 1])
        caret = lines[at + 2].index("^")
        assert lines[at + 1][caret:].startswith(needle)
        assert len(lines[at + 2].strip()) == length
    assert lines[-1].endswith("errors, 0 warnings")


def test_json_holds_one_object_a_mistake_and_nothing_else(run: Run, wrong: Path) -> None:
    done = run("check", wrong, "--format", "json")
    assert done.code == 1
    found = json.loads(done.out)
    line, column = place('"contact.importet"')
    first = next(one for one in found if one["line"] == line)
    assert set(first) == {"severity", "code", "message", "file", "line", "column", "related"}
    assert (first["severity"], first["column"]) == ("error", column)
    assert "contact.imported" in first["message"]
    assert first["file"] == "guidepath.yaml"


def test_json_of_a_right_playbook_is_an_empty_list(run: Run, playbook: Path) -> None:
    done = run("check", playbook, "--format", "json")
    assert (done.code, json.loads(done.out)) == (0, [])


def test_related_places_are_told(run: Run, playbook: Path) -> None:
    playbook.write_text(PLAYBOOK.replace("id: settled", "id: first_invoice"), "utf-8")
    text = run("check", playbook)
    found = json.loads(run("check", playbook, "--format", "json").out)
    related = [other for one in found for other in one["related"]]
    assert related
    for one in related:
        assert set(one) == {"file", "line", "column", "message"}
        assert f"  {one['file']}:{one['line']}:{one['column']}: {one['message']}" in text.out


def test_warnings_alone_exit_with_0(run: Run, playbook: Path) -> None:
    optional = "attributes: {user: {plan: {type: string, optional: true}}}\n"
    doubtful = PLAYBOOK.replace("events:", optional + "events:", 1).replace(
        "    when: since", '    when: user.plan != "free" and since'
    )
    playbook.write_text(doubtful, "utf-8")
    done = run("check", playbook)
    assert done.code == 0
    assert ": warning: " in done.out
    assert done.out.endswith("0 errors, 1 warning\n")


def test_github_gets_an_annotation_a_mistake(run: Run, wrong: Path) -> None:
    done = run("check", wrong, "--format", "github")
    assert done.code == 1
    line, column = place('"contact.importet"')
    assert f"::error file=guidepath.yaml,line={line},col={column},title=" in done.out


def test_an_annotation_cannot_be_broken_out_of() -> None:
    nasty = Diagnostic("error", "c,o:d", "100 %\n::error::x", Place("a,b:c.yaml", 1, 2))
    told = _annotation(nasty)
    assert told == ("::error file=a%2Cb%3Ac.yaml,line=1,col=2,title=c%2Co%3Ad::100 %25 ::error::x")


def test_a_file_that_is_not_there_is_a_mistake_of_its_own(run: Run, here: Path) -> None:
    done = run("check", "nope.yaml")
    assert done.code == 1
    assert done.out.startswith("nope.yaml:1:1: error: this file cannot be read")


def test_what_could_steer_a_terminal_is_not_printed(run: Run, playbook: Path) -> None:
    playbook.write_bytes(PLAYBOOK.encode() + b"\x1b[2Jx: 1\n")
    done = run("check", playbook)
    assert done.code == 1
    assert "\x1b" not in done.out


def test_the_caret_stands_right_after_wide_characters_and_in_long_lines(
    run: Run, playbook: Path
) -> None:
    title = "請求書" * 60
    playbook.write_text(
        PLAYBOOK.replace("title: Bring your contacts, reached", f"title: {title}, reech", 1),
        "utf-8",
    )
    done = run("check", playbook)
    shown = next(one for one in done.out.splitlines() if "reech" in one and "| " in one)
    caret = done.out.splitlines()[done.out.splitlines().index(shown) + 1]
    before = shown[: shown.index("reech")]
    wide = sum(one in "請求書" for one in before)
    assert caret.index("^") == len(before) + wide
    assert len(before) < 100
    assert "| …" in shown


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_lines_are_shown_whatever_ends_them(run: Run, playbook: Path, ending: str) -> None:
    playbook.write_bytes(("\ufeff" + WRONG).replace("\n", ending).encode())
    done = run("check", playbook)
    line, column = place('"contact.importet"')
    assert f"guidepath.yaml:{line}:{column}: error" in done.out
    assert '"contact.importet"' in done.out.split(f":{line}:{column}:")[1].splitlines()[1]


def test_an_editors_mark_at_the_start_of_the_file_is_no_part_of_its_first_line(
    run: Run, playbook: Path
) -> None:
    playbook.write_text("\ufeffnaem: ledgerly\n" + PLAYBOOK, "utf-8")
    assert "     1 | naem: ledgerly\n         ^\n" in run("check", playbook).out


@pytest.fixture
def templates(playbook: Path) -> Path:
    """Templates that have one of two elements at which the playbook beside them points."""
    pointing = PLAYBOOK
    for moment, anchor in (("onboard", "send"), ("nurture", "import-cvs")):
        target = f"    target: {{selector: \"[data-guide='{anchor}']\"}}\n"
        before = f"    type: banner\n    moment: {moment}\n"
        pointing = pointing.replace(before, before.replace("banner", "tooltip") + target)
    playbook.write_text(pointing, "utf-8")
    folder = playbook.parent / "web"
    folder.mkdir()
    page = "<a data-guide='send'>\n<a data-guide='import-csv'>\n"
    (folder / "page.html").write_text(page, "utf-8")
    return folder


def test_targets_are_looked_for_in_the_templates(run: Run, templates: Path) -> None:
    done = run("check", "guidepath.yaml", "--templates", templates)
    assert (done.code, done.err) == (1, "1 file read\n")
    line = 1 + Path("guidepath.yaml").read_text("utf-8").splitlines().index(
        "    target: {selector: \"[data-guide='import-cvs']\"}"
    )
    assert done.out == (
        f"guidepath.yaml:{line}:24: error: no file has [data-guide='import-cvs']; "
        "did you mean data-guide='import-csv' in web/page.html:2? [missing-target]\n"
        f"{line:>6} |     target: {{selector: \"[data-guide='import-cvs']\"}}\n"
        "                                ^\n"
        "web/page.html:2:4: info: nothing in the playbook points at data-guide='import-csv' "
        "[unused-anchor]\n"
        "1 error, 0 warnings, 1 remark\n"
    )


def test_programs_and_pull_requests_get_them_too(run: Run, templates: Path) -> None:
    asked = ("check", "guidepath.yaml", "--templates", templates, "--quiet", "--format")
    done = run(*asked, "json")
    assert (done.code, done.err) == (1, "")
    assert [(one["severity"], one["code"], one["file"]) for one in json.loads(done.out)] == [
        ("error", "missing-target", "guidepath.yaml"),
        ("info", "unused-anchor", "web/page.html"),
    ]
    lines = run(*asked, "github").out.splitlines()
    assert lines[0].startswith("::error file=guidepath.yaml,line=")
    assert lines[1].startswith("::notice file=web/page.html,line=2,col=4,title=unused-anchor::")


def test_several_folders_may_be_named_and_remarks_alone_exit_with_0(
    run: Run, templates: Path
) -> None:
    other = Path("frontend")
    other.mkdir()
    (other / "app.tsx").write_text('<Link data-guide="import-cvs">', "utf-8")
    done = run("check", "guidepath.yaml", "--templates", templates, "--templates", other)
    assert done.code == 0
    assert done.out.endswith("0 errors, 0 warnings, 1 remark\n")
    assert done.err == "2 files read\n"


def test_a_wrong_playbook_is_mended_before_its_targets_are_looked_for(
    run: Run, templates: Path
) -> None:
    file = Path("guidepath.yaml")
    file.write_text(file.read_text("utf-8").replace("scope: account", "scoop: account"), "utf-8")
    done = run("check", file, "--templates", templates)
    assert (done.code, done.err) == (1, "")
    assert "missing-target" not in done.out


@pytest.mark.parametrize(("folder", "code"), [("nowhere", 2), ("empty", 1)])
def test_a_folder_without_templates_is_a_mistake(
    run: Run, playbook: Path, folder: str, code: int
) -> None:
    Path("empty").mkdir()
    done = run("check", playbook, "--templates", folder)
    assert (done.code, done.out) == (code, "")
    assert folder in done.err
    assert "Traceback" not in done.err


def test_without_the_extra_the_mend_is_told(
    run: Run, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cssselect2", None)
    done = run("check", "guidepath.yaml", "--templates", templates)
    assert done == (
        2,
        "",
        "guidepath: reading CSS selectors needs an extra: pip install 'guidepath[cli]'\n",
    )
    assert run("check", "guidepath.yaml").code == 0
