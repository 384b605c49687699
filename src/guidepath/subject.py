"""Who it is about, and where the person is.

A subject is an account, or a user in an account. A user without an account is her own account.
"""

import hashlib
from functools import lru_cache
from typing import NamedTuple

import msgspec

from guidepath.errors import EventError

LONGEST_ID = 256
LONGEST_PLACE = 2048


class Subject(NamedTuple):
    """An account (`user` is None), or a user in an account."""

    account: str
    user: str | None = None


@lru_cache(maxsize=4096)  # who does something is looked for among the erased each time
def mark(account: str, user: str | None, key: bytes) -> bytes:
    """What stays of an erased subject: the same for the same subject and key, and no way back.

    BLAKE2b in its keyed mode (RFC 7693), of 16 bytes; the key has 64 bytes at most.
    """
    said = msgspec.msgpack.encode((account, user))
    return hashlib.blake2b(said, digest_size=16, key=key).digest()


class Context(msgspec.Struct, frozen=True, gc=False):
    """Where the person is: page (a path), locale (BCP 47) and device, each where known.

    Browsers say these, so they are cut to 2,048 characters, and what is no text is replaced.
    """

    page: str | None = None
    locale: str | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("page", self.page), ("locale", self.locale), ("device", self.device)):
            if value is None or (
                type(value) is str and len(value) <= LONGEST_PLACE and value.isascii()
            ):
                continue
            text = str(value)[:LONGEST_PLACE].encode(errors="replace").decode()
            msgspec.structs.force_setattr(self, name, text)


def subject(user: str | None, account: str | None) -> Subject:
    """The subject of a call; a user without an account is her own.

    Raises:
        EventError: neither is given, or one of them cannot be an id.

    >>> subject("u1", None)
    Subject(account='u1', user='u1')
    """
    try:
        return _subject(user, account)
    except TypeError:  # what cannot be looked up is no string
        return _subject.__wrapped__(user, account)


@lru_cache(maxsize=4096)  # most who do something did so a moment ago
def _subject(user: str | None, account: str | None) -> Subject:
    if user is None and account is None:
        raise EventError("neither a user nor an account is given; name at least one")
    if user is not None:
        checked_id(user, "user")
    if account is None:
        return Subject(str(user), user)
    return Subject(checked_id(account, "account"), user)


def checked_id(value: object, what: str) -> str:
    """The value, where it can be an id: 1 to 256 printable characters.

    Raises:
        EventError: it cannot.
    """
    if type(value) is str and 0 < len(value) <= LONGEST_ID and value.isprintable():
        return value  # as most are
    if not isinstance(value, str):
        raise EventError(f"{what} must be a string, not {type(value).__name__}")
    if not value or len(value) > LONGEST_ID or not value.isprintable():
        shown = ascii(value if len(value) <= 40 else value[:40] + "…")
        raise EventError(f"{what} {shown} must have 1 to {LONGEST_ID} printable characters")
    return value
