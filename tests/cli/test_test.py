import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import fromstring

import jsonschema
import pytest
from tests.cli.ledgerly import PLAYBOOK, Run
from tests.cli.test_junit import check

from guidepath.playbook.personas import Personas
from guidepath.playbook.reading import read

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "personas.md"

PEOPLE = """\
personas:
  - id: newcomer
    about: Somebody who has just signed up.
    expects:
      - {gets: send-one}
      - {never: import}
  - id: sender
    events: [{event: invoice.sent, ago: 3d}]
    expects:
      - {gets: import}
      - {reached: [settled]}
"""
WRONG = PEOPLE.replace("[settled]", "[settled, busy]").replace("gets: send-one", "gets: import")


@pytest.fixture
def personas(playbook: Path) -> Path:
    file = Path("personas.yaml")
    file.write_text(PEOPLE, "utf-8")
    return file


@pytest.fixture
def wrong(personas: Path) -> Path:
    personas.write_text(WRONG, "utf-8")
    return personas


def test_it_reads_as_a_test_report(run: Run, playbook: Path, personas: Path) -> None:
    done = run("test", playbook, personas)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "newcomer  Somebody who has just signed up.",
        "  ✓ gets send-one",
        "  ✓ never gets import",
        "sender",
        "  ✓ gets import",
        "  ✓ has reached settled",
        "",
        "4 passed, 0 failed",
    ]


def test_a_failure_says_what_she_got_why_and_where_it_is_expected(
    run: Run, playbook: Path, wrong: Path
) -> None:
    done = run("test", playbook, wrong)
    assert done.code == 1
    assert done.out.splitlines()[:5] == [
        "newcomer  Somebody who has just signed up.",
        "  ✗ gets import",
        "      got send-one “Send your first invoice”: CHOSEN",
        "      import is kept back by RULE: not reached; must be more than 1 day",
        "      personas.yaml:5:9",
    ]
    assert done.out.splitlines()[-6:] == [
        "  ✗ has reached settled, busy",
        "      reached first_invoice, settled",
        "      busy is open: 1 of 3 people in the last 30 days; must be at least 3 people",
        "      personas.yaml:11:9",
        "",
        "2 passed, 2 failed",
    ]


def test_the_personas_beside_the_playbook_are_meant_where_none_are_named(
    run: Run, playbook: Path, personas: Path
) -> None:
    folder = Path("deep/er")
    folder.mkdir(parents=True)
    for one in (playbook, personas):
        one.rename(folder / one)
    done = run("test", folder / playbook)
    assert (done.code, done.out.splitlines()[-1]) == (0, "4 passed, 0 failed")


def test_programs_get_one_json_value(run: Run, playbook: Path, wrong: Path) -> None:
    done = run("test", playbook, wrong, "--format", "json")
    assert done.code == 1
    found = json.loads(done.out)
    assert (found["passed"], found["failed"]) == (2, 2)
    assert found["outcomes"][0] == {
        "persona": "newcomer",
        "expectation": "gets import",
        "passed": False,
        "got": "got send-one “Send your first invoice”: CHOSEN",
        "why": ["import is kept back by RULE: not reached; must be more than 1 day"],
        "file": "personas.yaml",
        "line": 5,
        "column": 9,
    }


def test_pull_requests_get_an_annotation_a_failure(run: Run, playbook: Path, wrong: Path) -> None:
    done = run("test", playbook, wrong, "--format", "github")
    assert done.code == 1
    assert done.err == "2 passed, 2 failed\n"
    first, second = done.out.splitlines()
    assert first.startswith(
        "::error file=personas.yaml,line=5,col=9,title=persona newcomer::newcomer gets import%0A"
    )
    assert ",line=11,col=9," in second


def test_build_servers_get_xml_on_stdout_or_in_a_file(
    run: Run, playbook: Path, wrong: Path
) -> None:
    done = run("test", playbook, wrong, "--format", "junit")
    root = fromstring(done.out.encode())
    check(root)
    assert (done.code, root[0].get("failures"), root[1].get("failures")) == (1, "1", "1")
    done = run("test", playbook, wrong, "--junit", "report.xml")
    assert (done.code, done.out.splitlines()[-1]) == (1, "2 passed, 2 failed")
    check(fromstring(Path("report.xml").read_bytes()))


