"""What every store must do, as tests. Subclass it and give it a fixture `make_store`.

`make_store()` gives an empty store that shares nothing with those it gave before.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from msgspec.structs import replace

from guidepath.ports import Change, Draft, Row, Store
from guidepath.subject import Subject
from guidepath.testing.erasure_contract import ErasureContract
from guidepath.testing.outbox_contract import OutboxContract
from guidepath.testing.sample import ALICE, BOB, happened, progress, spoken
from guidepath.testing.store_machine import StoreMachine

MACHINE = settings(max_examples=30, stateful_step_count=25, deadline=None)


class StoreContract(OutboxContract, ErasureContract):
    """Every store passes these; each test gets one from `make_store`."""

    @pytest.fixture
    def store(self, make_store: Callable[[], Store]) -> Iterator[Store]:
        """An empty store."""
        store = make_store()
        yield store
        store.close()

    def test_any_sequence_of_calls_leaves_what_the_plain_model_has(
        self, make_store: Callable[[], Store]
    ) -> None:
        """Random calls against dictionaries; each run gets an empty store."""
        machine = type("Machine", (StoreMachine,), {"make": staticmethod(make_store)})
        run_state_machine_as_test(machine, settings=MACHINE)

    def test_of_whom_nothing_is_known_there_is_version_nought(self, store: Store) -> None:
        """An unknown subject is no error."""
        found = store.load("acme", [ALICE], ["e1"])
        assert found.account == Row(None, 0)
        assert found.users == {ALICE: Row(None, 0)}
        assert found.known == {}

    def test_what_is_saved_is_loaded(self, store: Store) -> None:
        """Rows, event ids and versions come back."""
        first = happened("e1", 5)
        drafts = {None: Draft(progress(1), 0), ALICE: Draft(progress(2), 0)}
        assert store.save(Change("acme", drafts, [first]))
        found = store.load("acme", [ALICE, BOB], ["e1", "e2"])
        assert found.account.progress == progress(1)
        assert found.users[ALICE].progress == progress(2)
        assert found.users[BOB] == Row(None, 0)
        assert found.known == {"e1": first.digest}

    def test_a_stale_version_saves_nothing_at_all(self, store: Store) -> None:
        """One conflict undoes the whole change."""
        assert store.save(Change("acme", {ALICE: Draft(progress(1), 0)}))
        stale = {None: Draft(progress(9), 0), ALICE: Draft(progress(9), 0)}
        assert not store.save(Change("acme", stale, [happened("e1", 5)], [spoken(1)]))
        found = store.load("acme", [ALICE], ["e1"])
        assert found.account == Row(None, 0)
        assert found.users[ALICE].progress == progress(1)
        assert found.known == {}
        assert store.claim("s", now=0, lease=1, most=9) is None

    def test_what_was_only_read_stays_and_must_be_what_it_was(self, store: Store) -> None:
        """A draft without progress is a look at a row: it saves nothing of it."""
        first = {None: Draft(progress(1), 0), ALICE: Draft(progress(1), 0)}
        assert store.save(Change("acme", first))
        found = store.load("acme", [ALICE])
        read = Draft(None, found.account.version)
        for number, user in enumerate((ALICE, BOB)):
            drafts = {None: read, user: Draft(progress(2), store.versions("acme", user)[1])}
            assert store.save(Change("acme", drafts, [happened(f"e{number}", 5, user=user)]))
        assert store.load("acme", []).account == found.account
        assert store.save(Change("acme", {None: Draft(progress(3), read.version)}))
        for number, user in enumerate((ALICE, BOB, "carol")):
            drafts = {None: read, user: Draft(progress(9), store.versions("acme", user)[1])}
            late = Change("acme", drafts, [happened(f"late{number}", 6, user=user)], [spoken(1)])
            assert not store.save(late)
        left = store.load("acme", [ALICE, BOB, "carol"])
        assert [one.progress for one in left.users.values()] == [progress(2), progress(2), None]
        assert left.account.progress == progress(3)
        assert [one.id for one in store.history("acme")] == ["e0", "e1"]
        assert store.claim("s", now=0, lease=1, most=9) is None

    def test_versions_are_those_that_load_gives(self, store: Store) -> None:
        """Also of whom nothing is known."""
        assert store.versions("acme", ALICE) == (0, 0)
        drafts = {None: Draft(progress(1), 0), ALICE: Draft(progress(2), 0)}
        assert store.save(Change("acme", drafts))
        found = store.load("acme", [ALICE])
        assert store.versions("acme", ALICE) == (
            found.account.version,
            found.users[ALICE].version,
        )
        assert store.versions("acme") == (found.account.version, 0)
        assert store.versions("acme", BOB) == (found.account.version, 0)

    def test_an_event_is_stored_once(self, store: Store) -> None:
        """A second event with the id of a stored one undoes its change."""
        assert store.save(Change("acme", {ALICE: Draft(progress(1), 0)}, [happened("e1", 5)]))
        again = Change("acme", {BOB: Draft(progress(1), 0)}, [happened("e1", 5, user=BOB)])
        assert not store.save(again)
        assert store.load("acme", [BOB]).users[BOB] == Row(None, 0)

    def test_an_event_twice_in_one_change_saves_nothing(self, store: Store) -> None:
        """The caller tells repeats apart before it decides."""
        twice = [happened("e1", 5), happened("e1", 5)]
        assert not store.save(Change("acme", {ALICE: Draft(progress(1), 0)}, twice))
        assert store.load("acme", [ALICE]).users[ALICE] == Row(None, 0)
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

    def test_what_is_pruned_is_gone_from_the_history_alone(self, store: Store) -> None:
        """Only of the users named, and only up to an instant; totals count on."""
        for number, user in enumerate((ALICE, BOB, None, ALICE), 1):
            saved = replace(happened(f"e{number}", number), user=user)
            assert store.save(
                Change("acme", {user: Draft(progress(1), 0)} if number < 4 else {}, [saved])
            )
        assert [one.id for one in store.history("acme", until=2)] == ["e1", "e2"]
        assert [one.id for one in store.history("acme", ALICE, until=3)] == ["e1"]
        assert store.prune("acme", [ALICE, "nobody"], until=3) == 1
        assert store.prune("acme", [ALICE, None], until=3) == 1
        assert store.prune("bolt", [ALICE, None], until=9) == 0
        assert [one.id for one in store.history("acme")] == ["e2", "e4"]
        found = store.load("acme", [ALICE], ["e1", "e2", "e3", "e4"])
        assert set(found.known) == {"e2", "e4"}
        assert found.users[ALICE].progress == progress(1)
        assert store.totals() == (4, 4)
        assert store.prune("acme", [ALICE, BOB, None], until=4) == 2
        assert store.totals() == (4, 4)
        again = happened("e1", 7, user=ALICE)
        assert store.save(Change("acme", {}, [again]))
        assert store.totals() == (5, 7)

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
        version = store.load("acme", [ALICE]).users[ALICE].version
        assert store.save(Change("acme", {ALICE: Draft(progress(2), version)}))
        assert store.subjects(due=10) == []

    def test_totals_count_messages_but_no_feedback(self, store: Store) -> None:
        """Feedback is not what the product said."""
        assert store.totals() == (0, None)
        feedback = replace(happened("f", 9), kind="feedback")
        assert store.save(Change("acme", {}, [happened("a", 5), happened("b", 3), feedback]))
        assert store.totals() == (2, 5)

    def test_of_concurrent_saves_on_one_version_one_wins(self, store: Store) -> None:
        """And it is the one that is there afterwards."""

        def save(number: int) -> bool:
            draft = Draft(progress(number), 0)
            return store.save(Change("acme", {ALICE: draft}, [happened(f"e{number}", number)]))

        with ThreadPoolExecutor(8) as threads:
            won = [number for number, done in enumerate(threads.map(save, range(32))) if done]
        assert len(won) == 1
        assert store.load("acme", [ALICE]).users[ALICE].progress == progress(won[0])
        assert [one.id for one in store.history("acme")] == [f"e{won[0]}"]
