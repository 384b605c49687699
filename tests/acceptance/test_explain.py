"""`guidepath explain` for people of the real log: what is shown, and why not each other item."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.command import END, PLAYBOOK, Replay, guidepath

# One more item, so that an explanation counts in a window.
PUSHED = """guidance:
  - id: keep-pushing
    type: hint
    moment: renew
    toward: settled
    when: count("commit.authored" within 30d) >= 5
    title: On a roll
"""


def explain(replay: Replay, user: str, account: str, at: str, playbook: Path = PLAYBOOK) -> Any:
    """The command's JSON, the candidates by item."""
    told = guidepath(
        *("explain", playbook, "--store", replay.url, "--user", user, "--account", account),
        *("--at", at, "--format", "json"),
    )
    found = json.loads(told.stdout)
    found["candidates"] = {one["item"]: one for one in found["candidates"]}
    return found


def closed(candidate: Any) -> tuple[str, str, str, str | None]:
    """The first closed gate: code, actual, required, when it opens."""
    gate = next(one for one in candidate["gates"] if not one["open"])
    assert candidate["verdict"] == gate["code"]
    return gate["code"], gate["actual"], gate["required"], gate["opensAt"]


def test_a_contributor_who_came_back_sees_the_next_item_and_every_reason_against_the_others(
    replay: Replay,
) -> None:
    found = explain(replay, "u_01b400b93796", "flask", END)
    assert (found["item"], found["reason"]) == ("pair-up", "CHOSEN")
    candidates = found["candidates"]
    assert candidates.pop("pair-up")["verdict"] == "CHOSEN"
    assert {item: closed(one) for item, one in candidates.items()} == {
        "welcome-back": ("RULE", "5850 days 18 hours", "less than 7 days", None),
        "second-change": (
            "DONE",
            "second_day reached 2010-08-15T02:52:11Z",
            "second_day not reached",
            None,
        ),
        "fix-a-page": ("WRONG_ROLE", "code", "docs", None),
        "add-a-test": ("OUTRANKED", "pair-up comes first", "nothing before it", None),
        "describe-it": (
            "RULE",
            '0 of 2; did("commit.authored" where tests == true): never',
            "all 2",
            None,
        ),
        "invite-others": ("PREREQUISITE", "regular is open", "after regular", None),
    }


def test_a_gate_that_time_opens_opens_at_the_instant_it_says(replay: Replay) -> None:
    # her last commit was at 14:16:34 the day before, the next is three days later
    found = explain(replay, "u_172ef9702bbf", "flask", "2010-04-07T00:00:00Z")
    assert closed(found["candidates"]["second-change"]) == (
        "RULE",
        '1 of 2; since("commit.authored") > 2d: 9 hours 43 minutes',
        "all 2",
        "2010-04-08T14:16:34.000001Z",
    )
    assert found["nextEvaluationAt"] == "2010-04-08T14:16:34.000001Z"
    before = explain(replay, "u_172ef9702bbf", "flask", "2010-04-08T14:16:34Z")
    after = explain(replay, "u_172ef9702bbf", "flask", "2010-04-08T14:16:34.000001Z")
    assert (before["item"], after["item"]) == (None, "second-change")


def test_a_rule_that_counts_says_how_far_it_has_come(replay: Replay, tmp_path: Path) -> None:
    more = tmp_path / "guidepath.yaml"
    more.write_text(PLAYBOOK.read_text(encoding="utf-8").replace("guidance:\n", PUSHED))
    found = explain(replay, "u_172ef9702bbf", "flask", "2010-04-07T00:00:00Z", more)
    assert closed(found["candidates"]["keep-pushing"]) == (
        "RULE",
        "4 of 5 in the last 30 days",
        "at least 5",
        None,
    )


def test_silence_names_a_gate_for_every_item(replay: Replay) -> None:
    found = explain(replay, "u_172ef9702bbf", "flask", END)
    assert found["item"] is None
    codes = {item: closed(one)[0] for item, one in found["candidates"].items()}
    assert set(codes.values()) == {"DONE", "RULE", "WRONG_ROLE"}
    assert found["reason"] in codes.values()


@pytest.mark.parametrize(
    ("user", "account", "item"),
    [("u_172ef9702bbf", "flask", None), ("u_01b400b93796", "flask", "pair-up")],
)
def test_people_read_the_same_in_a_line_each(
    replay: Replay, user: str, account: str, item: str | None
) -> None:
    found = explain(replay, user, account, END)
    told = guidepath(
        *("explain", PLAYBOOK, "--store", replay.url),
        *("--user", user, "--account", account, "--at", END),
    ).stdout
    lines = {line.split()[0]: line for line in told.splitlines() if line}
    for name, candidate in found["candidates"].items():
        if name == item:
            continue
        for word in closed(candidate)[:3]:
            assert word in lines[name]
    assert (f"shows {item} " if item else "shows nothing") in told
