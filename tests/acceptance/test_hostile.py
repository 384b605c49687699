"""Input that means harm ends in a clear error that names its place, or in harmless text."""

import json
import re

import pytest
from tests.acceptance import hostile
from tests.acceptance.command import python

PLAYBOOKS = [name for name, _ in hostile.playbooks()]
REFUSED = (
    "track: nested",
    "track: a loop",
    "track: digits",
    "track: a surrogate",
    "track: a surrogate key",
    "track: large",
    "track: no JSON",
    "track: event",
    "track: user",
    "track: a null",
    "track: a long id",
    "track: a number for a user",
    "next: user",
    "respond: id",
    "respond: a surrogate",
)
TAG = re.compile(r"</?(\w+)")


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[str, object]]:
    """What came of each case: what was raised, and what was said.

    All of them together end within five seconds of processor time and half a gigabyte, or the
    system ends the process and this fails.
    """
    lines = python("-m", "tests.acceptance.hostile").stdout.splitlines()
    return {name: (raised, said) for name, raised, said in map(json.loads, lines)}


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_hostile_playbook_is_refused_with_file_line_and_column(
    outcomes: dict[str, tuple[str, object]], name: str
) -> None:
    raised, said = outcomes[f"playbook: {name}"]
    assert raised == "GuidepathError: PlaybookError"
    for line in str(said).splitlines():
        assert re.match(r"guidepath\.yaml:\d+:\d+: error: .{5,300} \[[a-z-]+\]$", line)


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_call_is_refused_in_one_short_sentence(
    outcomes: dict[str, tuple[str, object]], name: str
) -> None:
    raised, said = outcomes[name]
    assert raised == "GuidepathError: EventError"
    assert re.match(r"\A[^\n]{10,300}\Z", str(said))


@pytest.mark.parametrize("name", ["track: NaN", "track: infinite"])
def test_a_number_that_is_none_is_missing(
    outcomes: dict[str, tuple[str, object]], name: str
) -> None:
    raised, said = outcomes[name]
    assert raised == ""
    assert isinstance(said, list)
    assert said[0] is True  # stored


@pytest.mark.parametrize("name", ["next: page", "next: locale"])
def test_a_hostile_place_is_a_place_like_any_other(
    outcomes: dict[str, tuple[str, object]], name: str
) -> None:
    assert outcomes[name] == ("", "hello")


def test_of_hostile_messages_the_right_one_is_taken_in_and_the_others_are_counted(
    outcomes: dict[str, tuple[str, object]],
) -> None:
    raised, said = outcomes["ingest"]
    assert raised == ""
    assert isinstance(said, dict)
    messages = len(list(hostile.messages()))
    assert (said["stored"], sum(said["refused"].values())) == (1, messages - 1)
    assert all(len(reason) < 300 for reason in said["refused"])


@pytest.mark.parametrize("name", hostile.NAMES)
def test_a_hostile_name_is_shown_as_text(
    outcomes: dict[str, tuple[str, object]], name: str
) -> None:
    raised, said = outcomes[f"name: {name}"]
    assert raised == ""
    assert isinstance(said, dict)
    # a title is text by contract and never read as HTML; the body is HTML of ours alone
    assert said["title"].startswith("Welcome, ")
    assert set(TAG.findall(said["body"])) == {"p", "strong"}


def test_no_case_is_left_out(outcomes: dict[str, tuple[str, object]]) -> None:
    asked = {f"playbook: {name}" for name in PLAYBOOKS}
    asked |= {f"name: {name}" for name in hostile.NAMES}
    asked |= {*REFUSED, "track: NaN", "track: infinite", "next: page", "next: locale", "ingest"}
    assert outcomes.keys() == asked
