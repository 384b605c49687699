"""Playbooks in any handwriting: the same values in every style of YAML, with comments anywhere."""

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _.>=*/-]*[A-Za-z0-9]")
_TYPED = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null|[\d.e_]+")


class Scribe:
    """Writes values down as the random number generator has it."""

    def __init__(self, random: Random, *, comments: bool) -> None:
        self._random = random
        self._comments = comments
        self.said: list[str] = []

    def document(self, value: dict[str, Any]) -> str:
        lines = [*self._remarks(0), *self._map(value, 0), *self._remarks(0)]
        if self._chance(0.1):
            lines = ["---", *lines]
        return "".join(f"{line}\n" for line in lines)

    def _map(self, value: dict[str, Any], indent: int) -> Iterator[str]:
        margin = " " * indent
        for key, inner in value.items():
            yield from self._remarks(indent)
            name = self._key(key)
            if self._blocky(inner):
                further = indent + self._random.randint(1, 4)
                if isinstance(inner, list) and self._chance(0.3):
                    further = indent
                yield f"{margin}{name}:{self._beside()}"
                yield from self._block(inner, further)
            else:
                yield from self._lines(f"{margin}{name}:", self._node(inner, indent))
        yield from self._remarks(indent, chance=0.1)

    def _block(self, value: Any, indent: int) -> Iterator[str]:
        if isinstance(value, dict):
            yield from self._map(value, indent)
            return
        margin = " " * indent
        for inner in value:
            yield from self._remarks(indent)
            blanks = " " * self._random.randint(1, 3)
            if self._blocky(inner):
                column = indent + 1 + len(blanks)
                lines = list(self._block(inner, column))
                if lines[0].lstrip().startswith("#") or not lines[0].strip():
                    yield f"{margin}-"
                    yield from lines
                else:
                    yield f"{margin}-{blanks}{lines[0][column:]}"
                    yield from lines[1:]
            else:
                yield from self._lines(f"{margin}-", self._node(inner, indent))
        yield from self._remarks(indent, chance=0.1)

    def _lines(self, head: str, node: list[str]) -> Iterator[str]:
        yield f"{head} {node[0]}"
        yield from node[1:]

    def _blocky(self, value: Any) -> bool:
        return isinstance(value, dict | list) and bool(value) and self._chance(0.6)

    def _node(self, value: Any, indent: int) -> list[str]:
        """A scalar or something in braces: its lines, the first without indentation."""
        if not isinstance(value, dict | list):
            return self._scalar(value, indent)
        lines = self._flow(value, indent + 1)
        if not self._comments or self._chance(0.8):
            return lines
        return [*lines[:-1], lines[-1] + self._beside(1.0)]

    def _flow(self, value: Any, indent: int) -> list[str]:
        """Over one line or many, a comment behind any of them."""
        brackets = "{}" if isinstance(value, dict) else "[]"
        items = value.items() if isinstance(value, dict) else ((None, one) for one in value)
        lines = [brackets[0]]
        for number, (key, inner) in enumerate(items):
            if number:
                lines[-1] += ","
            if self._chance(0.2):
                lines[-1] += self._beside()
                lines += [*self._remarks(indent), " " * indent]
            elif number:
                lines[-1] += " "
            if key is not None:
                lines[-1] += f"{self._key(key)}: "
            if isinstance(inner, dict | list):
                first, *rest = self._flow(inner, indent + 1)
                lines[-1] += first
                lines += rest
            else:
                lines[-1] += self._inline(inner)
        if self._chance(0.2):
            lines[-1] += self._beside()
            lines += [*self._remarks(indent), " " * indent]
        lines[-1] += brackets[1]
        return lines

    def _scalar(self, value: Any, indent: int) -> list[str]:
        ways = [lambda: [self._inline(value) + self._beside()]]
        if isinstance(value, str):
            further = self._random.randint(1, 4)
            margin = " " * (indent + further)
            if re.fullmatch(r"\S[^\r\t]*\S\n?", value) and not re.search(r"\n\s*\n|\n ", value):
                head = "|" if value.endswith("\n") else "|-"
                text = [f"{margin}{one}" for one in value.removesuffix("\n").split("\n")]
                ways.append(lambda: [head + self._beside(), *text])
            if re.fullmatch(r"\S([^\s]| (?=\S))*", value):
                words = value.split(" ")
                cut = self._random.randint(0, len(words) - 1)
                if cut:
                    halves = (" ".join(words[:cut]), " ".join(words[cut:]))
                    ways.append(
                        lambda: [f">-{self._beside()}", margin + halves[0], margin + halves[1]]
                    )
                if cut and _PLAIN.fullmatch(value):
                    ways.append(lambda: [halves[0], margin + halves[1] + self._beside()])
        return self._random.choice(ways)()

    def _inline(self, value: Any) -> str:
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, str):
            return str(value)
        ways = [json.dumps(value), json.dumps(value, ensure_ascii=False)]
        ways = [one for one in ways if "\\ud" not in one]  # YAML has no halves of characters
        if not re.search(r"[\r\n\t]", value):
            ways.append("'" + value.replace("'", "''") + "'")
        if _PLAIN.fullmatch(value) and not _TYPED.fullmatch(value):
            ways += [value] * 3
        return self._random.choice(ways)

    def _key(self, key: str) -> str:
        return self._inline(key)

    def _remarks(self, indent: int, *, chance: float = 0.15) -> list[str]:
        found: list[str] = []
        while self._comments and self._chance(chance):
            if self._chance(0.3):
                found.append("")
            else:
                found.append(" " * indent + self._remark())
        return found

    def _beside(self, chance: float = 0.15) -> str:
        if not self._comments or not self._chance(chance):
            return ""
        return " " * self._random.randint(1, 3) + self._remark()

    def _remark(self) -> str:
        kind = self._random.choice(["# {}", "#{}", "# “{}”: a, [b] {{c}} - 'd' \"é😀\" # e"])
        self.said.append(kind.format(len(self.said) + 1))
        return self.said[-1]

    def _chance(self, of: float) -> bool:
        return self._random.random() < of


def shuffled(value: Any, random: Random) -> Any:
    """The same with the keys of all maps in another order."""
    if isinstance(value, list):
        return [shuffled(one, random) for one in value]
    if not isinstance(value, dict):
        return value
    items = [(key, shuffled(one, random)) for key, one in value.items()]
    random.shuffle(items)
    return dict(items)
