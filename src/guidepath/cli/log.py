"""A Segment-format log, one JSON object a line: read as it streams, refusing what is no message.

A bad line costs that line: it is counted, and the first few are told with their numbers. Whether
the log is gzipped is told by its first bytes, not by its name.
"""

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import msgspec

from guidepath import segment
from guidepath.cli.mistake import Mistake
from guidepath.cli.watch import Step
from guidepath.clock import micros, utc_now
from guidepath.errors import EventError

LONGEST = 1_048_576  # bytes of a line
_TOLD = 5
_STRIDE = 512  # lines between two steps of the bar
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


class Refusal(NamedTuple):
    """A line that was not taken in, and why."""

    line: int
    reason: str


class _First(NamedTuple):
    digest: str
    line: int


class Log:
    """The messages of one log; what became of its lines is known once they have been read."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name = name
        self.taken = 0
        self.refused = 0
        self.refusals: list[Refusal] = []  # the first few
        self._file = file
        self._seen: dict[tuple[str, str], _First] = {}

    def messages(self, step: Step) -> Iterator[object]:
        """Each message that can be taken in, in the order of the lines.

        Raises:
            Mistake: the log is damaged, or cannot be read.
        """
        size = _size(self._file)
        now = micros(utc_now())
        number = 0
        try:
            for number, line in enumerate(_lines(_unpacked(self._file)), 1):
                if number % _STRIDE == 1:
                    step(_position(self._file), size)
                message = self._message(number, line, now)
                if message is not None:
                    self.taken += 1
                    yield message
        except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
            raise Mistake(
                f"{self.name} is damaged after line {number}: {problem}; nothing of it was taken in"
            ) from None
        step(size or 0, size)

    def line_of(self, event_id: str) -> int | None:
        """The line of the message with this id."""
        return next((one.line for (_, name), one in self._seen.items() if name == event_id), None)

    def told(self) -> Iterator[str]:
        """The lines that say what was refused."""
        if not self.refused:
            return
        yield f"{self.name}: refused {self.refused:,} of {self.taken + self.refused:,} lines"
        for one in self.refusals:
            yield f"  line {one.line}: {one.reason}"
        if self.refused > len(self.refusals):
            yield f"  and {self.refused - len(self.refusals):,} more"

    def _message(self, number: int, line: bytes | None, now: int) -> object | None:
        if line is None:
            self._refuse(number, f"it is longer than {LONGEST:,} bytes")
            return None
        if not line.strip():
            return None
        try:
            message = msgspec.json.decode(line)
            self._check(number, message, now)
        except EventError as problem:
            self._refuse(number, str(problem))
        except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
            self._refuse(number, f"it is no JSON: {problem}")
        except RecursionError:
            self._refuse(number, "it is nested too deeply")
        else:
            return message  # type: ignore[no-any-return]  # a decoder's value has no type
        return None

    def _check(self, number: int, message: object, now: int) -> None:
        event = segment.read(message, now=now)
        first = self._seen.setdefault((event.account, event.id), _First(event.digest, number))
        if first.digest != event.digest:
            raise EventError(f"messageId {event.id!a} has other content on line {first.line}")

    def _refuse(self, number: int, reason: str) -> None:
        self.refused += 1
        if len(self.refusals) < _TOLD:
            self.refusals.append(Refusal(number, reason))


def opened(name: str) -> BinaryIO:
    """The bytes of a log; `-` is stdin.

    Raises:
        OSError: it cannot be opened.
    """
    if name == "-":
        return io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False))
    return open(name, "rb")  # noqa: PTH123 - so that an error names it as it was given


def _unpacked(file: BinaryIO) -> BinaryIO:
    start = file.peek(2)[:2] if isinstance(file, io.BufferedReader) else b""
    return gzip.GzipFile(fileobj=file) if start == _GZIP else file  # type: ignore[return-value]


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Each line; None is one too long to be a message, which is passed over in pieces."""
    first = True
    while line := file.readline(LONGEST + 1):
        if first:
            line, first = line.removeprefix(_BOM), False
        if len(line) <= LONGEST or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(LONGEST)
        yield None


def _size(file: BinaryIO) -> int | None:
    status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _position(file: BinaryIO) -> int:
    try:
        return os.lseek(file.fileno(), 0, os.SEEK_CUR)
    except OSError:
        return 0  # a pipe has no place
