"""How an item goes once it was shown, and others get their turn."""

from guidepath.playbook.duration import write
from guidepath.playbook.guidance import Guidance


def endings(item: Guidance) -> list[str]:
    """What ends it before its milestone is reached, in words; nothing where it stays.

    >>> endings(Guidance(id="a", type="hint", moment="onboard", toward="b", title="c"))
    ['dismissed', 'shown 3 times', 'resting, 1d after it was shown']
    """
    if item.moment == "celebrate":
        return ["shown once"]
    found = []
    if item.dismissible:
        found.append("dismissed")
    if item.type == "survey":
        found.append("answered")
    if item.type == "tour" or _completes(item):
        found.append("completed")
    if item.snooze:
        found.append("snoozed")
    most, rest = item.frequency.max, item.frequency.cool_off
    if most is not None:
        found.append("shown once" if most == 1 else f"shown {most} times")
    if rest is not None:
        found.append(f"resting, {write(rest)} after it was shown")
    if item.target is not None and item.target.on_missing != "center":
        found.append("left out, its target missing")
    return found


def _completes(item: Guidance) -> bool:
    """Whether one of its buttons is the end of it; one that leads elsewhere is not."""
    return any(
        one is not None and one.navigate is None for one in (item.action, item.secondary_action)
    )
