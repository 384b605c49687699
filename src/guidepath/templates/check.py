"""The targets of a playbook against the files of a product."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path as File
from typing import NamedTuple

from guidepath.errors import Diagnostic, Place, Related, Severity
from guidepath.playbook.finding import Path
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.reading import read as document
from guidepath.templates import folder, selector
from guidepath.templates.anchor import Anchors, fit
from guidepath.templates.look import Look
from guidepath.templates.markup import gather
from guidepath.templates.selector import OneOf, Part, SelectorError

ANCHOR = "data-guide"  # the attribute that exists for guidance and nothing else


class Aim(NamedTuple):
    """A selector of the playbook, and where it stands."""

    selector: str
    wanted: OneOf
    places: tuple[Place, ...]


class Lack(NamedTuple):
    """What a selector asks for and no file surely has; `built` is where it may be put together."""

    part: Part
    built: Place | None


def check(
    playbook: Playbook,
    text: str,
    file: str,
    files: Sequence[File],
    progress: Callable[[int, int | None], None],
) -> list[Diagnostic]:
    """What is wrong with the selectors of a playbook, as far as these files tell.

    Args:
        playbook: what was read from `text`, which stands in `file`.
        text: the YAML.
        file: its name.
        files: templates and sources.
        progress: called with how many files are read, and of how many.

    Raises:
        ConfigurationError: the extra `cli` is not installed.
    """
    aims, wrong = _aims(playbook, text, file)
    wanted = {part for one in aims for part in selector.parts(one.wanted)}
    look = Look(wanted, {one.selector for one in aims}, also=[ANCHOR])
    anchors = Anchors()
    for number, one in enumerate(files, 1):
        content = folder.text(one)
        if content is not None:
            gather(anchors, look, content, str(one))
        progress(number, len(files))
    found = [diagnostic for one in aims for diagnostic in _told(one, anchors)]
    found = sorted([*wrong, *found], key=lambda one: (one.place.line, one.place.column))
    return [*found, *_unused(wanted, anchors)]


def _aims(playbook: Playbook, text: str, file: str) -> tuple[list[Aim], list[Diagnostic]]:
    """The selectors of the playbook, each once; and what is wrong with one in itself."""
    written = document(text, file)
    paths: dict[str, list[Path]] = {}
    for path, one in _selectors(playbook):
        paths.setdefault(one, []).append(path)
    aims: list[Aim] = []
    wrong: list[Diagnostic] = []
    for one, stands in paths.items():
        places = tuple(written.place(path) for path in stands)
        try:
            aims.append(Aim(one, selector.read(one), places))
        except SelectorError as problem:
            place = written.place(stands[0], offset=problem.offset)
            wrong.append(_diagnostic("error", "bad-selector", str(problem), (place, *places[1:])))
    return aims, wrong


def _selectors(playbook: Playbook) -> Iterator[tuple[Path, str]]:
    for index, guidance in enumerate(playbook.guidance):
        at: Path = ("guidance", index)
        if guidance.target is not None:
            yield (*at, "target", "selector"), guidance.target.selector
        for number, step in enumerate(guidance.steps):
            if step.target is not None:
                yield (*at, "steps", number, "target", "selector"), step.target.selector
            if step.advance_on is not None:
                yield (*at, "steps", number, "advance_on"), step.advance_on


def _told(aim: Aim, anchors: Anchors) -> Iterator[Diagnostic]:
    if aim.selector in anchors.given:
        return
    lacks = _lacks(aim.wanted, anchors)
    missing = [one for one in lacks if one.built is None]
    for one in dict.fromkeys(missing or lacks):
        if one.built is None:
            message = f"no file has {one.part}{_meant(one.part, anchors)}"
            yield _diagnostic("error", "missing-target", message, aim.places)
        else:
            where = f"{one.built.file}:{one.built.line}"
            message = f"cannot tell whether any file has {one.part}: it is put together in {where}"
            message += _said(one.part, anchors)
            yield _diagnostic("warning", "dynamic-target", message, aim.places)


def _lacks(wanted: OneOf, anchors: Anchors) -> list[Lack]:
    """What is lacking for the way that lacks least."""
    ways = [
        [
            lack
            for one in way.wants
            for lack in (_lack(one, anchors) if isinstance(one, Part) else _lacks(one, anchors))
        ]
        for way in wanted.ways
    ]
    return min(ways, key=_badness, default=[])


def _badness(lacks: Sequence[Lack]) -> tuple[int, int]:
    return sum(one.built is None for one in lacks), len(lacks)


def _lack(part: Part, anchors: Anchors) -> list[Lack]:
    verdict, built = anchors.fits(part)
    return [] if verdict == "yes" else [Lack(part, built)]


def _meant(part: Part, anchors: Anchors) -> str:
    near = anchors.nearest(part)
    if near is None:
        return ""
    name, value, place = near
    return f"; did you mean {name}='{value}' in {place.file}:{place.line}?"


def _said(part: Part, anchors: Anchors) -> str:
    place = anchors.said.get(part.value)
    if place is None:
        return f", and no file has '{part.value}' in quotes" if part.value else ""
    return f"; '{part.value}' stands in {place.file}:{place.line}"


def _unused(wanted: Iterable[Part], anchors: Anchors) -> Iterator[Diagnostic]:
    asked = [one for one in wanted if one.name == ANCHOR]
    for value, place in anchors.plain.get(ANCHOR, {}).items():
        if not any(fit(one, (value,)) == "yes" for one in asked):
            message = f"nothing in the playbook points at {ANCHOR}='{value}'"
            yield Diagnostic("info", "unused-anchor", message, place)


def _diagnostic(severity: Severity, code: str, message: str, places: Sequence[Place]) -> Diagnostic:
    related = tuple(Related(one, "it is asked for here, too") for one in places[1:])
    return Diagnostic(severity, code, message, places[0], related)
