"""A decision names the instant until which it stays, with no new event, in random lives."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.journeys import ACCOUNT, AGES, Fact
from tests.rules.strategies import MONDAY, Happening, histories, rules
from tests.test_fold import arrive

from guidepath import Decision, Guidepath, Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.attention import SESSION_GAP, UNSHOWN, Attention, Claim
from guidepath.clock import DAY, HOUR, MINUTE, SECOND, WEEK, iso, micros, moment
from guidepath.decision import claimed, decide
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.flow import standing
from guidepath.fold import settle
from guidepath.progress import Pair, fresh
from guidepath.rules.text import unparse
from guidepath.subject import Context, Subject
from guidepath.testing import FrozenClock

USER = "u1"
PAGES = ("/invoices", "/contacts")
MILESTONES = Playbook.parse("""
name: ledgerly
roles: [owner, member]
attributes:
  user: {plan: {enum: [free, pro], optional: true}}
  account: {size: {type: integer, optional: true}}
events:
  signed_in: {}
  invoice.sent: {properties: {total: {type: number, optional: true}}}
segments: {lively: days("signed_in" within 7d) >= 2}
milestones:
  - id: start
    title: S
    scope: account
    reached_when: did("signed_in")
    first_value: true
    due: 1d
  - {id: quiet, title: Q, scope: account, reached_when: since("invoice.sent") > 1d}
  - {id: away, title: A, reached_when: since("signed_in") > 6h}
  - {id: back, title: B, reached_when: not did("signed_in" within 1h) and since(start) >= 2d}
  - {id: rare, title: R, reached_when: count("signed_in") >= 1000, due: 2d}
""")
LATER = (SECOND, MINUTE, 31 * MINUTE, 6 * HOUR)
LENGTHS = (2 * MINUTE, 20 * MINUTE, *AGES)
# how long something lasts once somebody was shown something, or did something
PAUSES = (UNSHOWN, SESSION_GAP, MINUTE, 2 * MINUTE, 5 * MINUTE, HOUR, 6 * HOUR, DAY, WEEK)


class Manner(NamedTuple):
    """How she answers, when she looks again, and in how many of ten an item has a rule, a place."""

    answers: tuple[str, ...]
    ticks: tuple[int, ...]  # 0 is to the next evaluation
    rule: int
    place: int


STAYS = Manner(
    answers=(
        *("", "shown", "shown", "shown snoozed", "snoozed", "missing"),
        *("shown left", "shown done left", "shown completed", "shown dismissed"),
    ),
    ticks=(0, 0, 5 * SECOND, MINUTE, 5 * MINUTE, SESSION_GAP, 31 * MINUTE, 6 * HOUR, DAY),
    rule=7,
    place=2,
)
WALKS = Manner(
    answers=("", "shown left", "shown done left"),
    ticks=(0, SECOND, 5 * SECOND, MINUTE, 5 * MINUTE),
    rule=3,
    place=5,
)


class Life(NamedTuple):
    """A playbook, what happened, and when somebody first looks."""

    playbook: Playbook
    steps: tuple[Happening | Fact, ...]
    begin: int
    manner: Manner


def _turning() -> st.SearchStrategy[str]:
    """Rules that time alone turns."""
    whose = st.sampled_from(("", "", "account."))
    event = st.sampled_from(('"signed_in"', '"invoice.sent"', '"invoice.sent" where total >= 1'))
    age = st.sampled_from(("2m", "20m", "20m", "1h", "6h", "1d", "2d"))
    number = st.sampled_from((">= 2", "> 1", "== 1", "!= 1", "<= 1", "< 2"))
    order = st.sampled_from(("<", "<=", ">", ">="))
    counted = st.builds("{}count({} within {}) {}".format, whose, event, age, number)
    one = st.one_of(
        counted,
        counted,
        st.builds("{}did({} within {})".format, whose, event, age),
        st.builds("{}days({} within {}) {}".format, whose, event, age, number),
        st.builds("account.users({} within {}) {}".format, event, age, number),
        st.builds("{}since({}) {} {}".format, whose, event, order, age),
        st.builds("{}since(start) {} {}".format, whose, order, age),
        st.builds("since(reached start) {} {}".format, order, age),
    )
    joined = st.builds("{} {} {}".format, one, st.sampled_from(("and", "or")), one)
    return st.one_of(one, one.map("not {}".format), joined)


turning = _turning()
conditions = rules(MILESTONES.vocabulary, "guidance").map(unparse)
happenings = histories(MILESTONES.vocabulary, most=5)
lately = st.lists(
    st.builds(
        lambda what, later: Happening(what[0], MONDAY + 11 * DAY + later, USER, what[1]),
        st.sampled_from((("signed_in", {}), ("signed_in", {}), ("invoice.sent", {"total": 2}))),
        st.sampled_from((0, SECOND, MINUTE, HOUR, DAY)),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def items(draw: st.DrawFn, id: str, begin: int, manner: Manner) -> dict[str, Any]:
    """A piece of guidance that most often is kept away, or from others, by time or its place."""

    def often(of_ten: int) -> bool:
        return draw(st.integers(0, 9)) >= 10 - of_ten

    found: dict[str, Any] = {
        "id": id,
        "type": "banner",
        "moment": draw(st.sampled_from(("onboard", "onboard", "nurture", "celebrate"))),
        "toward": draw(st.sampled_from(("rare", "rare", "rare", "rare", "away"))),
        "title": "T",
        "frequency": {
            "max": draw(st.sampled_from((None, None, 2))),
            "cool_off": draw(st.sampled_from(("2m", "6h", None))),
        },
    }
    if found["moment"] == "celebrate":
        found["toward"] = draw(st.sampled_from(("start", "quiet", "away", "back")))
    for key, some, of_ten in (
        ("when", turning | turning | conditions, manner.rule),
        ("page", st.sampled_from(PAGES), manner.place),
        ("after", st.sampled_from((["away"], ["back"])), 2),
        ("snooze", st.sampled_from((["1m"], ["3h"])), 5),
        ("starts", st.sampled_from(LATER).map(lambda at: iso(begin + at)), 1),
        ("ends", st.sampled_from(LATER).map(lambda at: iso(begin + 6 * HOUR + at)), 2),
    ):
        if often(of_ten):
            found[key] = draw(some)
    if found["moment"] != "celebrate" and often(1 + manner.place):
        steps = [{"id": f"{id}{number}", "title": "T"} for number in range(2)]
        for step in steps:
            if often(manner.rule):
                step["when"] = draw(turning)
            if often(2 * manner.place):
                step["page"] = draw(st.sampled_from(PAGES))
        found |= {"type": "tour", "steps": steps}
    return found


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Random guidance and limits, and somebody to whom something happened of late."""
    manner = draw(st.sampled_from((STAYS, STAYS, WALKS)))
    happened = [*draw(happenings), *draw(lately)]
    happened.sort(key=lambda one: one.at)
    role = Fact(happened[0].at, USER, {}, draw(st.sampled_from(("owner", None))))
    begin = happened[-1].at + draw(st.sampled_from((0, 0, MINUTE, 6 * HOUR)))
    content = MILESTONES.model_dump(mode="json", by_alias=True, exclude_none=True)
    names = [f"i{number}" for number in range(draw(st.integers(1, 2 if manner is WALKS else 3)))]
    content["guidance"] = [draw(items(name, begin, manner)) for name in names]
    content["limits"] = {
        key: draw(some)
        for key, some in (
            ("per_session", st.just(1)),
            ("per_day", st.sampled_from((2, 1))),
            ("per_week", st.sampled_from((2, 1))),
            ("cool_off", st.sampled_from(("2m", "1h"))),
            ("quiet_first_session", st.just(True)),
            ("lease", st.sampled_from(("1m", "1h"))),
        )
        if draw(st.integers(0, 3)) == 3
    }
    return Life(Playbook.model_validate(content), (role, *happened), begin, manner)


