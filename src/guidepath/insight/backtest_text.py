"""What differs between two playbooks, as lines for a terminal, in plain characters."""

from collections.abc import Iterator

from guidepath.insight import backtest_wording as words
from guidepath.insight.backtest import Backtest, ItemChange, MilestoneChange, Place
from guidepath.insight.text import plain, table


def text(found: Backtest) -> str:
    """One line where nothing differs; else the milestones, then whose next item changes.

    Control characters in names are shown as such, so that no name can steer the terminal.
    """
    if not found.differs:
        return plain(f"no change {words.counts(found)}")
    cells = [[plain(cell) for cell in row] for row in words.rows(found)]
    parts = [
        [words.counts(found)],
        [*table([words.header(found), *cells])] if cells else [],
        *([*_milestone(one)] for one in found.milestones if one.moved),
        [*_others(found)],
        [*_still(found)],
        [*_items(found)],
    ]
    blocks = ("\n".join(plain(line).rstrip() for line in part) for part in parts if part)
    return "\n\n".join(blocks)


def _milestone(one: MilestoneChange) -> Iterator[str]:
    yield f"{words.title(one)}: {words.name(one)}"
    for move in one.moved:
        yield f"  {words.move(move, one.milestone.scope)}"
        yield from _indented(words.groups(move.part))
        for example in move.examples:
            was, now = words.times(example)
            yield f"    {words.who(example.account, example.user)}: {was} → {now}"


def _others(found: Backtest) -> Iterator[str]:
    for word, those in (("new", found.added), ("gone", found.removed)):
        for one in those:
            yield f"{word}: {words.alone(one)}"


def _still(found: Backtest) -> Iterator[str]:
    still = [words.name(one) for one in found.milestones if not one.moved]
    if still:
        yield f"no change: {', '.join(still)}"


def _items(found: Backtest) -> Iterator[str]:
    if not found.items:
        yield "next item: all are shown the same at the end"
        return
    yield f"next item: another one for {words.share(found.switched, 'user')}"
    yield from _indented(words.groups(found.switched))
    for one in found.items[: words.MOST]:
        yield from _item(one)
    if len(found.items) > words.MOST:
        yield f"  and {len(found.items) - words.MOST} more; --format json has them all"


def _item(one: ItemChange) -> Iterator[str]:
    yield f"  {words.change(one)}: {words.share(one.part, 'user')}"
    yield from _indented(words.reasons(one))
    yield from _indented(words.groups(one.part))
    yield from _indented(words.places(one))
    for seen in one.examples:
        on = "" if seen.place == Place() else f" on {words.where(seen.place)}"
        yield f"    {words.who(seen.account, seen.user)}{on}: {words.why(seen.because)}"


def _indented(told: str) -> Iterator[str]:
    if told:
        yield f"    {told}"
