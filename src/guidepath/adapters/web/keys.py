"""Write keys: whoever holds one is a server of the host's, and speaks for anybody."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from guidepath.errors import ConfigurationError


class WriteKeys:
    """The keys that open the server's side; without any, nothing does.

    Raises:
        ConfigurationError: one of them cannot be sent as the user of Basic authentication.
    """

    def __init__(self, keys: Sequence[str] = ()) -> None:
        for key in [keys] if isinstance(keys, str) else keys:
            if isinstance(keys, str) or not _sendable(key):
                raise ConfigurationError(
                    "write_keys is a list of secrets, each of printable ASCII without blanks and "
                    "colons; `openssl rand -hex 24` makes one"
                )
        self._digests = [_digest(key) for key in keys]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def open(self, key: object) -> bool:
        """Whether this is one of the keys. How long the answer takes tells nothing of them."""
        if not isinstance(key, str):
            return False
        said = _digest(key)
        return sum(hmac.compare_digest(said, one) for one in self._digests) > 0


def carried(headers: Mapping[str, str]) -> str | None:
    """The key that the header Authorization carries: the user of Basic, or the token of Bearer."""
    scheme, _, said = headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return said.strip()
        case "basic":
            try:
                return base64.b64decode(said.strip(), validate=True).decode().partition(":")[0]
            except ValueError:  # it is no base64, or no text
                return None
    return None


def _sendable(key: str) -> bool:
    printable = isinstance(key, str) and key.isascii() and key.isprintable()
    return printable and key != "" and not {" ", ":"} & {*key}


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="replace")).digest()
