"""Envelopes as lines of a file, each a JSON object, on the disk when `deliver` returns."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

import msgspec

from guidepath.adapters.sinks.address import Address
from guidepath.errors import ConfigurationError
from guidepath.event import Envelope

try:
    import fcntl
except ImportError:  # no such locks on this system: one relay, one file
    fcntl = None  # type: ignore[assignment]


class JsonlSink:
    """Appends to a file. A line that a crash left unfinished is taken away: it comes again whole.

    Relays of several processes may write to one file: each has it to itself meanwhile, or what one
    is about to finish would look unfinished to another.

    Raises:
        ConfigurationError: the file's folder does not exist.
    """

    def __init__(self, file: str | Path, *, carries: frozenset[str] = frozenset()) -> None:
        self._file = Path(file).absolute()
        self.name = f"jsonl:{self._file}"
        self.carries = carries
        if not self._file.parent.is_dir():
            raise ConfigurationError(f"the folder of {self._file} does not exist; make it first")

    @classmethod
    def from_url(cls, url: str) -> "JsonlSink":
        """`jsonl:events.jsonl`, `jsonl:///relative.jsonl` or `jsonl:////absolute.jsonl`."""
        address = Address(url)
        file = address.rest.removeprefix("///")
        if not file:
            raise ConfigurationError(f"{url!r} names no file; write jsonl:events.jsonl")
        sink = cls(file, carries=address.carries)
        sink.name = address.name(sink.name)
        address.finish()
        return sink

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """See ports.Sink."""
        lines = b"".join(msgspec.json.encode(one) + b"\n" for one in envelopes)
        with self._file.open("ab+", buffering=0) as file, _alone(file):
            _drop_unfinished(file.fileno())
            while lines:
                lines = lines[file.write(lines) :]
            os.fsync(file.fileno())

    def close(self) -> None:
        """See ports.Sink."""


@contextmanager
def _alone(file: FileIO) -> Iterator[None]:
    """Have the file to oneself.

    To close it would not be enough: a child that was forked meanwhile has it open as well, and
    would wait for itself.
    """
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_UN)


def _drop_unfinished(descriptor: int) -> None:
    end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - 4096)
        newline = os.pread(descriptor, end - start, start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end != os.fstat(descriptor).st_size:
        os.ftruncate(descriptor, end)
