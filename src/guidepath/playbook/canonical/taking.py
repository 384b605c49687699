"""A text to its tree: the values from YAML's events, the comments from what is between them."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from guidepath.playbook.canonical.tree import Branch, Entry, Leaf, Node, comments
from guidepath.playbook.reading import is_bare

_COMMENT = re.compile(r"#[^\n]*")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_SILENCE = re.compile(r"#[ \t]*guidepath:")  # it is about the whole entry: it stays at its head
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]+(#[^\n]*)")


class _Remark(NamedTuple):
    """A comment that waits for its entry, or a blank line."""

    text: str
    column: int
    beside: bool


def take(text: str) -> Branch:
    """The tree of a playbook that is right, whose lines end with a bare line feed."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    taker = _Taker(text)
    return taker.whole(yaml.parse(text, Loader=loader))


class _Taker:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0  # where the last word or bracket ended
        self._seen = 0  # up to where comments were read
        self._waiting: list[_Remark] = []
        self._last: Entry | None = None  # what a comment on the same line is about

    def whole(self, events: Iterator[Any]) -> Branch:
        root = Entry(None, Leaf(""))
        for event in events:
            if type(event).__name__ == "MappingStartEvent":
                root.node = self._node(event, events, root, 0)
                break
        for event in events:
            self._look(event.start_mark.index)
        if not isinstance(root.node, Branch):
            return Branch("map")
        root.node.after += [one.text for one in self._waiting]
        while root.node.after and not root.node.after[-1]:
            root.node.after.pop()
        return root.node

    def _node(self, event: Any, events: Iterator[Any], entry: Entry, around: int) -> Node:
        """The node that begins with this event; `around` is the column that its comments pass."""
        self._look(event.start_mark.index)
        match type(event).__name__:
            case "ScalarEvent":
                self._precede(entry)
                return self._leaf(event, entry)
            case "MappingStartEvent" | "SequenceStartEvent" if event.flow_style:
                self._precede(entry)
                return self._branch(event, events, entry, None)
            case _:
                column = max(event.start_mark.column, around)
                return self._branch(event, events, entry, column)

    def _leaf(self, event: Any, entry: Entry) -> Leaf:
        start, end = event.start_mark.index, event.end_mark.index
        raw = self._text[start:end]
        if event.style in ("|", ">"):
            if header := _HEADER.match(raw):
                entry.beside.append(header[1].rstrip())
            end = start + len(raw.rstrip())  # the blank lines behind it are the next entry's
        self._went(end, entry)
        return Leaf(event.value, bare=not event.style and is_bare(event.value))

    def _branch(
        self, event: Any, events: Iterator[Any], entry: Entry, column: int | None
    ) -> Branch:
        branch = Branch("map" if type(event).__name__ == "MappingStartEvent" else "list")
        entry.node = branch
        if column is None:
            self._went(event.end_mark.index, None)
        for inner in events:
            self._look(inner.start_mark.index)
            if type(inner).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
                self._close(branch, column)
                if column is None:
                    self._went(inner.end_mark.index, entry)
                break
            branch.entries.append(self._entry(inner, events, branch, column))
        return branch

    def _entry(
        self, event: Any, events: Iterator[Any], branch: Branch, column: int | None
    ) -> Entry:
        entry = Entry(None, Leaf(""), [one.text for one in self._waiting])
        self._waiting.clear()
        if branch.kind == "map":
            entry.key = event.value
            self._went(event.end_mark.index, entry)
            event = next(events)
        # the list of a key may stand right below it: a comment there is not in the list
        around = 0 if column is None or branch.kind == "list" else column + 1
        entry.node = self._node(event, events, entry, around)
        return entry

    def _went(self, end: int, entry: Entry | None) -> None:
        self._at = self._seen = end
        self._last = entry

    def _look(self, end: int) -> None:
        """Read the comments up to here; those on the line of an entry are beside it."""
        start = self._seen
        if end <= start:
            return
        for found in _COMMENT.finditer(self._text, start, end):
            self._blank(start, found.start())
            start = found.end()
            line = self._text.rfind("\n", 0, found.start()) + 1
            beside = "\n" not in self._text[self._at : found.start()] and self._last is not None
            remark = _Remark(found[0].rstrip(), found.start() - line, beside)
            if beside and self._last is not None:
                _beside(self._last, remark.text)
            else:
                self._waiting.append(remark)
        self._blank(start, end)
        self._seen = end

    def _blank(self, start: int, end: int) -> None:
        before = max(start - 1, 0) if self._text[start - 1 : start] == "\n" else start
        if _BLANK_LINE.search(self._text, before, end):
            self._waiting.append(_Remark("", 0, beside=False))

    def _precede(self, entry: Entry) -> None:
        """Comments between a key and its value come before the key."""
        found = [one.text for one in self._waiting if one.text]
        self._waiting.clear()
        if found:
            entry.before += [*entry.beside, *found]
            entry.beside.clear()

    def _close(self, branch: Branch, column: int | None) -> None:
        """Comments that are indented like the entries of a branch are its last."""
        count = 0
        for number, one in enumerate(self._waiting, 1):
            if one.text and column is not None and one.column < column:
                break
            if one.text:
                count = number
        branch.after += [one.text for one in self._waiting[:count]]
        del self._waiting[:count]


def _beside(entry: Entry, comment: str) -> None:
    """A comment on the line on which an entry ends."""
    node = entry.node
    inside = isinstance(node, Branch) and next(comments(node), None) is not None
    if isinstance(node, Branch) and inside and not _SILENCE.match(comment):
        node.after.append(comment)
    else:
        entry.beside.append(comment)
