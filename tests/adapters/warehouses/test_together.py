"""What only large decks ask of the engines that tell all rules together."""

from collections.abc import Iterator, Sequence

import pytest
from tests.adapters.warehouses.contract import said
from tests.adapters.warehouses.reference import told

from guidepath import Playbook
from guidepath.adapters.warehouses.warehouse import Warehouse
from guidepath.clock import DAY
from guidepath.deck import Deck
from guidepath.event import Event

MANY = 40
HISTORY = [
    *(said(n, "track", n, name="sent", total=n) for n in range(6)),
    said(6, "track", 6, name="sent", user="u2", total=6),
    said(7, "track", DAY, name="opened", user="u2"),
    said(8, "track", DAY, name="opened"),
]


@pytest.fixture(params=["duckdb", "postgresql"])
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    found: Warehouse = request.getfixturevalue(request.param)
    return found


def deck(rules: Sequence[str], *, scope: str = "user") -> Playbook:
    """A playbook of such rules, m0 and so on; the first of a scope of its own."""
    milestones = [
        {
            "id": f"m{number}",
            "title": f"M{number}",
            "scope": "user" if number else scope,
            "reached_when": rule,
            "first_value": number == 0,
        }
        for number, rule in enumerate(rules)
    ]
    events = {"sent": {"properties": {"total": {"type": "integer"}}}, "opened": {}}
    return Playbook.model_validate({"name": "large", "events": events, "milestones": milestones})


def reached_as_in_the_fold(
    warehouse: Warehouse,
    playbook: Playbook,
    history: Sequence[Event] = HISTORY,
    *,
    later: int = 3 * DAY,
) -> int:
    """How many milestones are reached by so much later than the last event."""
    until = history[-1].occurred_at + later
    warehouse.load(playbook, history)
    found = warehouse.reached(playbook, until=until)
    assert found == told(Deck(playbook), history, until)
    return len(found)


@pytest.mark.parametrize("scope", ["user", "account"])
@pytest.mark.parametrize("also", ['did("sent")', 'not did("opened")', "since(start) > 1d"])
def test_a_long_chain_of_milestones_is_reached_link_by_link(
    warehouse: Warehouse, also: str, scope: str
) -> None:
    chain = ['did("sent")', *(f"reached(m{n}) and {also}" for n in range(MANY))]
    links = 2 * MANY + (2 if scope == "user" else 1)
    assert reached_as_in_the_fold(warehouse, deck(chain, scope=scope)) == links


def test_a_user_sees_at_an_event_all_that_her_account_reached_by_it(warehouse: Warehouse) -> None:
    account = ['did("sent")', 'reached(a0) and not did("opened")']
    user = ['did("sent")', "reached(a1) and not reached(u0)"]
    milestones = [
        {"id": f"{scope[0]}{number}", "title": "M", "scope": scope, "reached_when": rule}
        for scope, rules in (("account", account), ("user", user))
        for number, rule in enumerate(rules)
    ]
    milestones[0] |= {"first_value": True}  # type: ignore[dict-item]
    events = {"sent": {"properties": {"total": {"type": "integer"}}}, "opened": {}}
    declared = {"name": "seen", "events": events, "milestones": milestones}
    assert reached_as_in_the_fold(warehouse, Playbook.model_validate(declared)) == 6


def test_what_waits_for_a_milestone_waits_for_each(warehouse: Warehouse) -> None:
    waits = [f"since(reached m{n}) > 3h" for n in range(8)]
    assert reached_as_in_the_fold(warehouse, deck(['did("sent")', *waits])) == 18


@pytest.mark.parametrize("also", ["", ' and not did("sent" where total > 9)'])
@pytest.mark.parametrize("whose", ["", "account."])
@pytest.mark.parametrize("scope", ["user", "account"])
def test_what_is_due_after_the_end_is_not_told(
    warehouse: Warehouse, scope: str, whose: str, also: str
) -> None:
    rules = ['did("opened")', f"{whose}since(start) > 2d{also}", f"since(reached m0) > 2d{also}"]
    playbook = deck(rules, scope=scope)
    early = [one for one in HISTORY if one.name == "sent"]
    opened = 2 if scope == "user" else 1
    assert reached_as_in_the_fold(warehouse, playbook, later=DAY - 1) == opened
    assert reached_as_in_the_fold(warehouse, playbook, later=2 * DAY) == opened + 2
    assert reached_as_in_the_fold(warehouse, playbook, early, later=DAY) == 0