def instants(life: Life, pair: Pair, now: int) -> Iterator[int]:
    """Every instant at which anything could change, and its neighbours."""
    begins: dict[int, tuple[int, ...]] = {one.at: LENGTHS for one in life.steps}
    for progress in pair.known:
        seen = progress.attention
        begins |= dict.fromkeys(progress.reached.values(), LENGTHS)
        times = [seen.active_at, *seen.impressions, *(one.made_at for one in claims(seen))]
        times += [at for one in seen.items.values() for at in (one.shown_at, one.missing_at)]
        begins |= dict.fromkeys((at for at in times if at is not None), PAUSES)
        ends = [one.snoozed_until for one in seen.items.values()]
        ends += [one.expires_at for one in claims(seen)]
        begins |= dict.fromkeys((at for at in ends if at is not None), (0,))
    for one in life.playbook.guidance:
        begins |= {micros(at): (0,) for at in (one.starts, one.ends) if at is not None}
    for begin, lengths in begins.items():
        for length in lengths:
            yield from (begin + length - 1, begin + length, begin + length + 1)
    yield now + 400 * DAY


def claims(attention: Attention) -> list[Claim]:
    """What she has the right to be shown."""
    held = () if attention.claim is None else (attention.claim,)
    return [*held, *attention.aside.values()]


def answer(decision: Decision) -> object:
    """What a person sees of it; in silence, why."""
    return decision.guidance or decision.reason


def look(life: Life, deck: Deck, pair: Pair, page: str, now: int) -> int | None:
    """Decide, and see that no instant before the next evaluation has another answer."""
    subject, context = Subject(ACCOUNT, USER), Context(page)
    decision = decide(deck, subject, pair, context, now)
    user = pair.user or fresh(deck, "user")  # its claim is saved with it
    pair = Pair(pair.account, replace(user, attention=claimed(user.attention, decision)))
    end = decision.next_evaluation_at
    assert end is None or end > now
    for at in sorted(set(instants(life, pair, now))):
        if now < at and (end is None or at < end):
            later = decide(deck, subject, settle(deck, pair, at).pair, context, at)
            assert answer(later) == answer(decision), f"{at - now} microseconds later"
    return end


