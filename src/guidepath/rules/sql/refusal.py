"""What cannot be said exactly in SQL is refused by name, never approximated."""

from guidepath.errors import GuidepathError


class SqlError(GuidepathError):
    """A rule, or a value, that a warehouse cannot hold exactly. The sentence names it."""
