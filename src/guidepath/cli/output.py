"""What goes to stdout, to stderr and into files. A file appears whole or not at all."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE
from typing import BinaryIO

import msgspec
import typer

from guidepath.cli.mistake import Mistake


def text(words: str) -> None:
    """Words on stdout, for people, in what their terminal speaks."""
    typer.echo(words)


def utf8(words: str) -> None:
    """Words on stdout, for programs, in UTF-8 always."""
    typer.echo(words.encode())


def answer(words: str, out: Path | None, *, people: bool) -> None:
    """Words into a file, else on stdout, for people or for programs."""
    if out is not None:
        document(out, words)
    elif people:
        text(words)
    else:
        utf8(words)


def note(words: str) -> None:
    """Words beside the output, on stderr."""
    typer.echo(words, err=True)


def json(value: object) -> None:
    """One JSON value on stdout."""
    utf8(formatted(value))


def formatted(value: object) -> str:
    """JSON that people can read, too."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def promised(path: Path | None) -> None:
    """See before long work that its file can be written after it.

    Raises:
        Mistake: its folder does not exist, or it is a folder itself.
    """
    if path is None:
        return
    if not path.absolute().parent.is_dir():
        raise Mistake(f"{path}: its folder does not exist; make it first")
    if path.is_dir():
        raise Mistake(f"{path} is a folder; name a file")


def lines(path: Path, values: Iterable[object]) -> None:
    """A file of JSON values, one a line."""
    with _whole(path) as file:
        for value in values:
            file.write(msgspec.json.encode(value) + b"\n")


def document(path: Path, words: str) -> None:
    """A file of these words, in UTF-8."""
    with _whole(path) as file:
        file.write(words.encode() + b"\n")


def plain(words: str) -> str:
    """The words with what could steer a terminal replaced."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in words)


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    target = path.resolve()
    if target.exists() and not target.is_file():  # a pipe or a device is written to, not replaced
        with target.open("wb") as stream:
            yield stream
        return
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
        if target.exists():  # who may read it is decided already
            part.chmod(S_IMODE(target.stat().st_mode))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