def say(guide: Guidepath, decision: Decision, word: str) -> None:
    """Answer to a decision."""
    match word:
        case "left":
            guide.respond(decision.id, "dismissed", end_reason="navigated")
        case "done":
            guide.respond(decision.id, "step.completed", step=f"{decision.guidance}0")
        case "shown" | "completed" | "dismissed" | "snoozed" | "missing":
            guide.respond(decision.id, word)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(life=lives(), data=st.data())
def test_no_instant_before_the_next_evaluation_has_another_answer(
    life: Life, data: st.DataObject
) -> None:
    clock = FrozenClock(moment(life.begin))
    guide = Guidepath(life.playbook, MemoryStore(), clock=clock)
    arrive(guide, list(enumerate(life.steps)))
    deck = guide._calls.deck  # not compiled a second time
    for _ in range(7):
        page, now = data.draw(st.sampled_from(PAGES)), micros(clock())
        pair = run(standing(deck, Subject(ACCOUNT, USER), now), guide.store).pair
        end = look(life, deck, pair, page, now)
        decision = guide.next(user=USER, account=ACCOUNT, page=page)
        if decision.item is not None:
            for word in data.draw(st.sampled_from(life.manner.answers)).split():
                say(guide, decision, word)
        tick = data.draw(st.sampled_from(life.manner.ticks))
        clock.now = moment(now + tick if tick or end is None else end)


BOOK = """
name: ledgerly
events: {sent: {}, opened: {}}
milestones:
  - {id: sent, title: Sent, reached_when: did("sent"), first_value: true, due: 1m}
  - {id: ripe, title: Ripe, reached_when: since("opened") >= 3m}
guidance:
"""


def asked(guidance: str, *, minutes: float = 0) -> float | None:
    """In how many minutes to ask again, of one who opened some minutes ago."""
    clock = FrozenClock()
    guide = Guidepath(Playbook.parse(BOOK + guidance), clock=clock)
    guide.track("opened", user="u")
    clock.tick(minutes=minutes)
    for _ in range(2):
        decision = guide.next(user="u", page="/x")
    at = decision.next_evaluation_at
    return None if at is None else (at - decision.evaluated_at) / MINUTE


def test_in_silence_it_is_when_waiting_reaches_what_must_come_before() -> None:
    after = "  - {id: i, type: banner, moment: nurture, toward: sent, after: [ripe], title: T}"
    assert asked(after) == 3  # that something is overdue after one minute changes nothing
    assert asked(after, minutes=2) == 1


def test_of_an_item_it_is_when_waiting_reaches_its_milestone() -> None:
    assert asked("  - {id: i, type: banner, moment: nurture, toward: ripe, title: T}") == 3


def test_of_an_item_it_is_when_its_rule_turns_before_its_lease_ends() -> None:
    fading = "{id: i, type: banner, moment: nurture, toward: sent, title: T, when: RULE}"
    assert asked("  - " + fading.replace("RULE", 'did("opened" within 2m)')) == 2
    assert asked("  - " + fading.replace("RULE", "since(start) < 7m"), minutes=4) == 3


def test_where_time_changes_nothing_there_is_none() -> None:
    assert (
        asked(
            "  - {id: i, type: banner, moment: onboard, toward: sent, page: /y, title: T}",
            minutes=9,
        )
        is None
    )


def test_what_was_just_chosen_says_the_same() -> None:
    clock = FrozenClock()
    body = "  - {id: i, type: banner, moment: nurture, toward: ripe, title: T}"
    guide = Guidepath(Playbook.parse(BOOK + body), clock=clock)
    guide.track("opened", user="u")
    chosen, again = (guide.next(user="u") for _ in range(2))
    assert (chosen.reason, again.reason) == ("CHOSEN", "ACTIVE_CLAIM")
    assert chosen.next_evaluation_at == again.next_evaluation_at


TOUR = """
  - id: tour
    type: tour
    moment: onboard
    toward: sent
    title: T
    page: /x
    steps:
      - {id: a, title: A}
      - {id: b, title: B, page: /z, when: did("opened" within 2m)}
      - {id: c, title: C, page: /y}
"""


def comes_to(page: str, other: str = "") -> tuple[str, float | None]:
    """In how many minutes to ask again on a page, of one who left a tour on the way to another."""
    clock = FrozenClock()
    guide = Guidepath(Playbook.parse(BOOK + TOUR + other), clock=clock)
    guide.track("opened", user="u")
    tour = guide.next(user="u", page="/x")
    guide.respond(tour.id, "shown")
    guide.respond(tour.id, "step.completed", step="a")
    guide.respond(tour.id, "dismissed", end_reason="navigated")
    decision = guide.next(user="u", page=page)
    at = decision.next_evaluation_at
    return decision.reason, None if at is None else (at - decision.evaluated_at) / MINUTE


def test_it_is_when_time_alone_brings_a_tour_here_that_is_under_way_elsewhere() -> None:
    assert comes_to("/y") == ("NOT_HERE", 2)
    other = "  - {id: i, type: banner, moment: onboard, toward: sent, page: /y, title: T}"
    assert comes_to("/y", other) == ("CHOSEN", 2)
