"""The short way of folding tells what the long one tells, and most events take it."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.journeys import ACCOUNT, Journey, journeys, playbooks
from tests.test_fold import arrive, guided

from guidepath import Guidepath, Playbook
from guidepath.deck import Deck
from guidepath.event import Event
from guidepath.plain import plainly
from guidepath.progress import Folded, Pair


@contextmanager
def by(way: object) -> Iterator[None]:
    with patch("guidepath.batch.plainly", way):
        yield


def never(_deck: Deck, _pair: Pair, _event: Event) -> None:
    """No event is plain."""


def told(guide: Guidepath, journey: Journey) -> object:
    """All that the store knows, but for the versions."""
    said = [one for user in (None, *journey.users) for one in guide.store.said(ACCOUNT, user)]
    return dict(guide.store.subjects()), guide.store.history(ACCOUNT), said


@settings(max_examples=150, deadline=None)
@given(playbook=playbooks(), journey=journeys(), data=st.data())
def test_both_ways_tell_the_same_in_any_order_of_arrival(
    playbook: Playbook, journey: Journey, data: st.DataObject
) -> None:
    steps = list(enumerate(journey.steps))
    steps = data.draw(st.one_of(st.just(steps), st.permutations(steps)))
    short, long = guided(playbook, journey), guided(playbook, journey)
    for step in steps:
        arrive(short, [step])
        with by(never):
            arrive(long, [step])
        assert told(short, journey) == told(long, journey)
        assert short.ignored == long.ignored


def test_once_somebody_is_known_what_reaches_nothing_takes_the_short_way() -> None:
    playbook = Playbook.parse("""
        name: ledgerly
        events: {sent: {}, opened: {}, joined: {}}
        milestones:
          - {id: third, title: Third, reached_when: count("sent") >= 3, first_value: true}
          - {id: team, title: Team, scope: account, reached_when: account.users("joined") >= 2}
          - {id: calm, title: Calm, reached_when: did("opened") and since("opened") > 1d}
    """)
    taken: dict[str, bool] = {}

    def watched(deck: Deck, pair: Pair, event: Event) -> Folded | None:
        folded = plainly(deck, pair, event)
        taken[event.id] = folded is not None
        return folded

    guide = Guidepath(playbook)
    with by(watched):
        for what, name in {
            "begins": "sent",
            "counts": "sent",
            "reaches": "sent",
            "counts on": "sent",
            "is the account's": "joined",
            "after the account's": "sent",
            "is waited after": "opened",
            "while it waits": "sent",
        }.items():
            guide.track(name, user="u", account=ACCOUNT, id=what)
    assert [what for what, plain in taken.items() if plain] == [
        "counts",
        "counts on",
        "after the account's",
        "while it waits",
    ]
