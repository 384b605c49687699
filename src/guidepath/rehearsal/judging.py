"""An expectation held against what the guide answers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from guidepath.adapters.web import wire
from guidepath.clock import iso, micros
from guidepath.decision import Candidate, Decision
from guidepath.lock import cached
from guidepath.playbook.personas import NOTHING, Expectation, Persona
from guidepath.progress import situation
from guidepath.rehearsal.outcome import answer, kept_back
from guidepath.rehearsal.pages import Pages
from guidepath.rehearsal.staging import Stage
from guidepath.rules.interpret import explain
from guidepath.rules.problem import suggest
from guidepath.subject import Context

_BESIDE = ("ACTIVE_CLAIM", "OUTRANKED")  # another item is shown; nothing of its own is against it


class Judgement(NamedTuple):
    """Whether it holds, what she got, and why where that is not what she must get."""

    passed: bool
    got: str
    why: tuple[str, ...] = ()
    decision: wire.WireDecision | None = None


class There:
    """What a persona gets at a place, and why, as far as it is asked for."""

    def __init__(self, stage: Stage, persona: Persona, now: int, context: Context) -> None:
        self._asked = (persona, now, context)
        self._stage = stage
        self.now = now
        self.decision = stage.ask(*self._asked)

    @cached
    def told(self) -> Decision:
        """The decision with what every gate says of every item."""
        return self._stage.explain(*self._asked)

    def of(self, item: str) -> Candidate:
        """What the gates say of an item."""
        return next(one for one in self.told.candidates if one.item == item)

    def behind(self, item: str) -> bool:
        """Whether nothing but another item keeps this one back."""
        decision = self.decision
        if decision.reason != "ACTIVE_CLAIM" and (
            decision.guidance is None or any(one.item == item for one in decision.candidates)
        ):
            return False  # it was asked before any other was chosen
        return all(one.open for one in self.of(item).gates if one.code not in _BESIDE)


class Judge:
    """Holds expectations against one stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._pages = Pages(stage.playbook)

    def judge(self, persona: Persona, asked: Expectation, now: int) -> Judgement:
        """What becomes of one expectation; `now` is the persona's."""
        now += asked.later
        if asked.never is not None:
            return self._never(persona, asked.never, now)
        if not asked.asks_for_item:
            return self._reached(persona, asked, now)
        locale, device = asked.locale or persona.locale, asked.device or persona.device
        there = There(self._stage, persona, now, Context(asked.page, locale, device))
        on_wire = wire.decision(there.decision, locale=locale or self._stage.playbook.locale)
        if asked.lacks is not None:
            why = _lacks(asked, asked.lacks, there)
        else:
            why = _gets(asked, there, on_wire)
        return Judgement(why is None, answer(there.decision), why or (), on_wire)

    def _never(self, persona: Persona, item: str, now: int) -> Judgement:
        """Where it is shown; else where only another item is before it."""
        found = Judgement(True, f"got {item} on no page")
        for page, device in self._pages.of(item):
            if persona.device is not None and device not in (None, persona.device):
                continue
            context = Context(page, persona.locale, device or persona.device)
            there = There(self._stage, persona, now, context)
            got = f"{Expectation(page=page, device=device).place} {answer(there.decision)}"
            if there.decision.guidance == item:
                return Judgement(False, got)
            if found.passed and there.behind(item):
                why = f"{item} comes next: nothing but another item keeps it back"
                found = Judgement(False, got, (why,))
        return found

    def _reached(self, persona: Persona, asked: Expectation, now: int) -> Judgement:
        progress = self._stage.progress(persona, now)
        at = {one.id: one.reached_at for one in progress.milestones}
        missing = [one for one in asked.reached if at[one] is None]
        early = {name: one for name in asked.not_reached if (one := at[name]) is not None}
        got = f"reached {', '.join(progress.reached) or NOTHING}"
        why = [self._open(persona, one, now) for one in missing]
        why += [f"{name} was reached {iso(micros(one))}" for name, one in early.items()]
        return Judgement(not why, got, tuple(why))

    def _open(self, persona: Persona, milestone: str, now: int) -> str:
        """What a milestone that is not reached still takes."""
        deck = self._stage.deck
        rule = self._stage.playbook.milestone_rules[milestone]
        told = explain(rule, deck.facts, situation(deck, self._stage.pair(persona), now))
        return f"{milestone} is open: {told.actual}; must be {told.required}"


def _gets(asked: Expectation, there: There, on_wire: wire.WireDecision) -> tuple[str, ...] | None:
    """Why it is not the item that is asked for, or not by this gate; None where it is."""
    got = there.decision.guidance
    if asked.gets == NOTHING:
        return _by(asked, there) if got is None else ("nothing keeps it back",)
    if asked.gets is not None and got != asked.gets:
        return (kept_back(there.of(asked.gets), there.now),)
    if got is None:
        return ("an item was expected",)
    if (wrong := _by(asked, there)) is not None:
        return wrong
    return None if asked.golden is None else _unlike(asked.golden, _on_screen(on_wire))


def _by(asked: Expectation, there: There) -> tuple[str, ...] | None:
    """By which other gate it is decided, and what that is about; None where it is the one."""
    reason = there.decision.reason
    if asked.because in (None, reason):
        return None
    about = (one for one in there.told.candidates if one.verdict.code == reason)
    first = next(about, None) if asked.gets == NOTHING else None
    told = () if first is None else (kept_back(first, there.now),)
    return (f"by {reason}, not by {asked.because}", *told)


def _lacks(asked: Expectation, item: str, there: There) -> tuple[str, ...] | None:
    """Why she does get it, or what else keeps it back; None where all is as expected."""
    if there.decision.guidance == item:
        return ("nothing keeps it back",)
    if asked.because is None or there.of(item).verdict.code == asked.because:
        return None
    return (kept_back(there.of(item), there.now),)


def _on_screen(decision: wire.WireDecision) -> object:
    """The item as on the wire, with what its step on the screen has beside it."""
    item: dict[str, Any] = msgspec.to_builtins(decision.item)
    at = item["state"]["currentStepId"]
    return {**next(one for one in item["steps"] if one["id"] == at), **item}


def _unlike(expected: object, found: object, at: str = "") -> tuple[str, ...] | None:
    """Where what was found is not as expected; None where it is. Keys left out may be any."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key, value in expected.items():
            path = f"{at}.{key}" if at else str(key)
            if key not in found:
                return (f"the item has no {path}{suggest(str(key), map(str, found))}",)
            if (wrong := _unlike(value, found[key], path)) is not None:
                return wrong
        return None
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        if len(expected) != len(found):
            return (f"{at} has {len(found)} entries, not {len(expected)}",)
        for index, value in enumerate(expected):
            if (wrong := _unlike(value, found[index], f"{at}[{index}]")) is not None:
                return wrong
        return None
    if type(expected) is type(found) and expected == found:
        return None
    return (f"{at} is {_json(found)}, not {_json(expected)}",)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
