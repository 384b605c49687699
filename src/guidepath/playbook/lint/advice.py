"""Everything that experience says against a playbook, with its place in the file."""

from collections.abc import Iterable
from itertools import chain

from guidepath.errors import Diagnostic
from guidepath.playbook.finding import Finding
from guidepath.playbook.lint.crowd import crowd
from guidepath.playbook.lint.goals import goals
from guidepath.playbook.lint.ground import Ground
from guidepath.playbook.lint.order import order
from guidepath.playbook.lint.talk import talk
from guidepath.playbook.lint.unused import unused
from guidepath.playbook.loading import placed
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.reading import read


def advice(playbook: Playbook, text: str, file: str) -> list[Diagnostic]:
    """What experience says against a playbook that was read from `text`, in the order of it.

    None of it is an error. What the author has silenced is among it: see `silence`.
    """
    ground = Ground(playbook)
    found = (one for ask in (goals, order, crowd, talk, unused) for one in ask(ground))
    return in_place(found, text, file)


def in_place(findings: Iterable[Finding], text: str, file: str) -> list[Diagnostic]:
    """The findings where they stand in a text without errors, in its order."""
    document = read(text, file)
    return in_order(placed(one, document) for one in findings)


def in_order(*found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """All of them in the order of the file; where they stand on one place, as they come."""
    return sorted(chain(*found), key=lambda one: (one.place.line, one.place.column))
