"""Slips of the hand: a right text with a few edits, as people and fuzzers make them."""

import re
from collections.abc import Sequence
from random import Random

_PIECES = re.compile(r'"(?:[^"\\]|\\.)*"?|[A-Za-z_]+|[0-9]+|\s+|.', re.DOTALL)
_ODD = (
    "\0\t\n\x1b\x7f\u00a0\u0301\u2028\u202e\ufeff\ud800\u00e9\u00bd\u00b2\u0663\U0001d7db\ufb00"
    "\U0001f600\U0010ffff\"'`\\{}[]()<>=!&|#%,.:;-~*?@"
)
_DEEP = 40


def slip(text: str, others: Sequence[str], random: Random) -> str:
    """The text with one to four edits; words that are put in come from `others`."""
    pieces = _PIECES.findall(text)
    for _ in range(random.randint(1, 4)):
        pieces = _edited(pieces, others, random)
    return "".join(pieces)


def _edited(pieces: list[str], others: Sequence[str], random: Random) -> list[str]:
    at = random.randint(0, len(pieces))
    end = min(len(pieces), at + random.choice((0, 1, 1, 2, 5, 20)))
    inside = pieces[at:end]
    match random.randrange(8):
        case 0:
            inside = []
        case 1:
            inside = [*inside, *inside]
        case 2:
            inside = inside[::-1]
        case 3:
            inside = [random.choice(others)]
        case 4:
            inside = [*inside, " ", random.choice(others), " "]
        case 5:
            text = "".join(inside)
            cut = random.randint(0, len(text))  # also inside a string
            inside = [text[:cut], random.choice(_ODD), text[cut:]]
        case 6:
            opening, closing = random.choice((("(", ")"), ("not ", ""), ("[", "]"), ('"', '"')))
            number = random.choice((1, 2, _DEEP))
            inside = [opening * number, *inside, closing * number]
        case _:
            inside = [_PIECES.sub(lambda one: one[0].swapcase(), piece) for piece in inside]
            inside.append(str(random.choice((0, -1, 10**30, 2**63, 0.1, "1e999", "007", "1_0"))))
    return [*pieces[:at], *inside, *pieces[end:]]
