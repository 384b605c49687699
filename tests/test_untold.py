"""Users are told by the sweep of what their account has reached, though they are away."""

from typing import Any

from tests.test_flow import MATE, SENT, TEAM, TWICE, playbook, row, said

from guidepath import Guidepath
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.deck import Deck
from guidepath.ports import Change
from guidepath.relay import Relay
from guidepath.testing import FrozenClock

BOOK = playbook(SENT, TEAM, MATE)


def waiting(store: MemoryStore) -> tuple[Guidepath, Relay, FrozenClock]:
    """Ada has opened and is away; by what Bob sends, the account is a team."""
    clock = FrozenClock()
    guide = Guidepath(BOOK, store, clock=clock)
    guide.track("opened", user="ada", account="a")
    guide.track("sent", user="ada", account="a")
    clock.tick(days=1)
    guide.track("sent", user="bob", account="a")
    clock.tick(hours=1)
    return guide, Relay(store, [], deck=Deck(BOOK), clock=clock), clock


def test_the_sweep_brings_users_up_to_date_with_what_their_account_has_reached() -> None:
    store = MemoryStore()
    guide, relay, _clock = waiting(store)
    assert "mate" not in row(guide, "ada").reached
    assert relay.sweep() == 1
    assert row(guide, "ada").reached["mate"] == row(guide, None).reached["team"]
    assert [one.user for one in said(store) if one.data.get("milestone") == "mate"] == ["ada"]
    assert row(guide, None).untold is None
    assert relay.sweep() == 0


def test_what_users_do_not_read_makes_nothing_due() -> None:
    guide = Guidepath(playbook(SENT, TEAM))
    for user in ("ada", "bob"):
        guide.track("sent", user=user, account="a")
    assert "team" in row(guide, None).reached
    assert row(guide, None).due is None


def test_while_they_are_untold_events_are_folded_as_ever() -> None:
    store = MemoryStore()
    guide, relay, _clock = waiting(store)
    before = row(guide, None)
    for _ in range(3):
        guide.track("opened", user="bob", account="a")
    assert row(guide, None) == before
    assert row(guide, "bob").reached.keys() == {"sent", "mate"}
    relay.sweep()
    assert "mate" in row(guide, "ada").reached


def test_they_are_told_though_the_playbook_changed_meanwhile() -> None:
    store = MemoryStore()
    _guide, _relay, clock = waiting(store)
    book = playbook(SENT, TEAM, MATE, TWICE)
    guide = Guidepath(book, store, clock=clock)
    guide.track("sent", user="bob", account="a")
    assert row(guide, None).untold is not None
    Relay(store, [], deck=Deck(book), clock=clock).sweep()
    assert "mate" in row(guide, "ada").reached
    assert row(guide, None).untold is None


def test_two_sweeps_at_once_and_one_that_dies_tell_everybody_once() -> None:
    class Unsteady(MemoryStore):
        saves = 99

        def save(self, change: Change) -> bool:
            self.saves -= 1
            if self.saves == 1:
                other.sweep()
            if self.saves == 0:
                raise InterruptedError
            return super().save(change)

    for dies_at in range(1, 4):
        store = Unsteady()
        guide, relay, clock = waiting(store)
        other = Relay(store, [], deck=Deck(BOOK), clock=clock)
        store.saves = dies_at
        try:
            relay.sweep()
        except InterruptedError:
            store.saves = 99
            relay.sweep()
        told = [one for one in said(store) if one.data.get("milestone") == "mate"]
        assert sorted(str(one.user) for one in told) == ["ada", "bob"][: len(told)]
        assert "mate" in row(guide, "ada").reached
        assert row(guide, None).untold is None


def test_what_the_account_reaches_meanwhile_is_told_by_the_next_sweep() -> None:
    second = 'crowd, title: Crowd, scope: account, reached_when: account.users("sent") >= 3'
    proud = "proud, title: Proud, reached_when: reached(crowd)"
    book = playbook(SENT, TEAM, MATE, second, proud)

    class Busy(MemoryStore):
        meanwhile: Any = None

        def subjects(self, **named: Any) -> Any:
            found = super().subjects(**named)
            if self.meanwhile is not None and "due" not in named:
                act, self.meanwhile = self.meanwhile, None
                act()
            return found

    store, clock = Busy(), FrozenClock()
    guide = Guidepath(book, store, clock=clock)
    relay = Relay(store, [], deck=Deck(book), clock=clock)
    for user in ("ada", "bob"):
        guide.track("sent", user=user, account="a")
    store.meanwhile = lambda: guide.track("sent", user="cyd", account="a")
    relay.sweep()
    assert row(guide, None).untold is not None
    relay.sweep()
    assert row(guide, None).untold is None
    assert all("proud" in row(guide, user).reached for user in ("ada", "bob", "cyd"))
