"""A hundred rules as one compiled function, beside ifs written by hand and the interpreter.

    python -m benchmarks.rules

All three answer the same hundred questions about the same person; they must agree first.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.measure import medians
from benchmarks.table import show

from guidepath import Guidepath, Playbook
from guidepath.clock import DAY, moment
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.flow import standing
from guidepath.progress import situation
from guidepath.rules.compile import compile_deck
from guidepath.rules.interpret import holds
from guidepath.rules.situation import Situation
from guidepath.subject import subject

NOW = 1_000 * DAY
DAYS = {f"e{n}": tuple(range(1, 60, n + 2)) if n % 3 else () for n in range(10)}  # days ago

# A rule of the language, and the same as a host would write it.
KINDS = (
    ('did("{e}")', "counts['{e}'] > 0"),
    ('count("{e}") >= {k}', "counts['{e}'] >= {k}"),
    ('did("{e}" within {k}d)', "times['{e}'] and now - times['{e}'][0] < {k} * DAY"),
    (
        'count("{e}" within 30d) >= 3',
        "len(times['{e}']) >= 3 and now - times['{e}'][2] < 30 * DAY",
    ),
    ('since("{e}") > {k}d', "times['{e}'] and now - times['{e}'][0] > {k} * DAY"),
    ('user.tier == "pro" and did("{e}")', "p.tier == 'pro' and counts['{e}'] > 0"),
    ('role == "owner" and since(start) > {k}d', "p.role == 'owner' and now - p.start > {k} * DAY"),
    (
        'days("{e}" within 30d) >= 3',
        "len(days['{e}']) >= 3 and now - days['{e}'][2] < 30 * DAY",
    ),
    ("reached(m0) and since(start) > {k}d", "'m0' in p.reached and now - p.start > {k} * DAY"),
    ('not did("{e}") or user.locale == "de"', "not counts['{e}'] > 0 or p.locale == 'de'"),
)


@dataclass
class Person:
    """What the ifs by hand look at."""

    count: Mapping[str, int]
    times: Mapping[str, tuple[int, ...]]  # newest first
    days: Mapping[str, tuple[int, ...]]
    reached: Mapping[str, int]
    start: int
    tier: str
    role: str
    locale: str | None = None


def written() -> list[tuple[str, str]]:
    """The hundred rules, in both languages."""
    return [
        (rule.format(e=f"e{n}", k=n + 2), by_hand.format(e=f"e{n}", k=n + 2))
        for n in range(10)
        for rule, by_hand in KINDS
    ]


def playbook() -> Playbook:
    hint = {"type": "hint", "moment": "onboard", "toward": "m0", "title": "A hint"}
    optional = {"type": "string", "optional": True}
    return Playbook.model_validate(
        {
            "name": "rules",
            "roles": ["owner"],
            "attributes": {"user": {"tier": optional, "locale": optional}},
            "events": {f"e{n}": {} for n in range(10)},
            "milestones": [
                {"id": "m0", "title": "First", "reached_when": 'did("e1")', "first_value": True}
            ],
            "guidance": [
                {"id": f"g{n}", "when": rule, **hint} for n, (rule, _) in enumerate(written())
            ],
        }
    )


def lived(declared: Playbook) -> tuple[Deck, Situation]:
    """A person of the language, with a history."""
    deck = Deck(declared)
    with Guidepath(declared, clock=lambda: moment(NOW)) as guide:
        start = moment(NOW - 60 * DAY)
        guide.identify(user="u", role="owner", attributes={"tier": "pro"}, at=start)
        for event, ages in DAYS.items():
            for ago in reversed(ages):
                guide.track(event, user="u", at=moment(NOW - ago * DAY))
        found = run(standing(deck, subject("u", None), NOW), guide.store)
    return deck, situation(deck, found.pair, NOW)


def by_hand() -> Callable[[Person, int], tuple[bool, ...]]:
    """The ifs, as one function; it is put together from text for the benchmark's sake only."""
    ifs = ",\n".join(f"        bool({text})" for _, text in written())
    names: dict[str, Any] = {"DAY": DAY}
    exec(
        "def ifs(p, now):\n"
        "    counts, times, days = p.count, p.times, p.days\n"
        f"    return (\n{ifs},\n    )",
        names,
    )
    return names["ifs"]  # type: ignore[no-any-return]


def person(asked: Situation) -> Person:
    times = {event: tuple(NOW - ago * DAY for ago in ages) for event, ages in DAYS.items()}
    return Person(
        count={event: len(those) for event, those in times.items()},
        times=times,
        days=times,  # no two on one day
        reached=asked.reached,
        start=NOW - 60 * DAY,
        tier="pro",
        role="owner",
    )


def main() -> None:
    declared = playbook()
    deck, asked = lived(declared)
    rules = [declared.guidance_rules[one.id] for one in declared.guidance]
    compiled, ifs, someone = compile_deck(rules, deck.facts), by_hand(), person(asked)
    answers = compiled(asked)
    if answers != ifs(someone, NOW) or answers != tuple(holds(r, deck.facts, asked) for r in rules):
        sys.exit("the three do not agree; there is nothing to compare")
    took = medians(
        {
            "ifs by hand": lambda: ifs(someone, NOW),
            "compiled deck": lambda: compiled(asked),
            "interpreter": lambda: [holds(rule, deck.facts, asked) for rule in rules],
        }
    )
    hand = took["ifs by hand"]
    show(
        f"{len(rules)} rules about one person, {sum(answers)} of them true",
        ("", "µs", "by hand = 1"),
        [(name, us, us / hand) for name, us in took.items()],
    )


if __name__ == "__main__":
    main()