def test_nobody_reaches_anything_before_she_is_there(warehouse: Warehouse) -> None:
    rules = ['account.count("sent") >= 2', 'account.count("sent") >= 2 and did("sent")']
    assert reached_as_in_the_fold(warehouse, deck(rules)) == 4


@pytest.mark.parametrize("sign", [">=", ">", "==", "!=", "<", "<="])
def test_a_total_of_nothing_is_nought(warehouse: Warehouse, sign: str) -> None:
    large = 9 * 10**16  # the smallest step beyond it is of 29 digits
    history = [
        said(0, "track", 0, name="opened"),
        said(1, "track", 1, name="sent", total=large),
        said(2, "track", 2, name="sent", total=1),
        said(3, "track", 3, name="sent", total=-large - 2),
    ]
    totals = [f'total("sent".total) {sign} {n}' for n in (0, large, -1)]
    rules = [*totals, *(f'{one} and did("sent")' for one in totals)]
    reached_as_in_the_fold(warehouse, deck(rules), history)


def test_a_rule_may_have_more_conditions_than_a_number_has_bits(warehouse: Warehouse) -> None:
    wrong = " and ".join(f'not did("sent" where total == {n})' for n in range(10, 10 + 2 * MANY))
    deep = f'{wrong} and count("sent") == 3'
    wide = " or ".join(f'(count("sent") == {n} and not did("opened"))' for n in range(5, MANY))
    assert reached_as_in_the_fold(warehouse, deck([deep, wide, f"not ({deep})"])) == 4


def test_many_different_filters_are_asked_at_once(warehouse: Warehouse) -> None:
    rules = [f'did("sent" where total >= {n})' for n in range(5 * MANY)]
    assert reached_as_in_the_fold(warehouse, deck(rules)) == 6 + 7


SENT = (0, 1, 1, 2, 4, 5, 7, 7, 10)  # days: windows of days open and close where others do
ASKED = [
    *(
        f'account.{what}("sent" within {window}d) >= {n}'
        for what in ("count", "days")
        for window in (1, 2, 3)
        for n in (1, 2, 3)
    ),
    *(f'since("sent") {sign} {age}d' for sign in (">=", ">", "<") for age in (1, 2)),
    *(f'account.users("sent" within {window}d) == {n}' for window in (1, 2) for n in (1, 2)),
]


def probed() -> tuple[Playbook, list[Event]]:
    """Each condition, and its contrary, asked at each of many instants by a window of its own."""
    events: list[Event] = []
    for day in range(14):
        probes = iter(range(3 * day, 3 * day + 3))

        def probe(after: int, numbers: Iterator[int] = probes) -> None:
            number = next(numbers)
            events.append(said(100 + number, "track", after, name="probed", probe=number))

        probe(day * DAY - 1 if day else 0)
        probe(day * DAY)
        for number, when in enumerate(SENT):
            if when == day:
                user = f"u{1 + number % 2}"
                events.append(said(number, "track", day * DAY, name="sent", user=user))
        probe(day * DAY)
    rules = [
        f'{contrary}({asked}) and did("probed" where probe == {number} within 1s)'
        for asked in ASKED
        for contrary in ("", "not ")
        for number in range(3 * 14)
    ]
    milestones = [
        {"id": f"m{number}", "title": "M", "reached_when": rule, "first_value": not number}
        for number, rule in enumerate(rules)
    ]
    kinds = {"sent": {}, "probed": {"properties": {"probe": {"type": "integer"}}}}
    declared = {"name": "probed", "events": kinds, "milestones": milestones}
    return Playbook.model_validate(declared), events


def test_windows_open_and_close_at_their_microsecond_before_and_after_each_event(
    warehouse: Warehouse,
) -> None:
    playbook, events = probed()
    warehouse.load(playbook, events)
    found = warehouse.reached(playbook, until=20 * DAY + events[0].occurred_at)
    assert found == told(Deck(playbook), events, 20 * DAY + events[0].occurred_at)
    assert len(found) > 1_000


@pytest.mark.parametrize(("after", "times"), [(DAY - 1, 1), (DAY, 0)])
def test_two_that_lie_a_whole_window_apart_are_never_within_it(
    warehouse: Warehouse, after: int, times: int
) -> None:
    playbook = deck(['count("sent" within 1d) >= 2'])
    warehouse.load(playbook, [said(n, "track", n * after, name="sent", total=n) for n in (0, 1)])
    assert len(warehouse.reached(playbook)) == times
