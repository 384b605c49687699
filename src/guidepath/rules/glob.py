"""Patterns for paths.

`*` stands for anything within one segment; `**`, only as the last segment, for any number of
segments, none included. Query, fragment and a slash at the end do not count, and only the first
2,048 characters do. Pieces are compared from left to right: no pattern makes it slow.
"""

MAX_PATH = 2048


def path_of(text: str) -> str:
    """The path that a pattern is compared with.

    >>> path_of("/invoices/?page=2"), path_of("/")
    ('/invoices', '/')
    """
    text = text[:MAX_PATH].partition("?")[0].partition("#")[0]
    return text.rstrip("/") or "/"


def match(pattern: str, path: str) -> bool:
    """Whether the path fits the pattern.

    >>> match("/invoices/*", "/invoices/7"), match("/invoices/*", "/invoices/7/lines")
    (True, False)
    >>> match("/invoices/**", "/invoices"), match("/invoices/**", "/invoices/7/lines")
    (True, True)
    """
    return match_segments(segments(pattern), path_of(path))


def segments(pattern: str) -> tuple[str, ...]:
    """The pattern or path in its segments.

    >>> segments("/invoices/*")
    ('', 'invoices', '*')
    """
    return tuple(pattern.rstrip("/").split("/"))


def match_segments(pattern: tuple[str, ...], path: str) -> bool:
    """Whether a path, as `path_of` gives it, fits the segments of a pattern."""
    parts = segments(path)
    if pattern[-1] == "**":
        pattern = pattern[:-1]
        parts = parts[: len(pattern)]
    return len(parts) == len(pattern) and all(map(_fits, pattern, parts))


def problem(pattern: str) -> str | None:
    """What is wrong with a pattern, or None.

    >>> problem("/**/edit")
    "'**' stands only at the end, as a segment of its own"
    """
    if len(pattern) > MAX_PATH:
        return f"a pattern has at most {MAX_PATH:,} characters"
    if "?" in pattern or "#" in pattern:
        return "a pattern is compared with the path only; leave out '?' and '#' and what follows"
    if any("**" in one for one in segments(pattern)[:-1]) or (
        "**" in segments(pattern)[-1] and segments(pattern)[-1] != "**"
    ):
        return "'**' stands only at the end, as a segment of its own"
    return None


def _fits(pattern: str, part: str) -> bool:
    first, *rest = pattern.split("*")
    if not rest:
        return part == pattern
    if not part.startswith(first):
        return False
    at = len(first)
    *middle, last = rest
    for piece in middle:
        at = part.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return part.endswith(last) and len(part) - len(last) >= at
