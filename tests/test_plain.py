"""The short way of folding tells what the long one tells, and most events take it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.journeys import ACCOUNT, Journey, journeys, playbooks
from tests.test_fold import arrive, guided

from guidepath import Guidepath, Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.clock import DAY, HOUR, moment
from guidepath.deck import Deck
from guidepath.event import Event
from guidepath.plain import Plain, plainly
from guidepath.progress import Progress
from guidepath.testing import FrozenClock

NOW = 20_000 * DAY


@contextmanager
def by(way: object) -> Iterator[None]:
    with patch("guidepath.batch.plainly", way):
        yield


def never(_deck: Deck, _account: Progress, _user: Progress, _event: Event) -> None:
    """No event is plain."""


def everything(guide: Guidepath, users: Sequence[str]) -> object:
    """All that the store knows, but for the versions."""
    said = [one for user in (None, *users) for one in guide.store.said(ACCOUNT, user)]
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
        assert everything(short, journey.users) == everything(long, journey.users)
        assert short.ignored == long.ignored


MIXED = Playbook.parse("""
name: ledgerly
roles: [owner]
attributes: {user: {size: {type: integer, optional: true}}, account: {}}
events:
  sent: {properties: {total: {type: number, optional: true}}}
  opened: {}
  joined: {}
  paid: {}
  noted: {}
milestones:
  - {id: third, title: T, reached_when: count("sent") >= 3, first_value: true}
  - {id: rich, title: T, reached_when: total("sent".total) > 4}
  - {id: busy, title: T, reached_when: count("sent" within 2d) >= 4}
  - {id: calm, title: T, reached_when: did("opened") and since("opened") > 1d}
  - {id: rested, title: T, reached_when: count("paid") >= 2 and not did("sent" within 1d)}
  - {id: team, title: T, scope: account, reached_when: account.users("joined") >= 2}
  - {id: mate, title: T, reached_when: reached(team) and count("paid") >= 1}
  - {id: often, title: T, reached_when: count("noted") >= 4}
  - {id: grown, title: T, reached_when: user.size > 3 and did("opened")}
""")
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob"]),
        st.sampled_from(
            ["sent", "sent", "opened", "joined", "paid", "noted", "noted", "noted", "identify"]
        ),
        st.integers(0, 60).map(lambda hours: hours * HOUR),
        st.sampled_from([None, 1, 2.5, "no number"]),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=80, deadline=None)
@given(happenings=HAPPENINGS, in_order=st.booleans())
def test_both_ways_tell_the_same_where_most_events_are_plain(
    happenings: list[tuple[str, str, int, object]], in_order: bool
) -> None:
    if in_order:
        happenings.sort(key=lambda one: one[2])
    clock = FrozenClock(moment(NOW + 70 * HOUR))
    guides = [Guidepath(MIXED, MemoryStore(), clock=clock) for _ in range(2)]
    for number, (user, name, at, total) in enumerate(happenings):
        for guide, way in zip(guides, (plainly, never), strict=True):
            who = {"user": user, "account": ACCOUNT, "id": f"e{number}", "at": moment(NOW + at)}
            with by(way):
                if name == "identify":
                    guide.identify(attributes={"size": number}, **who)  # type: ignore[arg-type]
                else:
                    guide.track(name, properties={"total": total}, **who)  # type: ignore[arg-type]
        short, long = (everything(one, ["ada", "bob"]) for one in guides)
        assert short == long
        assert guides[0].ignored == guides[1].ignored


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

    def watched(deck: Deck, account: Progress, user: Progress, event: Event) -> Plain | None:
        plain = plainly(deck, account, user, event)
        taken[event.id] = plain is not None
        return plain

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
