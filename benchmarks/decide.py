"""What one decision costs as more and more is declared that cannot show here.

    python -m benchmarks.decide

However many items there are, three are for this page and this role, and their rules are asked.
The others are kept away by one thing each: another page, a pattern of pages, another role, or the
pages of the steps of a tour.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import process_time

from benchmarks.measure import samples
from benchmarks.rules import on_one_core
from benchmarks.table import Cell, show
from msgspec.structs import replace

from guidepath import Playbook
from guidepath.clock import DAY
from guidepath.decision import Decision, decide
from guidepath.deck import Deck
from guidepath.progress import Pair, fresh
from guidepath.subject import Context, subject

NOW = 1_000 * DAY
DECLARED = (10, 100, 1_000, 10_000)
HERE = "/invoices/7/edit"
MATCHING = 3

Item = Mapping[str, object]


def item(name: str, **more: object) -> Item:
    return {
        "id": name,
        "type": "hint",
        "moment": "onboard",
        "toward": "first",
        "when": 'count("sent" within 7d) >= 20 and not did("sent")',
        "title": "A hint",
        **more,
    }


def tour(number: int) -> Item:
    steps = [{"id": "one", "title": "A step", "page": f"/elsewhere/{number}/*"}]
    return {**item(f"g{number}"), "type": "tour", "steps": steps}


KEPT_AWAY: Mapping[str, Callable[[int], Item]] = {
    "another page": lambda n: item(f"g{n}", page=f"/elsewhere/{n}"),
    "a pattern of pages": lambda n: item(f"g{n}", page=f"/in*{n}/*/edit"),
    "another role": lambda n: item(f"g{n}", page=HERE, roles=["member"]),
    "a tour's pages": tour,
}


def declaring(number: int, others: Callable[[int], Item]) -> Playbook:
    """So many items, of which three are for this page."""
    return Playbook.model_validate(
        {
            "name": "decide",
            "roles": ["owner", "member"],
            "events": {"sent": {}},
            "milestones": [
                {
                    "id": "first",
                    "title": "First",
                    "reached_when": 'did("sent")',
                    "first_value": True,
                }
            ],
            "guidance": [
                *(item(f"here{n}", page="/invoices/*/edit") for n in range(MATCHING)),
                *(others(n) for n in range(number - MATCHING)),
            ],
        }
    )


def deciding(deck: Deck) -> Callable[[], Decision]:
    """The question of an owner on this page."""
    who = subject("u", "a")
    pair = Pair(fresh(deck, "account"), replace(fresh(deck, "user"), role="owner"))
    asked = Context(page=HERE)
    return lambda: decide(deck, who, pair, asked, NOW)


def costs(
    others: Callable[[int], Item], declared: Sequence[int] = DECLARED, *, rounds: int = 15
) -> list[float]:
    """Microseconds of a decision, one for each number of items."""
    works = {str(number): deciding(Deck(declaring(number, others))) for number in declared}
    return [median(one) for one in samples(works, rounds=rounds, clock=process_time).values()]


def main() -> None:
    rows: list[tuple[Cell, ...]] = []
    with on_one_core() as where:
        for name, others in KEPT_AWAY.items():
            took = costs(others)
            rows.append((name, *took, took[-1] / took[0]))
    show(
        f"µs of a decision by items declared; {MATCHING} match here; {where}",
        ("the others are kept away by", *(f"{one:,}" for one in DECLARED), "growth"),
        rows,
    )


if __name__ == "__main__":
    main()
