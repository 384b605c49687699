"""What every store must do, as tests. Subclass it and give it a fixture `store`."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from guidepath.event import Envelope, Event, event
from guidepath.ports import Change, Draft, Store
from guidepath.progress import Progress
from guidepath.rules.facts import Memory
from guidepath.subject import Subject

ALICE, BOB = "alice", "bob"


def happened(name: str, at: int, *, user: str = ALICE, account: str = "acme") -> Event:
    """An event with its name as id."""
    return event("track", name, subject=Subject(account, user), id=name, now=at, at=at)


def spoken(number: int, *, user: str | None = ALICE, account: str = "acme") -> Envelope:
    """An envelope with its number as id."""
    return Envelope(
        id=f"evt_{number}",
        type="milestone.reached",
        occurred_at=number,
        account=account,
        user=user,
        data={"milestone": "first"},
        playbook="p",
        seq=number,
    )


def progress(clock: int, *, due: int | None = None) -> Progress:
    """Some progress, told apart by its clock."""
    return Progress(fingerprint="f", memory=Memory(), start=1, clock=clock, due=due)


class StoreContract:
    """Every store passes these."""

    def test_of_whom_nothing_is_known_there_is_version_nought(self, store: Store) -> None:
        """An unknown subject is no error."""
        found = store.load("acme", [ALICE], ["e1"])
        assert found.account == (None, 0)
        assert found.users == {ALICE: (None, 0)}
        assert found.known == {}

    def test_what_is_saved_is_loaded(self, store: Store) -> None:
        """Rows, event ids and versions come back."""
        first = happened("e1", 5)
        drafts = {None: Draft(progress(1), 0), ALICE: Draft(progress(2), 0)}
        assert store.save(Change("acme", drafts, [first]))
        found = store.load("acme", [ALICE, BOB], ["e1", "e2"])
        assert found.account == (progress(1), 1)
        assert found.users == {ALICE: (progress(2), 1), BOB: (None, 0)}
        assert found.known == {"e1": first.digest}

    def test_a_stale_version_saves_nothing_at_all(self, store: Store) -> None:
        """One conflict undoes the whole change."""
        assert store.save(Change("acme", {ALICE: Draft(progress(1), 0)}))
        stale = {None: Draft(progress(9), 0), ALICE: Draft(progress(9), 0)}
        assert not store.save(Change("acme", stale, [happened("e1", 5)], [spoken(1)]))
        found = store.load("acme", [ALICE], ["e1"])
        assert found.account == (None, 0)
        assert found.users[ALICE] == (progress(1), 1)
        assert found.known == {}
        assert store.claim("s", now=0, lease=1, most=9) is None

    def test_an_event_is_stored_once(self, store: Store) -> None:
        """A second event with the id of a stored one undoes its change."""
        assert store.save(Change("acme", {ALICE: Draft(progress(1), 0)}, [happened("e1", 5)]))
        again = Change("acme", {BOB: Draft(progress(1), 0)}, [happened("e1", 5, user=BOB)])
        assert not store.save(again)
        assert store.load("acme", [BOB]).users[BOB] == (None, 0)

    def test_an_event_twice_in_one_change_saves_nothing(self, store: Store) -> None:
        """The caller tells repeats apart before it decides."""
        twice = [happened("e1", 5), happened("e1", 5)]
        assert not store.save(Change("acme", {ALICE: Draft(progress(1), 0)}, twice))
        assert store.load("acme", [ALICE]).users[ALICE] == (None, 0)
        assert store.history("acme") == []

    def test_accounts_do_not_share_event_ids_or_rows(self, store: Store) -> None:
        """The same ids in another account are others."""
        for account in ("acme", "bolt"):
            change = [happened("e1", 5, account=account)]
            assert store.save(Change(account, {ALICE: Draft(progress(1), 0)}, change))
        assert len(store.history("acme")) == len(store.history("bolt")) == 1

    def test_history_is_in_order_of_occurrence_and_then_of_arrival(self, store: Store) -> None:
        """Whatever the order in which it was saved."""
        for name, at, user in (("c", 3, ALICE), ("a", 1, BOB), ("b", 1, ALICE), ("d", 3, BOB)):
            saved = Change("acme", {}, [happened(name, at, user=user)])
            assert store.save(saved)
        assert [one.id for one in store.history("acme")] == ["a", "b", "c", "d"]
        assert [one.id for one in store.history("acme", BOB)] == ["a", "d"]
        assert store.history("acme", BOB)[0].occurred_at == 1

    def test_subjects_come_in_pages_each_account_before_its_users(self, store: Store) -> None:
        """A page ends anywhere, and the next goes on there."""
        for account in ("bolt", "acme"):
            drafts = {user: Draft(progress(1), 0) for user in (BOB, None, ALICE)}
            assert store.save(Change(account, drafts))
        found: list[Subject] = []
        while page := store.subjects(after=found[-1] if found else None, most=2):
            found += [subject for subject, _ in page]
        accounts = [(account, user) for account in ("acme", "bolt") for user in (None, ALICE, BOB)]
        assert found == [Subject(*one) for one in accounts]

    def test_due_subjects_are_those_whose_time_has_come(self, store: Store) -> None:
        """Due at the instant counts; not due at all does not."""
        rows = {ALICE: progress(1, due=10), BOB: progress(1, due=11), None: progress(1)}
        assert store.save(Change("acme", {user: Draft(one, 0) for user, one in rows.items()}))
        assert [subject.user for subject, _ in store.subjects(due=10)] == [ALICE]
        assert store.save(Change("acme", {ALICE: Draft(progress(2), 1)}))
        assert store.subjects(due=10) == []

    def test_totals_count_messages_but_no_feedback(self, store: Store) -> None:
        """Feedback is not what the product said."""
        assert store.totals() == (0, None)
        feedback = replace(happened("f", 9), kind="feedback")
        assert store.save(Change("acme", {}, [happened("a", 5), happened("b", 3), feedback]))
        assert store.totals() == (2, 5)

    def test_envelopes_are_leased_in_order_and_to_one_at_a_time(self, store: Store) -> None:
        """A second relay gets nothing until the lease ends."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2), spoken(3)]))
        parcel = store.claim("s", now=100, lease=10, most=2)
        assert parcel is not None
        assert list(parcel.envelopes) == [spoken(1), spoken(2)]
        assert store.claim("s", now=109, lease=10, most=2) is None
        again = store.claim("s", now=110, lease=10, most=2)
        assert again is not None
        assert list(again.envelopes) == [spoken(1), spoken(2)]

    def test_what_is_delivered_does_not_come_again(self, store: Store) -> None:
        """Settled envelopes are passed; the rest follows."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2), spoken(3)]))
        parcel = store.claim("s", now=0, lease=10, most=2)
        assert parcel is not None
        store.settle(parcel, delivered=2)
        rest = store.claim("s", now=1, lease=10, most=2)
        assert rest is not None
        assert list(rest.envelopes) == [spoken(3)]
        store.settle(rest, delivered=1)
        assert store.claim("s", now=2, lease=10, most=2) is None

    def test_what_failed_comes_again_after_its_pause(self, store: Store) -> None:
        """Failures in a row are counted, and forgotten with a success."""
        assert store.save(Change("acme", {}, [], [spoken(1)]))
        parcel = store.claim("s", now=0, lease=10, most=9)
        assert parcel is not None
        store.settle(parcel, delivered=0, retry_at=50)
        assert store.claim("s", now=49, lease=10, most=9) is None
        again = store.claim("s", now=50, lease=10, most=9)
        assert again is not None
        assert again.failures == 1

    def test_a_lease_that_was_taken_over_settles_nothing(self, store: Store) -> None:
        """The relay that was too slow must not move the cursor."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2)]))
        slow = store.claim("s", now=0, lease=10, most=1)
        quick = store.claim("s", now=20, lease=10, most=2)
        assert slow is not None
        assert quick is not None
        store.settle(quick, delivered=2)
        store.settle(slow, delivered=1)
        assert store.claim("s", now=99, lease=10, most=9) is None

    def test_each_sink_has_its_own_pace(self, store: Store) -> None:
        """One that is behind holds up no other."""
        assert store.save(Change("acme", {}, [], [spoken(1)]))
        fast = store.claim("fast", now=0, lease=10, most=9)
        assert fast is not None
        store.settle(fast, delivered=1)
        assert store.claim("slow", now=0, lease=10, most=9) is not None

    def test_an_erased_user_is_gone_and_others_are_not(self, store: Store) -> None:
        """Progress, history and unsent envelopes."""
        _fill(store, (ALICE, BOB))
        store.erase(Subject("acme", ALICE))
        assert store.load("acme", [ALICE]).users[ALICE] == (None, 0)
        assert [one.user for one in store.history("acme")] == [BOB]
        parcel = store.claim("s", now=0, lease=1, most=9)
        assert parcel is not None
        assert [one.user for one in parcel.envelopes] == [BOB]

    def test_an_erased_account_takes_all_its_users_along(self, store: Store) -> None:
        """Nothing of it is left."""
        _fill(store, (ALICE, BOB))
        store.erase(Subject("acme"))
        assert store.subjects() == []
        assert store.history("acme") == []
        assert store.totals().messages == 0

    def test_of_concurrent_saves_on_one_version_one_wins(self, store: Store) -> None:
        """And it is the one that is there afterwards."""

        def save(number: int) -> bool:
            draft = Draft(progress(number), 0)
            return store.save(Change("acme", {ALICE: draft}, [happened(f"e{number}", number)]))

        with ThreadPoolExecutor(8) as threads:
            won = [number for number, done in enumerate(threads.map(save, range(32))) if done]
        assert len(won) == 1
        assert store.load("acme", [ALICE]).users[ALICE] == (progress(won[0]), 1)
        assert [one.id for one in store.history("acme")] == [f"e{won[0]}"]


def _fill(store: Store, users: Sequence[str]) -> None:
    for number, user in enumerate(users, 1):
        change = Change(
            "acme",
            {user: Draft(progress(number), 0)},
            [happened(f"e{number}", number, user=user)],
            [spoken(number, user=user)],
        )
        assert store.save(change)
