"""A decision names the instant until which it stays, with no new event, on random playbooks."""

from collections.abc import Iterator
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.journeys import ACCOUNT, AGES, SCOPES, Journey, journeys, playbooks
from tests.rules.strategies import MONDAY, VOCABULARY, rules
from tests.test_fold import arrive

from guidepath import Decision, Guidepath, Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.attention import SESSION_GAP, UNSHOWN
from guidepath.clock import DAY, HOUR, MINUTE, WEEK, iso, micros, moment
from guidepath.decision import claimed, decide
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.flow import standing
from guidepath.fold import settle
from guidepath.progress import Pair
from guidepath.rules.text import unparse
from guidepath.subject import Context, Subject
from guidepath.testing import FrozenClock

USER = "u1"
PAGES = ("/invoices", "/contacts")
LENGTHS = (UNSHOWN, SESSION_GAP, 2 * MINUTE, 5 * MINUTE, 3 * HOUR, DAY, WEEK, *AGES)
RIPE = ('did("signed_in") and since("signed_in") > 6h', "since(start) >= 7d", "since(start) > 2d")
WAYS = ("shown", "shown", "completed", "dismissed", "snoozed")

conditions = rules(VOCABULARY, "guidance").map(unparse).filter(lambda text: len(text) < 1_000)


@st.composite
def items(draw: st.DrawFn, id: str) -> dict[str, object]:
    """A piece of guidance, a tour among them."""
    found: dict[str, object] = {
        "id": id,
        "type": "banner",
        "moment": draw(st.sampled_from(("onboard", "celebrate", "nurture"))),
        "toward": draw(st.sampled_from(("start", "ripe", "ripe", *SCOPES))),
        "title": "T",
    }
    for key, some in (
        ("when", conditions),
        ("page", st.sampled_from(PAGES)),
        ("roles", st.just(["owner"])),
        ("after", st.sampled_from((["ripe"], ["second_day"]))),
        ("snooze", st.just(["3h"])),
        ("frequency", st.just({"max": 2, "cool_off": "6h"})),
        ("starts", st.just(iso(MONDAY + 4 * DAY))),
        ("ends", st.just(iso(MONDAY + 6 * DAY))),
    ):
        if draw(st.integers(0, 2)) == 0:
            found[key] = draw(some)
    if draw(st.integers(0, 3)) == 0:
        steps = [{"id": f"{id}{number}", "title": "T"} for number in range(2)]
        steps[0]["when"] = draw(conditions)
        steps[1]["page"] = draw(st.sampled_from(PAGES))
        found |= {"type": "tour", "steps": steps}
    return found


@st.composite
def guiding(draw: st.DrawFn) -> Playbook:
    """A random playbook with deadlines and guidance."""
    content = draw(playbooks()).model_dump(mode="json", by_alias=True, exclude_none=True)
    content["milestones"][0]["due"] = "1d"
    content["milestones"].append(
        {"id": "ripe", "title": "Ripe", "reached_when": draw(st.sampled_from(RIPE))}
    )
    content["guidance"] = [draw(items(f"i{number}")) for number in range(draw(st.integers(1, 4)))]
    limits = st.fixed_dictionaries(
        {},
        optional={
            "per_session": st.just(1),
            "per_day": st.just(2),
            "per_week": st.just(2),
            "cool_off": st.just("2m"),
            "quiet_first_session": st.just(True),
        },
    )
    content["limits"] = draw(limits)
    return Playbook.model_validate(content)


def lived(guide: Guidepath, clock: FrozenClock, data: st.DataObject) -> None:
    """Some looks and answers after the journey."""
    ticks = st.sampled_from((0, 1, 5, 40, 700))
    for _ in range(data.draw(st.integers(0, 5))):
        clock.tick(minutes=data.draw(ticks))
        page = data.draw(st.sampled_from(PAGES))
        decision = guide.next(user=USER, account=ACCOUNT, page=page)
        if decision.item is not None and data.draw(st.booleans()):
            guide.respond(decision.id, data.draw(st.sampled_from(WAYS)))
    clock.tick(minutes=data.draw(ticks))


def instants(journey: Journey, pair: Pair, now: int) -> Iterator[int]:
    """Every instant at which anything could change, its neighbours, and the far end."""
    begins = {now, *(one.at for one in journey.steps), MONDAY + 4 * DAY, MONDAY + 6 * DAY}
    for progress in pair:
        if progress is not None:
            begins |= {*progress.reached.values(), progress.attention.active_at or now}
            begins |= set(progress.attention.impressions)
            for seen in progress.attention.items.values():
                begins |= {at for at in (seen.shown_at, seen.snoozed_until) if at is not None}
    for begin in begins:
        for length in (0, *LENGTHS):
            yield from (begin + length - 1, begin + length, begin + length + 1)
    yield now + 400 * DAY


def answer(decision: Decision) -> object:
    """What a person sees of it; in silence, why."""
    return decision.guidance or decision.reason


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(playbook=guiding(), journey=journeys(), data=st.data())
def test_no_instant_before_the_next_evaluation_has_another_answer(
    playbook: Playbook, journey: Journey, data: st.DataObject
) -> None:
    clock = FrozenClock(moment(journey.end))
    guide = Guidepath(playbook, MemoryStore(), clock=clock)
    arrive(guide, list(enumerate(journey.steps)))
    lived(guide, clock, data)
    deck, subject, now = Deck(playbook), Subject(ACCOUNT, USER), micros(clock())
    context = Context(page=data.draw(st.sampled_from(PAGES)))
    pair = run(standing(deck, subject, now), guide.store).pair
    decision = decide(deck, subject, pair, context, now)
    if pair.user is not None:  # its claim is saved with it
        attention = claimed(pair.user.attention, decision)
        pair = Pair(pair.account, replace(pair.user, attention=attention))
    end = decision.next_evaluation_at
    assert end is None or end > now
    for at in sorted(set(instants(journey, pair, now))):
        if now < at and (end is None or at < end):
            later = decide(deck, subject, settle(deck, pair, at).pair, context, at)
            assert answer(later) == answer(decision), timedelta(microseconds=at - now)


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
