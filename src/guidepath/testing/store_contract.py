"""What every store must do, as tests. Subclass it and give it a fixture `make_store`.

`make_store()` gives an empty store that shares nothing with those it gave before.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from msgspec.structs import replace

from guidepath.ports import Change, DeadLetter, Draft, Problem, Queue, Store
from guidepath.subject import Subject
from guidepath.testing.sample import happened, progress, spoken
from guidepath.testing.store_machine import StoreMachine

ALICE, BOB = "alice", "bob"
MACHINE = settings(max_examples=30, stateful_step_count=25, deadline=None)


class StoreContract:
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
        assert found.account == (None, 0)
        assert found.users == {ALICE: (None, 0)}
        assert found.known == {}

    def test_what_is_saved_is_loaded(self, store: Store) -> None:
        """Rows, event ids and versions come back."""
        first = happened("e1", 5)
        drafts = {None: Draft(progress(1), 0), ALICE: Draft(progress(2), 0)}
        assert store.save(Change("acme", drafts, [first]))
        found = store.load("acme", [ALICE, BOB], ["e1", "e2"])
        assert found.account.progress == progress(1)
        assert found.users[ALICE].progress == progress(2)
        assert found.users[BOB] == (None, 0)
        assert found.known == {"e1": first.digest}

    def test_a_stale_version_saves_nothing_at_all(self, store: Store) -> None:
        """One conflict undoes the whole change."""
        assert store.save(Change("acme", {ALICE: Draft(progress(1), 0)}))
        stale = {None: Draft(progress(9), 0), ALICE: Draft(progress(9), 0)}
        assert not store.save(Change("acme", stale, [happened("e1", 5)], [spoken(1)]))
        found = store.load("acme", [ALICE], ["e1"])
        assert found.account == (None, 0)
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
        assert store.settle(parcel, now=0, done=2)
        rest = store.claim("s", now=1, lease=10, most=2)
        assert rest is not None
        assert list(rest.envelopes) == [spoken(3)]
        assert store.settle(rest, now=1, done=1)
        assert store.claim("s", now=2, lease=10, most=2) is None

    def test_what_failed_comes_again_after_its_pause(self, store: Store) -> None:
        """Failures in a row are counted, begin anew with each success, and end without a pause."""
        assert store.save(Change("acme", {}, [], [spoken(number) for number in range(1, 5)]))
        now = 0
        for done, failures in ((0, 0), (0, 1), (1, 2), (0, 1), (1, 2)):
            parcel = store.claim("s", now=now, lease=10, most=9)
            assert parcel is not None
            assert parcel.failures == failures
            assert store.settle(parcel, now=now, done=done, retry_at=now + 50, reason="away")
            assert store.claim("s", now=now + 49, lease=10, most=9) is None
            now += 50
        (queue,) = store.queues([])
        assert (queue.failures, queue.retry_at, queue.reason) == (1, now, "away")
        parcel = store.claim("s", now=now, lease=10, most=9)
        assert parcel is not None
        assert store.settle(parcel, now=now, done=1)
        parcel = store.claim("s", now=now, lease=10, most=9)
        assert parcel is not None
        assert parcel.failures == 0

    def test_a_lease_that_was_taken_over_settles_nothing(self, store: Store) -> None:
        """The relay that was too slow must not move the cursor, also where it comes first."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2)]))
        slow = store.claim("s", now=0, lease=10, most=1)
        quick = store.claim("s", now=20, lease=10, most=2)
        assert slow is not None
        assert quick is not None
        assert not store.settle(slow, now=20, done=1)
        assert store.claim("s", now=21, lease=10, most=2) is None
        assert store.settle(quick, now=21, done=2)
        assert not store.settle(quick, now=21, done=2)
        assert not store.settle(slow, now=22, done=1)
        assert store.claim("s", now=99, lease=10, most=9) is None

    def test_each_sink_has_its_own_pace(self, store: Store) -> None:
        """One that is behind holds up no other."""
        assert store.save(Change("acme", {}, [], [spoken(1)]))
        fast = store.claim("fast", now=0, lease=10, most=9)
        assert fast is not None
        assert store.settle(fast, now=0, done=1)
        assert store.claim("slow", now=0, lease=10, most=9) is not None

    def test_a_poisoned_envelope_becomes_a_dead_letter_and_the_rest_goes_on(
        self, store: Store
    ) -> None:
        """It is listed with its reason until it is buried."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2), spoken(3)]))
        parcel = store.claim("s", now=0, lease=10, most=9)
        assert parcel is not None
        assert store.settle(parcel, now=7, done=2, dead=[Problem(1, "too blue")])
        assert store.dead() == [DeadLetter("s", spoken(2), "too blue", 7)]
        assert store.dead("s") == store.dead()
        assert store.dead("other") == []
        rest = store.claim("s", now=8, lease=10, most=9)
        assert rest is not None
        assert list(rest.envelopes) == [spoken(3)]
        assert store.queues([])[0].dead == 1
        store.bury(store.dead())
        assert store.dead() == []

    def test_what_waits_is_counted_for_each_sink(self, store: Store) -> None:
        """Also for a sink that has never been here."""
        assert store.save(Change("acme", {}, [], [spoken(1)], at=5))
        assert store.save(Change("bolt", {}, [], [spoken(2, account="bolt")], at=6))
        assert store.queues([]) == []
        assert store.queues(["s"]) == [Queue("s", 2, 5)]
        while (parcel := store.claim("s", now=9, lease=10, most=9)) is not None:
            assert store.settle(parcel, now=9, done=len(parcel.envelopes))
        assert store.queues(["t"]) == [Queue("s", 0), Queue("t", 2, 5)]

    def test_only_what_is_old_and_had_by_every_sink_is_trimmed(self, store: Store) -> None:
        """A sink that was here once is waited for; without any, all is kept."""
        assert store.save(Change("acme", {}, [], [spoken(1)], at=5))
        assert store.save(Change("acme", {}, [], [spoken(2)], at=6))
        assert store.trim(before=9) == 0
        for sink in ("s", "t"):
            parcel = store.claim(sink, now=0, lease=10, most=1)
            assert parcel is not None
            assert store.settle(parcel, now=0, done=1)
        assert store.trim(before=5) == 0
        assert store.trim(before=9) == 1
        assert [one.id for one in store.said("acme")] == ["evt_2"]

    def test_a_sink_that_is_forgotten_is_waited_for_no_longer(self, store: Store) -> None:
        """Its dead letters go with it, and where it comes again it begins with what is there."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2)]))
        for sink, done in (("s", 2), ("gone", 1)):
            parcel = store.claim(sink, now=0, lease=10, most=9)
            assert parcel is not None
            assert store.settle(parcel, now=0, done=done, dead=[Problem(0, "no")])
        late = store.claim("gone", now=0, lease=10, most=9)
        assert late is not None
        store.forget("gone")
        assert not store.settle(late, now=0, done=1)
        assert [one.sink for one in store.queues([])] == ["s"]
        assert [one.sink for one in store.dead()] == ["s"]
        assert store.trim(before=9) == 2

    def test_what_is_said_of_a_subject_is_known(self, store: Store) -> None:
        """In the outbox or as a dead letter, each once."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2, user=BOB)]))
        assert store.save(Change("bolt", {}, [], [spoken(3, account="bolt")]))
        while (parcel := store.claim("s", now=0, lease=10, most=9)) is not None:
            assert store.settle(parcel, now=0, done=1, dead=[Problem(0, "no")])
        assert [one.id for one in store.said("acme")] == ["evt_1", "evt_2"]
        assert [one.id for one in store.said("acme", BOB)] == ["evt_2"]

    def test_an_erased_user_is_gone_and_others_are_not(self, store: Store) -> None:
        """Progress, history, envelopes and dead letters."""
        _fill(store, (ALICE, BOB))
        parcel = store.claim("s", now=0, lease=1, most=9)
        assert parcel is not None
        dead = [Problem(0, "no"), Problem(1, "no")]
        assert store.settle(parcel, now=0, done=2, dead=dead)
        assert store.erase(Subject("acme", ALICE), at=9)
        assert store.load("acme", [ALICE]).users[ALICE] == (None, 0)
        assert [one.user for one in store.history("acme")] == [BOB]
        assert [one.user for one in store.said("acme")] == [BOB]
        assert [one.envelope.user for one in store.dead()] == [BOB]
        parcel = store.claim("t", now=0, lease=1, most=9)
        assert parcel is not None
        assert [one.user for one in parcel.envelopes] == [BOB]

    def test_the_mark_of_an_erased_subject_tells_when(self, store: Store) -> None:
        """An account's mark is found with each of its users; a user's with her account only."""
        assert store.erase(Subject("acme", ALICE), at=9)
        assert store.erase(Subject("bolt"), at=8)
        assert store.load("acme", [ALICE, BOB], ["e"]).erased == {ALICE: 9}
        assert store.load("bolt", [ALICE], ["e"]).erased == {None: 8}
        assert store.load("crow", [ALICE], ["e"]).erased == {}
        assert store.erase(Subject("acme", ALICE), at=10)
        assert store.load("acme", [ALICE], ["e"]).erased == {ALICE: 10}

    def test_an_erasure_by_an_earlier_clock_leaves_the_later_mark(self, store: Store) -> None:
        """What was forgotten once does not come back with what comes late."""
        assert store.erase(Subject("acme", ALICE), at=10)
        assert store.erase(Subject("acme", ALICE), at=9)
        assert store.load("acme", [ALICE], ["e"]).erased == {ALICE: 10}

    def test_the_account_of_an_erased_user_is_written_with_her_erasure_or_not_at_all(
        self, store: Store
    ) -> None:
        """A stale version leaves everything as it was."""
        _fill(store, (ALICE,))
        assert store.save(Change("acme", {None: Draft(progress(1), 0)}))
        stale = Draft(progress(2), 0)
        assert not store.erase(Subject("acme", ALICE), at=9, account=stale)
        assert len(store.history("acme")) == 1
        assert store.load("acme", [ALICE], ["e"]).erased == {}
        current = Draft(progress(2), store.load("acme").account.version)
        assert store.erase(Subject("acme", ALICE), at=9, account=current)
        assert store.load("acme").account.progress == progress(2)
        assert store.history("acme") == []

    def test_an_envelope_of_the_account_no_longer_names_the_erased_user(self, store: Store) -> None:
        """Neither in the outbox nor as a dead letter."""
        named = [
            replace(spoken(number, user=None), data={"milestone": "m", "by": by})
            for number, by in enumerate((ALICE, BOB), 1)
        ]
        assert store.save(Change("acme", {}, [], named))
        parcel = store.claim("s", now=0, lease=10, most=9)
        assert parcel is not None
        assert store.settle(parcel, now=0, done=1, dead=[Problem(0, "no")])
        assert store.erase(Subject("acme", ALICE), at=9)
        assert [one.data for one in store.said("acme")] == [
            {"milestone": "m"},
            {"milestone": "m", "by": BOB},
        ]
        assert [one.envelope.data for one in store.dead()] == [{"milestone": "m"}]

    def test_a_subject_gets_no_version_that_it_had_before(self, store: Store) -> None:
        """What was decided before an erasure cannot be saved after it."""
        versions = set()
        for number in range(3):
            assert store.save(Change("acme", {ALICE: Draft(progress(number), 0)}))
            version = store.load("acme", [ALICE]).users[ALICE].version
            versions.add(version)
            assert store.erase(Subject("acme", ALICE), at=number)
            assert not store.save(Change("acme", {ALICE: Draft(progress(9), version)}))
        assert len(versions) == 3

    def test_an_erased_account_takes_all_its_users_along(self, store: Store) -> None:
        """Nothing of it is left."""
        _fill(store, (ALICE, BOB))
        assert store.erase(Subject("acme"), at=9)
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
        assert store.load("acme", [ALICE]).users[ALICE].progress == progress(won[0])
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
