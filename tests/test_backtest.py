"""Two playbooks over one past."""

from collections.abc import Sequence

import pytest

from guidepath.adapters.stores.memory import MemoryStore
from guidepath.backtest import Rerun, milestones, places, renamed
from guidepath.clock import DAY, HOUR
from guidepath.deck import Deck
from guidepath.event import Event, event
from guidepath.insight.backtest import Because, Place, Switch, Twin
from guidepath.playbook.playbook import Playbook
from guidepath.subject import Subject

BASE = """
name: ledgerly
roles: [owner, member]
attributes: {account: {size: {type: integer, optional: true}}}
events: {invoice.sent: {}, contact.imported: {}}
milestones:
  - {id: first, title: Send it, reached_when: did("invoice.sent"), first_value: true}
  - {id: rest, title: Rest a while, reached_when: since("invoice.sent") > 2d}
  - id: team
    title: Two people
    scope: account
    reached_when: account.users("invoice.sent" within 30d) >= 2
"""
TIP = """
  - {id: tip, type: banner, moment: onboard, toward: first, title: Send one}
"""
ASK = """
  - {id: ask, type: banner, moment: nurture, toward: team, title: Ask a colleague}
"""


def playbook(guidance: str = "", base: str = BASE) -> Playbook:
    return Playbook.parse(f"{base}guidance:{guidance}" if guidance else base)


def said(user: str | None, name: str, hours: float, *, account: str = "acme") -> Event:
    at = round(hours * HOUR)
    return event(
        "track" if user else "group",
        name if user else "",
        subject=Subject(account, user),
        id=f"{account} {user} {name} {hours}",
        now=9_999 * DAY,
        at=at,
        properties=None if user else {"size": int(name)},
    )


def twins(
    old: Playbook,
    new: Playbook,
    log: Sequence[Event],
    *,
    until: float = 240,
    only: Sequence[str] = (),
    told: int = 9,
    done: list[tuple[int, int]] | None = None,
) -> dict[Subject, Twin]:
    rerun = Rerun(
        *map(Deck, (old, new)),
        until=round(until * HOUR),
        places=places((old, new), only),
        told=told,
    )
    by_account: dict[str, list[Event]] = {}
    for one in log:
        by_account.setdefault(one.account, []).append(one)
    steps = [] if done is None else done
    found = rerun.twins(by_account, MemoryStore, lambda *step: steps.append(step))
    return {Subject(one.before.account, one.before.user): one for one in found}


def switch(
    old: str, new: str, *log: Event, only: Sequence[str] = (), until: float = 240
) -> tuple[Switch, ...]:
    """What changes for ada."""
    found = twins(playbook(old), playbook(new), log, only=only, until=until)
    return found[Subject("acme", "ada")].switches


VISIT = said("ada", "contact.imported", 1)
SENT = said("ada", "invoice.sent", 5)


def test_each_subject_stands_under_both_playbooks_as_it_would_if_each_had_been_there_alone() -> (
    None
):
    later = BASE.replace('did("invoice.sent")', 'count("invoice.sent") >= 2')
    log = [VISIT, SENT, said("bob", "invoice.sent", 6), said("ada", "invoice.sent", 9)]
    found = twins(playbook(), playbook(base=later), log, until=30)
    assert list(found) == [Subject("acme", one) for one in (None, "ada", "bob")]
    ada = found[Subject("acme", "ada")]
    assert (ada.before.start, ada.after.start) == (HOUR, HOUR)
    assert (ada.before.reached, ada.after.reached) == ({"first": 5 * HOUR}, {"first": 9 * HOUR})
    bob = found[Subject("acme", "bob")]
    assert (bob.before.reached, bob.after.reached) == ({"first": 6 * HOUR}, {})
    assert found[Subject("acme")].before.reached == {"team": 6 * HOUR}


def test_what_waiting_makes_true_by_the_end_counts() -> None:
    sooner = BASE.replace("> 2d", "> 1d")
    ada = twins(playbook(), playbook(base=sooner), [SENT])[Subject("acme", "ada")]
    at = [one.reached["rest"] for one in (ada.before, ada.after)]
    assert at == [(5 + 48) * HOUR + 1, (5 + 24) * HOUR + 1]


