"""Whether formulas can hold together, asked of z3, within a time."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from time import monotonic
from typing import Any

from guidepath.errors import ConfigurationError
from guidepath.lock import cached
from guidepath.rules.prove.formula import all_of
from guidepath.rules.prove.world import World

Model = Mapping[str, Fraction]  # by name; what is true is 1, what is not there is 0
_LIKELY = "likely"
_VALUE = re.compile(r"\(define-fun (\w+) \(\) \w+\s+(\w+|[\d.]+|\(.*?\)+)\)\s*$", re.MULTILINE)
_DIGITS = re.compile(r"[\d.]+")
_LEAST = 50  # milliseconds for each step of making a reason smaller


@dataclass(frozen=True)
class Possible:
    """They can hold together; `told` is an example, in the solver's words."""

    told: str

    @cached
    def model(self) -> Model:
        """What every name stands for in the example."""
        return {name: _number(value) for name, value in _VALUE.findall(self.told)}


@dataclass(frozen=True)
class Impossible:
    """They cannot: the numbers of those that are at fault, of which none could be left out."""

    core: tuple[int, ...]


@dataclass(frozen=True)
class Undecided:
    """The time was over before it was known."""


Answer = Possible | Impossible | Undecided


class Solver:
    """Asks z3. `limit` is how many seconds one question may take."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._z3 = _z3()
        self._context = self._z3.Context()

    def ask(self, world: World, parts: Sequence[str]) -> Answer:
        """Whether all these formulas over the world can hold together.

        Where they cannot, the last are the first to be left out of the reason.
        """
        until = monotonic() + self._limit
        solver = self._z3.SimpleSolver(ctx=self._context)
        names = [f"q{number}" for number in range(len(parts))]
        text = [f"(declare-const {name} Bool)" for name in (*names, _LIKELY)]
        text += world.declarations()
        text += [f"(assert {law})" for law in world.all_laws()]
        text += [f"(assert (=> {name} {part}))" for name, part in zip(names, parts, strict=True)]
        text.append(f"(assert (=> {_LIKELY} {all_of(world.cells.likely)}))")
        solver.from_string("\n".join(text))
        found = self._check(solver, (*names, _LIKELY), until)
        if isinstance(found, set) and _LIKELY in found:
            found = self._check(solver, names, until)
        if isinstance(found, set):
            return Impossible(self._fewest(solver, found, until))
        return found

    def _check(
        self, solver: Any, assumed: Sequence[str], until: float
    ) -> Possible | Undecided | set[str]:
        """An example, or the names of those at fault."""
        left = max(_LEAST, int((until - monotonic()) * 1000))
        solver.set("timeout", left)
        literals = [self._z3.Bool(name, self._context) for name in assumed]
        verdict = solver.check(*literals)
        if verdict == self._z3.unsat:
            return {str(one) for one in solver.unsat_core()}
        if verdict == self._z3.sat:
            return Possible(solver.model().sexpr())
        return Undecided()

    def _fewest(self, solver: Any, core: set[str], until: float) -> tuple[int, ...]:
        """The names without those that are not needed for it, one after the other left out."""
        needed = set(core)
        for one in sorted(core, key=lambda name: -int(name[1:])):
            if one in needed and monotonic() < until:
                found = self._check(solver, sorted(needed - {one}), until)
                if isinstance(found, set):
                    needed = found
        return tuple(sorted(int(name[1:]) for name in needed))


def _number(text: str) -> Fraction:
    """A value as the solver writes it.

    >>> _number("(- (/ 1.0 10.0))"), _number("true"), _number("7")
    (Fraction(-1, 10), Fraction(1, 1), Fraction(7, 1))
    """
    if text in ("true", "false"):
        return Fraction(text == "true")
    above, *below = (Fraction(one) for one in _DIGITS.findall(text))
    value = above / below[0] if below else above
    return -value if "-" in text else value


def _z3() -> Any:
    try:
        return import_module("z3")
    except ImportError as problem:
        raise ConfigurationError(
            f"proofs need {problem.name}; pip install 'guidepath[prove]'"
        ) from problem
