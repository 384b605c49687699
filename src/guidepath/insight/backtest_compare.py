"""From what everybody reaches and is shown under two playbooks to what differs.

Everybody is counted at the same end, and in the group of her start. Where the accounts are a
sample, each share has its limits.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from guidepath.insight.backtest import (
    WAYS,
    Backtest,
    ItemChange,
    MilestoneChange,
    Move,
    Moved,
    Part,
    Seen,
    Switch,
    Twin,
    Way,
)
from guidepath.insight.backtest_sample import Drawn
from guidepath.insight.backtest_share import band
from guidepath.insight.report import (
    HORIZON,
    WITHIN,
    By,
    MilestoneSpec,
    Outcome,
    Report,
    Standing,
    group_of,
    report,
)

Scope = Literal["user", "account"]


@dataclass(frozen=True)
class Terms:
    """What is asked. `within` and `horizon` are microseconds, `examples` how many of each kind."""

    until: int
    within: tuple[int, ...] = WITHIN
    horizon: int = HORIZON
    by: By | None = None
    examples: int = 3


def compare(
    twins: Iterable[Twin],
    old: Sequence[MilestoneSpec],
    new: Sequence[MilestoneSpec],
    terms: Terms,
    *,
    renamed: Mapping[str, str] = {},
    messages: int | None = None,
    drawn: Drawn | None = None,
) -> Backtest:
    """What differs, from what each subject reaches and is shown under both playbooks.

    Milestones are the same where they have the same id, or where `renamed` has the old id of a new
    one; and the same scope.

    >>> from guidepath.clock import DAY
    >>> sent = MilestoneSpec("sent", "Send", first_value=True)
    >>> twin = Twin(Standing("a", "u", 0, {"sent": 3 * DAY}), Standing("a", "u", 0, {"sent": DAY}))
    >>> found = compare([twin], [sent], [sent], Terms(until=9 * DAY))
    >>> [(move.way, move.median == 2 * DAY) for move in found.milestones[0].moved]
    [('earlier', True)]
    """
    people = _People(list(twins), terms, sampled=drawn is not None)
    before = _report([one.before for one in people.twins], old, terms, messages)
    after = _report([one.after for one in people.twins], new, terms, messages)
    same = _matched(old, new, renamed)
    return Backtest(
        before=before,
        after=after,
        drawn=drawn,
        milestones=tuple(
            people.milestone(before.outcome(was), after.outcome(now)) for now, was in same.items()
        ),
        added=tuple(one for one in after.outcomes if one.milestone.id not in same),
        removed=tuple(one for one in before.outcomes if one.milestone.id not in same.values()),
        switched=people.part([one.before for one in people.twins if one.switches], "user"),
        items=tuple(people.items()),
    )


def _report(
    standings: Iterable[Standing],
    specs: Sequence[MilestoneSpec],
    terms: Terms,
    messages: int | None,
) -> Report:
    return report(
        standings,
        specs,
        until=terms.until,
        messages=messages,
        within=terms.within,
        horizon=terms.horizon,
        by=terms.by,
    )


def _matched(
    old: Sequence[MilestoneSpec], new: Sequence[MilestoneSpec], renamed: Mapping[str, str]
) -> dict[str, str]:
    """The old id of each new milestone that was there before."""
    scopes = {one.id: one.scope for one in old}
    taken = scopes.keys() & {one.id for one in new}
    found: dict[str, str] = {}
    for one in new:
        was = one.id if one.id in taken else renamed.get(one.id)
        if was is not None and scopes.get(was) == one.scope and (was == one.id or was not in taken):
            found[one.id] = was
    return found


class _People:
    """All subjects, and how many of them there are in each account and group."""

    def __init__(self, twins: Sequence[Twin], terms: Terms, *, sampled: bool) -> None:
        self.twins = twins
        self._terms = terms
        self._sampled = sampled
        self._every: dict[Scope, list[Standing]] = {
            "user": [one.before for one in twins if one.before.user is not None],
            "account": [one.before for one in twins if one.before.user is None],
        }
        self._sizes = {scope: _accounts(those) for scope, those in self._every.items()}
        self._groups = {scope: self._by(those, scope) for scope, those in self._every.items()}

    def milestone(self, before: Outcome, after: Outcome) -> MilestoneChange:
        """A milestone that both playbooks have."""
        was, now, scope = before.milestone.id, after.milestone.id, after.milestone.scope
        ways: dict[Way, list[tuple[Standing, Moved]]] = {way: [] for way in WAYS}
        for one in self.twins:
            if (one.before.user is None) != (scope == "account"):
                continue
            times = one.before.reached.get(was), one.after.reached.get(now)
            moved = Moved(one.before.account, one.before.user, *times)
            if moved.way is not None:
                ways[moved.way].append((one.before, moved))
        return MilestoneChange(
            milestone=after.milestone,
            renamed_from=None if was == now else was,
            before=before.numbers,
            after=after.numbers,
            groups={name: (before.groups[name], numbers) for name, numbers in after.groups.items()},
            moves=tuple(self._move(way, those, scope) for way, those in ways.items()),
        )

    def items(self) -> Iterator[ItemChange]:
        """Which item takes the place of which, for the most people first."""
        found: dict[tuple[str | None, str | None], list[tuple[Standing, Switch]]] = {}
        for one in self.twins:
            for switch in one.switches:
                found.setdefault((switch.before, switch.after), []).append((one.before, switch))
        many = sorted(found, key=lambda one: (-len(found[one]), one[0] or "", one[1] or ""))
        for change in many:
            yield self._item(*change, found[change])

    def part(self, those: Sequence[Standing], scope: Scope) -> Part:
        """Some of the subjects of a scope."""
        every, some = self._groups[scope], self._by(those, scope)
        return Part(
            subjects=len(those),
            of=len(self._every[scope]),
            band=band(_accounts(those), self._sizes[scope])
            if self._sampled and self._sizes[scope]
            else None,
            groups={name: (some[name], every[name]) for name in sorted(every)},
        )

    def _move(self, way: Way, those: Sequence[tuple[Standing, Moved]], scope: Scope) -> Move:
        shifts = [abs(one.shift) for _, one in those if one.shift is not None]
        examples = sorted(
            (one for _, one in those),
            key=lambda one: (-abs(one.shift or 0), one.before or one.after or 0, *one.named),
        )
        return Move(
            way=way,
            part=self.part([one for one, _ in those], scope),
            median=round(median(shifts)) if shifts else None,
            examples=tuple(examples[: self._terms.examples]),
        )

    def _item(
        self, before: str | None, after: str | None, those: Sequence[tuple[Standing, Switch]]
    ) -> ItemChange:
        places = Counter(place for _, switch in those for place in switch.places)
        reasons = Counter(switch.because.code for _, switch in those)
        return ItemChange(
            before=before,
            after=after,
            part=self.part([one for one, _ in those], "user"),
            places=dict(places.most_common()),
            reasons=dict(reasons.most_common()),
            examples=tuple(
                Seen(one.account, one.user, switch.places[0], switch.because)
                for one, switch in those[: self._terms.examples]
            ),
        )

    def _by(self, those: Iterable[Standing], scope: Scope) -> Counter[str]:
        by = self._terms.by
        if by is None or (by == "role" and scope == "account"):
            return Counter()
        return Counter(group_of(one, by) for one in those)


def _accounts(those: Iterable[Standing]) -> Counter[str]:
    return Counter(one.account for one in those)
