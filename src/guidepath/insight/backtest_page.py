"""What differs between two playbooks as one HTML page that needs nothing else.

Every name in it is escaped. The figures need the extra `insight`.
"""

from collections.abc import Iterable, Iterator
from html import escape

from guidepath.insight import backtest_wording as words
from guidepath.insight.backtest import Backtest, ItemChange, MilestoneChange
from guidepath.insight.chart import compared
from guidepath.insight.page import cell, document, framed, headed, line, wide


def page(found: Backtest, *, title: str) -> str:
    """The whole page.

    Raises:
        ConfigurationError: the extra `insight` is not installed.
    """
    parts = [*_milestones(found), *_others(found), *_items(found)]
    lead = f"{words.headline(found)}."
    return document(headed(parts, title=title, soft=words.counts(found), lead=lead), title=title)


def _milestones(found: Backtest) -> Iterator[str]:
    first, *columns = words.header(found)
    rows = [line(_indented(name), map(cell, cells)) for name, *cells in words.rows(found)]
    if not rows:
        return
    yield "<h2>Milestones</h2>"
    yield framed(
        (first, *columns), "\n".join(rows), "Old → new; one figure where both are the same"
    )
    yield "<h2>Who moves</h2>"
    for number, one in enumerate(found.milestones):
        if one.moved:
            yield f'<section class="group"><h3>{escape(words.title(one))}</h3>'
            yield from _curves(found, one, number)
            yield from _moves(one)
            yield "</section>"


def _indented(name: str) -> str:
    """A name in the table; that of a group stands further in, where HTML drops spaces."""
    return escape(name).replace("  ", "\N{EM SPACE}", 1)


def _curves(found: Backtest, one: MilestoneChange, number: int) -> Iterator[str]:
    """Both curves, where there are enough people for them and anything to see."""
    both = {"old": one.before, "new": one.after}
    longest = found.after.longest
    rising = any(numbers.curve.within(longest) for numbers in both.values())
    if not rising or not all(numbers.enough for numbers in both.values()):
        return
    title = f"Reached {one.milestone.title} under both playbooks, by time since the start"
    name = f"guidepath-both-{number}"
    drawing = compared(found.after, name, title, both, width=760, height=270)
    yield f'<figure class="main">{wide(drawing, title)}</figure>'


def _moves(one: MilestoneChange) -> Iterator[str]:
    for move in one.moved:
        yield f"<p>{escape(words.move(move, one.milestone.scope))}</p>"
        if told := words.groups(move.part):
            yield f'<p class="soft">{escape(told)}</p>'
    rows = [
        line(escape(words.who(moved.account, moved.user)), map(cell, words.times(moved)))
        for move in one.moved
        for moved in move.examples
    ]
    if rows:
        caption = f"Some of them: when each reaches “{one.milestone.title}”"
        yield framed((one.milestone.scope, "old", "new"), "\n".join(rows), caption)


def _others(found: Backtest) -> Iterator[str]:
    lists = (
        ("New milestones", map(words.alone, found.added)),
        ("Milestones that are gone", map(words.alone, found.removed)),
        ("Milestones without a change", (words.name(o) for o in found.milestones if not o.moved)),
    )
    for title, told in lists:
        points = "".join(f"<li>{escape(one)}</li>" for one in told)
        if points:
            yield f"<h2>{title}</h2>\n<ul>{points}</ul>"


def _items(found: Backtest) -> Iterator[str]:
    yield "<h2>The next item</h2>"
    if not found.items:
        yield "<p>All are shown the same at the end.</p>"
        return
    yield f"<p>Another one for {escape(words.share(found.switched, 'user'))}.</p>"
    if told := words.groups(found.switched):
        yield f'<p class="soft">{escape(told)}</p>'
    shown = found.items[: words.MOST]
    rows = "\n".join(line(escape(words.change(one)), _cells(one)) for one in shown)
    yield framed(
        ("item", "people", "why", "where"), rows, "Which item takes the place of which, at the end"
    )
    if len(found.items) > len(shown):
        more = f"{len(found.items) - len(shown):,} more; --format json has them all"
        yield f'<p class="soft">{more}</p>'
    people = [row for one in shown for row in _people(one)]
    if people:
        columns = ("person", "item", "where", "gate", "is", "must be")
        yield "<h2>Some of them</h2>"
        yield framed(columns, "\n".join(people), "Why, by the first gate that closes")


def _cells(one: ItemChange) -> Iterable[str]:
    return (
        cell(words.share(one.part, "user"), words.groups(one.part)),
        cell(words.reasons(one)),
        cell(words.places(one) or "-"),
    )


def _people(one: ItemChange) -> Iterator[str]:
    for seen in one.examples:
        _, *why = seen.because
        told = (words.change(one), words.where(seen.place), *why)
        yield line(escape(words.who(seen.account, seen.user)), map(cell, told))