def test_a_report_that_cannot_be_written_is_told_before_anything_is_done(
    run: Run, playbook: Path, personas: Path
) -> None:
    done = run("test", playbook, personas, "--junit", "nowhere/report.xml")
    assert (done.code, done.out) == (1, "")
    assert "its folder does not exist" in done.err


@pytest.mark.parametrize("option", ["--only", "-k"])
def test_only_what_has_a_word_in_it_counts(
    run: Run, playbook: Path, wrong: Path, option: str
) -> None:
    assert run("test", playbook, wrong, option, "NEVER").out == (
        "newcomer  Somebody who has just signed up.\n  ✓ never gets import\n\n1 passed, 0 failed\n"
    )
    done = run("test", playbook, wrong, option, "sender")
    assert (done.code, done.out.splitlines()[-1]) == (1, "1 passed, 1 failed")
    done = run("test", playbook, wrong, option, "nobody")
    assert done == (
        1,
        "",
        "guidepath: nothing is called 'nobody' here; there is for example 'newcomer gets import'\n",
    )


def test_mistakes_in_the_file_are_shown_with_a_caret(
    run: Run, playbook: Path, personas: Path
) -> None:
    personas.write_text(PEOPLE.replace("gets: send-one", "gets: send-noe"), "utf-8")
    done = run("test", playbook, personas)
    assert (done.code, done.err) == (1, "")
    wrong = "the playbook has no guidance 'send-noe'; did you mean 'send-one'?"
    assert done.out.splitlines() == [
        f"personas.yaml:5:16: error: {wrong} [unknown-guidance]",
        "     5 |       - {gets: send-noe}",
        "                        ^",
        "1 error, 0 warnings",
    ]
    done = run("test", playbook, personas, "--format", "json")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("personas.yaml:5:16: error: the playbook has no guidance")


def test_what_cannot_have_happened_is_a_mistake_too(
    run: Run, playbook: Path, personas: Path
) -> None:
    shown = "    shown: [{item: send-one, then: answered, answers: {a: 1}}]\n    expects:\n"
    personas.write_text(PEOPLE.replace("    expects:\n", shown, 1), "utf-8")
    done = run("test", playbook, personas)
    assert done.code == 1
    assert done.out.startswith("personas.yaml:4:13: error: 'send-one' is a banner; only a survey")


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_a_file_that_is_not_there_is_a_sentence(run: Run, playbook: Path, name: str) -> None:
    done = run("test", playbook, name)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"{name}:1:1: error: this file cannot be read: ")


def test_a_wrong_playbook_is_mended_first(run: Run, playbook: Path, personas: Path) -> None:
    playbook.write_text(PLAYBOOK.replace("scope: account", "scoop: account"), "utf-8")
    done = run("test", playbook, personas)
    assert (done.code, done.out) == (1, "")
    assert "unknown key 'scoop'" in done.err


@pytest.fixture(params=["golden.json", "golden"])
def golden(request: pytest.FixtureRequest) -> str:
    """A file, or a folder."""
    return str(request.param)


def test_golden_decisions_are_kept_and_compared(
    run: Run, playbook: Path, personas: Path, golden: str
) -> None:
    asked = ("test", playbook, personas, "--golden", golden)
    first = run(*asked)
    assert first.code == 1
    assert f"  ✗ on no page gets what {golden} keeps" in first.out
    assert "      nothing is kept of it yet" in first.out
    assert first.out.endswith("4 passed, 2 failed\n")
    accepted = run(*asked, "--accept")
    assert accepted.code == 0
    assert accepted.err.endswith("2 decisions accepted, 0 as before\n")
    again = run(*asked)
    assert (again.code, again.out.splitlines()[-1]) == (0, "6 passed, 0 failed")
    assert run(*asked, "--accept").err == "0 decisions accepted, 2 as before\n"


