from guidepath.cli.census import Census
from guidepath.event import Event, EventKind, event
from guidepath.insight.report import Standing
from guidepath.subject import Subject


def said(at: int, user: str | None, kind: EventKind = "track", role: str | None = None) -> Event:
    name = "sent" if kind == "track" else ""
    return event(kind, name, subject=Subject("a", user), id=f"{at}", now=at, at=at, role=role)


def counted(*events: Event) -> dict[str | None, Standing]:
    census = Census()
    for one in events:
        census.add(one)
    return {one.user: one for one in census.standings(())}


def test_a_start_is_the_earliest_event_of_any_kind_however_late_it_arrives() -> None:
    found = counted(said(5, "ada"), said(3, "ada", "identify"), said(4, "bob"), said(2, None))
    assert {user: one.start for user, one in found.items()} == {"ada": 3, "bob": 4, None: 2}


def test_an_account_starts_with_its_first_user() -> None:
    assert counted(said(5, "ada"), said(4, "bob"))[None].start == 4


def test_the_role_is_the_earliest_that_is_told_and_of_one_instant_the_first_that_arrived() -> None:
    roles = [(7, "late"), (5, "first"), (5, "second"), (2, None)]
    found = counted(*(said(at, "ada", "identify", role) for at, role in roles))
    assert (found["ada"].role, found["ada"].start, found[None].role) == ("first", 2, None)


def test_the_newest_time_is_of_all_events() -> None:
    census = Census()
    for at in (1, 9, 4):
        census.add(said(at, "ada"))
    assert census.newest == 9


def test_what_was_reached_stands_with_whom_it_belongs_to() -> None:
    census = Census()
    census.add(said(1, "ada"))
    found = census.standings([("a", None, "team", 3), ("a", "ada", "sent", 2)])
    assert {one.user: one.reached for one in found} == {None: {"team": 3}, "ada": {"sent": 2}}
