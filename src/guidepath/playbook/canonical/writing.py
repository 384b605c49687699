"""A tree to its text: braces for what is small, blocks for the rest, 100 columns."""

from collections.abc import Iterator, Sequence

from guidepath.playbook.canonical import scalars
from guidepath.playbook.canonical.tree import Branch, Entry, Leaf, Node, comments

WIDTH = 100
_INNER = 1  # how deep braces may stand in braces


def write(root: Branch) -> str:
    """The text of a tree."""
    _hoist(root)
    return "".join(f"{line}\n" for line in _block(root, 0))


def _hoist(branch: Branch) -> None:
    """Bring comments to where a block can have them: none stand between a dash and its map."""
    for entry in branch.entries:
        node = entry.node
        if not isinstance(node, Branch):
            continue
        _hoist(node)
        if not node.entries:
            entry.before += filter(None, node.after)
            node.after = []
        elif entry.key is None and _line(node) is None:
            entry.before += [*entry.beside, *filter(None, node.entries[0].before)]
            entry.beside, node.entries[0].before = [], []


def _block(branch: Branch, indent: int) -> Iterator[str]:
    """The entries of a branch, each on lines of its own."""
    tall = False  # whether the entry before takes several lines
    for number, entry in enumerate(branch.entries):
        lines = list(_entry(entry, indent))
        before = _squeezed(entry.before)
        asked = before[:1] == [""] and (indent == 0 or not branch.ordered)
        before = before[before[:1] == [""] :]
        section = indent == 0 and (tall or len(lines) > 1 or bool(before))
        if number > 0 and (asked or branch.airy or section):
            yield ""
        yield from _indented(before, indent)
        yield from lines
        tall = len(lines) > 1
    yield from _indented(_squeezed(branch.after), indent)


def _squeezed(lines: Sequence[str]) -> list[str]:
    """At most one blank line at a time."""
    return [one for number, one in enumerate(lines) if one or number == 0 or lines[number - 1]]


def _indented(lines: Sequence[str], indent: int) -> Iterator[str]:
    yield from (" " * indent + one if one else "" for one in lines)


def _entry(entry: Entry, indent: int) -> Iterator[str]:
    """The lines of an entry; comments that cannot stand beside it go before it."""
    node = entry.node
    margin = " " * indent
    head = "-" if entry.key is None else f"{scalars.one_line(entry.key, braces=False)}:"
    line = _line(node)
    fits = line is not None and indent + len(head) + 1 + len(line) <= WIDTH
    lines = [] if fits else _lines(node, indent + 2)
    # behind `|` a comment would be about no line of the text, and behind a dash nothing is
    beside = [] if lines and (isinstance(node, Leaf) or entry.key is None) else entry.beside[-1:]
    entry.before += entry.beside[: len(entry.beside) - len(beside)]
    entry.beside = beside
    end = "".join(f" {one}" for one in beside)
    if not lines:
        yield f"{margin}{head} {line}{end}"
    elif isinstance(node, Leaf):
        yield f"{margin}{head} {lines[0]}"
        yield from _indented(lines[1:], indent + 2)
    elif entry.key is None:
        yield f"{margin}- {lines[0][indent + 2 :]}"
        yield from lines[1:]
    else:
        yield f"{margin}{head}{end}"
        yield from lines


def _lines(node: Node, indent: int) -> list[str]:
    """The node over several lines; none where it can only have one."""
    if isinstance(node, Branch):
        return list(_block(node, indent))
    if node.rule:
        return scalars.rule(node.value)
    return scalars.literal(node.value) or scalars.folded(node.value, WIDTH - indent)


def _line(node: Node) -> str | None:
    """The node on one line, or None where it needs several."""
    if isinstance(node, Leaf):
        several = not node.rule and scalars.literal(node.value)
        return None if several else _leaf(node, braces=False)
    if not node.entries:
        return "{}" if node.kind == "map" else "[]"
    if next(comments(node), None) is not None:
        return None
    return _braces(node, _INNER)


def _braces(node: Node, depth: int) -> str | None:
    """The node as it stands in braces, with so many braces inside at most."""
    if isinstance(node, Leaf):
        return None if "\n" in node.value else _leaf(node, braces=True)
    if node.tall or depth < 0 or (node.kind == "list" and _nested(node)):
        return None
    inner: list[str] = []
    for entry in node.entries:
        inside = isinstance(entry.node, Branch) and entry.node.kind == "map"
        one = _braces(entry.node, depth - inside)
        if one is None:
            return None
        inner.append(one if entry.key is None else f"{_key(entry.key)}: {one}")
    text = ", ".join(inner)
    return f"{{{text}}}" if node.kind == "map" else f"[{text}]"


def _nested(node: Branch) -> bool:
    return any(isinstance(one.node, Branch) for one in node.entries)


def _key(key: str) -> str:
    return scalars.one_line(key, braces=True)


def _leaf(leaf: Leaf, *, braces: bool) -> str:
    if leaf.bare:
        return leaf.value or "null"
    return scalars.one_line(leaf.value, braces=braces)
