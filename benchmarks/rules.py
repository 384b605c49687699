"""A hundred rules about the same people: guidepath, ifs written by hand, and other engines.

    python -m benchmarks.rules

Every engine must give the same verdict on every rule about every person before anything is timed.
All run in one process on one core, in turns; what other programs do meanwhile is not counted. Other
engines know no windows and no ages: they are given those as plain values (see
`benchmarks/engines/engine.py`), and "rules alone" counts nothing of that. Those that can put all
rules into one expression are asked in that way too. Engines that are not installed are named.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from statistics import median
from time import process_time
from typing import Any

from benchmarks.engines.engine import PACKAGES, Compare, Engine, Given, Join, Test, engines, release
from benchmarks.measure import samples
from benchmarks.table import Cell, show

from guidepath import Guidepath, Playbook
from guidepath.clock import DAY, moment
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.flow import standing
from guidepath.progress import Pair, situation
from guidepath.rules.compile import compile_deck
from guidepath.rules.interpret import holds
from guidepath.rules.situation import Situation
from guidepath.subject import subject

NOW = 1_000 * DAY
EVENTS = 10
PEOPLE = 40

# A rule of the language, and the same as a host would write it: `c`, `t` and `d` are an event's
# count, its times and its days, newest first.
KINDS = (
    ('did("{e}")', "c > 0"),
    ('count("{e}") >= {k}', "c >= {k}"),
    ('did("{e}" within {k}d)', "c > 0 and now - t[0] < {k} * DAY"),
    ('count("{e}" within 30d) >= 3', "c >= 3 and now - t[2] < 30 * DAY"),
    ('since("{e}") > {k}d', "c > 0 and now - t[0] > {k} * DAY"),
    ('user.tier == "pro" and did("{e}")', "p.tier == 'pro' and c > 0"),
    ('role == "owner" and since(start) > {k}d', "p.role == 'owner' and now - p.start > {k} * DAY"),
    ('days("{e}" within 30d) >= 3', "len(d) >= 3 and now - d[2] < 30 * DAY"),
    ("reached(m0) and since(start) > {k}d", "'m0' in p.reached and now - p.start > {k} * DAY"),
    ('not did("{e}") or user.locale == "de"', "not c > 0 or p.locale == 'de'"),
)


@dataclass
class Person:
    """What the ifs by hand look at."""

    count: Mapping[str, int]
    times: Mapping[str, tuple[int, ...]]  # newest first
    days: Mapping[str, tuple[int, ...]]
    reached: Mapping[str, int]
    start: int
    tier: str | None
    role: str | None
    locale: str | None


def written() -> list[str]:
    """The hundred rules."""
    return [rule.format(e=f"e{n}", k=n + 2) for n in range(EVENTS) for rule, _ in KINDS]


def by_hand() -> Callable[[Person, int], tuple[bool, ...]]:
    """The ifs, as one function; it is put together from text for the benchmark's sake only."""
    lines = ["def ifs(p, now):"]
    for n in range(EVENTS):
        lines.append(f"    c, t, d = p.count['e{n}'], p.times['e{n}'], p.days['e{n}']")
        lines += [f"    r{n}_{m} = {text.format(k=n + 2)}" for m, (_, text) in enumerate(KINDS)]
    found = ", ".join(f"r{n}_{m}" for n in range(EVENTS) for m in range(len(KINDS)))
    names: dict[str, Any] = {}
    text = "\n".join([*lines, f"    return ({found})"])
    exec(text.replace("* DAY", f"* {DAY}"), names)  # a literal, so that Python multiplies once
    return names["ifs"]  # type: ignore[no-any-return]