def test_a_decision_is_kept_as_browsers_get_it(run: Run, playbook: Path, personas: Path) -> None:
    run("test", playbook, personas, "--golden", "golden.json", "--accept")
    run("test", playbook, personas, "--golden", "golden", "--accept")
    kept = json.loads(Path("golden.json").read_text("utf-8"))
    assert kept["newcomer"]["on no page"]["item"]["steps"][0]["title"] == "Send your first invoice"
    assert list(kept["newcomer"]["on no page"])[:2] == ["object", "schemaVersion"]
    assert {one.name for one in Path("golden").iterdir()} == {"newcomer.json", "sender.json"}
    assert json.loads(Path("golden/sender.json").read_text("utf-8")) == kept["sender"]


def test_what_has_changed_is_shown_line_by_line_and_then_accepted(
    run: Run, playbook: Path, personas: Path, golden: str
) -> None:
    asked = ("test", playbook, personas, "--golden", golden)
    run(*asked, "--accept")
    text = PLAYBOOK.replace("title: Send your first invoice\n  - id: imp", "title: Go\n  - id: imp")
    assert text != PLAYBOOK
    playbook.write_text(text, "utf-8")
    done = run(*asked)
    assert done.code == 1
    shown = [" ".join(one.split()) for one in done.out.splitlines()]
    assert "it has changed:" in shown
    assert '- "title": "Send your first invoice",' in shown
    assert '+ "title": "Go",' in shown
    assert done.out.splitlines()[-1] == "5 passed, 1 failed"
    accepted = run(*asked, "--accept")
    assert accepted.code == 0
    assert '"title": "Go",' in accepted.err
    assert run(*asked).code == 0


def test_what_nobody_asks_for_any_more_is_told_and_taken_away(
    run: Run, playbook: Path, personas: Path, golden: str
) -> None:
    asked = ("test", playbook, personas, "--golden", golden)
    run(*asked, "--accept")
    personas.write_text(PEOPLE.partition("  - id: sender")[0], "utf-8")
    done = run(*asked)
    assert done.code == 1
    assert "      no expectation asks for it any more\n" in done.out
    assert done.out.splitlines()[-1] == "3 passed, 1 failed"
    assert run(*asked, "--accept").code == 0
    assert run(*asked).out.splitlines()[-1] == "3 passed, 0 failed"


def test_with_only_some_of_them_the_others_stay_as_they_were_kept(
    run: Run, playbook: Path, personas: Path, golden: str
) -> None:
    asked = ("test", playbook, personas, "--golden", golden)
    run(*asked, "--accept")
    playbook.write_text(PLAYBOOK.replace("type: banner", "type: announcement"), "utf-8")
    assert run(*asked, "--only", "sender", "--accept").code == 0
    assert run(*asked, "--only", "sender").code == 0
    done = run(*asked)
    assert (done.code, done.out.splitlines()[-1]) == (1, "5 passed, 1 failed")
    assert "      it has changed:\n" in done.out


def test_golden_decisions_that_cannot_be_read_are_left_alone(
    run: Run, playbook: Path, personas: Path
) -> None:
    file = Path("golden.json")
    file.write_bytes(b'{"newcomer": 7}')
    done = run("test", playbook, personas, "--golden", file, "--accept")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("guidepath: golden.json holds no golden decisions: Expected")
    assert file.read_bytes() == b'{"newcomer": 7}'


def test_where_to_keep_what_is_accepted_must_be_said(
    run: Run, playbook: Path, personas: Path
) -> None:
    done = run("test", playbook, personas, "--accept")
    assert done == (2, "", "guidepath: --accept keeps decisions; say with --golden where\n")


def test_a_first_file_is_written_and_passes(run: Run, playbook: Path) -> None:
    done = run("test", playbook, "--init", "--quiet")
    assert (done.code, done.out) == (0, "")
    assert done.err == "wrote personas.yaml: 2 personas; make them your own\n"
    text = Path("personas.yaml").read_text("utf-8")
    modeline, head, *_ = text.splitlines()
    assert modeline == "# yaml-language-server: $schema=personas.schema.json"
    assert head.startswith("# Made-up users, ")
    schema = Path("personas.schema.json").read_text("utf-8")
    assert schema == run("schema", "--personas").out
    validator = jsonschema.Draft202012Validator(json.loads(schema))
    validator.validate(read(text, "personas.yaml").value)
    assert [one.id for one in Personas.parse(text).personas] == ["send-one", "import"]
    done = run("test", playbook)
    assert (done.code, done.out.count("✗")) == (0, 0)


