"""The same past under two playbooks: what each user and account reaches, and is shown at the end.

    the events of one account -> a store for each playbook -> its subjects at the end, side by side

One account is run at a time, so that no more is held than the log and twice its largest account.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Any, NamedTuple

from guidepath.decision import decide
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.event import Event
from guidepath.flow import ingest, standing
from guidepath.gate import GATES, Asked
from guidepath.insight.backtest import Backtest, Because, Place, Switch, Twin
from guidepath.insight.backtest_compare import Terms, compare
from guidepath.insight.backtest_sample import Kept
from guidepath.insight.report import MilestoneSpec, Standing
from guidepath.item import Writer
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.playbook import Playbook
from guidepath.ports import Store
from guidepath.progress import Pair
from guidepath.rules.dependency import conditions
from guidepath.rules.expression import Compare
from guidepath.subject import Context, Subject

CHUNK = 500  # events in one commit
DEVICES = ("desktop", "tablet", "mobile")

# What says when and to whom an item shows, and not what she sees.
_TERMS = ("moment", "toward", "roles", "page", "device", "when", "after", "starts", "ends")
_UNSEEN: dict[str, Any] = {
    **dict.fromkeys((*_TERMS, "frequency"), True),
    "steps": {"__all__": {"page": True, "when": True}},
}

Step = Callable[[int, int], None]  # how much is done, and of how much
_Change = tuple[str | None, str | None]


class _Shown(NamedTuple):
    """What a person sees: the item, its content, and which of its steps; nothing is all None."""

    item: str | None = None
    content: str | None = None
    steps: tuple[str, ...] = ()


class _At(NamedTuple):
    """Who is asked about and where, and whether somebody will read why."""

    subject: Subject
    place: Place
    telling: bool


def backtest(
    old: Playbook,
    new: Playbook,
    log: Kept,
    terms: Terms,
    *,
    empty: Callable[[], Store],
    pages: Sequence[str] = (),
    step: Step = lambda _done, _of: None,
) -> Backtest:
    """What differs between two playbooks over one log, each run over it from nothing.

    Args:
        old: the playbook as it is.
        new: the playbook as it may become.
        log: what was kept of the log.
        terms: what is asked; what happened after `terms.until` is left out.
        empty: makes a store with nothing in it.
        pages: where the next item is compared; default: on those that the playbooks name.
        step: called with how many events and users are done, and of how many.
    """
    before, after = Deck(old), Deck(new)
    where = places((old, new), pages)
    rerun = Rerun(before, after, until=terms.until, places=where, told=terms.examples)
    return compare(
        rerun.twins(log.events, empty, step),
        milestones(before),
        milestones(after),
        terms,
        renamed=renamed(new),
        messages=log.messages,
        drawn=log.drawn,
    )


class Rerun:
    """Two playbooks, to be run over one past and compared at `until`, at these places.

    `told` is for how many people of each kind of change the reason is told in words.
    """

    def __init__(
        self, old: Deck, new: Deck, *, until: int, places: Sequence[Place], told: int
    ) -> None:
        self._sides = (_Side(old, until), _Side(new, until))
        self._until = until
        self._places = places
        self._told = told
        self._tellings: Counter[_Change] = Counter()

    def twins(
        self, events: Mapping[str, Sequence[Event]], empty: Callable[[], Store], step: Step
    ) -> Iterator[Twin]:
        """Each account, then its users, under both playbooks.

        Args:
            events: of each account, in order of time; those after `until` are left out.
            empty: makes a store with nothing in it.
            step: called with how many events and users are done, and of how many.
        """
        known = {
            account: [one for one in log if one.occurred_at <= self._until]
            for account, log in events.items()
        }
        work = _Work(step, sum(len(log) + len(_users(log)) for log in known.values()))
        for account, log in known.items():
            with ExitStack() as opened:
                stores = [opened.enter_context(closing(empty())) for _ in self._sides]
                for first in range(0, len(log), CHUNK):
                    chunk = log[first : first + CHUNK]
                    for side, store in zip(self._sides, stores, strict=True):
                        run(ingest(side.deck, chunk), store)
                    work.add(len(chunk))
                for subject in (Subject(account), *_users(log)):
                    pairs = [
                        run(standing(side.deck, subject, self._until), store).pair
                        for side, store in zip(self._sides, stores, strict=True)
                    ]
                    yield from self._twin(subject, *pairs)
                    work.add(subject.user is not None)

    def _twin(self, subject: Subject, before: Pair, after: Pair) -> Iterator[Twin]:
        """The subject, if anything is known of it by then."""
        old, new = _standing(subject, before), _standing(subject, after)
        if old is not None and new is not None:
            switches = () if subject.user is None else self._switches(subject, before, after)
            yield Twin(old, new, tuple(switches))

    def _switches(self, subject: Subject, before: Pair, after: Pair) -> Iterator[Switch]:
        old, new = self._sides
        found: dict[_Change, list[Place]] = {}
        for place in self._places:
            was, now = old.shown(subject, before, place), new.shown(subject, after, place)
            if was != now:
                found.setdefault((was.item, now.item), []).append(place)
        for change, places in found.items():
            telling = self._tellings[change] < self._told
            self._tellings[change] += telling
            at = _At(subject, places[0], telling)
            yield Switch(*change, tuple(places), self._because(change, before, after, at))

    def _because(self, change: _Change, before: Pair, after: Pair, at: _At) -> Because:
        old, new = self._sides
        was, now = change
        if was is None:
            item = now or ""  # one of the two is shown
            return old.closed(before, at, item, was) or Because(item, "ADDED")
        if was == now:
            return Because(was, "EDITED")
        return new.closed(after, at, was, now) or Because(was, "REMOVED")


class _Side:
    """One of the two playbooks at the end of the past."""

    def __init__(self, deck: Deck, until: int) -> None:
        self.deck = deck
        self._until = until
        self._contents = {one.id: _content(one) for one in deck.ranked}

    def shown(self, subject: Subject, pair: Pair, place: Place) -> _Shown:
        """What a person would be shown at a place."""
        decision = decide(self.deck, subject, pair, _context(place), self._until)
        if decision.guidance is None:
            return _Shown()
        return _Shown(decision.guidance, self._contents[decision.guidance], decision.steps)

    def closed(self, pair: Pair, at: _At, item: str, rival: str | None) -> Because | None:
        """The first gate that keeps an item from a person; None where there is no such item."""
        guidance = self.deck.guidance.get(item)
        if guidance is None:
            return None
        subject, place, telling = at
        asked = Asked(self.deck, subject, pair, _context(place), self._until, telling=telling)
        for code, gate in GATES:
            closed = gate(asked, guidance)
            if closed is not None:
                return Because(item, code, *closed[:2]) if telling else Because(item, code)
        return Because(item, "OUTRANKED", f"{rival} comes first", "nothing before it")


class _Work:
    """How much of it is done."""

    def __init__(self, step: Step, total: int) -> None:
        self._step = step
        self._total = total
        self._done = 0

    def add(self, done: int) -> None:
        """So much more is done."""
        self._done += done
        self._step(self._done, self._total)


def milestones(deck: Deck) -> list[MilestoneSpec]:
    """The milestones of a playbook, as a report names them."""
    writer = Writer(deck, Pair(), Context())
    return [
        MilestoneSpec(one.id, writer.text(one.title), one.scope, one.first_value)
        for one in deck.playbook.milestones
    ]


def renamed(playbook: Playbook) -> dict[str, str]:
    """The old id of each milestone that had another."""
    return {one.id: one.renamed_from for one in playbook.milestones if one.renamed_from is not None}


def places(playbooks: Iterable[Playbook], only: Sequence[str] = ()) -> tuple[Place, ...]:
    """Where two playbooks may show different things: on these pages `only`, or on any.

    Any are the patterns that the playbooks name, each taken as a path that fits it, and no page.
    Where a playbook asks for the device, each page is looked at on all of them.
    """
    named: set[str] = set()
    devices = False
    for playbook in playbooks:
        for guidance in playbook.guidance:
            named.update(guidance.page, *(step.page for step in guidance.steps))
            devices = devices or bool(guidance.device)
        for test in _tests(playbook):
            devices = devices or test.left.kind == "device"
            if test.left.kind == "page":
                named.update(
                    map(str, test.right if isinstance(test.right, tuple) else [test.right])
                )
    wanted: list[str | None] = [*dict.fromkeys(only)] or [None, *sorted(named)]
    return tuple(
        Place(page, device) for page in wanted for device in (DEVICES if devices else (None,))
    )


def _tests(playbook: Playbook) -> Iterator[Compare]:
    """What the rules of its guidance compare."""
    for rule in playbook.guidance_rules.values():
        yield from (one for one in conditions(rule) if isinstance(one, Compare))


def _content(guidance: Guidance) -> str:
    return guidance.model_dump_json(by_alias=True, exclude=_UNSEEN)


def _context(place: Place) -> Context:
    return Context(place.page, None, place.device)


def _users(log: Iterable[Event]) -> list[Subject]:
    return sorted({one.subject for one in log if one.user is not None})


def _standing(subject: Subject, pair: Pair) -> Standing | None:
    progress = pair.account if subject.user is None else pair.user
    if progress is None or progress.start is None:
        return None
    return Standing(*subject, progress.start, progress.reached, progress.first_role)
