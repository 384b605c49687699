"""A sink's URL taken apart: `scheme:rest?option=value&…`, `$NAME` read from the environment.

Secrets belong into the environment: a URL is seen in process lists and logs.
"""

import os
from difflib import get_close_matches
from urllib.parse import unquote

from guidepath.errors import ConfigurationError


class Address:
    """What stands in a URL; `finish` refuses options that nobody asked for.

    >>> address = Address("segment:$WRITE_KEY?carry=user.email")
    >>> address.scheme, sorted(address.carries)
    ('segment', ['user.email'])

    Raises:
        ConfigurationError: an option stands twice.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.scheme, _, after = url.partition(":")
        rest, _, query = after.partition("?")
        self._rest = unquote(rest)
        self._options: dict[str, str] = {}
        self._asked = {"carry", "name"}
        for part in filter(None, query.split("&")):
            name, _, value = part.partition("=")
            if name in self._options:
                raise ConfigurationError(f"{self.scheme}: the option {name} stands twice")
            self._options[name] = unquote(value)  # a plus is a plus: base64 secrets have it

    @property
    def rest(self) -> str:
        """What stands between the scheme and the options."""
        return self._read(self._rest)

    @property
    def carries(self) -> frozenset[str]:
        """The pii attributes the sink is told to carry: `carry=user.email,user.first_name`."""
        return frozenset(one for one in self._options.get("carry", "").split(",") if one)

    def name(self, default: str) -> str:
        """What the sink is called: `name=…`, for two of a kind, or what it says of itself."""
        return self._options.get("name") or default

    def option(self, name: str, default: str | None = None) -> str:
        """The value of an option.

        Raises:
            ConfigurationError: it is missing and has no default, or its variable is not set.
        """
        return self._read(self._written(name, default))

    def needed(self, what: str) -> str:
        """The same as `rest`, for a sink that cannot do without.

        Raises:
            ConfigurationError: nothing stands there, or its variable is not set.
        """
        if not self._rest:
            raise ConfigurationError(f"{self.scheme}: needs {what} after the colon, best as $NAME")
        return self.rest

    def several(self, name: str, default: str | None = None) -> tuple[str, ...]:
        """The values of an option, divided by commas; a variable may hold several too.

        Raises:
            ConfigurationError: it is missing and has no default, or its variable is not set.
        """
        written = self._written(name, default)
        read = ",".join(self._read(one) for one in written.split(","))
        return tuple(one.strip() for one in read.split(",") if one.strip())

    def flag(self, name: str) -> bool:
        """Whether an option says yes; without it, no.

        Raises:
            ConfigurationError: it says neither yes nor no.
        """
        value = self.option(name, "no")
        if value not in ("yes", "no"):
            raise ConfigurationError(f"{self.scheme}: {name} is yes or no, not {value!a}")
        return value == "yes"

    def number(self, name: str, default: float) -> float:
        """The value of an option as a number above nought.

        Raises:
            ConfigurationError: it is none.
        """
        value = self.option(name, str(default))
        try:
            number = float(value)
        except ValueError:
            number = 0.0
        if not 0 < number < float("inf"):
            raise ConfigurationError(f"{self.scheme}: {name}={value!a} is no number above nought")
        return number

    def finish(self) -> None:
        """See that every option that was given was asked for.

        Raises:
            ConfigurationError: one was not; perhaps it is misspelt.
        """
        for name in self._options.keys() - self._asked:
            near = get_close_matches(name, self._asked, n=1)
            there = ", ".join(sorted(self._asked))
            hint = f"did you mean {near[0]}?" if near else f"there are {there}"
            raise ConfigurationError(f"{self.scheme}: has no option {name!a}; {hint}")

    def _written(self, name: str, default: str | None) -> str:
        """What stands in the URL for an option."""
        self._asked.add(name)
        value = self._options.get(name, default)
        if value is None:
            raise ConfigurationError(f"{self.scheme}: needs the option {name}=…")
        return value

    def _read(self, value: str) -> str:
        if not value.startswith("$"):
            return value
        if not os.environ.get(value[1:]):
            raise ConfigurationError(
                f"{self.scheme}: {value} is not set in the environment; set it, or write the value"
            )
        return os.environ[value[1:]].strip()  # a mounted secret often ends in a new line
