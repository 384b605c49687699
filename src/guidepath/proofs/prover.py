"""All that can be proven of a playbook, one question after the other."""

from collections.abc import Callable, Iterator, Mapping

from guidepath.deck import Deck
from guidepath.errors import Diagnostic
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.limits import Holdout
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.reading import read
from guidepath.proofs.asking import Asking, Never
from guidepath.proofs.condition import Part
from guidepath.proofs.items import Items, NeverShown, Shown
from guidepath.proofs.plain import plain
from guidepath.proofs.statements import Statement, can_hold, fails, out_of_reach, statements
from guidepath.proofs.told import Told
from guidepath.rules.prove.paths import TooMany
from guidepath.rules.prove.solve import Undecided
from guidepath.rules.prove.survey import closure
from guidepath.rules.witness import Witness

LIMIT = 10.0  # seconds for one rule or item
Progress = Callable[[int, int | None], None]


def prove(
    playbook: Playbook,
    text: str,
    file: str,
    *,
    limit: float = LIMIT,
    progress: Progress = lambda _done, _of: None,
) -> list[Diagnostic]:
    """What is proven against a playbook that was read from `text`, in the order of it.

    What could not be decided in time is told as a remark.

    Args:
        playbook: what was read.
        text: the YAML.
        file: its name.
        limit: seconds that one rule or item may take.
        progress: called with how many rules and items are done, and of how many.

    Raises:
        ConfigurationError: the extra `prove` is not installed.
    """
    prover = _Prover(playbook, limit)
    found = prover.told(Told(read(text, file)), progress)
    return sorted(found, key=lambda one: (one.place.line, one.place.column))


def witnesses(playbook: Playbook, *, limit: float = LIMIT) -> Mapping[str, Witness]:
    """For each item that can be shown, somebody to whom it is, confirmed by the engine.

    What an item comes `after` is no event: its witness is to have completed the items named there.
    Nor is what was shown before: where something is celebrated with her first, she is to have seen
    that. One that has a time is shown to its witness in that time.

    Raises:
        ConfigurationError: the extra `prove` is not installed.
    """
    prover = _Prover(playbook, limit)
    found: dict[str, Witness] = {}
    for item in playbook.guidance:
        fate = prover.items.fate(item)
        if isinstance(fate, Shown):
            found[item.id] = plain(prover.deck, item, fate)
    return found


class _Prover:
    def __init__(self, playbook: Playbook, limit: float) -> None:
        held = playbook.holdout.percent > 0  # whoever is held out is shown nothing anyway
        asked = playbook.model_copy(update={"holdout": Holdout()}) if held else playbook
        self.playbook = asked
        self.deck = Deck(asked)
        self._asking = Asking(asked, limit)
        self.items = Items(self._asking, self.deck, limit)

    def told(self, told: Told, progress: Progress) -> Iterator[Diagnostic]:
        """Everything that is found, as it is found."""
        rules = sorted(statements(self.playbook), key=self._turn)
        number = len(rules) + len(self.playbook.guidance)
        progress(0, number)
        for done, one in enumerate(rules, 1):
            try:
                yield from self._statement(one, told)
            except TooMany:
                yield told.undecided(one, "too much")
            progress(done, number)
        for done, (index, item) in enumerate(enumerate(self.playbook.guidance), len(rules) + 1):
            said = told.item(item, ("guidance", index), self.items.fate(item))
            if said is not None:
                yield said
            progress(done, number)

    def _turn(self, one: Statement) -> int:
        """Milestones first, those that others ask about before these."""
        if one.kind != "milestone":
            return len(self.playbook.milestones)
        return len(closure([one.rule], self.playbook.milestone_rules))

    def _statement(self, one: Statement, told: Told) -> Iterator[Diagnostic]:
        failing = fails(self._asking, one)
        if isinstance(failing, Never):
            yield told.always(one, failing)
            return
        holding = None
        if one.kind != "item":  # of which its fate tells
            holding = can_hold(self._asking, one, self._around(one))
        if isinstance(holding, Never):
            if one.kind == "milestone":
                self._asking.unreachable.add(one.owner)
            yield told.never(one, holding)
        elif isinstance(holding, Undecided) or isinstance(failing, Undecided):
            yield told.undecided(one, "late")
        elif one.kind == "milestone" and one.owner == self.playbook.first_value.id:
            yield from self._first_value(one, told)

    def _around(self, one: Statement) -> list[Part]:
        """Of a step, what must hold for its tour to be shown; nothing where that never is."""
        if one.kind != "step":
            return []
        tour = self._tour(one)
        if isinstance(self.items.fate(tour), NeverShown):
            return []
        return [part for part in self.items.parts(tour) if part.path[-1] not in ("page", "steps")]

    def _tour(self, one: Statement) -> Guidance:
        index = one.path[1]
        return self.playbook.guidance[int(index)]

    def _first_value(self, one: Statement, told: Told) -> Iterator[Diagnostic]:
        for role, answer in out_of_reach(self._asking, one, self.playbook.roles):
            if isinstance(answer, Never):
                yield told.out_of_reach(one, role, answer)
            else:
                yield told.undecided(one, "late")
