"""Events as they are stored: checked, bounded, and known by their content."""

import pytest

from guidepath import EventError
from guidepath.clock import MINUTE
from guidepath.event import Event, derive_id, event
from guidepath.subject import Subject

U = Subject("a", "u")


def said(name: str = "sent", **more: object) -> Event:
    return event("track", name, **{"subject": U, "id": "e", "now": 1000, **more})  # type: ignore[arg-type]


def test_without_a_time_it_happened_now_and_that_is_known() -> None:
    assert (said().occurred_at, said().timed) == (1000, False)
    assert (said(at=5).occurred_at, said(at=5).timed) == (5, True)


def test_the_future_is_five_minutes_away_at_most() -> None:
    assert said(at=10**15).occurred_at == 1000 + 5 * MINUTE


def test_the_digest_tells_content_and_not_receipt() -> None:
    assert said().digest == said(now=2000).digest
    assert said(properties={"a": 1, "b": 2}).digest == said(properties={"b": 2, "a": 1}).digest
    others = [said("other"), said(at=1), said(properties={"a": 1}), said(subject=Subject("b", "u"))]
    assert len({said().digest, *(one.digest for one in others)}) == 5


@pytest.mark.parametrize(
    "properties",
    [{"a": object()}, {1: 2}, {"a": "\ud800"}, {"a": "x" * 40_000}, {"a": 10**30}],
)
def test_what_cannot_be_stored_is_refused(properties: dict[object, object]) -> None:
    with pytest.raises(EventError):
        said(properties=properties)


def test_nesting_without_end_is_refused() -> None:
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(EventError):
        said(properties=deep)


def test_not_a_number_is_missing() -> None:
    assert said(properties={"a": float("nan"), "b": 1.5}).properties == {"a": None, "b": 1.5}


@pytest.mark.parametrize(("name", "id"), [("", "e"), ("sent", ""), ("a\x00b", "e"), ("sent", "\n")])
def test_names_and_ids_are_printable(name: str, id: str) -> None:
    with pytest.raises(EventError):
        said(name, id=id)


def test_a_broken_clock_is_refused() -> None:
    with pytest.raises(EventError, match="before 1900"):
        said(at=-(10**17))


def test_derived_ids_do_not_run_their_parts_together() -> None:
    assert derive_id("x", "ab", "c") != derive_id("x", "a", "bc")
    assert derive_id("x", None) != derive_id("x", "")
