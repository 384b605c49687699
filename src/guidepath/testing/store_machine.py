"""Any sequence of calls: a store answers what plain dictionaries answer."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from guidepath.adapters.stores.memory import MemoryStore
from guidepath.ports import Change, DeadLetter, Draft, Parcel, Problem, Store
from guidepath.subject import Subject
from guidepath.testing.sample import happened, progress, spoken

_ACCOUNTS = ("a", "b")
_SINKS = ("s", "t")
_ACCOUNT = st.sampled_from(_ACCOUNTS)
_USER = st.sampled_from(["", "u", "v"])  # "" is the account itself
_SINK = st.sampled_from(_SINKS)
_TIME = st.integers(0, 9)


class StoreMachine(RuleBasedStateMachine):
    """The memory store is the model of what is kept; what is delivered is checked in order.

    A subclass says by `make`, a static method, how to get an empty store.
    """

    make: Callable[[], Store]

    def __init__(self) -> None:
        super().__init__()
        self.store = self.make()
        self.model = MemoryStore()
        self.now = 1
        self.spoken = 0
        self.waiting = {(sink, one): list[str]() for sink in _SINKS for one in _ACCOUNTS}
        self.leases: dict[str, list[tuple[Parcel, int]]] = {sink: [] for sink in _SINKS}
        self.busy_until = dict.fromkeys(_SINKS, 0)
        self.dead: set[tuple[str, str]] = set()

    @rule(
        account=_ACCOUNT,
        user=_USER,
        stale=st.booleans(),
        read=st.none() | st.booleans(),
        turn=st.booleans(),
        ids=st.lists(st.sampled_from("wxyz"), max_size=2),
        at=_TIME,
        due=st.none() | _TIME,
        says=st.integers(0, 2),
    )
    def save(
        self,
        account: str,
        user: str,
        stale: bool,  # noqa: FBT001 - drawn by name
        read: bool | None,  # noqa: FBT001
        turn: bool,  # noqa: FBT001
        ids: list[str],
        at: int,
        due: int | None,
        says: int,
    ) -> None:
        """Both take a change, or both refuse it."""
        who = user or None
        events = [happened(one, at, user=user or "u", account=account) for one in ids]
        envelopes = [
            spoken(self.spoken + number, user=who, account=account) for number in range(says)
        ]
        done = []
        for store in (self.store, self.model):
            found = store.load(account, [user] if user else [], turn=turn)
            version = (found.users[user] if user else found.account).version
            drafts = {who: Draft(progress(at, due=due), version - stale)}
            if read is not None and user and found.account.version:
                drafts[None] = Draft(None, found.account.version - read)  # as it was, or not
            done.append(store.save(Change(account, drafts, events, envelopes, self.now)))
        assert done[0] == done[1]
        if done[0]:
            self.spoken += says
            for sink in _SINKS:
                self.waiting[sink, account] += [one.id for one in envelopes]

    @rule(sink=_SINK, most=st.integers(1, 3), lease=st.integers(1, 3))
    def claim(self, sink: str, most: int, lease: int) -> None:
        """What is leased is the next of its accounts; nothing is only where nothing may be."""
        parcel = self.store.claim(sink, now=self.now, lease=lease, most=most)
        if parcel is None:
            idle = not any(self.waiting[sink, account] for account in _ACCOUNTS)
            assert idle or self.now < self.busy_until[sink]
            return
        assert 0 < len(parcel.envelopes) <= most
        assert len(parcel.positions) == len(parcel.envelopes)
        for account in _ACCOUNTS:
            mine = [one.id for one in parcel.envelopes if one.account == account]
            assert mine == self.waiting[sink, account][: len(mine)]
        self.leases[sink] = [
            (one, until)
            for one, until in self.leases[sink]
            if one.lane != parcel.lane or until > self.now  # a live lease is never given again
        ]
        assert all(one.lane != parcel.lane for one, _ in self.leases[sink])
        self.leases[sink].append((parcel, self.now + lease))
        self.busy_until[sink] = max(self.busy_until[sink], self.now + lease)

    @rule(sink=_SINK, share=st.integers(0, 3), kills=st.booleans(), rest=st.integers(0, 2))
    def settle(self, sink: str, share: int, kills: bool, rest: int) -> None:  # noqa: FBT001
        """What is done does not come again; a dead one is listed."""
        if not self.leases[sink]:
            return
        parcel, _ = self.leases[sink].pop(0)
        done = min(share, len(parcel.envelopes))
        dead = [Problem(done - 1, "no")] if kills and done else []
        retry_at = self.now + rest if rest else 0
        assert self.store.settle(parcel, now=self.now, done=done, dead=dead, retry_at=retry_at)
        self.busy_until[sink] = retry_at if not self.leases[sink] else self.busy_until[sink]
        for envelope in parcel.envelopes[:done]:
            if envelope.id in self.waiting[sink, envelope.account]:  # else erased meanwhile
                self.waiting[sink, envelope.account].remove(envelope.id)
                if dead and envelope is parcel.envelopes[done - 1]:
                    self.dead.add((sink, envelope.id))

    @rule(account=_ACCOUNT, user=_USER)
    def erase(self, account: str, user: str) -> None:
        """Nothing of the subject is left, in either."""
        subject = Subject(account, user or None)
        gone = {
            one.id
            for one in self.store.said(account)
            if user in ("", one.user)  # an account goes with all its users
        }
        for store in (self.store, self.model):
            assert store.erase(subject, at=self.now)
        for sink in _SINKS:
            left = [one for one in self.waiting[sink, account] if one not in gone]
            self.waiting[sink, account] = left
        self.dead = {one for one in self.dead if one[1] not in gone}

    @rule(account=_ACCOUNT, users=st.sets(_USER), until=_TIME)
    def prune(self, account: str, users: set[str], until: int) -> None:
        """What is old goes from the history of those users, in both."""
        whose = [one or None for one in sorted(users)]
        dropped = [one.prune(account, whose, until=until) for one in (self.store, self.model)]
        assert dropped[0] == dropped[1]

    @rule()
    def bury(self) -> None:
        """Dead letters are forgotten one by one."""
        letters: list[DeadLetter] = self.store.dead(most=1)
        self.store.bury(letters)
        self.dead -= {(one.sink, one.envelope.id) for one in letters}

    @rule(by=st.integers(1, 3))
    def wait(self, by: int) -> None:
        """Time passes."""
        self.now += by

    @rule(most=st.integers(1, 3), due=st.none() | _TIME)
    def page(self, most: int, due: int | None) -> None:
        """Pages are the same, wherever they end."""
        after = None
        while found := self.model.subjects(after=after, due=due, most=most):
            assert self.store.subjects(after=after, due=due, most=most) == found
            after = found[-1][0]
        assert self.store.subjects(after=after, due=due, most=most) == []

    @invariant()
    def they_know_the_same(self) -> None:
        """Whatever is asked."""
        assert self.store.totals() == self.model.totals()
        for account in _ACCOUNTS:
            one, other = (
                store.load(account, ["u", "v"], list("wxyz")) for store in (self.store, self.model)
            )
            for user in ("u", "v"):
                assert one.pair(user) == other.pair(user)
            assert (one.known, one.erased) == (other.known, other.erased)
            told = [
                [event.id for event in store.history(account)] for store in (self.store, self.model)
            ]
            assert told[0] == told[1]
        assert {(one.sink, one.envelope.id) for one in self.store.dead()} == self.dead
        for queue in self.store.queues(_SINKS):
            assert queue.waiting == sum(
                len(self.waiting[queue.sink, account]) for account in _ACCOUNTS
            )

    def teardown(self) -> None:
        """Let go of the store."""
        self.store.close()
