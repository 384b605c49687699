"""Which steps of a tour nobody would ever see, held against walking all its ways."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath import Playbook
from guidepath.playbook.guidance import Guidance, Step
from guidepath.tour import onward

HEAD = """
name: ledgerly
attributes: {account: {size: integer}}
events: {invoice.sent: {}}
milestones:
  - {id: sent, title: Send, reached_when: did("invoice.sent"), first_value: true}
guidance:
  - id: around
    type: tour
    moment: onboard
    toward: sent
    title: Around
    steps:
"""
IDS = ("a", "b", "c", "d", "e")


def step(name: str, more: str = "") -> str:
    return f"      - {{id: {name}, title: T{more}}}\n"


def to(name: str) -> str:
    return f", action: {{label: Go, step: {name}}}"


MAYBE = ", when: account.size > 1"


def unreached(text: str) -> list[str]:
    """The steps that nothing leads to, as they are told."""
    playbook, told = Playbook.diagnose(HEAD + text, "guidepath.yaml")
    assert playbook is not None
    assert {(one.code, one.severity) for one in told} <= {("unreached-step", "warning")}
    return [one.message.split("'")[1] for one in told]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (step("a") + step("b") + step("c"), []),
        (step("a", to("c")) + step("b") + step("c"), ["b"]),
        (step("a", to("c")) + step("b") + step("c", to("b")), []),
        (step("a", MAYBE + to("c")) + step("b") + step("c"), []),
        (step("a", to("b")) + step("b", MAYBE + to("d")) + step("c") + step("d"), []),
        (step("a", to("d")) + step("b") + step("c", to("b")) + step("d"), ["b", "c"]),
        (step("a", to("c") + ", advance_on: .b") + step("b") + step("c"), []),
        (
            step("a", to("c") + ", secondary_action: {label: B, step: b}") + step("b") + step("c"),
            [],
        ),
        (
            step("a", to("c"))
            + step("b")
            + step("c")
            + "    secondary_action: {label: B, step: b}",
            [],
        ),
        (step("a", ", action: {label: Done}") + step("b"), []),
        (step("a", ", action: {label: Go, navigate: /b}") + step("b"), []),
    ],
)
def test_a_step_that_nothing_leads_to_is_told(steps: str, expected: list[str]) -> None:
    assert unreached(steps) == expected


@st.composite
def tours(draw: st.DrawFn) -> str:
    names = IDS[: draw(st.integers(1, 5))]
    branch = st.none() | st.sampled_from(names)
    text = ""
    for name in names:
        first, second = draw(branch), draw(branch)
        more = MAYBE if draw(st.booleans()) else ""
        more += "" if first is None else to(first)
        more += "" if second is None else f", secondary_action: {{label: Or, step: {second}}}"
        more += ", advance_on: .x" if draw(st.booleans()) else ""
        text += step(name, more)
    everywhere = draw(branch)
    if everywhere is not None:
        text += f"    secondary_action: {{label: Or, step: {everywhere}}}\n"
    return text


@settings(max_examples=150, deadline=None)
@given(tours())
def test_a_step_is_told_where_no_walk_comes_to_it(text: str) -> None:
    playbook, _ = Playbook.diagnose(HEAD + text, "guidepath.yaml")
    assert playbook is not None
    tour = playbook.guidance[0]
    seen: set[str] = set()
    waiting = list(_first(tour))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _moves(tour, next(one for one in tour.steps if one.id == name))
    assert set(unreached(text)) == {one.id for one in tour.steps} - seen


def _kept(tour: Guidance) -> Iterator[list[str]]:
    """What may be kept at one moment: rules turn between two of them."""
    choices = [(True, False) if one.when else (True,) for one in tour.steps]
    for chosen in itertools.product(*choices):
        yield [one.id for one, kept in zip(tour.steps, chosen, strict=True) if kept]


def _first(tour: Guidance) -> Iterator[str]:
    return (kept[0] for kept in _kept(tour) if kept)


def _moves(tour: Guidance, at: Step) -> Iterator[str]:
    branches = [at.action, at.secondary_action or tour.secondary_action]
    names = [one.step for one in branches if one is not None and one.step is not None]
    in_order = at.action is None or at.action.step is None or at.advance_on is not None
    ids = [one.id for one in tour.steps]
    following = ids[ids.index(at.id) + 1 :][:1] if in_order else []
    for kept in _kept(tour):
        for name in (*names, *following):
            found = onward(tour, kept, name)
            if found is not None:
                yield found
