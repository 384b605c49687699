"""What the engine's own fold tells of a history: the reference of all warehouses."""

from collections.abc import Iterable

from guidepath.adapters.warehouses.warehouse import Reached
from guidepath.deck import Deck
from guidepath.event import Event
from guidepath.fold import refold, settle
from guidepath.progress import Pair
from guidepath.subject import Subject


def told(deck: Deck, events: Iterable[Event], until: int) -> list[Reached]:
    """What every subject had reached by an instant, in the order of a warehouse."""
    accounts: dict[str, list[Event]] = {}
    for one in events:
        if one.occurred_at <= until:
            accounts.setdefault(one.account, []).append(one)
    found: list[Reached] = []
    for account, arrived in accounts.items():
        found += _account(deck, account, sorted(arrived, key=lambda one: one.occurred_at), until)
    return sorted(found, key=lambda one: (one.account, one.user or "", one.at, one.milestone))


def _account(deck: Deck, account: str, history: list[Event], until: int) -> list[Reached]:
    alone = refold(deck, Pair(), Subject(account), history).pair
    found = _reached(account, None, settle(deck, alone, until).pair)
    for user in sorted({one.user for one in history if one.user is not None}):
        both = refold(deck, alone, Subject(account, user), history).pair
        found += _reached(account, user, settle(deck, both, until).pair)
    return found


def _reached(account: str, user: str | None, pair: Pair) -> list[Reached]:
    progress = pair.account if user is None else pair.user
    if progress is None:
        return []
    return [Reached(account, user, name, at) for name, at in progress.reached.items()]
