"""What `track` and `next` cost as the playbook grows, and as a person's history grows.

    python -m benchmarks.growth

However much is declared, three items fit the page and one milestone mentions the event; cost and
state should follow those. The store is `memory:`, so that nothing but the library is measured.
"""

from collections.abc import Iterator
from itertools import count
from time import perf_counter

import msgspec
from benchmarks.measure import medians
from benchmarks.table import show

from guidepath import Guidepath, Playbook
from guidepath.clock import DAY, SECOND, moment

NOW = 1_000 * DAY
DECLARED = (10, 100, 1_000, 3_000)
EVENTS = (10, 100, 1_000, 10_000)
HERE = "/here"


def item(name: str, page: str) -> dict[str, object]:
    return {
        "id": name,
        "type": "hint",
        "moment": "onboard",
        "toward": "m0",
        "page": page,
        "when": 'count("e0" within 7d) >= 20 and not did("e0")',
        "title": "A hint",
    }


def declaring(number: int) -> Playbook:
    """So many items and milestones; three items fit the page `/here`, none of them opens."""
    return Playbook.model_validate(
        {
            "name": "growth",
            "events": {f"e{n}": {} for n in range(number)},
            "milestones": [
                {
                    "id": f"m{n}",
                    "title": "A milestone",
                    "reached_when": f'count("e{n}") >= 1000000 or days("e{n}" within 30d) >= 20',
                    "first_value": n == 0,
                }
                for n in range(number)
            ],
            "guidance": [
                *(item(f"here{n}", HERE) for n in range(3)),
                *(item(f"g{n}", f"/elsewhere/{n}") for n in range(number - 3)),
            ],
        }
    )


def costs(playbook: Playbook, events: int) -> dict[str, float]:
    """What it takes to ask for the next item, to track in time and to track late: µs.

    Each on a person of its own, so that none changes what another looks at.
    """
    clock = count(NOW, SECOND)
    asked, told, late = (guided(playbook, events) for _ in range(3))
    return medians(
        {
            "next": lambda: asked.next(user="u", account="a", page=HERE),
            "track": lambda: told.track("e0", user="u", account="a", at=moment(next(clock))),
            "late": lambda: late.track("e0", user="u", account="a", at=moment(NOW - 40 * DAY)),
        },
        rounds=11,
    )


def guided(playbook: Playbook, events: int) -> Guidepath:
    """A person with so many events, one a minute of the last days."""
    guide = Guidepath(playbook, clock=lambda: moment(NOW + 10 * DAY))
    guide.ingest(messages(events))
    return guide


def messages(events: int) -> Iterator[object]:
    for n in range(events):
        yield {
            "type": "track",
            "event": "e0",
            "messageId": f"m{n}",
            "userId": "u",
            "context": {"groupId": "a"},
            "timestamp": moment(NOW - (events - n) * 60 * SECOND).isoformat(),
        }


def state(guide: Guidepath) -> int:
    """The bytes of the person's progress, as stores write it."""
    row = guide.store.load("a", ["u"]).users["u"]
    return len(msgspec.msgpack.encode(row.progress))


def declared() -> None:
    rows = []
    for number in DECLARED:
        begin = perf_counter()
        playbook = declaring(number)
        guide = guided(playbook, 10)
        made = (perf_counter() - begin) * 1e3
        rows.append((number, *costs(playbook, 10).values(), state(guide), made))
    show(
        "items and milestones declared; three and one match",
        ("declared", "next µs", "track µs", "late µs", "state bytes", "making it ms"),
        rows,
    )


def lived() -> None:
    playbook = declaring(10)
    rows = [
        (number, *costs(playbook, number).values(), state(guided(playbook, number)))
        for number in EVENTS
    ]
    show(
        "events in a person's history; ten items and milestones declared",
        ("events", "next µs", "track µs", "late µs", "state bytes"),
        rows,
    )


def main() -> None:
    declared()
    lived()


if __name__ == "__main__":
    main()
