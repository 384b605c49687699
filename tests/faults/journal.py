"""What was asked of a store and what came of it, kept outside of the store.

A line is written before each call and another after it. Each is one write to a file that only
grows, so that a process that is killed leaves all that it knew.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, Self

from guidepath.errors import GuidepathError, StoreError
from guidepath.subject import Subject

Outcome = Literal["ok", "fail", "unknown"]  # without one, the caller died before she knew


class Key(NamedTuple):
    """An event: ids belong to their account."""

    account: str
    event: str


@dataclass
class Call:
    """All that was said with one id: of whom, and every outcome so far, one an attempt."""

    subject: Subject
    attempts: int = 0
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        """Whether the store confirmed it."""
        return "ok" in self.outcomes

    @property
    def refused(self) -> bool:
        """Whether it was refused, each time."""
        return self.outcomes == ["fail"] * self.attempts


class Calls(dict[Key, Call]):
    """What was asked, by event."""

    def invoked(self, subject: Subject, event: str) -> None:
        """A call begins."""
        call = self.setdefault(Key(subject.account, event), Call(subject))
        call.attempts += 1

    def ended(self, subject: Subject, event: str, outcome: Outcome) -> None:
        """A call has ended."""
        self[Key(subject.account, event)].outcomes.append(outcome)


class Journal:
    """A journal in a file; every process writes one of its own."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def invoked(self, subject: Subject, event: str) -> None:
        """A call begins."""
        self._write("invoke", subject, event)

    def ended(self, subject: Subject, event: str, outcome: Outcome) -> None:
        """A call has ended."""
        self._write(outcome, subject, event)

    @contextmanager
    def call(self, subject: Subject, event: str) -> Iterator[None]:
        """Around a call; what it raises goes on.

        After a StoreError nobody knows, any other error of ours is a refusal.
        """
        self.invoked(subject, event)
        try:
            yield
        except StoreError:
            self.ended(subject, event, "unknown")
            raise
        except GuidepathError:
            self.ended(subject, event, "fail")
            raise
        self.ended(subject, event, "ok")

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, what: str, subject: Subject, event: str) -> None:
        # it begins a line of its own: what a killed writer left unfinished spoils no other
        line = f"\n{json.dumps([what, subject.account, subject.user, event])}\n".encode()
        if os.write(self._file, line) != len(line):
            raise OSError("the journal's disk is full")


def read(files: Iterable[Path]) -> Calls:
    """What the journals tell; a line that its writer did not finish was never written."""
    calls = Calls()
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                what, account, user, event = json.loads(line)
            except ValueError:
                continue
            if what == "invoke":
                calls.invoked(Subject(account, user), event)
            else:
                calls.ended(Subject(account, user), event, what)
    return calls
