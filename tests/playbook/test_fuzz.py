"""Any file is a playbook that works, or is told to be none, with places that stand in it."""

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.faults.scale import times
from tests.fuzz.playbooks import RIGHT, SEEDS, WORDS, survive, survive_bytes
from tests.fuzz.slips import slip

from guidepath.playbook.playbook import Playbook


def test_what_is_changed_below_is_right_at_first() -> None:
    playbook, diagnostics = Playbook.diagnose(RIGHT, "guidepath.yaml")
    assert playbook is not None
    assert diagnostics == ()


def test_a_message_shows_what_turns_writing_around() -> None:
    _, diagnostics = Playbook.diagnose("guidepath: 1\u202ereversed", "guidepath.yaml")
    assert "this cannot be 1U+202Ereversed, only 1" in [one.message for one in diagnostics]


@settings(max_examples=times(400), deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_any_slip_of_the_hand_in_a_playbook_is_survived(seed: str, slips: int) -> None:
    survive(slip(seed, WORDS, Random(slips)))


@settings(max_examples=times(300), deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40), st.sampled_from(["", " ", ": ", "\n"]))
def test_any_words_in_any_order_are_survived(words: list[str], blank: str) -> None:
    survive(blank.join(words))


@settings(max_examples=times(300), deadline=None)
@given(st.text(st.characters(codec=None), max_size=60))
@example("\ud800")
@example("\r")
@example("a: \x85b")
def test_any_text_is_survived(text: str) -> None:
    survive(text)


@settings(max_examples=times(300), deadline=None)
@given(st.binary(max_size=60))
@example(b"\xef\xbb\xbf\xff")
def test_any_bytes_are_survived(content: bytes) -> None:
    survive_bytes(content)


@pytest.mark.parametrize(
    "text",
    ["[" * 9000, "{" * 9000, "- " * 9000, "a: " * 9000, "? " * 9000, "|\n" * 9000, "'" * 9001],
    ids=lambda text: text[:2],
)
def test_what_repeats_without_end_is_survived(text: str) -> None:
    survive(text)