def test_what_happened_after_the_end_is_not_known_yet() -> None:
    found = twins(playbook(), playbook(), [VISIT, SENT, said("bob", "invoice.sent", 6)], until=4)
    assert list(found) == [Subject("acme"), Subject("acme", "ada")]
    assert found[Subject("acme", "ada")].before.reached == {}


def test_a_person_is_counted_in_the_role_she_began_with() -> None:
    subject = Subject("acme", "ada")
    roles = [
        event("identify", "", subject=subject, id=role, now=9_999 * DAY, at=at, role=role)
        for at, role in ((1, "member"), (2, "owner"))
    ]
    ada = twins(playbook(), playbook(), roles)[subject]
    assert (ada.before.role, ada.after.role) == ("member", "member")


def test_accounts_do_not_know_of_each_other() -> None:
    log = [SENT, said("bob", "invoice.sent", 6, account="zeta")]
    found = twins(playbook(), playbook(), log)
    assert [one.account for one in found] == ["acme", "acme", "zeta", "zeta"]
    assert not found[Subject("acme")].before.reached


def test_an_account_without_users_is_looked_at_too() -> None:
    large = BASE.replace(
        'account.users("invoice.sent" within 30d) >= 2', "account.size is set and account.size > 5"
    )
    found = twins(playbook(base=large), playbook(), [said(None, "7", 3)])
    assert found[Subject("acme")].before.reached == {"team": 3 * HOUR}


def test_a_next_item_that_stays_is_no_switch() -> None:
    assert switch(TIP + ASK, TIP + ASK, VISIT) == ()
    assert switch(ASK, ASK + TIP, SENT) == ()  # tip is done


@pytest.mark.parametrize(
    ("old", "new", "log", "found"),
    [
        (TIP, ASK, VISIT, ("tip", "ask", Because("tip", "REMOVED"))),
        ("", TIP, VISIT, (None, "tip", Because("tip", "ADDED"))),
        (TIP, "", VISIT, ("tip", None, Because("tip", "REMOVED"))),
        (
            ASK,
            ASK + TIP,
            VISIT,
            ("ask", "tip", Because("ask", "OUTRANKED", "tip comes first", "nothing before it")),
        ),
        (
            TIP,
            TIP.replace("title", "roles: [owner], title"),
            VISIT,
            ("tip", None, Because("tip", "WRONG_ROLE", "no role", "owner")),
        ),
        (
            TIP.replace("title", 'when: did("invoice.sent" within 2d), title'),
            TIP,
            VISIT,
            (None, "tip", Because("tip", "RULE", "never", "at least once in the last 2 days")),
        ),
        (TIP, TIP.replace("Send one", "Send two"), VISIT, ("tip", "tip", Because("tip", "EDITED"))),
    ],
)
def test_why_another_item_is_shown_is_what_closes_the_old_one_now_or_closed_the_new_one_before(
    old: str, new: str, log: Event, found: tuple[str | None, str | None, Because]
) -> None:
    before, after, because = found
    assert switch(old, new, log) == (Switch(before, after, (Place(),), because),)


def test_terms_that_still_let_the_same_person_see_the_same_are_no_switch() -> None:
    loose = TIP.replace("title", "moment: renew, frequency: {max: 9}, roles: [], title")
    assert switch(TIP, loose.replace("moment: onboard, ", ""), VISIT) == ()


TOUR = """
  - id: tip
    type: tour
    moment: onboard
    toward: first
    title: A tour
    steps:
      - {id: one, title: Here}
      - {id: two, title: There, when: did("contact.imported"), page: /there}
"""


def test_other_steps_of_a_tour_are_other_content() -> None:
    assert switch(TOUR, TOUR.replace("did(", "not not did("), VISIT) == ()
    changed = switch(TOUR, TOUR.replace('did("c', 'not did("c'), VISIT, only=["/"])
    assert changed == (Switch("tip", "tip", (Place("/"),), Because("tip", "EDITED")),)


