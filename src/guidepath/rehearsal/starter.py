"""A first file of personas: for each item somebody to whom it is shown, and what she gets now."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count

from guidepath.clock import DAY
from guidepath.decision import Decision
from guidepath.face import nobody_looks
from guidepath.playbook.personas import NOTHING, Expectation, Persona, Personas, Showing
from guidepath.playbook.personas_check import began
from guidepath.playbook.personas_time import write_age
from guidepath.playbook.personas_writing import persona_of
from guidepath.playbook.playbook import Playbook
from guidepath.rehearsal.staging import Stage, now_of
from guidepath.rules.witness import Witness
from guidepath.subject import Context

_LONG_AGO = 30 * DAY  # no pause and no budget lasts that long


def starter(
    playbook: Playbook,
    witnesses: Mapping[str, Witness],
    *,
    progress: Callable[[int, int], None] = nobody_looks,
) -> Personas:
    """Personas made of witnesses, by the ids of the items that are shown to them.

    Each expects what the playbook gives her now, so that all of them pass until it changes.
    """
    stage = Stage(playbook)
    found: list[Persona] = []
    for item, witness in witnesses.items():
        found.append(_Maker(stage, item, witness).persona())
        progress(len(found), len(witnesses))
    return Personas(personas=tuple(found))


class _Maker:
    """Makes one persona. Each try lives on the stage under a name of its own."""

    def __init__(self, stage: Stage, item: str, witness: Witness) -> None:
        self._stage = stage
        self._item = item
        self._context = Context(witness.page, None, witness.device)
        about = f"Made up: somebody who gets {item}."
        self._bare = persona_of(witness, item, stage.playbook.vocabulary, about=about)
        self._personas = Personas(personas=())
        self._now = now_of(self._bare, self._personas)
        guidance = stage.playbook.guidance
        self._celebrations = {one.id for one in guidance if one.moment == "celebrate"}
        self._numbers = count()

    def persona(self) -> Persona:
        """The first try that gets the item, or else the last."""
        for each in self._tries():
            persona, tried, decision = self._lived(each)
            if decision.guidance == self._item:
                break
        expects = [self._got(decision)]
        if reached := self._stage.progress(tried, self._now).reached:
            expects.append(Expectation(reached=reached))
        return persona.model_copy(update={"expects": tuple(expects)})

    def _lived(self, persona: Persona) -> tuple[Persona, Persona, Decision]:
        """She with all behind her that is celebrated first, as who she was tried, and what then."""
        while True:
            tried = persona.model_copy(update={"id": f"{persona.id}-{next(self._numbers)}"})
            self._stage.live(tried, self._now, self._personas, ())
            decision = self._stage.ask(tried, self._now, self._context)
            first = decision.guidance
            seen = {one.item for one in persona.shown}
            if first is None or first in {self._item, *seen} or first not in self._celebrations:
                return persona, tried, decision
            shown = (*persona.shown, _completed(first, 0))
            persona = persona.model_copy(update={"shown": shown})

    def _tries(self) -> list[Persona]:
        """With all items behind her after which this one comes: just now, and long ago."""
        items = {one.id: one for one in self._stage.playbook.guidance}
        before = [one for one in items[self._item].after if one in items]
        if not before:
            return [self._bare]
        hers = began(self._bare)
        return [self._after(before, hers), self._after(before, hers + _LONG_AGO)]

    def _after(self, before: Sequence[str], ago: int) -> Persona:
        """With these items completed so long ago; she began no later, nor did her account."""
        account = self._bare.account_started
        shown = tuple(_completed(one, ago) for one in before)
        changes = {
            "shown": shown,
            "started": None if self._bare.started is None else ago,
            "account_started": None if account is None else max(account, ago),
        }
        return self._bare.model_copy(update=changes)

    def _got(self, decision: Decision) -> Expectation:
        place = {} if self._context.page is None else {"page": self._context.page}
        if decision.guidance is None:
            told = {**place, "gets": NOTHING, "because": decision.reason}
        else:
            told = {**place, "gets": decision.guidance}
        return Expectation.model_validate(told)


def _completed(item: str, ago: int) -> Showing:
    return Showing.model_validate({"item": item, "ago": write_age(ago), "then": "completed"})
