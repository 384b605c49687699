"""What a receiver said, short and clean enough for a log line."""

MOST = 200


def excerpt(said: object) -> str:
    r"""The start of it, in one line of printable characters.

    >>> excerpt("550 no such user\r\nhere")
    '550 no such user here'
    """
    text = "".join(one if one.isprintable() else " " for one in str(said)[: 4 * MOST])
    line = " ".join(text.split())
    return line if len(line) <= MOST else line[: MOST - 1] + "…"
