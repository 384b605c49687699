"""What is kept under which key.

Accounts are spread over a fixed number of partitions. The keys of one share a hash tag, so that on
a cluster they lie in one slot: what a script touches is on one node. A partition is a lane of the
outbox, too.

    guidepath:meta               layout, number of partitions, secret of the marks
    guidepath:{3.7}:rows:acme    user -> version:progress; '' is the account itself
    guidepath:{3.7}:known:acme   event id -> digest
    guidepath:{3.7}:history:acme␀alice   seq:event, in order of arrival
    guidepath:{3.7}:turn:acme, …:baton:acme   whose turn it is to write; both expire
    guidepath:{3.7}:lane         how many messages came, and the last place in the outbox
    guidepath:{3.7}:subjects     acme␀alice, in order
    guidepath:{3.7}:due, …:newest   the same, by when they are due and by their newest event
    guidepath:{3.7}:outbox       time:envelope, by place
    guidepath:{3.7}:said         acme␀alice␀o17: where her envelopes and dead letters are
    guidepath:{3.7}:sinks, …:cursor:log, …:letters:log, …:deaths:log   who takes them, and how far
    guidepath:{3.7}:erased       mark -> time
"""

from binascii import crc32, crc_hqx
from collections.abc import Iterable
from itertools import count

from guidepath.subject import Subject

SLOTS = 16384


class Lane:
    """The keys of one partition; `number` counts from 0."""

    def __init__(self, prefix: str, number: int, partitions: int) -> None:
        self.number = number
        self._before = before = f"{prefix}:{{{_tag(number, partitions)}}}:".encode()
        self.counts = before + b"lane"
        self.subjects = before + b"subjects"
        self.due = before + b"due"
        self.scratch = before + b"scratch"
        self.newest = before + b"newest"
        self.outbox = before + b"outbox"
        self.said = before + b"said"
        self.sinks = before + b"sinks"
        self.erased = before + b"erased"

    def rows(self, account: str) -> bytes:
        """The progress of an account and its users."""
        return self._before + b"rows:" + account.encode()

    def known(self, account: str) -> bytes:
        """Its event ids."""
        return self._before + b"known:" + account.encode()

    def turn(self, account: str) -> bytes:
        """Whose turn it is."""
        return self._before + b"turn:" + account.encode()

    def baton(self, account: str) -> bytes:
        """What is handed to the next who waits for the turn."""
        return self._before + b"baton:" + account.encode()

    def history(self, account: str, user: str) -> bytes:
        """The events of one user, or with "" of the account itself."""
        return self._before + b"history:" + name(account, user)

    def cursor(self, sink: str) -> bytes:
        """How far a sink has come."""
        return self._before + b"cursor:" + sink.encode()

    def letters(self, sink: str) -> bytes:
        """Its dead letters by id."""
        return self._before + b"letters:" + sink.encode()

    def deaths(self, sink: str) -> bytes:
        """Their ids by time."""
        return self._before + b"deaths:" + sink.encode()


class Layout:
    """All keys of a store, and the secret by which those who were erased are recognised."""

    def __init__(self, prefix: str, partitions: int, secret: bytes) -> None:
        self.lanes = [Lane(prefix, number, partitions) for number in range(partitions)]
        self.secret = secret

    def lane(self, account: str) -> Lane:
        """Where an account is: the same for ever, so the number of partitions never changes."""
        return self.lanes[crc32(account.encode()) % len(self.lanes)]


def meta(prefix: str) -> bytes:
    """What is known before anything is: how the rest is laid out."""
    return f"{prefix}:meta".encode()


def name(account: str, user: str | None) -> bytes:
    """A subject among those of its partition. In order of these, an account is before its users.

    Ids are printable, so nothing in them sorts before the null.
    """
    return f"{account}\0{user or ''}".encode()


def subject(named: bytes) -> Subject:
    """The subject that is called so."""
    account, _, user = named.decode().partition("\0")
    return Subject(account, user or None)


def users(fields: Iterable[bytes]) -> list[str]:
    """The users among the fields of an account's rows, with "" for the account itself."""
    return [one.decode() for one in fields if not one.startswith(b"\0")]


def _tag(number: int, partitions: int) -> str:
    """A hash tag whose slot is in this partition's share of them: so nodes get equal shares."""
    for attempt in count():
        tag = f"{number}.{attempt}"
        if crc_hqx(tag.encode(), 0) % SLOTS * partitions // SLOTS == number:
            return tag
    raise AssertionError
