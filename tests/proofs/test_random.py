"""Random playbooks: what is proven of them holds for everybody in random journeys."""

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.journeys import ACCOUNT, Fact, Journey, journeys, playbooks, written
from tests.rules.strategies import PAGES, VOCABULARY, Happening, rules

from guidepath import Playbook
from guidepath.deck import Deck
from guidepath.event import Event, event
from guidepath.fold import refold, settle
from guidepath.progress import Pair, situation
from guidepath.proofs.asking import Asking, Never
from guidepath.proofs.items import Dead, Items, NeverShown, Outranked, Shown
from guidepath.proofs.life import Lived, lived
from guidepath.proofs.statements import can_hold, fails, statements
from guidepath.rules.interpret import holds
from guidepath.rules.text import unparse
from guidepath.rules.vocabulary import Vocabulary
from guidepath.subject import Context, Subject

PLACES = ("/", "/invoices", "/invoices/*", "/invoices/**", "/contacts")
STAYS: Mapping[str, object] = {
    "dismissible": False,
    "frequency": {"max": None, "cool_off": None},
}


@st.composite
def guided(draw: st.DrawFn) -> Playbook:
    """A random playbook with random guidance in it, some of which stays."""
    playbook = draw(playbooks())
    words = playbook.vocabulary
    vocabulary = Vocabulary(
        words.user, words.account, words.events, words.milestones, VOCABULARY.segments, words.roles
    )
    milestones = st.sampled_from([one.id for one in playbook.milestones])
    found: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 4))):
        item: dict[str, Any] = {
            "id": f"g{number}",
            "type": "hint",
            "moment": draw(st.sampled_from(("onboard", "onboard", "nurture", "celebrate"))),
            "toward": draw(milestones),
            "title": "A hint",
            "roles": draw(st.sampled_from(((), ("owner",), ("owner", "member")))),
            "page": draw(st.sampled_from(((), *((one,) for one in PLACES)))),
            "after": draw(st.lists(milestones, max_size=1)),
            **draw(st.sampled_from((STAYS, {}))),
        }
        if draw(st.integers(0, 3)):
            item["when"] = unparse(draw(rules(vocabulary, "guidance")))
        found.append(item)
    return Playbook.model_validate({**playbook.model_dump(mode="json"), "guidance": found})


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(guided(), st.lists(journeys(), min_size=2, max_size=2))
def test_what_is_proven_holds_in_every_journey(playbook: Playbook, several: list[Journey]) -> None:
    deck, asking = Deck(playbook), Asking(playbook, 60)
    reachable, always = milestones(asking)
    items = Items(asking, deck, 60)
    for item in playbook.guidance:
        fate = items.fate(item)
        if isinstance(fate, Shown):
            opened = lived(deck, fate.witness, fate.now, fate.behind).open(item)
            assert opened[0].id == item.id
    for journey in several:
        for user in journey.users:
            life = arrived(deck, journey, user)
            reached = {name for one in life.pair.known for name in one.reached}
            assert reached <= reachable
            for page in (None, *PAGES):
                there = life._replace(context=Context(page))
                see_that_fates_hold(items, there)
                asked = situation(deck, there.pair, there.now, there.context)
                for rule in always:
                    assert holds(rule, deck.facts, asked)


def milestones(asking: Asking) -> tuple[set[str], list[Any]]:
    """The milestones that may be reached, and the rules of guidance that always hold."""
    reachable: set[str] = set()
    always = []
    for one in statements(asking.playbook):
        if one.kind == "milestone" and not isinstance(can_hold(asking, one, []), Never):
            reachable.add(one.owner)
        if one.kind == "item" and isinstance(fails(asking, one), Never):
            always.append(one.rule)
    return reachable, always


def see_that_fates_hold(items: Items, life: Lived) -> None:
    opened = life.open(life.deck.ranked[-1])
    for place, item in enumerate(opened):
        fate = items.fate(item)
        assert not isinstance(fate, NeverShown | Dead), (item, fate)
        if isinstance(fate, Outranked):
            before = {one.id for one in opened[:place]}
            assert before & {one.id for one in fate.by}, (item, fate)


def arrived(deck: Deck, journey: Journey, user: str) -> Lived:
    """A user at the end of a journey."""
    history = [said(one, number) for number, one in enumerate(journey.steps)]
    subject = Subject(ACCOUNT, user)
    account = refold(deck, Pair(), Subject(ACCOUNT), history).pair
    pair = refold(deck, account, subject, history).pair
    pair = settle(deck, pair, journey.end).pair
    return Lived(deck, pair, Context(), journey.end)


def said(one: Happening | Fact, number: int) -> Event:
    subject = Subject(ACCOUNT, one.user)
    if isinstance(one, Happening):
        properties = written(one.properties, VOCABULARY.events[one.event])
        return event(
            "track",
            one.event,
            subject=subject,
            id=f"e{number}",
            now=one.at,
            properties=properties,
        )
    if one.user is None:
        attributes = written(one.attributes, VOCABULARY.account)
        return event(
            "group", "", subject=subject, id=f"f{number}", now=one.at, properties=attributes
        )
    attributes = written(one.attributes, VOCABULARY.user)
    return event(
        "identify",
        "",
        subject=subject,
        id=f"f{number}",
        now=one.at,
        properties=attributes,
        role=one.role,
    )
