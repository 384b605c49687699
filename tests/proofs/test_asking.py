"""A reason why conditions cannot hold together names those that are needed for it, and no more."""

from collections.abc import Sequence

import pytest

from guidepath import Playbook
from guidepath.proofs.asking import Asking, Never
from guidepath.proofs.condition import Part
from guidepath.rules.check import check
from guidepath.rules.expression import Rule
from guidepath.rules.parser import parse

PLAYBOOK = Playbook.parse("""
name: ledgerly
roles: [owner, member]
attributes:
  account: {}
  user:
    a: {type: integer, optional: true}
    b: {type: integer, optional: true}
    p: {type: boolean, optional: true}
    q: {type: boolean, optional: true}
events: {sent: {}}
milestones: [{id: first, title: F, first_value: true, reached_when: did("sent")}]
""")


def rule(text: str) -> Rule:
    return check(parse(text), PLAYBOOK.vocabulary, "guidance").rule


def reason(parts: list[str], others: Sequence[str] = ()) -> tuple[list[str], tuple[int, ...]]:
    """Which of these are said to be at fault, and which of the others."""
    asked = [Part(rule(text), text, ("name",)) for text in parts]
    _, answer = Asking(PLAYBOOK, 60).ask(asked, [rule(text) for text in others])
    assert isinstance(answer, Never)
    return [one.words for one in answer.parts], answer.others


@pytest.mark.parametrize(
    ("parts", "needed"),
    [
        (
            [
                "user.a > 3",
                "not (user.p == true and user.a > 7)",
                "not (user.a > 7 and user.b == 5)",
                "user.b > 3 and user.a < 3",
                'role == "owner"',
                "user.p == true",
            ],
            ["user.a > 3", "user.b > 3 and user.a < 3"],
        ),
        (
            [
                "user.a > 3 and user.b < 3",
                'did("sent") and user.a < 3',
                "not user.b == 5",
                'did("sent")',
                'count("sent") < 2',
                'not (count("sent") < 2 and user.a > 7)',
            ],
            ["user.a > 3 and user.b < 3", 'did("sent") and user.a < 3'],
        ),
        (
            [
                "not (user.q == true and user.a > 3)",
                "user.a < 3 or user.a > 7",
                "user.q == true",
                "user.b == 5 or user.a < 3",
                "user.q == true and user.a > 3",
            ],
            ["not (user.q == true and user.a > 3)", "user.q == true and user.a > 3"],
        ),
    ],
)
def test_nothing_in_a_reason_could_be_left_out(parts: list[str], needed: list[str]) -> None:
    assert reason(parts) == (needed, ())


def test_what_is_not_to_hold_is_told_by_its_number() -> None:
    others = ["user.q == true", "user.p == true", "user.a > 3"]
    assert reason(["user.b > 3", "user.p == true"], others) == (["user.p == true"], (1,))
