"""Any text is a rule that works, or is told to be none: no other exception, no hang."""

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.faults.scale import times
from tests.fuzz.rules import SEEDS, SEPARATOR, WORDS, survive, survive_bytes
from tests.fuzz.slips import slip
from tests.rules.strategies import VOCABULARY, parsed

from guidepath.rules.text import unparse

ANY = st.text(st.characters(codec=None), max_size=60)


@pytest.mark.parametrize("text", SEEDS)
def test_what_is_changed_below_is_right_at_first(text: str) -> None:
    survive(text)


@pytest.mark.parametrize(
    "text",
    [
        'did("a\u202eb")',
        'role == "\u202e"',
        'page matches "**\u202e/x"',
        'user.joined > "\u202e"',
        'did("signed_in" where "\u202e")',
        'segment(s1)\n---\nrole == "\u202e"',
    ],
)
def test_a_message_shows_what_turns_writing_around(text: str) -> None:
    survive(text)


@settings(max_examples=times(2000), deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_any_slip_of_the_hand_in_a_rule_is_survived(seed: str, slips: int) -> None:
    survive(slip(seed, WORDS, Random(slips)))


@settings(max_examples=times(100), deadline=None)  # a new rule takes long to draw
@given(parsed(VOCABULARY, "guidance"), st.integers(0, 2**32))
def test_any_slip_in_a_rule_that_nobody_thought_of_is_survived(rule: object, slips: int) -> None:
    survive(slip(unparse(rule), WORDS, Random(slips)))  # type: ignore[arg-type]


@settings(max_examples=times(500), deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30), st.sampled_from(["", " "]))
def test_any_words_of_the_language_in_any_order_are_survived(words: list[str], blank: str) -> None:
    survive(blank.join(words))


@settings(max_examples=times(500), deadline=None)
@given(ANY)
@example(SEPARATOR)
@example("\ud800")
def test_any_text_is_survived(text: str) -> None:
    survive(text)


@settings(max_examples=times(300), deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_survived(content: bytes) -> None:
    survive_bytes(content)


@pytest.mark.parametrize(
    "text",
    ["(" * 5000, "not " * 1000, "[" * 4000, '"' * 3999, "x" * 4001, "9" * 4000, "a and " * 700],
    ids=lambda text: text[:6],
)
def test_what_repeats_without_end_is_survived(text: str) -> None:
    survive(text)
