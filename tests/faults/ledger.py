"""What a store committed, watched commit by commit: what must hold after each of them."""

from collections import defaultdict
from datetime import timedelta

from tests.faults.product import SHOWN_AT_MOST, TOWARD, WEEKLY, deck

from guidepath.attention import Claim
from guidepath.clock import HOUR, WEEK
from guidepath.decision import Decision
from guidepath.event import Envelope
from guidepath.ports import Change, Parcel
from guidepath.progress import Progress
from guidepath.subject import Subject

MICROSECOND = timedelta(microseconds=1)
APART = 2 * HOUR  # how far two callers' clocks may be apart


class Ledger:
    """All commits of one run, and what was wrong with them."""

    def __init__(self) -> None:
        self.said: dict[str, Envelope] = {}
        self.erased: dict[Subject, tuple[int, int]] = {}  # until when, and after which commit
        self.violations: list[str] = []
        self.commits = 0
        self._claims: dict[Subject, dict[int, str]] = defaultdict(dict)
        self._current: dict[Subject, list[tuple[int, Claim | None]]] = defaultdict(list)
        self._leases: dict[tuple[str, int], tuple[str, int]] = {}  # by sink and lane, until when
        self._chosen: dict[Subject, list[str]] = defaultdict(list)
        self._shown: dict[Subject, list[int]] = defaultdict(list)

    def saved(self, change: Change, since: int) -> None:
        """A change was committed, by a caller who had loaded after so many commits.

        What was under way while somebody was erased may still come after it.
        """
        self.commits += 1
        for one in change.envelopes:
            if one.id in self.said:
                self._wrong(f"{one.type} of {_name(Subject(one.account, one.user))} is said twice")
            self.said[one.id] = one
        for event in change.events:
            for about in (Subject(event.account), event.subject):
                until, commit = self.erased.get(about, (event.occurred_at - 1, 0))
                if event.occurred_at <= until and commit <= since:
                    self._wrong(f"{event.id} brings {_name(about)} back, who was erased")
        for user, draft in change.drafts.items():
            if draft.progress is not None:
                self._written(Subject(change.account, user), draft.progress)
        for one in change.envelopes:
            if one.type in ("milestone.overdue", "milestone.reached"):
                self._timed(one, change)
            if one.type == "guidance.shown" and one.data["moment"] != "celebrate":
                self._seen(Subject(one.account, one.user), one.occurred_at)

    def _written(self, subject: Subject, progress: Progress) -> None:
        claim = progress.attention.claim
        if claim is not None:
            self._claimed(subject, claim, progress)
        self._current[subject].append((self.commits, claim))
        for item, exposure in progress.attention.items.items():
            if exposure.shown > min(SHOWN_AT_MOST, self._chosen[subject].count(item)):
                self._wrong(f"{item} was shown to {_name(subject)} {exposure.shown} times")

    def _timed(self, one: Envelope, change: Change) -> None:
        """What is overdue is not reached in time; what is reached too late was overdue before."""
        name, draft = str(one.data["milestone"]), change.drafts[one.user]
        due = deck().milestones[name].due
        if due is None or draft.progress is None or draft.progress.start is None:
            return
        who = _name(Subject(one.account, one.user))
        if one.type == "milestone.overdue":
            reached_at = draft.progress.reached.get(name)
            if reached_at is not None and reached_at <= one.occurred_at:
                self._wrong(f"{name} of {who} is said to be overdue, and was reached in time")
        elif one.occurred_at - draft.progress.start > due // MICROSECOND and not any(
            told.type == "milestone.overdue"
            and (told.account, told.user, told.data["milestone"]) == (one.account, one.user, name)
            for told in self.said.values()
        ):
            self._wrong(f"{name} of {who} is reached too late, and nobody said it was overdue")

    def forgotten(self, subject: Subject, at: int) -> None:
        """A subject was erased."""
        self.commits += 1
        self.erased[subject] = at, self.commits
        self.said = {id: one for id, one in self.said.items() if not _within(one, subject)}
        for known in (self._claims, self._current, self._chosen, self._shown):
            for one in [one for one in known if subject in (one, Subject(one.account))]:
                del known[one]

    def decided(self, decision: Decision, since: int) -> None:
        """A caller who asked after so many commits got a decision.

        What she may show was hers at some moment since: in every tab the same.
        """
        subject, claim = decision.subject, decision.claim
        if claim is None or subject in self.erased or Subject(subject.account) in self.erased:
            return
        claims = self._current[subject]
        first = max((at for at, _ in claims if at <= since), default=0)
        if claim.token not in {one.token for at, one in claims if at >= first and one}:
            self._wrong(f"{_name(subject)} is shown {claim.item} without the right to it")
        if claim.expires_at <= decision.evaluated_at:
            self._wrong(f"{_name(subject)} is shown {claim.item}, whose time is over")

    def leased(self, parcel: Parcel, now: int, lease: int) -> None:
        """A relay got a parcel, by its own clock."""
        lane = parcel.sink, parcel.lane
        if now < self._leases.get(lane, ("", now))[1]:
            self._wrong(f"{parcel.sink} is leased to two relays at once")
        self._leases[lane] = parcel.lease, now + lease
        for one in parcel.envelopes:
            if one.id not in self.said:
                self._wrong(f"{one.type} of {one.user} is carried, and nobody says it any more")

    def settled(self, parcel: Parcel) -> None:
        """A relay gave its parcel back."""
        lease, _ = self._leases.pop((parcel.sink, parcel.lane), ("", 0))
        if lease != parcel.lease:
            self._wrong(f"a relay settled what another had taken over of {parcel.sink}")

    def _claimed(self, subject: Subject, claim: Claim, progress: Progress) -> None:
        known = self._claims[subject]
        if claim.number not in known:
            self._chosen[subject].append(claim.item)
        if known.setdefault(claim.number, claim.token) != claim.token:
            self._wrong(f"two claims {claim.number} of {_name(subject)}")
        elif claim.number < max(known):
            self._wrong(f"claim {claim.number} of {_name(subject)} is back")
        before = self._current[subject][-1][1] if self._current[subject] else None
        if before is None or before.token == claim.token or not before.abides(claim.made_at):
            return
        became = progress.attention.of(before.item)
        over = became.completed_at or became.dismissed_at or became.snoozed_until
        reached = TOWARD.get(before.item, "first") in progress.reached
        if claim.made_at < before.expires_at and not (over or reached):
            self._wrong(f"{_name(subject)} has two items at once: {before.item}, {claim.item}")

    def _seen(self, subject: Subject, at: int) -> None:
        shown = self._shown[subject]
        shown.append(at)
        shown.sort()
        for first, last in zip(shown, shown[WEEKLY:], strict=False):
            if last - first < WEEK - APART:
                self._wrong(f"{_name(subject)} was shown more than {WEEKLY} items in a week")

    def _wrong(self, what: str) -> None:
        self.violations.append(what)


def _within(envelope: Envelope, erased: Subject) -> bool:
    return envelope.account == erased.account and erased.user in (None, envelope.user)


def _name(subject: Subject) -> str:
    return subject.account if subject.user is None else f"{subject.user} of {subject.account}"
