"""Compaction changes nothing but how much is kept: against a twin that keeps everything."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.journeys import ACCOUNT, Journey, journeys, playbooks
from tests.test_fold import Step, arrive

from guidepath import Guidepath, Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.clock import micros, moment
from guidepath.compaction import compact
from guidepath.driver import run
from guidepath.flow import reach
from guidepath.ports import Change, Draft
from guidepath.subject import Subject

OWN = ("base", "cut", "folds", "seen")  # what may differ from a twin that was not compacted


class Twins:
    """The same guide twice; one of them is compacted now and then."""

    def __init__(self, playbook: Playbook, clock: Any) -> None:
        self.whole = Guidepath(playbook, MemoryStore(), clock=clock)
        self.short = Guidepath(playbook, MemoryStore(), clock=clock)
        self.both = (self.whole, self.short)

    def compact(self, cut: int) -> int:
        """Compact the one. A compaction looks at everybody, so the other looks as well."""
        now = micros(self.short.clock())
        for guide in self.both:
            for subject, _ in guide.store.subjects():
                run(reach(guide._calls.deck, subject, now), guide.store)
        return run(compact(self.short._calls.deck, ACCOUNT, cut=cut, now=now), self.short.store)

    def tell_anew(self) -> None:
        """Have both told from what they keep, the account first."""
        for guide in self.both:
            for subject, progress in guide.store.subjects():
                row = guide.store.load(ACCOUNT, [subject.user] if subject.user else [])
                version = (row.users[subject.user] if subject.user else row.account).version
                stale = msgspec.structs.replace(progress, fingerprint="", due=None)
                guide.store.save(Change(ACCOUNT, {subject.user: Draft(stale, version)}))
            for subject, _ in guide.store.subjects():
                run(reach(guide._calls.deck, subject, micros(guide.clock())), guide.store)

    def rows(self, guide: Guidepath) -> dict[str, dict[str, Any]]:
        told = {}
        for subject, progress in guide.store.subjects():
            row = msgspec.to_builtins(progress)
            told[subject.user or "account"] = {k: v for k, v in row.items() if k not in OWN}
        return told

    def agree(self) -> None:
        assert self.rows(self.short) == self.rows(self.whole)
        said = [
            [msgspec.to_builtins(one) for one in guide.store.said(ACCOUNT)] for guide in self.both
        ]
        assert said[1] == said[0]
        assert self.short.store.totals() == self.whole.store.totals()
        assert self.short.report() == self.whole.report()


class Time:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> datetime:
        return moment(self.now)


@st.composite
def cuts(draw: st.DrawFn, steps: Sequence[Step]) -> dict[int, int]:
    """After which steps there is a compaction, and up to when: at a step's time, or beside it.

    What comes after it is not older: else it would be refused.
    """
    found = {}
    for number in draw(st.lists(st.sampled_from(range(len(steps))), max_size=3)) if steps else []:
        at = draw(st.sampled_from(steps[: number + 1]))[1].at
        least = min([steps[number][1].at, *(one.at - 1 for _, one in steps[number + 1 :])])
        found[number] = min(at + draw(st.sampled_from((-1, 0, 3_600_000_000))), least)
    return found


@settings(max_examples=300, deadline=None)
@given(playbook=playbooks(), journey=journeys(), data=st.data())
def test_compacting_anywhere_changes_no_progress_and_nothing_that_is_said(
    playbook: Playbook, journey: Journey, data: st.DataObject
) -> None:
    time = Time()
    twins = Twins(playbook, time)
    steps = list(enumerate(journey.steps))
    planned = data.draw(cuts(steps))
    for step in steps:
        time.now = step[1].at
        for guide in twins.both:
            arrive(guide, [step])
        if step[0] in planned:
            twins.compact(planned[step[0]])
            twins.agree()
    time.now = journey.end
    for guide in twins.both:
        for user in journey.users:
            guide.progress(user=user, account=ACCOUNT)
    twins.agree()
    twins.tell_anew()
    twins.agree()


@settings(max_examples=300, deadline=None)
@given(playbook=playbooks(), journey=journeys(), data=st.data())
def test_what_comes_late_after_the_cut_is_told_as_if_nothing_were_missing(
    playbook: Playbook, journey: Journey, data: st.DataObject
) -> None:
    time = Time()
    twins = Twins(playbook, time)
    steps = list(enumerate(journey.steps))
    cut = data.draw(st.sampled_from([one.at for one in journey.steps] or [0]))
    early = [step for step in steps if step[1].at <= cut]
    late = data.draw(st.permutations([step for step in steps if step[1].at > cut]))
    first = data.draw(st.integers(0, len(late)))
    time.now = cut
    for guide in twins.both:
        arrive(guide, early)
    time.now = journey.end
    for guide in twins.both:
        arrive(guide, late[:first])
    twins.compact(cut)
    for guide in twins.both:
        arrive(guide, late[first:])
    twins.agree()
    twins.tell_anew()
    twins.agree()