def tests() -> list[Test]:
    """The rules for engines that are given counts and ages; where there is no age it is 0."""

    def every(*several: Test) -> Test:
        return Join("and", several)

    def of(e: str, k: int) -> Sequence[Test]:
        some, older = Compare(f"{e}_count", ">", 0), Compare("age", ">", k * DAY)
        month = 30 * DAY
        return (
            some,
            Compare(f"{e}_count", ">=", k),
            every(some, Compare(f"{e}_newest", "<", k * DAY)),
            every(Compare(f"{e}_count", ">=", 3), Compare(f"{e}_third", "<", month)),
            every(some, Compare(f"{e}_newest", ">", k * DAY)),
            every(Compare("tier", "==", "pro"), some),
            every(Compare("role", "==", "owner"), older),
            every(Compare(f"{e}_days", ">=", 3), Compare(f"{e}_third_day", "<", month)),
            every(Compare("reached_m0", "==", True), older),
            Join("or", (Join("not", (some,)), Compare("locale", "==", "de"))),
        )

    return [one for n in range(EVENTS) for one in of(f"e{n}", n + 2)]


def given(person: Person) -> Given:
    """A person's values for them; a missing text is empty."""
    values: dict[str, str | int | bool] = {
        "age": NOW - person.start,
        "tier": person.tier or "",
        "role": person.role or "",
        "locale": person.locale or "",
        "reached_m0": "m0" in person.reached,
    }
    for event, count in person.count.items():
        times, days = person.times[event], person.days[event]
        values[f"{event}_count"] = count
        values[f"{event}_newest"] = NOW - times[0] if times else 0
        values[f"{event}_third"] = NOW - times[2] if len(times) > 2 else 0
        values[f"{event}_days"] = len(days)
        values[f"{event}_third_day"] = NOW - days[2] if len(days) > 2 else 0
    return values


def playbook() -> Playbook:
    hint = {"type": "hint", "moment": "onboard", "toward": "m0", "title": "A hint"}
    optional = {"type": "string", "optional": True}
    return Playbook.model_validate(
        {
            "name": "rules",
            "roles": ["owner", "member"],
            "attributes": {"user": {"tier": optional, "locale": optional}},
            "events": {f"e{n}": {} for n in range(EVENTS)},
            "milestones": [
                {"id": "m0", "title": "First", "reached_when": 'did("e1")', "first_value": True}
            ],
            "guidance": [{"id": f"g{n}", "when": rule, **hint} for n, rule in enumerate(written())],
        }
    )


def lived(deck: Deck, number: int) -> list[tuple[Person, Pair]]:
    """People with histories, as ifs by hand see them and as guidepath remembers them."""
    random = Random(7)
    found = []
    with Guidepath(deck.playbook, clock=lambda: moment(NOW)) as guide:
        for n in range(number):
            user = f"u{n}"
            begun = NOW - random.randrange(1, 90 * DAY)
            attributes = {
                "tier": random.choice(("pro", "free")),
                "locale": random.choice(("de", "fr")),
            }
            for name in [one for one in attributes if random.random() < 0.3]:
                del attributes[name]
            role = random.choice(("owner", "member"))
            guide.identify(user=user, role=role, attributes=attributes, at=moment(begun))
            times = {
                f"e{e}": sorted(
                    (random.randrange(begun, NOW) for _ in range(random.choice((0, 1, 3, 12)))),
                    reverse=True,
                )
                for e in range(EVENTS)
            }
            for event, those in times.items():
                for at in reversed(those):
                    guide.track(event, user=user, at=moment(at))
            pair = run(standing(deck, subject(user, None), NOW), guide.store).pair
            reached = situation(deck, pair, NOW).reached
            found.append((person(times, begun, reached, role, attributes), pair))
    return found


def person(
    times: Mapping[str, Sequence[int]],
    begun: int,
    reached: Mapping[str, int],
    role: str,
    attributes: Mapping[str, str],
) -> Person:
    return Person(
        count={event: len(those) for event, those in times.items()},
        times={event: tuple(those) for event, those in times.items()},
        days={event: newest_of_days(those) for event, those in times.items()},
        reached=reached,
        start=begun,
        tier=attributes.get("tier"),
        role=role,
        locale=attributes.get("locale"),
    )


