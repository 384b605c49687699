"""Questions to the solver about parts of a playbook, with the reasons that hold for everybody."""

from collections.abc import Sequence
from typing import NamedTuple

from guidepath.playbook.finding import Path
from guidepath.playbook.playbook import Playbook
from guidepath.proofs.condition import Part, index_of
from guidepath.rules.expression import Not, Rule
from guidepath.rules.prove.formula import negation
from guidepath.rules.prove.solve import Impossible, Possible, Solver, Undecided
from guidepath.rules.prove.world import Link, World
from guidepath.rules.text import unparse


class Never(NamedTuple):
    """They cannot hold together, by these parts alone; `others` are the numbers of those rules."""

    parts: tuple[Part, ...]
    others: tuple[int, ...]


class Asking:
    """Asks whether conditions can hold together; `limit` is seconds a question."""

    def __init__(self, playbook: Playbook, limit: float) -> None:
        self.playbook = playbook
        self.vocabulary = playbook.vocabulary
        self._solver = Solver(limit)
        self.unreachable: set[str] = set()  # milestones of which this is known
        self._place = index_of(playbook)

    def ask(
        self,
        parts: Sequence[Part],
        others: Sequence[Rule] = (),
        *,
        steady: bool = False,
        of: str | None = None,
    ) -> tuple[World, Possible | Never | Undecided]:
        """Whether all parts can hold, and none of the other rules.

        Of the others, the last are the first to be left out of a reason. With `of`, a user or an
        account that has started is asked about.
        """
        rules = [*(one.rule for one in parts), *others]
        world = World(self.vocabulary, self.playbook.milestone_rules, rules, steady=steady)
        asked = [world.past.once(one.rule) if one.once else world.holds(one.rule) for one in parts]
        links = list(world.links.items())
        asked += [told for _, told in links]
        lost = sorted(self.unreachable & world.reached.keys())
        asked += [negation(world.reached[one].exists) for one in lost]
        if of is not None:
            asked.append(world.start["account" if of == "account" else "user"].exists)
        begin = len(asked)
        asked += [world.holds(Not(one)) for one in others]
        answer = self._solver.ask(world, asked)
        if not isinstance(answer, Impossible):
            return world, answer
        known = [*parts, *(self._linked(link) for link, _ in links), *map(self._lost, lost)]
        core = answer.core
        return world, Never(
            tuple(known[one] for one in core if one < len(known)),
            tuple(one - begin for one in core if one >= begin),
        )

    def _lost(self, milestone: str) -> Part:
        index = self._place.milestones[milestone]
        path: Path = ("milestones", index, "reached_when")
        words = f"{milestone} can never be reached"
        return Part(self.playbook.milestone_rules[milestone], words, path, 0, linked=True)

    def _linked(self, link: Link) -> Part:
        """What holds between a milestone and its rule, in words."""
        rule = self.playbook.milestone_rules[link.milestone]
        index = self._place.milestones[link.milestone]
        text = f"`{unparse(rule)}`"
        path: Path = ("milestones", index, "reached_when")
        if link.kind == "reached with its rule":
            words = f"{link.milestone} is reached as soon as {text}"
        else:
            words = f"{link.milestone} is reached only after {text}"
        return Part(rule, words, path, 0, linked=True)
