"""What `check` says to a playbook that is right but not wise: every example of `docs/lint.md`."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.cli.ledgerly import PLAYBOOK, Run, log_file, track

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/lint.md").read_text("utf-8")
BASE = next(one for one in re.findall(r"```yaml\n(.*?)```", PAGE, re.S) if "base.yaml" in one)
LOG = re.findall(r"```json\n(.*?)```", PAGE, re.S)[0]
LOG_BEGINS = PAGE.index("## Against a log")


class Example(NamedTuple):
    code: str
    bad: str
    good: str
    log: bool
    words: str

    def __str__(self) -> str:
        return self.code


def examples() -> list[Example]:
    parts = re.split(r"^### `([a-z-]+)`$", PAGE, flags=re.M)
    found = []
    for code, words in zip(parts[1::2], parts[2::2], strict=True):
        bad, good = re.findall(r"```yaml\n(.*?)```", words.partition("\n## ")[0], re.S)
        log = LOG_BEGINS < PAGE.index(f"### `{code}`") < PAGE.index("## Silences")
        found.append(Example(code, bad, good, log, words.strip()))
    return found


EXAMPLES = examples()


def sections(text: str) -> dict[str, str]:
    """Each section of a YAML text as it is written."""
    found = re.split(r"^(?=[a-z]+:)", text, flags=re.M)
    return {one.partition(":")[0]: one for one in found if re.match(r"[a-z]+:", one)}


def whole(fragment: str) -> str:
    """The playbook of the page with the sections of an example in place of its own."""
    return "".join({**sections(BASE), **sections(fragment)}.values())


def told(run: Run, here: Path, text: str, *, log: bool = False) -> list[dict[str, Any]]:
    (here / "guidepath.yaml").write_text(text, "utf-8")
    (here / "events.jsonl").write_text(LOG, "utf-8")
    done = run("check", "guidepath.yaml", "--format", "json", *["--events", "events.jsonl"] * log)
    assert done.code == 0, done.out
    return list(json.loads(done.out))


def codes(run: Run, here: Path, text: str, *, log: bool = False) -> list[str]:
    return [one["code"] for one in told(run, here, text, log=log)]


def test_the_playbook_of_the_examples_is_wise(run: Run, here: Path) -> None:
    assert codes(run, here, BASE) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_what_an_example_does_wrong_is_told_and_nothing_else(
    run: Run, here: Path, example: Example
) -> None:
    found = told(run, here, whole(example.bad), log=example.log)
    severities = {one["severity"] for one in found if one["code"] == example.code}
    # what is undeclared in a log is told beside a name that is misspelled
    assert {one["code"] for one in found} - {"undeclared-event"} <= {example.code}
    assert severities == {"warning" if example.words.startswith("A warning.") else "info"}
    assert example.words.startswith(("A warning.", "A remark"))


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_what_an_example_does_right_is_not_told(run: Run, here: Path, example: Example) -> None:
    assert codes(run, here, whole(example.good), log=example.log) == []


@pytest.mark.parametrize(
    "example", [one for one in EXAMPLES if not one.code.endswith("silence")], ids=str
)
def test_each_is_silenced_on_its_line_and_counted(run: Run, here: Path, example: Example) -> None:
    found = told(run, here, whole(example.bad), log=example.log)
    text = whole(example.bad).splitlines()
    lines = {one["line"] for one in found if one["code"] == example.code}
    for line in sorted(lines, reverse=True):
        text.insert(line - 1, f"# guidepath: allow {example.code} because it is an example")
    (here / "guidepath.yaml").write_text("\n".join(text), "utf-8")
    done = run("check", "guidepath.yaml", *["--events", "events.jsonl"] * example.log)
    assert f"[{example.code}]" not in done.out
    rest = [one for one in found if one["code"] != example.code]
    assert done.out.endswith(f", {len(found) - len(rest)} silenced\n")


@pytest.mark.parametrize(
    "example", [one for one in EXAMPLES if not one.code.endswith("silence")], ids=str
)
def test_a_silence_is_as_good_in_canonical_form(run: Run, here: Path, example: Example) -> None:
    found = told(run, here, whole(example.bad), log=example.log)
    text = whole(example.bad).splitlines()
    for line in sorted({one["line"] for one in found}, reverse=True):
        codes_there = sorted({one["code"] for one in found if one["line"] == line})
        text[line - 1] += f" # guidepath: allow {', '.join(codes_there)} because it is an example"
    assert codes(run, here, "\n".join(text) + "\n", log=example.log) == []
    assert run("fmt", "guidepath.yaml", "--quiet").code == 0
    canonical = (here / "guidepath.yaml").read_text("utf-8")
    assert codes(run, here, canonical, log=example.log) == []


def test_a_wise_playbook_with_silences_says_so_in_one_line(run: Run, here: Path) -> None:
    example = next(one for one in EXAMPLES if one.code == "bad-silence")
    codes(run, here, whole(example.good))
    assert run("check", "guidepath.yaml").out == "guidepath.yaml: no mistakes, 1 silenced\n"


def test_errors_come_first_and_cannot_be_silenced(run: Run, here: Path) -> None:
    wrong = BASE.replace(
        'reached_when: did("contact.imported")}',
        'reached_when: did("contact.importet")} # guidepath: allow unknown-event because I say so',
    )
    (here / "guidepath.yaml").write_text(wrong, "utf-8")
    done = run("check", "guidepath.yaml", "--format", "json")
    assert done.code == 1
    found = json.loads(done.out)
    assert [(one["severity"], one["code"]) for one in found] == [
        ("error", "unknown-event"),
        ("warning", "bad-silence"),
    ]


OURS = sorted(
    [
        *ROOT.glob("examples/*/guidepath.yaml"),
        *ROOT.glob("src/**/guidepath.yaml"),
        ROOT / "src/guidepath/cli/starter.yaml",
    ]
)


@pytest.mark.parametrize("file", OURS, ids=lambda one: str(one.relative_to(ROOT)))
def test_the_playbooks_that_we_ship_are_wise(run: Run, here: Path, file: Path) -> None:
    text = file.read_text("utf-8").replace("name: NAME", "name: new")
    assert codes(run, here, text) == []


LOGGED = PLAYBOOK.replace(
    "invoice.sent: {properties: {total: number}}",
    "invoice.sent: {properties: {total: number}}\n  invoice.piad: {}",
)


@pytest.fixture
def logged(here: Path) -> Path:
    file = here / "guidepath.yaml"
    file.write_text(LOGGED, "utf-8")
    return file


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz"])
def test_a_log_is_read_packed_or_not(run: Run, logged: Path, name: str) -> None:
    messages = [
        track(1, "ada", "invoice.paid", hours=0),
        track(2, "ada", "invoice.paid", hours=1),
        track(3, "ada", "contact.imported", hours=2),
    ]
    log_file(Path(name), messages)
    done = run("check", "guidepath.yaml", "--events", name)
    assert done.code == 0
    assert "none of 3 messages is 'invoice.piad'; did you mean 'invoice.paid'?" in done.out
    assert "no rule can ask for them: 'invoice.paid' (2); declare what matters" in done.out
    assert done.err == "3 messages read\n"
    assert run("check", "guidepath.yaml", "--events", name, "--quiet").err == ""


def test_lines_that_are_no_message_are_told_and_left_out(run: Run, logged: Path) -> None:
    log_file(Path("events.jsonl"), ["{", track(1, "ada", "contact.imported", hours=2)])
    done = run("check", "guidepath.yaml", "--events", "events.jsonl")
    assert done.code == 0
    assert "events.jsonl: refused 1 of 2 lines" in done.err


def test_a_log_without_messages_is_a_mistake(run: Run, logged: Path) -> None:
    Path("events.jsonl").write_bytes(b"")
    done = run("check", "guidepath.yaml", "--events", "events.jsonl")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("guidepath: events.jsonl holds no Segment message")


def test_a_log_that_is_not_there_is_a_mistake(run: Run, logged: Path) -> None:
    done = run("check", "guidepath.yaml", "--events", "nope.jsonl")
    assert (done.code, done.err) == (1, "guidepath: nope.jsonl: No such file or directory\n")


def test_the_contributors_playbook_asks_only_for_what_its_log_has(run: Run, here: Path) -> None:
    playbook = ROOT / "examples/contributors/guidepath.yaml"
    log = ROOT.parent / "shared/data/commits.jsonl.gz"
    done = run("check", playbook, "--events", log, "--format", "json")
    assert json.loads(done.out) == []
    assert done.err == "9,130 messages read\n"


def test_the_help_has_an_example(run: Run) -> None:
    done = run("check", "--help")
    assert "--events" in done.out
    assert "because REASON" in " ".join(done.out.split())
