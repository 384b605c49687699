"""Guidance by place: a tree of page patterns for each role, so that a page finds its own items.

A look-up walks the page's segments, not the playbook: its cost grows with what matches. Patterns of
one segment are found by how they begin and end; only those that are alike in both are compared.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from guidepath.playbook.guidance import Guidance
from guidepath.rules.glob import match_segments, path_of, segments


class _Node:
    """One segment of a page: what ends here, what follows, and what any rest matches."""

    __slots__ = ("ends", "next", "patterns", "rest")

    def __init__(self) -> None:
        self.ends: list[int] = []
        self.rest: list[int] = []
        self.next: dict[str, _Node] = {}
        # segments with a * in them, by how many characters stand before the first and after the
        # last, then by these
        self.patterns: dict[tuple[int, int], dict[tuple[str, str], dict[str, _Node]]] = {}

    def following(self, part: str) -> "_Node":
        """The node of a segment of a pattern, made where there is none yet."""
        if "*" not in part:
            return self.next.setdefault(part, _Node())
        before, after = part[: part.index("*")], part[part.rindex("*") + 1 :]
        alike = self.patterns.setdefault((len(before), len(after)), {})
        return alike.setdefault((before, after), {}).setdefault(part, _Node())

    def fitting(self, part: str) -> "Iterator[_Node]":
        """The nodes that a segment of a page leads to."""
        following = self.next.get(part)
        if following is not None:
            yield following
        for (before, after), alike in self.patterns.items():
            found = alike.get((part[:before], part[max(0, len(part) - after) :]), {})
            for pattern, node in found.items():
                if match_segments((pattern,), part):
                    yield node


class Places:
    """Finds guidance by page and role. Rank is the order in which it was given."""

    def __init__(self, ranked: Sequence[Guidance], roles: Iterable[str]) -> None:
        self._ranked = ranked
        self._roles: dict[str | None, tuple[_Node, list[int]]] = {
            role: (_Node(), []) for role in (None, *roles)
        }
        for rank, guidance in enumerate(ranked):
            for role in guidance.roles or self._roles:
                self._add(role, guidance, rank)

    def find(self, page: str | None, role: str | None) -> Sequence[Guidance]:
        """The guidance for this page and role, in rank order, each once."""
        tree, anywhere = self._roles.get(role) or self._roles[None]
        found = set(anywhere)
        if page is not None:
            found.update(_walk(tree, segments(path_of(page)), 0))
        return [self._ranked[rank] for rank in sorted(found)]

    def _add(self, role: str | None, guidance: Guidance, rank: int) -> None:
        tree, anywhere = self._roles[role]
        patterns = where(guidance)
        if not patterns:
            anywhere.append(rank)
        for pattern in patterns:
            node = tree
            parts = segments(pattern)
            for part in parts[:-1] if parts[-1] == "**" else parts:
                node = node.following(part)
            (node.rest if parts[-1] == "**" else node.ends).append(rank)


def where(guidance: Guidance) -> Sequence[str]:
    """The pages on which it can begin; none where that is anywhere.

    A tour without pages of its own begins on those of one of its steps.
    """
    if guidance.page or not all(one.page for one in guidance.steps):
        return guidance.page
    return tuple(chain.from_iterable(one.page for one in guidance.steps))


def _walk(node: _Node, parts: Sequence[str], depth: int) -> Iterator[int]:
    yield from node.rest
    if depth == len(parts):
        yield from node.ends
        return
    for following in node.fitting(parts[depth]):
        yield from _walk(following, parts, depth + 1)
