"""What a solver says of rules: "never" against many people, "possible" against its example."""

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rules.oracle import truth
from tests.rules.strategies import VOCABULARY, Happening, World, rules, worlds

from guidepath.clock import DAY, HOUR
from guidepath.rules.check import Scope, check
from guidepath.rules.expression import And, Rule, Scalar
from guidepath.rules.parser import parse
from guidepath.rules.prove import world as prove
from guidepath.rules.prove.portrait import portrait
from guidepath.rules.prove.solve import Impossible, Possible, Solver
from guidepath.rules.text import unparse
from guidepath.rules.vocabulary import ValueType
from guidepath.rules.witness import Witness

MIDNIGHT = 20_514 * DAY
NOON = MIDNIGHT + 12 * HOUR
SOLVER = Solver(limit=60)

NEVER = (
    'did("signed_in") and not did("signed_in")',
    'did("signed_in" within 1d) and not did("signed_in" within 7d)',
    'count("signed_in" within 1d) >= 3 and count("signed_in" within 7d) < 3',
    'count("signed_in" within 7d) >= 3 and count("signed_in") <= 2',
    'days("signed_in" within 7d) >= 2 and count("signed_in" within 7d) < 2',
    'days("signed_in") == 0 and did("signed_in")',
    'days("signed_in" within 2d) > 3',
    'count("signed_in") > 0 and account.count("signed_in") == 0',
    'account.users("signed_in") >= 2 and account.count("signed_in") < 2',
    'account.users("signed_in") == 0 and did("signed_in")',
    'account.users("signed_in" within 1d) >= 2 and account.users("signed_in" within 7d) < 2',
    'account.users("signed_in") > 2 and account.count("signed_in") < 4 and count("signed_in") > 1',
    'account.users("signed_in" within 7d) > 2 and account.users("signed_in") < 3',
    'days("signed_in" within 6h) < 2 and days("signed_in" within 7d) > 2 and days("signed_in") < 3',
    'since("signed_in") < 1d and not did("signed_in" within 1d)',
    'since("signed_in") >= 1d and did("signed_in" within 1d)',
    'since("signed_in") > 2d and since("signed_in") <= 2d',
    'since("signed_in") < 1d and account.since("signed_in") > 1d',
    'since(start) < 1d and since("signed_in") >= 1d',
    "since(start) > 2d and account.since(start) <= 2d",
    "since(start) < 1d and since(reached second_day) > 1d",
    "since(reached second_day) > 1d and not reached(second_day)",
    'did("invoice.sent" where total >= 5) and not did("invoice.sent")',
    'did("invoice.sent" where total >= 5) and not did("invoice.sent" where total > 4)',
    'did("invoice.sent" where total > 4 and total < 3)',
    'did("invoice.sent" where lines > 4 and lines < 5)',
    'did("invoice.sent" where currency == "EUR" and currency != "EUR")',
    'did("invoice.sent" where currency is set and not currency in ["EUR", "USD"])',
    'did("invoice.sent" where note == "a" and note matches "b*")',
    'did("invoice.sent" where note matches "/a/*" and not note matches "/a/**")',
    'count("invoice.sent" where total >= 5 within 1d) > 2 and count("invoice.sent") <= 2',
    'total("invoice.sent".total) > 0 and not did("invoice.sent")',
    'total("invoice.sent".total where total > 4) < 8 and count("invoice.sent" where total > 4) > 1',
    'total("invoice.sent".total where total < 0) > 0',
    'total("invoice.sent".total where total < 0) >= 0 and did("invoice.sent" where total < 0)',
    'total("invoice.sent".lines where lines > 2 and lines < 4) == 4',
    'total("contact.imported".total where total > 0) > 5 and not account.did("contact.imported")',
    "account.size > 5 and account.size < 6",
    "account.size <= 5 and account.size is not set",
    'user.plan == "pro" and user.plan == "free"',
    'user.plan is set and not user.plan in ["free", "pro"]',
    "user.beta == true and user.beta == false",
    "user.score > 1 and user.score < 1",
    'user.landing matches "/a/**" and not user.landing matches "/**"',
    'page matches "/invoices/*" and page matches "/contacts/*"',
    'page == "/invoices" and page matches "/invoices/*"',
    'page matches "/a/*b" and page matches "/a/*c"',
    'page matches "/a" and not page matches "/**"',
    'role == "owner" and role == "member"',
    'device == "mobile" and not device in ["mobile", "tablet"]',
    "segment(small_team) and account.size > 2",
    'user.joined > "2025-01-02" and user.joined < "2025-01-01"',
)
POSSIBLE = (
    'did("signed_in" within 7d) and not did("signed_in" within 1d)',
    'account.did("signed_in") and not did("signed_in")',
    'days("signed_in" within 2d) == 3',
    'days("signed_in" within 1h) == 2',
    'days("signed_in") == 2 and count("signed_in") == 5',
    'days("invoice.sent" where total > 1) == 1 and days("invoice.sent") == 4',
    'account.users("signed_in" within 7d) == 3 and not did("signed_in")',
    'account.users("signed_in") == 2 and account.count("signed_in") == 7',
    'total("invoice.sent".total) < 0',
    'total("invoice.sent".total where total > 0.5) == 0.6',
    'total("invoice.sent".lines where lines > 2 and lines < 6) == 13',
    'total("invoice.sent".total) == 0 and count("invoice.sent") == 3',
    'count("invoice.sent" where total >= 5) == 2 and count("invoice.sent" where total < 5) == 1',
    'count("invoice.sent" where not total >= 5) == 1 and not did("invoice.sent" where total < 5)',
    "since(start) > 30d and not since(start) > 31d",
    "account.since(start) > 2d and since(start) < 1d",
    "since(reached second_day) >= 1d and since(reached second_day) < 2d and since(start) > 2d",
    "account.size > 5 and account.size < 7",
    'user.plan != "pro" and user.plan != "free"',
    'user.landing matches "x*y" and user.landing != "xy" and user.landing matches "*a*"',
    'page matches "/a/*b*" and page matches "/a/*c" and not page matches "/a/*bc"',
    'page matches "/a/**" and not page matches "/a/*" and page != "/a"',
    'since("signed_in") <= 2d and not did("signed_in" within 2d)',
    'user.joined > "2025-01-01" and user.joined < "2025-01-02"',
)


