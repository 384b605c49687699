"""Events as the rows of a warehouse's table: values of their declared types, or missing.

Types, NFC and times are read here, by the same code as the engine's, so that no warehouse reads
them in a way of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from guidepath.deck import Deck
from guidepath.errors import EventConflict
from guidepath.event import Event
from guidepath.playbook.playbook import Playbook
from guidepath.progress import Typed, typed
from guidepath.rules.expression import Scalar
from guidepath.rules.number import decimal
from guidepath.rules.sql import Column, SqlError, Table

Row = dict[str, object]
_DIGITS = 17  # before the point: a thousand million such numbers still add up exactly
_PLACES = 12  # after it


def rows(playbook: Playbook, wanted: Table, events: Iterable[Event]) -> Iterator[Row]:
    """A row for each event, in the order in which they arrived; one that is repeated has one row.

    Raises:
        EventConflict: an id is repeated with other content.
        SqlError: a value cannot be held exactly; the sentence names the event.
    """
    deck = Deck(playbook)
    columns: dict[str, list[Column]] = {}
    for one in wanted.columns:
        columns.setdefault(f"{one.of} {one.event}", []).append(one)
    seen: dict[tuple[str, str], str] = {}
    for event in events:
        if event.kind == "feedback":  # what guidance did is no progress
            continue
        known = seen.get((event.account, event.id))
        if known is None:
            seen[event.account, event.id] = event.digest
            yield _row(deck, event, len(seen), columns.get(_about(event), ()))
        elif known != event.digest:
            raise EventConflict(event.id)


def write(playbook: Playbook, wanted: Table, events: Iterable[Event], file: Path) -> int:
    """Write the rows as lines of JSON; how many there are."""
    encode = msgspec.json.Encoder().encode
    number = 0
    with file.open("wb") as lines:
        for number, row in enumerate(rows(playbook, wanted, events), 1):  # noqa: B007
            lines.write(encode(row) + b"\n")
    return number


def _about(event: Event) -> str:
    match event.kind:
        case "track":
            return f"property {event.name}"
        case "identify":
            return "user "
        case _:
            return "account "


def _row(deck: Deck, event: Event, seq: int, columns: Sequence[Column]) -> Row:
    row: Row = {
        "account": event.account,
        "user": event.user,
        "seq": seq,
        "kind": event.kind,
        "name": event.name if event.kind == "track" else "",
        "at": event.occurred_at,
        "role": event.role if event.kind == "identify" else None,
    }
    if not columns:
        return row
    said, _ = typed(deck, event)
    try:
        row.update((one.name, _value(one, said)) for one in columns if one.said in said)
    except SqlError as refused:
        raise SqlError(f"event {event.id!a}: {refused}") from None
    return row


def _value(column: Column, said: Typed) -> Scalar | None:
    value = said[column.said]
    if column.kind == "removed":
        return value is None
    if value is None:
        return None
    if column.kind == "number":
        return _float(column.said, value)
    return _exact(column.said, value) if column.kind == "exact" else value


def _float(name: str, value: Scalar) -> float:
    found = float(value)
    if found != value:
        raise SqlError(f"{name} is {value}, which a 64-bit float cannot hold exactly")
    return found + 0.0  # one zero, not two


def _exact(name: str, value: Scalar) -> str:
    amount = decimal(value)
    finest = amount.normalize().as_tuple().exponent  # rounding fails where 29 digits are needed
    if abs(amount) >= 10**_DIGITS or not isinstance(finest, int) or finest < -_PLACES:
        raise SqlError(
            f"{name} is {value}; what is added up has at most {_DIGITS} digits before the point "
            f"and {_PLACES} after it"
        )
    return f"{amount:f}"
