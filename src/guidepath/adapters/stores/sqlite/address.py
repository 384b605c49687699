"""What the URL of an SQLite store says."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from guidepath.errors import ConfigurationError


class Address(NamedTuple):
    """A file, and how to work on it."""

    file: Path
    synchronous: str = "FULL"
    timeout: float = 30.0

    @classmethod
    def read(cls, url: str) -> "Address":
        """The address of a URL.

        Raises:
            ConfigurationError: it names no file, or an option that there is not.

        >>> Address.read("sqlite:////var/lib/guidepath.db?synchronous=normal")
        Address(file=PosixPath('/var/lib/guidepath.db'), synchronous='NORMAL', timeout=30.0)
        """
        parts = urlsplit(url)
        file = unquote(parts.path).removeprefix("/")
        if parts.netloc or not file or file == ":memory:":
            raise ConfigurationError(
                f"{url!r} names no file; write sqlite:///guidepath.db, or memory: to keep nothing"
            )
        address = cls(Path(file))
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            match name:
                case "synchronous":
                    address = address._replace(synchronous=_synchronous(value))
                case "timeout":
                    address = address._replace(timeout=_seconds(value))
                case _:
                    raise ConfigurationError(
                        f"an SQLite store has no option {name!a}; there are synchronous and timeout"
                    )
        return address


def _synchronous(value: str) -> str:
    if value.upper() not in ("FULL", "NORMAL"):
        raise ConfigurationError(f"synchronous={value}: it is full or normal")
    return value.upper()


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise ConfigurationError(f"timeout={value}: it is seconds, at most 3600")
    return seconds
