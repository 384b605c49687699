"""What an editor shows while a playbook is written: the server behind VS Code, Neovim and others.

The server is the real one, on a pipe; it gets the schema that `guidepath schema` prints.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.editor.language_server import LanguageServer, running

from guidepath.playbook.personas import FILE as PERSONAS_FILE
from guidepath.playbook.personas import Personas
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.schema import FILE as SCHEMA_FILE
from guidepath.playbook.schema import modeline

ROOT = Path(__file__).parents[2]
PERSONAS = sorted([*ROOT.glob("examples/*/personas.yaml"), *ROOT.glob("src/**/personas.yaml")])
PLAYBOOKS = sorted([*ROOT.glob("examples/*/guidepath.yaml"), *ROOT.glob("src/**/guidepath.yaml")])
MODELINE = f"{modeline(SCHEMA_FILE)}\n"
PERSONAS_MODELINE = f"{modeline(PERSONAS_FILE)}\n"
TEXT = f"""\
{MODELINE}guidepath: 1
name: ledgerly
events:
  invoice.sent: {{properties: {{total: number}}}}
milestones:
  - id: first_invoice
    title: Send your first invoice
    reached_when: did("invoice.sent")
    first_value: true
    ~
guidance:
  - id: import-contacts
    type: ~
    moment: onboard
    toward: first_invoice
    title: Bring your contacts
    target: {{selector: "#import", on_missing: ~}}
    ~
limits:
  per_day: 3
  ~
~
"""


class Editor:
    """A server and its workspace."""

    def __init__(self, server: LanguageServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.opened = 0

    @contextmanager
    def showing(self, text: str) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
        """A file of its own with this text, and what is wrong with it."""
        self.opened += 1
        file = self.folder / f"{self.opened}.yaml"
        yield file, self.server.open(file, text)
        self.server.close(file)

    def completed(self, number: int, text: str = TEXT) -> dict[str, str]:
        """What could stand at the cursor ~ of this number, each with its description."""
        parts = text.split("~")
        before, after = "".join(parts[: number + 1]), "".join(parts[number + 1 :])
        with self.showing(before + after) as (file, _):
            found = self.server.complete(file, *_end(before))
        return {one["label"]: _text(one.get("documentation", "")) for one in found}

    def mistakes(self, text: str) -> list[tuple[int, int, str]]:
        """Line and column, counted from 1, and the message of each."""
        with self.showing(text) as (_, found):
            starts = [one["range"]["start"] for one in found]
            told = [str(one["message"]) for one in found]
        return [
            (at["line"] + 1, at["character"] + 1, one) for at, one in zip(starts, told, strict=True)
        ]

    def hover(self, text: str, word: str) -> str:
        """What is told of a word of the text."""
        with self.showing(text) as (file, _):
            return self.server.hover(file, *_end(text[: text.index(word) + 1]))


def _end(text: str) -> tuple[int, int]:
    """The line and the character behind a text, counted from 0."""
    return text.count("\n"), len(text) - text.rfind("\n") - 1


def _text(documentation: object) -> str:
    return str(documentation["value"] if isinstance(documentation, dict) else documentation)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("workspace")
    (folder / SCHEMA_FILE).write_text(json.dumps(Playbook.schema()), "utf-8")
    (folder / PERSONAS_FILE).write_text(json.dumps(Personas.schema()), "utf-8")
    with running(folder) as server:
        yield Editor(server, folder)


def test_the_keys_of_each_part_are_offered_with_what_they_mean(editor: Editor) -> None:
    milestone = editor.completed(0)
    assert {"description", "scope", "due", "responsible", "renamed_from"} <= set(milestone)
    assert not {"id", "title", "frequency", "reached_when"} & set(milestone)
    assert "How long after the start it is due." in milestone["due"]
    guidance = editor.completed(3)
    assert {"page", "when", "body", "action", "frequency", "snooze", "steps"} <= set(guidance)
    assert "A rule: only while it holds." in guidance["when"]
    limits = editor.completed(4)
    assert {"per_session", "per_week", "cool_off", "quiet_first_session", "lease"} == set(limits)
    top = editor.completed(5)
    assert {"locale", "roles", "attributes", "segments", "holdout"} <= set(top)
    assert "What users can be in an account." in top["roles"]


def test_the_words_of_an_enum_are_offered_with_what_they_mean(editor: Editor) -> None:
    types = editor.completed(1)
    assert set(types) == set(Playbook.schema()["$defs"]["Guidance"]["properties"]["type"]["enum"])
    assert types["banner"] == "A line across the page."
    missing = editor.completed(2)
    assert set(missing) == {"skip", "center", "end"}
    assert missing["end"] == "End the whole tour."


def test_what_a_key_means_is_told_with_examples(editor: Editor) -> None:
    text = TEXT.replace("~", "")
    rule = editor.hover(text, "reached_when")
    assert "#### Rule" in rule
    assert "A rule: it is reached the first time this holds." in rule
    assert 'count("invoice.sent" within 30d) >= 5' in rule
    moment = editor.hover(text, "moment")
    assert "`nurture`: After the first value: a habit, one more use." in moment
    assert "`from: browser`" in editor.hover(f"{MODELINE}events: {{a: {{from: browser}}}}", "from:")


def test_a_mistake_is_underlined_where_it_stands(editor: Editor) -> None:
    text = (
        f"{MODELINE}name: x\nevents: {{a: {{properties: {{n: numbr}}}}}}\n"
        "milestones:\n  - {id: m, titel: M, reached_when: did(), due: 3 days}\n"
    )
    found = {(line, column): message for line, column, message in editor.mistakes(text)}

    def said(word: str) -> str:
        line, character = _end(text[: text.index(word)])
        return found[line + 1, character + 1]

    assert "Valid values" in said("numbr")
    assert "titel is not allowed" in said("titel")
    assert 'Missing property "title"' in said("{id: m")
    assert "pattern" in said("3 days")


@pytest.mark.parametrize("file", PLAYBOOKS, ids=lambda one: str(one.relative_to(ROOT)))
def test_the_playbooks_here_have_no_mistakes_for_an_editor(editor: Editor, file: Path) -> None:
    assert editor.mistakes(MODELINE + file.read_text("utf-8")) == []


def test_personas_are_completed_explained_and_checked_as_well(editor: Editor) -> None:
    text = f"""\
{PERSONAS_MODELINE}personas:
  - id: ada
    ~
    shown:
      - {{item: import, then: ~}}
    expects:
      - page: /contacts
        ~
"""
    persona = editor.completed(0, text)
    assert {"about", "role", "user", "account", "events", "device", "started"} <= set(persona)
    assert "What she is in her account." in persona["role"]
    became = editor.completed(1, text)
    assert became["snoozed"] == "She put it off; `snooze` says for how long."
    assert {"gets", "not", "never", "because", "golden", "in"} <= set(editor.completed(2, text))
    whole = text.replace("~", "gets: nothing", 3).replace("    gets", "    about", 1)
    wrong = whole.replace("then: gets: nothing", "then: postponed")
    [(line, column, message)] = editor.mistakes(wrong)
    assert wrong.splitlines()[line - 1][column - 1 :].startswith("postponed")
    assert "Valid values" in message
    assert "An item she does not get." in editor.hover(wrong.replace("gets: n", "not: n"), "not:")


@pytest.mark.parametrize("file", PERSONAS, ids=lambda one: str(one.relative_to(ROOT)))
def test_the_personas_here_have_no_mistakes_for_an_editor(editor: Editor, file: Path) -> None:
    assert editor.mistakes(PERSONAS_MODELINE + file.read_text("utf-8")) == []
