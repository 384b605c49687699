"""Every mistake in `tests/cases/mistakes.json`, made in `tests/cases/mistakes.yaml`."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath.errors import Diagnostic
from guidepath.playbook.playbook import Playbook

CASES = Path(__file__).parent.parent / "cases"
RIGHT = (CASES / "mistakes.yaml").read_text("utf-8")
MISTAKES: list[dict[str, Any]] = json.loads((CASES / "mistakes.json").read_text("utf-8"))
DOCS = CASES.parent.parent / "docs"
CODES = sorted({one["code"] for case in MISTAKES for one in case["expect"]})


def told(diagnostic: Diagnostic) -> dict[str, object]:
    place = diagnostic.place
    found: dict[str, object] = {
        "at": f"{place.line}:{place.column}",
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
    }
    if diagnostic.related:
        found["related"] = [
            {"at": f"{one.place.line}:{one.place.column}", "message": one.message}
            for one in diagnostic.related
        ]
    return found


def test_the_playbook_is_right_before_a_mistake_is_made() -> None:
    playbook, diagnostics = Playbook.diagnose(RIGHT, "guidepath.yaml")
    assert playbook is not None
    assert diagnostics == ()


@pytest.mark.parametrize("case", MISTAKES, ids=[case["what"] for case in MISTAKES])
def test_a_mistake_is_told_with_its_place_and_its_mend(case: dict[str, Any]) -> None:
    text = RIGHT
    for old, new in case["edits"]:
        assert old in text
        text = text.replace(old, new, 1)
    playbook, diagnostics = Playbook.diagnose(text, "guidepath.yaml")
    assert [told(one) for one in diagnostics] == case["expect"]
    assert {one.place.file for one in diagnostics} <= {"guidepath.yaml"}
    errors = [one for one in diagnostics if one.severity == "error"]
    assert (playbook is None) == bool(errors)


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_documented(code: str) -> None:
    documented = [(DOCS / name).read_text("utf-8") for name in ("playbook.md", "rules.md")]
    assert f"`{code}`" in "\n".join(documented)


TYPED = ["", "x", "\n", ": ", "- ", "[", "{", '"', "'", "null", "5", "no", "{{ a", "()"]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, len(RIGHT) - 1),
    st.integers(0, 30),
    st.sampled_from(TYPED),
)
def test_any_slip_of_the_hand_is_a_playbook_or_told_within_the_text(
    start: int, length: int, typed: str
) -> None:
    text = RIGHT[:start] + typed + RIGHT[start + length :]
    playbook, diagnostics = Playbook.diagnose(text, "guidepath.yaml")
    assert playbook is not None or diagnostics
    assert all(1 <= one.place.line <= text.count("\n") + 1 for one in diagnostics)