@pytest.mark.parametrize("folder", ["src/guidepath/demo", "examples/contributors"])
def test_a_first_file_for_a_playbook_of_the_repository_passes(
    run: Run, here: Path, folder: str
) -> None:
    playbook = ROOT / folder / "guidepath.yaml"
    assert run("test", playbook, "first.yaml", "--init", "--quiet").code == 0
    done = run("test", playbook, "first.yaml")
    assert (done.code, done.out.count("✗")) == (0, 0)
    shown = done.out.count(" gets ") - done.out.count("  Made up: somebody who gets ")
    assert shown == done.out.count("  Made up: ") > 5


def test_a_file_that_is_there_is_replaced_by_force_only(
    run: Run, playbook: Path, personas: Path
) -> None:
    done = run("test", playbook, personas, "--init")
    assert done == (1, "", "guidepath: personas.yaml is there already; --force replaces it\n")
    assert personas.read_text("utf-8") == PEOPLE
    assert run("test", playbook, personas, "--init", "--force", "--quiet").code == 0
    assert personas.read_text("utf-8") != PEOPLE


def test_a_playbook_that_shows_nothing_has_nobody_to_make_up(run: Run, playbook: Path) -> None:
    playbook.write_text(PLAYBOOK.partition("guidance:")[0], "utf-8")
    done = run("test", playbook, "--init")
    assert (done.code, done.out) == (1, "")
    assert "shows nothing to anybody" in done.err
    assert not Path("personas.yaml").exists()


def test_without_the_extra_that_makes_users_up_the_mend_is_told(
    run: Run, playbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith("z3")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "z3", None)
    done = run("test", playbook, "--init")
    assert (done.code, done.out) == (2, "")
    assert "pip install 'guidepath[prove]'" in done.err


def test_what_could_steer_a_terminal_is_not_printed(
    run: Run, playbook: Path, personas: Path
) -> None:
    personas.write_text(PEOPLE.replace("Somebody who", '"Some\\e[2Jbody"'), "utf-8")
    done = run("test", playbook, personas)
    assert "\x1b" not in done.out + done.err


def test_a_terminal_that_has_no_ticks_gets_words(playbook: Path, wrong: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "guidepath", "test", playbook, wrong],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.splitlines()[1:3] == [
        "  FAILED gets import",
        "      got send-one \\u201cSend your first invoice\\u201d: CHOSEN",
    ]
    assert "  ok never gets import" in done.stdout.splitlines()


def test_the_page_about_it_shows_what_it_prints(run: Run, here: Path) -> None:
    page = PAGE.read_text("utf-8")
    for name, text in re.findall(r"```yaml\n# ([\w-]+\.yaml)\n(.*?)```", page, re.DOTALL):
        Path(name).write_text(f"# {name}\n{text}", "utf-8")
    shown = [one.split("\n", 1) for one in re.findall(r"```console\n(.*?)```", page, re.DOTALL)]
    command, told = shown[0]
    assert run(*command.split()[2:]).out == told
    personas = Path("personas.yaml").read_text("utf-8")
    last = "{page: /invoices/7, not: send-one, because: DISMISSED}"
    other = personas.replace(last, "{page: /contacts, gets: import-contacts}")
    Path("other.yaml").write_text(other, "utf-8")
    failed = run("test", "guidepath.yaml", "other.yaml").out.replace("other.yaml", "personas.yaml")
    assert failed.endswith("\n".join(shown[1]))
    run("test", "guidepath.yaml", "--golden", "golden.json", "--accept")
    playbook = Path("guidepath.yaml").read_text("utf-8")
    Path("guidepath.yaml").write_text(
        playbook.replace("Bring your contacts, {{", "Your contacts, {{")
    )
    changed = run("test", "guidepath.yaml", "--golden", "golden.json").out
    assert shown[2][1].partition("new-owner  She has just signed up.\n")[2] in changed
    Path("personas.yaml").unlink()
    assert run(*shown[3][0].split()[2:], "--quiet").err == shown[3][1]
