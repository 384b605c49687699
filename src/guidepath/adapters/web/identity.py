"""Who asks: what the host's `identify(request)` says, never what the request says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from guidepath.errors import ConfigurationError, EventError
from guidepath.subject import Subject, checked_id, subject


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in person; without an account she is her own."""

    user: str
    account: str | None = None

    @property
    def subject(self) -> Subject:
        """Her, as the engine knows her."""
        return subject(self.user, self.account)


def identity(said: object) -> Identity | None:
    """The identity in what a host's `identify` gave; None stays None: nobody is signed in.

    It may be an Identity, a mapping or an object with `user` and perhaps `account`, a tuple of the
    two, or the user alone.

    Raises:
        ConfigurationError: it is none of these, or its ids are no strings of 1 to 256 printable
            characters. That is the host's mistake, not the browser's.

    >>> identity("u1"), identity(("u1", "a1")) == identity({"user": "u1", "account": "a1"})
    (Identity(user='u1', account=None), True)
    """
    if said is None:
        return None
    user, account = _parts(said)
    try:
        return Identity(
            checked_id(user, "user"),
            None if account is None else checked_id(account, "account"),
        )
    except EventError as problem:
        raise ConfigurationError(
            f"identify(request) gave {type(said).__name__}: {problem}; "
            'give Identity(user="…", account="…"), or None where nobody is signed in'
        ) from None


def _parts(said: object) -> tuple[object, object]:
    match said:
        case str():
            return said, None
        case (user, account):
            return user, account
        case Mapping():
            return said.get("user"), said.get("account")
    return getattr(said, "user", None), getattr(said, "account", None)