def checked(text: str, scope: Scope = "guidance") -> Rule:
    """A rule without mistakes; that a count cannot be is none here."""
    text = text.replace('"2025-01-02"', '"2025-01-02T00:00:00Z"')
    found = check(parse(text.replace('"2025-01-01"', '"2025-01-01T00:00:00Z"')), VOCABULARY, scope)
    assert found.usable, found.problems
    return found.rule


def asked(rule: Rule) -> tuple[prove.World, Possible | Impossible]:
    world = prove.World(VOCABULARY, {}, [rule])
    formula = world.holds(rule)
    answer = SOLVER.ask(world, [formula])
    assert isinstance(answer, Possible | Impossible)
    return world, answer


def holds_of_its_example(rule: Rule, world: prove.World, found: Possible) -> bool:
    """Whether one of the ways to draw somebody from what was found gives one it holds of.

    A short window has two days in it at midnight only.
    """
    return any(
        truth(rule, lived(portrait(world, found.model, now, apart=apart), now))
        for now in (NOON, MIDNIGHT)
        for apart in (False, True)
    )


def lived(one: Witness, now: int) -> World:
    """The world of a witness."""
    history = [
        Happening(
            each.event,
            now - each.ago,
            each.by or "u1",
            _read(VOCABULARY.events[each.event], each.properties),
        )
        for each in one.events
    ]
    if one.started is not None:
        history.append(Happening("hello", now - one.started, "u1", {}))
    if one.account_started is not None:
        history.append(Happening("hello", now - one.account_started, "u9", {}))
    return World(
        now=now,
        history=tuple(history),
        reached=dict.fromkeys(one.reached, now - HOUR),
        user_attributes=_read(VOCABULARY.user, one.user),
        account_attributes=_read(VOCABULARY.account, one.account),
        role=one.role,
        page=one.page,
        device=one.device,
    )


def near(several: list[Rule]) -> Iterator[World]:
    """People for whom one of the rules holds."""
    for one in several:
        world, answer = asked(one)
        if isinstance(answer, Possible):
            yield from (
                lived(portrait(world, answer.model, NOON, apart=apart), NOON)
                for apart in (False, True)
            )


