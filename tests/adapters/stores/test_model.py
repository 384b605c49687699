"""Any sequence of calls: SQLite answers what the plain dictionaries of the memory store answer."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from guidepath.adapters.stores.memory import MemoryStore
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.ports import Change, Draft, Parcel
from guidepath.subject import Subject
from guidepath.testing.store_contract import happened, progress, spoken

ACCOUNTS = st.sampled_from(["a", "b"])
USERS = st.sampled_from(["", "u", "v"])  # "" is the account itself
SINKS = st.sampled_from(["s", "t"])
TIMES = st.integers(0, 9)


class SqliteAgainstMemory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.file = Path(self.folder) / "a.db"
        self.plain = MemoryStore()
        self.store = SqliteStore(self.file, synchronous="NORMAL")
        self.spoken = 0
        self.now = 0
        self.leased: dict[str, tuple[Parcel, Parcel]] = {}

    @rule(
        account=ACCOUNTS,
        user=USERS,
        stale=st.booleans(),
        turn=st.booleans(),
        ids=st.lists(st.sampled_from("wxyz"), max_size=2),
        at=TIMES,
        due=st.none() | TIMES,
        says=st.integers(0, 2),
    )
    def save(
        self,
        account: str,
        user: str,
        stale: bool,
        turn: bool,
        ids: list[str],
        at: int,
        due: int | None,
        says: int,
    ) -> None:
        who = user or None
        found = self.store.load(account, [user] if user else [], turn=turn)
        version = (found.users[user] if user else found.account).version - stale
        events = [happened(one, at, user=user or "u", account=account) for one in ids]
        envelopes = [
            spoken(self.spoken + number, user=who, account=account) for number in range(says)
        ]
        change = Change(account, {who: Draft(progress(at, due=due), version)}, events, envelopes)
        done = self.store.save(change)
        assert done == self.plain.save(change)
        self.spoken += says if done else 0

    @rule(sink=SINKS, most=st.integers(1, 3), lease=st.integers(0, 3))
    def claim(self, sink: str, most: int, lease: int) -> None:
        one = self.plain.claim(sink, now=self.now, lease=lease, most=most)
        other = self.store.claim(sink, now=self.now, lease=lease, most=most)
        assert (one and list(one.envelopes)) == (other and list(other.envelopes))
        if one is not None and other is not None:
            assert one.failures == other.failures
            self.leased[sink] = one, other

    @rule(sink=SINKS, share=st.integers(0, 3), rest=st.integers(0, 2))
    def settle(self, sink: str, share: int, rest: int) -> None:
        if sink in self.leased:
            one, other = self.leased[sink]
            delivered = min(share, len(one.envelopes))
            self.plain.settle(one, delivered=delivered, retry_at=self.now + rest)
            self.store.settle(other, delivered=delivered, retry_at=self.now + rest)

    @rule(account=ACCOUNTS, user=USERS)
    def erase(self, account: str, user: str) -> None:
        for store in (self.plain, self.store):
            store.erase(Subject(account, user or None))
        self.leased.clear()

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = SqliteStore(self.file, synchronous="NORMAL")

    @rule(by=st.integers(1, 3))
    def wait(self, by: int) -> None:
        self.now += by

    @rule(most=st.integers(1, 3), due=st.none() | TIMES)
    def page(self, most: int, due: int | None) -> None:
        after = None
        while found := self.plain.subjects(after=after, due=due, most=most):
            assert self.store.subjects(after=after, due=due, most=most) == found
            after = found[-1][0]

    @invariant()
    def they_know_the_same(self) -> None:
        assert self.store.totals() == self.plain.totals()
        for account in ("a", "b"):
            assert self.store.load(account, ["u", "v"], list("wxyz")) == self.plain.load(
                account, ["u", "v"], list("wxyz")
            )
            told = [
                [one.id for one in store.history(account)] for store in (self.plain, self.store)
            ]
            assert told[0] == told[1]

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)


TestSqliteAgainstMemory = SqliteAgainstMemory.TestCase
TestSqliteAgainstMemory.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
