"""A playbook's text to its parts and what they mean, or every mistake with its place."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as File

from guidepath.errors import Diagnostic, Place, PlaybookError, Related
from guidepath.playbook.crosscheck import Meaning, crosscheck
from guidepath.playbook.declared import Declared
from guidepath.playbook.finding import Finding, Path, written
from guidepath.playbook.reading import LARGEST, Document, decode, read
from guidepath.playbook.salvage import lost, salvage


@dataclass(frozen=True)
class Loaded:
    """All that a text declares and means, or None where it holds errors; and its mistakes."""

    parts: tuple[Declared, Meaning] | None
    diagnostics: tuple[Diagnostic, ...]


def contents(path: str | File) -> str:
    """The text of a playbook's file.

    Raises:
        PlaybookError: it cannot be read, or is not UTF-8.
    """
    start = Place(str(path), 1, 1)
    try:
        with File(path).open("rb") as file:
            content = file.read(LARGEST * 4 + 1)  # characters have up to four bytes
    except OSError as error:
        message = f"this file cannot be read: {error.strerror}"
        raise PlaybookError([Diagnostic("error", "unreadable", message, start)]) from None
    text = decode(content, str(path))
    if isinstance(text, Diagnostic):
        raise PlaybookError([text])
    return text


def load(text: str, file: str) -> Loaded:
    """All that a text declares and means; every mistake in it, in the order of the text."""
    document = read(text, file)
    diagnostics = list(document.diagnostics)
    if document.stopped:
        return Loaded(None, tuple(diagnostics))
    found = salvage(document.value)
    findings = list(found.findings)
    meaning = None
    if found.declared is not None:
        missing = found.lost | {lost(path) for path in document.broken if path}
        meaning, crossed = crosscheck(found.declared, missing)
        findings += [_moved(one, found.original) for one in crossed]
    diagnostics += [placed(one, document) for one in findings if not _excused(one, document)]
    diagnostics.sort(key=lambda one: (one.place.line, one.place.column))
    if found.declared is None or meaning is None or any(_error(one) for one in diagnostics):
        return Loaded(None, tuple(diagnostics))
    return Loaded((found.declared, meaning), tuple(diagnostics))


def placed(finding: Finding, document: Document) -> Diagnostic:
    """The mistake with its place in the text."""
    place = document.place(finding.path, key=finding.on == "key", offset=finding.offset)
    related = tuple(Related(document.place(path), message) for path, message in finding.related)
    return Diagnostic(finding.severity, finding.code, finding.message, place, related)


def unplaced(finding: Finding) -> Diagnostic:
    """A mistake in a playbook built in Python: its path is in the message."""
    message = f"{written(finding.path)}: {finding.message}" if finding.path else finding.message
    return Diagnostic(finding.severity, finding.code, message, Place("<python>", 1, 1))


def _error(one: Diagnostic) -> bool:
    return one.severity == "error"


def _excused(finding: Finding, document: Document) -> bool:
    """Whether the form of the value is wrong already: one mistake is told once."""
    return any(finding.path[: len(path)] == path for path in document.broken)


def _moved(finding: Finding, original: Callable[[Path], Path]) -> Finding:
    return Finding(
        finding.code,
        finding.message,
        original(finding.path),
        finding.severity,
        finding.offset,
        finding.on,
        tuple((original(path), message) for path, message in finding.related),
    )