def _read(declared: Mapping[str, ValueType], said: Mapping[str, Scalar]) -> dict[str, Scalar]:
    values = {name: declared[name].read(value) for name, value in said.items()}
    return {name: value for name, value in values.items() if value is not None}


def lawful(world: World) -> World:
    """The world without what cannot be: nothing comes after now, no milestone before the start."""
    now = max([world.now, *(one.at for one in world.history)])
    begun = min([now, *(one.at for one in world.history)])
    reached = {name: at for name, at in world.reached.items() if begun <= at <= now}
    history = (*world.history, Happening("hello", begun, world.user, {}))
    return World(
        now,
        history,
        world.user,
        reached,
        world.user_attributes,
        world.account_attributes,
        world.role,
        world.page,
        world.device,
    )


@pytest.mark.parametrize("text", NEVER)
def test_what_cannot_hold_together_never_holds(text: str) -> None:
    assert isinstance(asked(checked(text))[1], Impossible)


@pytest.mark.parametrize("text", POSSIBLE)
def test_what_can_hold_holds_of_the_example(text: str) -> None:
    rule = checked(text)
    world, answer = asked(rule)
    assert isinstance(answer, Possible)
    if "reached" not in text:  # when a milestone was reached is for the engine to tell
        assert holds_of_its_example(rule, world, answer)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(rules(VOCABULARY, "guidance"), min_size=1, max_size=3),
    st.lists(worlds(VOCABULARY).map(lawful), min_size=6, max_size=6),
)
def test_random_rules_hold_of_their_example_or_of_nobody(
    several: list[Rule], people: list[World]
) -> None:
    rule = several[0] if len(several) == 1 else And(tuple(several))
    world, answer = asked(rule)
    if isinstance(answer, Impossible):
        # of those who are near, too: for whom a part of it holds
        assert not any(truth(rule, one) for one in (*people, *near(several))), unparse(rule)
    elif "since(reached" not in unparse(rule) and not of_nobody(world, answer):
        assert holds_of_its_example(rule, world, answer), unparse(rule)


def of_nobody(world: prove.World, found: Possible) -> bool:
    """Whether it takes an event of the account alone, which no witness has."""
    return any(one.who == "nobody" and found.model.get(one.name) for one in world.cells.all)


def test_what_is_said_of_the_account_alone_is_done_by_nobody() -> None:
    rule = checked('account.users("signed_in") == 0 and account.did("signed_in")')
    world, answer = asked(rule)
    assert isinstance(answer, Possible)
    assert of_nobody(world, answer)


def test_where_somebody_may_have_done_it_she_is_found_first() -> None:
    world, answer = asked(checked('account.users("signed_in") >= 0 and account.did("signed_in")'))
    assert isinstance(answer, Possible)
    assert not of_nobody(world, answer)


def test_of_those_that_cannot_hold_together_only_the_needed_are_named() -> None:
    rules_ = [
        checked('role == "owner"'),
        checked('count("signed_in" within 7d) >= 3'),
        checked('user.locale == "de"'),
        checked('not did("signed_in")'),
    ]
    world = prove.World(VOCABULARY, {}, rules_)
    answer = SOLVER.ask(world, [world.holds(one) for one in rules_])
    assert answer == Impossible((1, 3))


def test_none_of_those_that_are_named_could_be_left_out() -> None:
    pairs = [(7, 8), (4, 8), (4, 7), (5, 7), (4, 6), (3, 4), (3, 8), (2, 4)]
    rules_ = [checked(f"account.size in [{one}, {other}]") for one, other in pairs]
    rules_ += [checked(f"account.size >= {n}") for n in (4, 6)]
    for first in range(len(rules_)):
        turned = [*rules_[first:], *rules_[:first]]
        world = prove.World(VOCABULARY, {}, turned)
        answer = SOLVER.ask(world, [world.holds(one) for one in turned])
        assert isinstance(answer, Impossible)
        for left_out in answer.core:
            rest = [world.holds(turned[one]) for one in answer.core if one != left_out]
            assert isinstance(SOLVER.ask(world, rest), Possible)


