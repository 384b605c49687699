"""Golden decisions: what browsers got when somebody last looked, in one file or a folder of them.

A file holds each persona's decisions by the place where she asked; in a folder, each persona has a
file of her own. What is compared is the JSON as it is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from typing import TypeVar

import msgspec

from guidepath.cli import output
from guidepath.cli.mistake import Mistake
from guidepath.rehearsal import Outcome

T = TypeVar("T")
_Kept = dict[str, object]  # by the place where they were asked for


class Golden:
    """The decisions in a file, or in a folder where the name does not end in `.json`.

    Raises:
        Mistake: what is there cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = path.suffix != ".json"
        self._kept = _folder(path) if self._folder else _file(path)

    def compared(self, outcomes: Sequence[Outcome], *, whole: bool) -> list[Outcome]:
        """One more outcome for each decision: whether it is as it was kept.

        `whole`: everybody was asked everything, so that what was not asked for is outdated.
        """
        asked = _asked(outcomes)
        found = [self._compared(place, one) for (_, place), one in asked.items()]
        if whole:
            found += [
                self._outdated(persona, place)
                for persona, decisions in self._kept.items()
                for place in decisions
                if (persona, place) not in asked
            ]
        return found

    def accept(self, outcomes: Sequence[Outcome], *, whole: bool) -> None:
        """Keep the decisions as they are now; without `whole`, beside those not asked for."""
        kept = {} if whole else {name: {**one} for name, one in self._kept.items()}
        for (persona, place), one in _asked(outcomes).items():
            kept.setdefault(persona, {})[place] = msgspec.to_builtins(one.decision)
        if not self._folder:
            output.promised(self._path)
            output.document(self._path, output.formatted(kept))
            return
        self._path.mkdir(parents=True, exist_ok=True)
        for persona, decisions in kept.items():
            output.document(self._path / f"{persona}.json", output.formatted(decisions))
        for persona in self._kept.keys() - kept.keys():
            (self._path / f"{persona}.json").unlink()

    def _compared(self, place: str, one: Outcome) -> Outcome:
        kept = self._kept.get(one.persona, {})
        before = output.formatted(kept[place]) if place in kept else ""
        now = output.formatted(msgspec.to_builtins(one.decision))
        lines = list(unified_diff(before.splitlines(), now.splitlines(), lineterm="", n=1))
        return replace(
            one,
            sentence=f"{place} gets what {self._path} keeps",
            expectation=None,
            passed=before == now,
            got="it has changed:" if before else "nothing is kept of it yet",
            why=tuple(lines[2:]) if before else (),  # without the names of the two sides
        )

    def _outdated(self, persona: str, place: str) -> Outcome:
        return Outcome(
            persona=persona,
            sentence=f"{place} gets what {self._path} keeps",
            expectation=None,
            passed=False,
            got="no expectation asks for it any more",
        )


def _folder(path: Path) -> dict[str, _Kept]:
    return {one.stem: _read(one, _Kept) for one in sorted(path.glob("*.json"))}


def _file(path: Path) -> dict[str, _Kept]:
    return _read(path, dict[str, _Kept]) if path.exists() else {}


def _read(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (msgspec.MsgspecError, ValueError) as problem:
        raise Mistake(f"{file} holds no golden decisions: {problem}; mend or remove it") from None


def _asked(outcomes: Sequence[Outcome]) -> Mapping[tuple[str, str], Outcome]:
    """One outcome for each decision that was asked for."""
    found: dict[tuple[str, str], Outcome] = {}
    for one in outcomes:
        if one.decision is not None and one.expectation is not None:
            found.setdefault((one.persona, one.expectation.place), one)
    return found
