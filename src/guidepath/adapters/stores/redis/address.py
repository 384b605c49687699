"""What a URL says of a Redis store."""

from typing import Literal, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from guidepath.errors import ConfigurationError

Durable = Literal["yes", "always", "no"]

PARTITIONS = 16
MOST_PARTITIONS = 1024
TIMEOUT_S = 10.0


class Address(NamedTuple):
    """Where it is and what is asked of it.

    `shown` is the URL without a password, for messages. `durable` is "yes" where a server that is
    killed may lose nothing, "always" where a machine without power may not either.
    """

    url: str
    shown: str
    cluster: bool = False
    prefix: str = "guidepath"
    partitions: int | None = None  # as the store was begun; a new one has 16
    timeout_s: float = TIMEOUT_S
    durable: Durable = "yes"


def address(url: str) -> Address:
    """What `redis://host/0?partitions=16&prefix=guidepath&timeout=10&durable=yes&cluster=no` says.

    `rediss://` is encrypted; `ssl_…` options are those of redis-py.

    Raises:
        ConfigurationError: an option does not exist, or cannot have this value.
    """
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    cluster = _one_of(options, "cluster", "no", ("yes", "no")) == "yes"
    durable: Durable = _one_of(options, "durable", "yes", ("yes", "always", "no"))  # type: ignore[assignment]  # one of those three
    prefix = options.pop("prefix", "guidepath")
    if not prefix or not prefix.isprintable() or set(prefix) & set("{}"):
        raise ConfigurationError(f"prefix={prefix!a}: it is some text without braces")
    partitions = options.pop("partitions", None)
    timeout = options.pop("timeout", str(TIMEOUT_S))
    theirs = {one: value for one, value in options.items() if one == "db" or one[:4] == "ssl_"}
    if unknown := sorted(options.keys() - theirs.keys()):
        raise ConfigurationError(
            f"a Redis store has no option {unknown[0]!a}; there are cluster, db, durable, "
            "partitions, prefix, timeout, and ssl_… of redis-py"
        )
    return Address(
        urlunsplit(parts._replace(query=urlencode(theirs))),
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}",
        cluster,
        prefix,
        None if partitions is None else _partitions(partitions),
        _seconds(timeout),
        durable,
    )


def _one_of(options: dict[str, str], name: str, usual: str, values: tuple[str, ...]) -> str:
    value = options.pop(name, usual)
    if value not in values:
        raise ConfigurationError(f"{name}={value}: it is {' or '.join(values)}")
    return value


def _partitions(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PARTITIONS:
        raise ConfigurationError(f"partitions={text}: it is a number from 1 to {MOST_PARTITIONS}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise ConfigurationError(f"timeout={text}: it is a number of seconds")
    return seconds