def newest_of_days(times: Sequence[int]) -> tuple[int, ...]:
    """The newest time of each day, newest first."""
    newest = {at // DAY: at for at in reversed(times)}
    return tuple(sorted(newest.values(), reverse=True))


@dataclass(frozen=True)
class Way:
    """A way to ask: `know` makes of what is remembered of a person what is asked, `ask` asks it."""

    name: str
    know: Callable[[Any], Any]
    ask: Callable[[Any], Sequence[object]]
    people: Sequence[Any]

    def verdicts(self) -> list[list[bool]]:
        """All its answers."""
        return [[one is True for one in self.ask(self.know(who))] for who in self.people]


def ways(number: int = PEOPLE) -> list[Way]:
    """Ours, by hand, and every engine that is installed."""
    declared = playbook()
    deck = Deck(declared)
    people = lived(deck, number)
    rules = [declared.guidance_rules[one.id] for one in declared.guidance]
    compiled, ifs = compile_deck(rules, deck.facts), by_hand()

    def interpreted(asked: Situation) -> list[bool]:
        return [holds(rule, deck.facts, asked) for rule in rules]

    def asked(pair: Pair) -> Situation:
        return situation(deck, pair, NOW)

    persons, pairs = [one for one, _ in people], [pair for _, pair in people]

    found = list(engines(tests(), given(persons[0])))
    return [
        Way("ifs by hand", lambda who: who, lambda who: ifs(who, NOW), persons),
        Way("guidepath, compiled", asked, compiled, pairs),
        Way("guidepath, interpreted", asked, interpreted, pairs),
        *(Way(one.name, _given_to(one), one.ask, persons) for one in found),
    ]


def _given_to(engine: Engine) -> Callable[[Person], Any]:
    return lambda who: engine.know(given(who))


def disagreement(those: Sequence[Way]) -> str | None:
    """The first verdict in which one differs from the first, in words; None where all agree."""
    right = those[0].verdicts()
    for way in those[1:]:
        for number, (expected, got) in enumerate(zip(right, way.verdicts(), strict=True)):
            for text, yes, answer in zip(written(), expected, got, strict=True):
                if yes != answer:
                    return f"{way.name}: person {number}, {text}: {answer}, by hand {yes}"
    return None


def measured(those: Sequence[Way], rounds: int) -> list[tuple[Cell, ...]]:
    """Microseconds a person, and how many times that of the ifs by hand."""
    works: dict[str, Callable[[], object]] = {}
    for way in those:
        works[way.name] = _asking(way, [way.know(who) for who in way.people])
        works[f"{way.name}, all of it"] = _knowing_and_asking(way)
    taken = {
        name: [one / len(those[0].people) for one in each]
        for name, each in samples(works, rounds=rounds, clock=process_time).items()
    }
    hand = taken[those[0].name]
    rows: list[tuple[Cell, ...]] = []
    for way in those:
        asking, everything = taken[way.name], taken[f"{way.name}, all of it"]
        rows.append(
            (
                way.name,
                median(asking),
                median(asking) / median(hand),
                min(asking) / min(hand),
                median(everything),
                median(everything) / median(hand),
            )
        )
    return rows


def _asking(way: Way, known: Sequence[Any]) -> Callable[[], object]:
    return lambda: [way.ask(one) for one in known]


def _knowing_and_asking(way: Way) -> Callable[[], object]:
    return lambda: [way.ask(way.know(who)) for who in way.people]


@contextmanager
def on_one_core() -> Iterator[str]:
    """Keep to one core, where the system can; which, in words."""
    if not hasattr(os, "sched_setaffinity"):
        yield "not pinned"
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield f"core {max(before)}"
    finally:
        os.sched_setaffinity(0, before)


def main(*, people: int = PEOPLE, rounds: int = 15) -> None:
    those = ways(people)
    if wrong := disagreement(those):
        sys.exit(f"they do not agree; there is nothing to compare\n{wrong}")
    with on_one_core() as where:
        rows = measured(those, rounds)
    true = sum(map(sum, those[0].verdicts())) / people
    show(
        f"{len(written())} rules about each of {people} people, {true:.0f} true; {where}",
        ("", "µs", "by hand = 1", "at best", "all of it, µs", "by hand = 1"),
        rows,
    )
    print(
        "Every verdict agrees. First the rules alone, of a person made ready for the engine; then "
        "all of it:\nfrom what is remembered of her, windows and ages included."
    )
    for module, package in PACKAGES.items():
        print(f"  {module}: {package} {release(package) or 'is not installed'}")


if __name__ == "__main__":
    main()
