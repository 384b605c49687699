"""What another playbook would have made of the same past: the records and their JSON.

What each subject reaches and is shown under both playbooks is a Twin; how the records come from
all of them is in `backtest_compare`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from guidepath.clock import DAY, iso
from guidepath.insight.backtest_sample import Drawn
from guidepath.insight.report import MilestoneSpec, Numbers, Outcome, Report, Standing

Way = Literal["earlier", "later", "never", "newly"]
WAYS: tuple[Way, ...] = ("earlier", "later", "never", "newly")


class Place(NamedTuple):
    """Where a person is: a path and a device, each where it matters."""

    page: str | None = None
    device: str | None = None


class Because(NamedTuple):
    """Why an item is shown under one playbook only: the gate that closes it under the other.

    `code` is the gate's, or one of ADDED, REMOVED (the other playbook has no such item) and EDITED
    (the same item, with other content).
    """

    item: str
    code: str
    actual: str = ""
    required: str = ""


class Switch(NamedTuple):
    """What a person is shown under the old and under the new playbook, and where it differs so.

    `because` is of the old item under the new playbook; where nothing was shown before, of the new
    item under the old one.
    """

    before: str | None
    after: str | None
    places: tuple[Place, ...]
    because: Because


class Twin(NamedTuple):
    """One subject under both playbooks."""

    before: Standing
    after: Standing
    switches: tuple[Switch, ...] = ()


class Moved(NamedTuple):
    """A subject that reaches a milestone at another time; None: not by the end."""

    account: str
    user: str | None
    before: int | None
    after: int | None

    @property
    def named(self) -> tuple[str, str]:
        """What it is sorted by: an account before its users."""
        return self.account, self.user or ""

    @property
    def way(self) -> Way | None:
        """Which way it moved; None where it did not."""
        if self.before == self.after:
            return None
        if self.before is None or self.after is None:
            return "newly" if self.before is None else "never"
        return "earlier" if self.after < self.before else "later"

    @property
    def shift(self) -> int | None:
        """How much later, in microseconds; None where it is reached on one side only."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    def to_json(self) -> dict[str, object]:
        """The subject and both instants."""
        times = {"old": self.before, "new": self.after}
        written = {name: None if at is None else iso(at) for name, at in times.items()}
        return {"account": self.account, "user": self.user, **written}


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the subjects: how many, and of each group how many of how many.

    `band` has the confidence limits of the share where the accounts are a sample.
    """

    subjects: int
    of: int
    band: tuple[float, float] | None
    groups: Mapping[str, tuple[int, int]]

    @property
    def share(self) -> float:
        """The share of all subjects; 0 where there are none."""
        return self.subjects / self.of if self.of else 0.0

    def to_json(self) -> dict[str, object]:
        """The numbers, with `by` where there are groups."""
        told: dict[str, object] = {"subjects": self.subjects, "of": self.of, "share": self.share}
        if self.band is not None:
            told["share_band"] = list(self.band)
        if self.groups:
            told["by"] = {
                name: {"subjects": some, "of": all_} for name, (some, all_) in self.groups.items()
            }
        return told


@dataclass(frozen=True, slots=True)
class Move:
    """Those who reach a milestone earlier, later, never any more, or newly.

    `median` is by how much, half of them by more: microseconds, never negative.
    """

    way: Way
    part: Part
    median: int | None
    examples: tuple[Moved, ...]

    def to_json(self) -> dict[str, object]:
        """The numbers with days in place of microseconds."""
        told = self.part.to_json()
        if self.way in ("earlier", "later"):
            told["median_days"] = None if self.median is None else self.median / DAY
        return {**told, "examples": [one.to_json() for one in self.examples]}


@dataclass(frozen=True, slots=True)
class MilestoneChange:
    """A milestone that both playbooks have: its time to value, and whom it moves.

    `groups` has the numbers of each group, `moves` all four ways, also those nobody moves.
    """

    milestone: MilestoneSpec
    renamed_from: str | None
    before: Numbers
    after: Numbers
    groups: Mapping[str, tuple[Numbers, Numbers]]
    moves: tuple[Move, ...]

    @property
    def moved(self) -> tuple[Move, ...]:
        """The ways in which anybody moves."""
        return tuple(one for one in self.moves if one.part.subjects)

    def to_json(self) -> dict[str, object]:
        """The numbers of both sides, and of each way."""
        told: dict[str, object] = {
            "scope": self.milestone.scope,
            "renamed_from": self.renamed_from,
            "old": self.before.to_json(),
            "new": self.after.to_json(),
            **{one.way: one.to_json() for one in self.moves},
        }
        if self.groups:
            told["by"] = {
                name: {"old": before.to_json(), "new": after.to_json()}
                for name, (before, after) in self.groups.items()
            }
        return told


class Seen(NamedTuple):
    """One person whose next item changes."""

    account: str
    user: str | None
    place: Place
    because: Because

    def to_json(self) -> dict[str, object]:
        """Who, where and why."""
        return {
            "account": self.account,
            "user": self.user,
            **self.place._asdict(),
            "because": self.because._asdict(),
        }


@dataclass(frozen=True, slots=True)
class ItemChange:
    """Those who are shown one item in place of another, at one place at least.

    `places` and `reasons` are how many of them at each place, and by what.
    """

    before: str | None
    after: str | None
    part: Part
    places: Mapping[Place, int]
    reasons: Mapping[str, int]
    examples: tuple[Seen, ...]

    def to_json(self) -> dict[str, object]:
        """The numbers, and the examples."""
        places = [{**place._asdict(), "subjects": many} for place, many in self.places.items()]
        return {
            "from": self.before,
            "to": self.after,
            **self.part.to_json(),
            "places": places,
            "reasons": dict(self.reasons),
            "examples": [one.to_json() for one in self.examples],
        }


@dataclass(frozen=True, slots=True)
class Backtest:
    """What differs between two playbooks over one past.

    `before` and `after` are the time to value under each; `added` and `removed` the milestones that
    only one has. `switched` are the users whose next item changes anywhere. `drawn` is None where
    all accounts were looked at.
    """

    before: Report
    after: Report
    drawn: Drawn | None
    milestones: tuple[MilestoneChange, ...]
    added: tuple[Outcome, ...]
    removed: tuple[Outcome, ...]
    switched: Part
    items: tuple[ItemChange, ...]

    @property
    def differs(self) -> bool:
        """Whether anything at all does."""
        moved = any(one.moved for one in self.milestones)
        return bool(moved or self.added or self.removed or self.items)

    def to_json(self) -> dict[str, object]:
        """The object that `diff --format json` prints."""
        return {
            "until": iso(self.after.until),
            "messages": self.after.messages,
            "users": self.after.users,
            "accounts": self.after.accounts,
            "sample": None if self.drawn is None else self.drawn._asdict(),
            "differs": self.differs,
            "milestones": {one.milestone.id: one.to_json() for one in self.milestones},
            "added": {one.milestone.id: _alone(one) for one in self.added},
            "removed": {one.milestone.id: _alone(one) for one in self.removed},
            "next_items": {
                **self.switched.to_json(),
                "changes": [one.to_json() for one in self.items],
            },
        }


def _alone(outcome: Outcome) -> dict[str, object]:
    return {"scope": outcome.milestone.scope, **outcome.numbers.to_json()}
