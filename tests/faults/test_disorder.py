"""Clocks an hour apart, every event five times, in any order: the milestones of the plain model."""

from collections.abc import Iterator, Mapping
from random import Random

import pytest
from tests.faults.scale import times
from tests.journeys import ACCOUNT, Journey, tell
from tests.rules.strategies import Happening

from guidepath import Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.clock import DAY, HOUR
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.event import Event, event
from guidepath.flow import ingest, reach
from guidepath.ports import Store
from guidepath.subject import Subject

SEEDS = times(500)
PART = 100
FEW = times(5)
DOUBLED = 5
START = 19_723 * DAY
PEOPLE = ("u1", "u2", "u3")
EVENTS = ("sent", "opened")
SCOPES = {"m1": "account", "m2": "user", "m3": "account", "m4": "user", "m5": "user"}


def condition(chance: Random, scope: str, known: list[str]) -> str:
    """What, once true, no event and no time makes false."""
    whose = "account." if scope == "account" or chance.random() < 0.3 else ""
    name = chance.choice(('"sent"', '"opened"', '"sent" where total >= 2'))
    match chance.randrange(7):
        case 0:
            return f"{whose}did({name})"
        case 1:
            return f"{whose}count({name}) >= {chance.randint(2, 4)}"
        case 2:
            return f"{whose}days({name}) >= 2"
        case 3:
            return f"account.users({name}) >= 2"
        case 4:
            return f"{whose}since(start) > {chance.choice(('6h', '1d', '2d'))}"
        case 5:
            return f'{whose}total("sent".total) >= {chance.randint(2, 6)}'
    return f"reached({chance.choice(known)})"


def playbook(chance: Random) -> Playbook:
    """Milestones of both scopes, each free to ask for those of its scope that stand before it."""
    milestones = [
        {"id": "m0", "title": "0", "scope": "account", "reached_when": 'did("opened")'}
        | {"first_value": True}
    ]
    known = {"m0": "account"}
    for name, scope in SCOPES.items():
        mine = [one for one, of in known.items() if scope == "user" or of == scope]
        parts = [condition(chance, scope, mine) for _ in range(chance.randint(1, 3))]
        rule = chance.choice((" and ", " or ")).join(parts)
        milestones.append({"id": name, "title": name, "scope": scope, "reached_when": rule})
        known[name] = scope
    return Playbook.model_validate(
        {
            "name": "disorder",
            "events": {
                "sent": {"properties": {"total": {"type": "integer", "optional": True}}},
                "opened": {},
            },
            "milestones": milestones,
        }
    )


def journey(chance: Random) -> Journey:
    """What happened, as the products' clocks tell it: each of them is up to an hour wrong."""
    skews = {one: chance.randint(-HOUR, HOUR) for one in PEOPLE}
    steps = []
    for _ in range(chance.randint(3, 12)):
        user, name = chance.choice(PEOPLE), chance.choice(EVENTS)
        at = START + HOUR + chance.randint(0, 5 * DAY) + skews[user]
        told = {"total": chance.randint(1, 3)} if name == "sent" and chance.random() < 0.8 else {}
        steps.append(Happening(name, at, user, told))
    steps.sort(key=lambda one: one.at)
    return Journey(tuple(steps), steps[-1].at + chance.choice((0, DAY, 6 * DAY)))


def arriving(chance: Random, told: Journey) -> Iterator[list[Event]]:
    """Each event five times, shuffled, in parcels; whoever receives it has a clock of her own."""
    steps = [one for one in enumerate(told.steps) for _ in range(DOUBLED)]
    chance.shuffle(steps)
    while steps:
        now = told.end + HOUR + chance.randint(-HOUR, HOUR)
        parcel = [steps.pop() for _ in range(min(len(steps), chance.randint(1, 6)))]
        yield [
            event(
                "track",
                one.event,
                subject=Subject(ACCOUNT, one.user),
                id=f"e{number}",
                now=now,
                at=one.at,
                properties=one.properties,
            )
            for number, one in parcel
            if isinstance(one, Happening)
        ]


def lived(seed: int, store: Store) -> tuple[Mapping[str | None, set[str]], ...]:
    """What everyone has reached in the store, and in the plain model."""
    chance = Random(seed)
    book, told = playbook(chance), journey(chance)
    deck = Deck(book)
    for parcel in arriving(chance, told):
        run(ingest(deck, parcel), store)
    for user in told.users:
        run(reach(deck, Subject(ACCOUNT, user), told.end), store)
    rows = {subject.user: progress for subject, progress in store.subjects()}
    model = tell(book, told).reached
    return {user: set(one.reached) for user, one in rows.items()}, {
        user: set(reached) for user, reached in model.items()
    }


@pytest.mark.parametrize("first", range(0, SEEDS, PART))
def test_doubled_and_shuffled_events_reach_what_the_plain_model_reaches(first: int) -> None:
    for seed in range(first, first + PART):
        stored, model = lived(seed, MemoryStore())
        assert stored == model, seed


def test_they_do_in_every_store(store: Store) -> None:
    for seed in range(FEW):
        account = Subject(ACCOUNT)
        stored, model = lived(seed, store)
        assert stored == model, seed
        store.erase(account, at=0)
