"""What ends a command, told in a sentence: no user's mistake shows a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from guidepath.errors import ConfigurationError, GuidepathError, PlaybookError

FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130
_MOST = 10  # mistakes of a playbook, before `check` is the better place to read them


class Mistake(GuidepathError):
    """The sentence that ends a command."""


@contextmanager
def told() -> Iterator[None]:
    """End with lines on stderr and an exit code, whatever goes wrong that can be foreseen."""
    try:
        yield
    except PlaybookError as problem:
        raise _ended(_mistakes(problem), FAILED) from None
    except ConfigurationError as problem:
        raise _ended(f"guidepath: {problem}", WRONG_USE) from None
    except GuidepathError as problem:
        raise _ended(f"guidepath: {problem}", FAILED) from None
    except BrokenPipeError:
        raise  # who read the output has had enough: the app ends in silence
    except OSError as problem:
        named = f"{problem.filename}: {problem.strerror}" if problem.filename else str(problem)
        raise _ended(f"guidepath: {named}", FAILED) from None
    except KeyboardInterrupt:
        sentence = "interrupted; what was committed stays, and running it again goes on from there"
        raise _ended(sentence, INTERRUPTED) from None


def _mistakes(problem: PlaybookError) -> str:
    lines = [str(one) for one in problem.diagnostics[:_MOST]]
    if len(problem.diagnostics) > _MOST:
        more = len(problem.diagnostics) - _MOST
        lines.append(f"and {more} more; `guidepath check` shows them all, with their lines")
    return "\n".join(lines)


def _ended(lines: str, code: int) -> typer.Exit:
    typer.echo(lines, err=True)
    return typer.Exit(code)
