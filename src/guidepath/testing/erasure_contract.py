"""The part of a store's contract that is about erasing: what is gone, and what marks it."""

from collections.abc import Sequence

from msgspec.structs import replace

from guidepath.ports import Change, Draft, Problem, Row, Store
from guidepath.subject import Subject
from guidepath.testing.sample import ALICE, BOB, happened, leased, progress, spoken


class ErasureContract:
    """Who is erased is gone from everywhere, and does not come back with what comes late."""

    def test_an_erased_user_is_gone_and_others_are_not(self, store: Store) -> None:
        """Progress, history, envelopes and dead letters."""
        _fill(store, (ALICE, BOB))
        parcel = leased(store, "s", now=0, lease=1)
        dead = [Problem(0, "no"), Problem(1, "no")]
        assert store.settle(parcel, now=0, done=2, dead=dead)
        assert store.erase(Subject("acme", ALICE), at=9)
        assert store.load("acme", [ALICE]).users[ALICE] == Row(None, 0)
        assert [one.user for one in store.history("acme")] == [BOB]
        assert [one.user for one in store.said("acme")] == [BOB]
        assert [one.envelope.user for one in store.dead()] == [BOB]
        parcel = leased(store, "t", now=0, lease=1)
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
        parcel = leased(store, "s", now=0)
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


def _fill(store: Store, users: Sequence[str]) -> None:
    for number, user in enumerate(users, 1):
        change = Change(
            "acme",
            {user: Draft(progress(number), 0)},
            [happened(f"e{number}", number, user=user)],
            [spoken(number, user=user)],
        )
        assert store.save(change)