def test_a_switch_names_every_place_and_its_reason_is_of_the_first() -> None:
    paged = TIP.replace("title", "page: [/a, /b/*], title")
    found = switch(paged, paged.replace("/a, ", ""), VISIT)
    assert found == (Switch("tip", None, (Place("/a"),), Because("tip", "NOT_HERE", "/a", "/b/*")),)
    found = switch(paged, ASK.replace("title", "page: /b/*, title"), VISIT)
    assert [(one.before, one.after, one.places) for one in found] == [
        ("tip", None, (Place("/a"),)),
        ("tip", "ask", (Place("/b/*"),)),
    ]
    both = switch(paged, "", VISIT)
    assert both == (Switch("tip", None, (Place("/a"), Place("/b/*")), Because("tip", "REMOVED")),)


def test_only_the_pages_that_are_asked_about_are_compared() -> None:
    paged = TIP.replace("title", "page: /a, title")
    assert switch(paged, "", VISIT, only=["/b"]) == ()
    assert switch(paged, "", VISIT, only=["/b", "/a?x=1"])[0].places == (Place("/a?x=1"),)


def test_words_are_told_for_the_first_people_of_each_change_only() -> None:
    log = [said(user, "contact.imported", 1) for user in ("ada", "bob", "cyd")]
    found = twins(
        playbook(TIP), playbook(TIP.replace("title", "roles: [owner], title")), log, told=2
    )
    words = [one.switches[0].because for one in found.values() if one.switches]
    told, untold = Because("tip", "WRONG_ROLE", "no role", "owner"), Because("tip", "WRONG_ROLE")
    assert words == [told, told, untold]


def test_the_work_is_counted_to_its_end_in_events_and_people() -> None:
    done: list[tuple[int, int]] = []
    log = [VISIT, SENT, said("bob", "invoice.sent", 6), said("eve", "invoice.sent", 7, account="z")]
    twins(playbook(), playbook(), log, done=done)
    assert [one for one, _ in done] == sorted(one for one, _ in done)
    assert {of for _, of in done} == {4 + 3}
    assert done[-1] == (7, 7)


def test_places_are_the_pages_that_guidance_steps_and_rules_name_and_no_page() -> None:
    asks = """when: 'page matches "/c/*" or page in ["/d", "/e"]', title"""
    rules = TIP.replace("title", asks)
    named = playbook(TIP.replace("title", "page: /b, title")), playbook(TOUR), playbook(rules)
    assert places(named) == tuple(map(Place, (None, "/b", "/c/*", "/d", "/e", "/there")))
    assert places(named, ["/z", "/a", "/z"]) == (Place("/z"), Place("/a"))
    assert places([playbook()]) == (Place(),)


@pytest.mark.parametrize("asks", ["device: [mobile], title", 'when: device == "mobile", title'])
def test_where_a_playbook_asks_for_the_device_every_page_is_looked_at_on_each(asks: str) -> None:
    on_mobile = TIP.replace("title", asks)
    found = places([playbook(on_mobile)], ["/a"])
    assert found == tuple(Place("/a", one) for one in ("desktop", "tablet", "mobile"))
    assert switch(on_mobile, "", VISIT)[0].places == (Place(None, "mobile"),)


def test_a_pattern_is_a_path_that_fits_itself_and_what_is_wider() -> None:
    wide = TIP.replace("title", "page: /a/**, title")
    narrow = ASK.replace("title", "page: /a/*/edit, title")
    found = switch(wide + narrow, narrow, VISIT)
    assert [(one.after, one.places) for one in found] == [
        (None, (Place("/a/**"),)),
        ("ask", (Place("/a/*/edit"),)),
    ]


def test_milestones_are_named_with_their_title_and_their_old_id() -> None:
    other = BASE.replace("title: Send it,", "title: {en: Send it, de: Senden}, renamed_from: send,")
    known = playbook(base=other)
    assert [(one.id, one.title, one.scope) for one in milestones(Deck(known))] == [
        ("first", "Send it", "user"),
        ("rest", "Rest a while", "user"),
        ("team", "Two people", "account"),
    ]
    assert renamed(known) == {"first": "send"}
