"""A persona's life, told to a real guide: who she is, what happened, and what she was shown.

The clock is moved to each thing in turn, so that it is received when it happens. Nobody is held
out here: who is, is a draw, and a persona is about rules.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, cast

from msgspec.structs import replace

from guidepath.adapters.stores.memory import MemoryStore
from guidepath.attention import Claim
from guidepath.clock import length, micros, moment
from guidepath.decision import Decision, Reference, claimed, decide
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.engine import Guidepath
from guidepath.errors import EventError, PlaybookError
from guidepath.flow import shown, standing
from guidepath.host import Answer
from guidepath.overview import Overview
from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.limits import Holdout
from guidepath.playbook.personas import Persona, Personas, Showing
from guidepath.playbook.personas_check import began
from guidepath.playbook.playbook import Playbook
from guidepath.ports import Change, Draft
from guidepath.progress import Pair, Progress
from guidepath.subject import Context, Subject

# What became of an item, in a host's words; one whose target was missing was never shown.
_THEN: dict[str, Answer] = {
    "completed": "completed",
    "dismissed": "dismissed",
    "snoozed": "snoozed",
    "answered": "answered",
    "clicked": "clicked",
    "left": "dismissed",
    "missing": "missing",
}


class _Deed(NamedTuple):
    """Something to be told, when, and where the file says so."""

    at: int
    path: Path
    tell: Callable[[], object]


class Stage:
    """A guide on which personas live, each in an account of her own."""

    def __init__(self, playbook: Playbook) -> None:
        if playbook.holdout.percent:
            playbook = playbook.model_copy(update={"holdout": Holdout()})
        self.playbook = playbook
        self.deck = Deck(playbook)
        self._now = 0
        self._store = MemoryStore()
        self.guide = Guidepath(playbook, self._store, clock=lambda: moment(self._now))
        self._lease = length(playbook.limits.lease)
        self._versions = {one.id: one.version for one in playbook.guidance}

    def live(self, persona: Persona, now: int, personas: Personas, at: Path) -> None:
        """Tell all that happened by `now`, in order of time.

        Raises:
            PlaybookError: something of it cannot have happened so.
        """
        for deed in sorted(self._deeds(persona, now, at), key=lambda one: one.at):
            self._now = deed.at
            try:
                deed.tell()
            except EventError as problem:
                wrong = Finding("impossible", str(problem), deed.path)
                raise PlaybookError([personas.told(wrong)]) from None

    def ask(self, persona: Persona, now: int, context: Context) -> Decision:
        """What `next` would give her at a place. Nothing is claimed by asking."""
        self._now = now
        pair = run(standing(self.deck, _whose(persona), now), self._store).pair
        decision = decide(self.deck, _whose(persona), pair, context, now)
        return shown(self.deck, decision, pair, context)

    def explain(self, persona: Persona, now: int, context: Context) -> Decision:
        """The same, with every gate's answer for every item: that takes much longer."""
        self._now = now
        return self.guide.explain(
            user=persona.id,
            account=persona.id,
            page=context.page,
            locale=context.locale,
            device=context.device,
        )

    def progress(self, persona: Persona, now: int) -> Overview:
        """How far she has come. Ask in order of time: what waiting made true by then is kept."""
        self._now = now
        return self.guide.progress(user=persona.id, account=persona.id)

    def pair(self, persona: Persona) -> Pair:
        """Her progress and her account's, as they are kept."""
        return self._store.load(persona.id, [persona.id]).pair(persona.id)

    def _deeds(self, persona: Persona, now: int, at: Path) -> Iterator[_Deed]:
        """All of it; what is of the same instant comes in this order."""
        start = now - began(persona)
        agos = [ago for one in persona.events for ago in one.ago]
        account = now - (persona.account_started or max([began(persona), *agos]))
        if persona.account or persona.account_started is not None:
            tell = partial(self.guide.group, account=persona.id, attributes=persona.account)
            yield _Deed(account, (*at, "account"), tell)
        identify = partial(
            self.guide.identify,
            user=persona.id,
            account=persona.id,
            role=persona.role,
            attributes=persona.user,
        )
        yield _Deed(start, (*at, "user"), identify)
        for index, event in enumerate(persona.events):
            for ago in event.ago:
                tell = partial(
                    self.guide.track,
                    event.event,
                    user=event.by or persona.id,
                    account=persona.id,
                    properties=event.properties,
                )
                yield _Deed(now - ago, (*at, "events", index), tell)
        for index, showing in enumerate(persona.shown):
            for ago in showing.ago:
                path = (*at, "shown", index)
                yield _Deed(now - ago, path, partial(self._show, persona, showing))

    def _show(self, persona: Persona, showing: Showing) -> None:
        """The item was hers then, whatever the playbook would show her today."""
        reference = self._claim(persona, showing.item)
        if showing.then != "missing":
            self.guide.respond(reference, "shown")
        if showing.step is not None:
            self.guide.respond(reference, "step.shown", step=showing.step)
        if showing.then != "shown":
            self.guide.respond(
                reference,
                _THEN[showing.then],
                end_reason="navigated" if showing.then == "left" else None,
                snooze=showing.snooze,
                answers=showing.answers or None,
            )

    def _claim(self, persona: Persona, item: str) -> str:
        """Give her the right to be shown it, and the decision's id."""
        row = self._store.load(persona.id, [persona.id]).users[persona.id]
        progress = cast("Progress", row.progress)  # she was identified before
        number = progress.attention.claims + 1
        reference = Reference(persona.id, persona.id, number, item, self._now)
        made = Claim(
            token=reference.token,
            number=number,
            item=item,
            version=self._versions[item],
            made_at=self._now,
            expires_at=self._now + self._lease,
        )
        decided = Decision(
            id=reference.id,
            subject=_whose(persona),
            evaluated_at=self._now,
            reason="CHOSEN",
            guidance=item,
            claim=made,
        )
        after = replace(progress, attention=claimed(progress.attention, decided))
        self._store.save(
            Change(persona.id, {persona.id: Draft(after, row.version)}, (), (), self._now)
        )
        return reference.id


def _whose(persona: Persona) -> Subject:
    return Subject(persona.id, persona.id)


def now_of(persona: Persona, personas: Personas) -> int:
    """What time it is for her, in microseconds since 1970."""
    return micros(persona.now or personas.now)
