"""Guidance by place: a tree of page patterns for each role, so that a page finds its own items.

A look-up walks the page's segments, not the playbook: its cost grows with what matches.
"""

from collections.abc import Iterable, Iterator, Sequence

from guidepath.playbook.guidance import Guidance
from guidepath.rules.glob import match_segments, path_of, segments


class _Node:
    """One segment of a page: what ends here, what follows, and what any rest matches."""

    __slots__ = ("ends", "next", "patterns", "rest")

    def __init__(self) -> None:
        self.ends: list[int] = []
        self.rest: list[int] = []
        self.next: dict[str, _Node] = {}
        self.patterns: dict[str, _Node] = {}  # segments with a * in them


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
        if not guidance.page:
            anywhere.append(rank)
        for pattern in guidance.page:
            node = tree
            parts = segments(pattern)
            for part in parts[:-1] if parts[-1] == "**" else parts:
                following = node.patterns if "*" in part else node.next
                node = following.setdefault(part, _Node())
            (node.rest if parts[-1] == "**" else node.ends).append(rank)


def _walk(node: _Node, parts: Sequence[str], depth: int) -> Iterator[int]:
    yield from node.rest
    if depth == len(parts):
        yield from node.ends
        return
    following = node.next.get(parts[depth])
    if following is not None:
        yield from _walk(following, parts, depth + 1)
    for pattern, following in node.patterns.items():
        if match_segments((pattern,), parts[depth]):
            yield from _walk(following, parts, depth + 1)
