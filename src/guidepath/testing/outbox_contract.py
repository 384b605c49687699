"""The part of a store's contract that is about the outbox: leases, dead letters, trimming."""

from guidepath.ports import Change, DeadLetter, Problem, Queue, Store
from guidepath.testing.sample import BOB, leased, spoken


class OutboxContract:
    """What waits for the sinks is leased in order, settled once, and kept as long as it is due."""

    def test_envelopes_are_leased_in_order_and_to_one_at_a_time(self, store: Store) -> None:
        """A second relay gets nothing until the lease ends."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2), spoken(3)]))
        parcel = leased(store, "s", now=100, most=2)
        assert list(parcel.envelopes) == [spoken(1), spoken(2)]
        assert store.claim("s", now=109, lease=10, most=2) is None
        again = leased(store, "s", now=110, most=2)
        assert list(again.envelopes) == [spoken(1), spoken(2)]

    def test_what_is_delivered_does_not_come_again(self, store: Store) -> None:
        """Settled envelopes are passed; the rest follows."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2), spoken(3)]))
        parcel = leased(store, "s", now=0, most=2)
        assert store.settle(parcel, now=0, done=2)
        rest = leased(store, "s", now=1, most=2)
        assert list(rest.envelopes) == [spoken(3)]
        assert store.settle(rest, now=1, done=1)
        assert store.claim("s", now=2, lease=10, most=2) is None

    def test_what_failed_comes_again_after_its_pause(self, store: Store) -> None:
        """Failures in a row are counted, begin anew with each success, and end without a pause."""
        assert store.save(Change("acme", {}, [], [spoken(number) for number in range(1, 5)]))
        now = 0
        for done, failures in ((0, 0), (0, 1), (1, 2), (0, 1), (1, 2)):
            parcel = leased(store, "s", now=now)
            assert parcel.failures == failures
            assert store.settle(parcel, now=now, done=done, retry_at=now + 50, reason="away")
            assert store.claim("s", now=now + 49, lease=10, most=9) is None
            now += 50
        (queue,) = store.queues([])
        assert (queue.failures, queue.retry_at, queue.reason) == (1, now, "away")
        parcel = leased(store, "s", now=now)
        assert store.settle(parcel, now=now, done=1)
        parcel = leased(store, "s", now=now)
        assert parcel.failures == 0

    def test_a_lease_that_was_taken_over_settles_nothing(self, store: Store) -> None:
        """The relay that was too slow must not move the cursor, also where it comes first."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2)]))
        slow = leased(store, "s", now=0, most=1)
        quick = leased(store, "s", now=20, most=2)
        assert not store.settle(slow, now=20, done=1)
        assert store.claim("s", now=21, lease=10, most=2) is None
        assert store.settle(quick, now=21, done=2)
        assert not store.settle(quick, now=21, done=2)
        assert not store.settle(slow, now=22, done=1)
        assert store.claim("s", now=99, lease=10, most=9) is None

    def test_each_sink_has_its_own_pace(self, store: Store) -> None:
        """One that is behind holds up no other."""
        assert store.save(Change("acme", {}, [], [spoken(1)]))
        fast = leased(store, "fast", now=0)
        assert store.settle(fast, now=0, done=1)
        assert store.claim("slow", now=0, lease=10, most=9) is not None

    def test_a_poisoned_envelope_becomes_a_dead_letter_and_the_rest_goes_on(
        self, store: Store
    ) -> None:
        """It is listed with its reason until it is buried."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2), spoken(3)]))
        parcel = leased(store, "s", now=0)
        assert store.settle(parcel, now=7, done=2, dead=[Problem(1, "too blue")])
        assert store.dead() == [DeadLetter("s", spoken(2), "too blue", 7)]
        assert store.dead("s") == store.dead()
        assert store.dead("other") == []
        rest = leased(store, "s", now=8)
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
            parcel = leased(store, sink, now=0, most=1)
            assert store.settle(parcel, now=0, done=1)
        assert store.trim(before=5) == 0
        assert store.trim(before=9) == 1
        assert [one.id for one in store.said("acme")] == ["evt_2"]

    def test_a_sink_that_is_forgotten_is_waited_for_no_longer(self, store: Store) -> None:
        """Its dead letters go with it, and where it comes again it begins with what is there."""
        assert store.save(Change("acme", {}, [], [spoken(1), spoken(2)]))
        for sink, done in (("s", 2), ("gone", 1)):
            parcel = leased(store, sink, now=0)
            assert store.settle(parcel, now=0, done=done, dead=[Problem(0, "no")])
        late = leased(store, "gone", now=0)
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
