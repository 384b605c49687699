"""Folding against an oracle that scans the raw history, on random playbooks and journeys."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.journeys import ACCOUNT, Fact, Journey, journeys, playbooks, tell, written
from tests.rules.strategies import VOCABULARY, Happening

from guidepath import Guidepath, Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.clock import iso, moment
from guidepath.driver import run
from guidepath.flow import reach
from guidepath.subject import Subject

Step = tuple[int, Happening | Fact]


def arrive(guide: Guidepath, steps: Sequence[Step]) -> None:
    for number, one in steps:
        what: dict[str, Any] = {"account": ACCOUNT, "id": f"e{number}", "at": moment(one.at)}
        if isinstance(one, Happening):
            properties = written(one.properties, VOCABULARY.events[one.event])
            guide.track(one.event, user=one.user, properties=properties, **what)
        elif one.user is None:
            guide.group(attributes=written(one.attributes, VOCABULARY.account), **what)
        else:
            attributes = written(one.attributes, VOCABULARY.user)
            guide.identify(user=one.user, role=one.role, attributes=attributes, **what)


def reached(guide: Guidepath, journey: Journey) -> dict[str | None, dict[str, int]]:
    """What everyone has reached once everyone has been looked at."""
    for user in journey.users:
        guide.progress(user=user, account=ACCOUNT)
    if not journey.users:  # nobody came: what only waits is reached by the relay's sweep
        run(reach(guide._calls.deck, Subject(ACCOUNT), journey.end), guide.store)
    users = [None, *journey.users]
    found = dict(guide.store.subjects())
    rows = {user: found.get(Subject(ACCOUNT, user)) for user in users}
    return {user: dict(row.reached) if row else {} for user, row in rows.items()}


def shown(found: dict[str | None, dict[str, int]]) -> list[str]:
    """A line a milestone, so that a difference can be read."""
    return sorted(
        f"{user or 'account'} {milestone} {iso(at)}"
        for user, milestones in found.items()
        for milestone, at in milestones.items()
    )


def guided(playbook: Playbook, journey: Journey, store: MemoryStore | None = None) -> Guidepath:
    return Guidepath(playbook, store or MemoryStore(), clock=lambda: moment(journey.end))


@settings(max_examples=200, deadline=None)
@given(playbook=playbooks(), journey=journeys())
def test_what_is_reached_and_when_is_what_the_raw_history_tells(
    playbook: Playbook, journey: Journey
) -> None:
    guide = guided(playbook, journey)
    arrive(guide, list(enumerate(journey.steps)))
    assert shown(reached(guide, journey)) == shown(tell(playbook, journey).reached)


@settings(max_examples=80, deadline=None)
@given(playbook=playbooks(only_monotone=True), journey=journeys(with_facts=False), data=st.data())
def test_without_negation_shuffled_and_doubled_events_end_in_the_same_milestones(
    playbook: Playbook, journey: Journey, data: st.DataObject
) -> None:
    steps = list(enumerate(journey.steps))
    doubled = [*steps, *(data.draw(st.lists(st.sampled_from(steps))) if steps else [])]
    guide = guided(playbook, journey)
    arrive(guide, data.draw(st.permutations(doubled)))
    shuffled = {user: set(found) for user, found in reached(guide, journey).items()}
    told = tell(playbook, journey).reached
    assert shuffled == {user: set(found) for user, found in told.items()}
