"""What a replay writes of each subject: the milestones it reached, and its decision at the end."""

from collections.abc import Iterator

from guidepath.adapters.stores.memory import MemoryStore
from guidepath.cli.source import subjects
from guidepath.clock import iso
from guidepath.decision import Decision, decide
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.flow import ingest, standing, survey
from guidepath.past import past
from guidepath.ports import Store
from guidepath.progress import Pair, Progress
from guidepath.subject import Context, Subject

Line = dict[str, object]


def milestones(deck: Deck, store: Store, until: int) -> Iterator[Line]:
    """Each milestone reached by `until`, by account, then user (accounts first), then time."""
    reached = sorted(
        (one.account, one.user or "", at, milestone)
        for one in run(survey(deck, until), store)
        if one.start <= until
        for milestone, at in one.reached.items()
        if at <= until
    )
    for account, user, at, milestone in reached:
        yield {
            "account": account,
            "user": user or None,
            "milestone": milestone,
            "reachedAt": iso(at),
        }


def decisions(deck: Deck, store: Store, until: int) -> Iterator[Line]:
    """The decision of each user at `until`, on no page, by account and user. Nothing is claimed."""
    newest = store.totals().newest
    view = store if newest is None or newest <= until else _as_of(deck, store, until)
    for subject, progress in subjects(store):
        if subject.user is None or progress.start is None or progress.start > until:
            continue
        pair = _pair(deck, store, view, subject, progress, until)
        yield _line(decide(deck, subject, pair, Context(), until))


def _pair(
    deck: Deck, store: Store, view: Store, subject: Subject, progress: Progress, until: int
) -> Pair:
    """The user and her account at `until`; where she was shown things, told from her history."""
    attention = progress.attention
    if view is store:
        claimed = attention.claim.made_at if attention.claim else until
        from_history = max(attention.active_at or until, claimed) > until
    else:
        from_history = bool(attention.items)
    if from_history:
        return run(past(deck, subject, until), store)
    return run(standing(deck, subject, until), view).pair


def _as_of(deck: Deck, store: Store, until: int) -> Store:
    """A store that knows what happened by `until`: one fold of all, not one for each user."""
    view = MemoryStore()
    for subject, _ in subjects(store):
        if subject.user is None:
            events = [one for one in store.history(subject.account) if one.occurred_at <= until]
            if events:
                run(ingest(deck, events), view)
    return view


def _line(decision: Decision) -> Line:
    following = decision.next_evaluation_at
    return {
        "account": decision.subject.account,
        "user": decision.subject.user,
        "item": decision.guidance,
        "reason": decision.reason,
        "evaluatedAt": iso(decision.evaluated_at),
        "nextEvaluationAt": None if following is None else iso(following),
    }
