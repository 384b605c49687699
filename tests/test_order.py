"""What takes longest begins first."""

from pathlib import Path

from tests.order import LONG

ROOT = Path(__file__).parents[1]


def test_every_file_that_is_to_begin_first_is_there() -> None:
    assert [one for one in LONG if not (ROOT / one).is_file()] == []


def test_none_is_named_twice() -> None:
    assert len(set(LONG)) == len(LONG)
