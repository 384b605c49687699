"""A line that GitHub shows beside the line of a file that it is about."""

from guidepath.errors import Place


def annotation(kind: str, place: Place | None, title: str, message: str) -> str:
    """The line; `kind` is error, warning or notice."""
    where = "" if place is None else f"file={_property(place.file)},"
    where += "" if place is None else f"line={place.line},col={place.column},"
    return f"::{kind} {where}title={_property(title)}::{_escaped(message)}"


def _property(words: str) -> str:
    return _escaped(words).replace(":", "%3A").replace(",", "%2C")


def _escaped(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
