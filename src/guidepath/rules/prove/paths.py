"""Paths that tell patterns apart: one for each way in which a path can fit some and not others."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from guidepath.rules.glob import match_segments, segments

_OTHER = "x"
_MOST = 20_000  # steps of the search, before it is given up


class TooMany(Exception):
    """The patterns can fit in more ways than can be looked at."""


class _Pattern(NamedTuple):
    parts: tuple[str, ...]
    exact: bool  # a path itself: its stars are stars
    deep: bool  # anything may follow

    def fits(self, at: int, part: str) -> bool:
        own = self.parts[at]
        return own == part if self.exact else match_segments((own,), part)


def paths(patterns: Iterable[str], exact: Iterable[str], *, rooted: bool) -> list[str]:
    """A path for each way in which paths can fit the patterns and be the exact ones.

    `rooted` paths begin with a slash.

    Raises:
        TooMany: there are too many ways.

    >>> paths(["/a/*"], ["/a/b"], rooted=True)
    ['/', '/a/b', '/a/x']
    """
    all_ = [_pattern(one) for one in dict.fromkeys(patterns)]
    all_ += [_Pattern(segments(one), True, False) for one in dict.fromkeys(exact)]
    search = _Search(rooted=rooted)
    search.look((), all_)
    return sorted(dict.fromkeys(search.found.values()))


def _pattern(text: str) -> _Pattern:
    parts = segments(text)
    deep = parts[-1] == "**"
    return _Pattern(parts[:-1] if deep else parts, exact=False, deep=deep)


class _Search:
    def __init__(self, *, rooted: bool) -> None:
        self.found: dict[frozenset[_Pattern], str] = {}
        self._rooted = rooted
        self._seen: set[tuple[int, frozenset[_Pattern]]] = set()
        self._steps = 0

    def look(self, begun: tuple[str, ...], alive: Sequence[_Pattern]) -> None:
        """All ways in which a path that begins so can go on."""
        depth = len(begun)
        self._step()
        state = (depth, frozenset(alive))
        if state in self._seen:
            return
        self._seen.add(state)
        if begun and (begun[-1] or depth == 1):
            fitting = frozenset(
                one for one in alive if one.deep or len(one.parts) == depth
            ) - frozenset(one for one in alive if len(one.parts) > depth)
            path = "/".join(begun) or "/"
            if len(path) < len(self.found.get(fitting, path + _OTHER)):
                self.found[fitting] = path
        going = [one for one in alive if len(one.parts) > depth]
        done = [one for one in alive if one.deep and len(one.parts) <= depth]
        if not going and len(alive) == len(done) and begun and (begun[-1] or depth > 1):
            return
        for part in self._parts(depth, going):
            fit = [one for one in going if one.fits(depth, part)]
            self.look((*begun, part), [*fit, *done])

    def _parts(self, depth: int, going: Sequence[_Pattern]) -> Iterator[str]:
        if depth == 0 and self._rooted:
            yield ""
            return
        plain = {one.parts[depth] for one in going if one.exact or "*" not in one.parts[depth]}
        stars = {one.parts[depth] for one in going if not one.exact and "*" in one.parts[depth]}
        yield from sorted(one for one in plain if one or depth == 0)
        if stars - {"*"}:
            yield from self._words(sorted(plain), sorted(stars - {"*"}))
            return
        other = _OTHER
        while other in plain:
            other += _OTHER
        yield other

    def _words(self, plain: Sequence[str], stars: Sequence[str]) -> Iterator[str]:
        """A segment for each way in which segments can fit those with stars in them."""
        letters = sorted({letter for one in (*plain, *stars) for letter in one} - {"*"})
        other = next(one for one in map(chr, range(ord(_OTHER), 0x10FFFF)) if one not in letters)
        rules = [*((one, True) for one in plain), *((one, False) for one in stars)]
        begin = tuple(_closed({0}, text, exact=exact) for text, exact in rules)
        words: dict[tuple[frozenset[int], ...], str] = {}
        waiting = [(begin, "")]
        told: set[tuple[bool, ...]] = set()
        while waiting:
            state, word = waiting.pop(0)
            fitting = tuple(len(text) in at for (text, _), at in zip(rules, state, strict=True))
            if word and fitting not in told:
                told.add(fitting)
                yield word
            for letter in (other, *letters):
                self._step()
                after = tuple(
                    _read(at, letter, text, exact=exact)
                    for (text, exact), at in zip(rules, state, strict=True)
                )
                if after not in words:
                    words[after] = word + letter
                    waiting.append((after, words[after]))

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _MOST:
            raise TooMany


def _closed(at: set[int], text: str, *, exact: bool) -> frozenset[int]:
    """Where in a pattern one may stand, with stars that stand for nothing passed."""
    found = set(at)
    for one in sorted(at):
        place = one
        while not exact and place < len(text) and text[place] == "*":
            place += 1
            found.add(place)
    return frozenset(found)


def _read(at: frozenset[int], letter: str, text: str, *, exact: bool) -> frozenset[int]:
    after: set[int] = set()
    for one in at:
        if one < len(text):
            if not exact and text[one] == "*":
                after.add(one)
            elif text[one] == letter:
                after.add(one + 1)
    return _closed(after, text, exact=exact)
