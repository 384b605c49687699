"""What is left to do after the kills: compare with the journals, repeat what nobody knows."""

from tests.faults.checker import look, violations
from tests.faults.journal import Calls, Key
from tests.faults.kills.telling import tell
from tests.faults.product import PLAYBOOK, deck

from guidepath import Guidepath
from guidepath.clock import micros, utc_now
from guidepath.ports import Store
from guidepath.relay import Relay


def wrong(store: Store, calls: Calls, *, looked_at: int | None = None) -> list[str]:
    """What is lost, torn or doubled, or overdue without it being said by a sweep then."""
    accounts = sorted({one.account for one in calls})
    said = [one for account in accounts for one in store.said(account)]
    return violations(deck(), calls, look(store, accounts, said), looked_at=looked_at)


def sweep(store: Store) -> int:
    """Tell everybody what waits to be told, and when; then nothing is excused any more."""
    now = micros(utc_now())
    Relay(store, (), deck=deck()).sweep()
    return now


def stored(store: Store, calls: Calls) -> set[Key]:
    """Which of the events are there."""
    accounts = {one.account for one in calls}
    return {Key(account, one.id) for account in accounts for one in store.history(account)}


def unknown(calls: Calls) -> list[Key]:
    """The events of which nobody knows whether they are stored."""
    return [key for key, call in calls.items() if not call.acknowledged]


def repeat_the_unknown(store: Store, calls: Calls) -> int:
    """Say each of them once more, with the same id; how many were there already."""
    there = stored(store, calls)
    guide = Guidepath(PLAYBOOK, store)
    repeated = 0
    for key in unknown(calls):
        subject = calls[key].subject
        calls.invoked(subject, key.event)
        receipt = tell(guide, *key)
        calls.ended(subject, key.event, "ok")
        assert receipt.stored == (key not in there), f"{key.event} of {key.account}"
        repeated += key in there
    return repeated