def test_a_milestone_is_reached_as_soon_as_its_rule_holds_and_not_without_it() -> None:
    milestones = {"second_day": checked('days("signed_in") >= 2', "user")}
    for text, kind in (
        ('count("signed_in") == 1 and reached(second_day)', Impossible),
        ('days("signed_in") >= 3 and not reached(second_day)', Impossible),
        ('not did("signed_in" within 7d) and reached(second_day)', Possible),
        ("since(start) < 2d and since(reached second_day) > 3d", Impossible),
        ('not did("signed_in" within 7d) and since(reached second_day) < 1d', Impossible),
        ('not did("signed_in" within 6h) and since(reached second_day) < 1d', Possible),
    ):
        rule = checked(text)
        world = prove.World(VOCABULARY, milestones, [rule])
        asked_ = [world.holds(rule), *world.links.values()]
        assert isinstance(SOLVER.ask(world, asked_), kind), text


def test_a_milestone_that_only_waits_may_be_reached_a_moment_ago() -> None:
    milestones = {"second_day": checked("since(start) > 3d", "user")}
    rule = checked("since(start) > 3d and since(reached second_day) < 1d")
    world = prove.World(VOCABULARY, milestones, [rule])
    asked_ = [world.holds(rule), *world.links.values()]
    assert isinstance(SOLVER.ask(world, asked_), Possible)


def test_what_a_rule_asked_of_attributes_once_need_not_be_so_now() -> None:
    milestones = {"second_day": checked('user.plan == "pro" and role == "owner"', "user")}
    left = checked('reached(second_day) and user.plan == "free" and role == "member"')
    for steady, kind in ((False, Possible), (True, Impossible)):
        world = prove.World(VOCABULARY, milestones, [left], steady=steady)
        asked_ = [world.holds(left), *world.links.values()]
        assert isinstance(SOLVER.ask(world, asked_), kind)


@pytest.mark.parametrize(
    "once",
    [
        'not did("signed_in")',
        'not did("contact.imported") and did("signed_in")',
        'not reached(second_day) and did("signed_in")',
        "not reached(second_day) and since(start) > 1d",
        'since("signed_in") > 2d',
        'not since("contact.imported") < 1d',
        'not since(reached second_day) < 1d and did("signed_in")',
        'count("contact.imported") < 2',
        'count("contact.imported" within 1d) != 0',
        'not count("contact.imported") >= 2 and did("signed_in")',
        'total("invoice.sent".total) > 10',
        'total("invoice.sent".total) <= 0',
        "user.plan is not set",
        "segment(small_team)",
    ],
)
def test_what_held_once_may_be_over(once: str) -> None:
    """The milestone was reached by it; now the rule need not hold, nor what it asked for."""
    milestones = {"second_day": checked("since(start) > 9d"), "import-done": checked(once, "user")}
    rule = checked(
        'reached(import-done) and did("signed_in" within 1d) and not reached(second_day)'
        ' and did("contact.imported") and user.plan is set and account.size > 7'
        ' and total("invoice.sent".total) < 5 and not did("contact.imported" within 2d)'
    )
    world = prove.World(VOCABULARY, milestones, [rule])
    formulas = [world.holds(rule), *world.links.values()]
    assert isinstance(SOLVER.ask(world, formulas), Possible)


@pytest.mark.parametrize(
    ("once", "now"),
    [
        ('did("signed_in" within 1d)', 'not did("signed_in")'),
        ('count("signed_in" within 1d) > 2', 'count("signed_in") < 3'),
        ('count("signed_in") == 2', 'count("signed_in") < 2'),
        ('not count("signed_in") < 2', 'not did("signed_in")'),
        ('days("signed_in" within 7d) >= 2', 'days("signed_in") <= 1'),
        ('account.users("signed_in") != 0', 'not account.did("signed_in")'),
        ('since("signed_in") >= 2d', 'since("signed_in") < 1d and count("signed_in") == 1'),
        ("since(start) > 2d", "since(start) <= 2d"),
        ("since(reached second_day) > 1d", "since(reached second_day) < 1d"),
        ('total("invoice.sent".total) > 5', 'not did("invoice.sent")'),
    ],
)
def test_what_no_time_takes_away_is_still_so(once: str, now: str) -> None:
    milestones = {"second_day": checked("since(start) > 9d"), "import-done": checked(once, "user")}
    rules_ = [checked("reached(import-done)"), checked(now)]
    world = prove.World(VOCABULARY, milestones, rules_)
    formulas = [*(world.holds(one) for one in rules_), *world.links.values()]
    assert isinstance(SOLVER.ask(world, formulas), Impossible)
