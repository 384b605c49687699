"""What can be proven of a playbook, for `guidepath check --prove`."""

from datetime import timedelta

from guidepath.cli.watch import bars
from guidepath.errors import Diagnostic
from guidepath.playbook.playbook import Playbook
from guidepath.proofs import prove

LIMIT = timedelta(seconds=10)


def proven(
    playbook: Playbook, text: str, file: str, limit: timedelta | None, *, quiet: bool
) -> list[Diagnostic]:
    """What can never be shown, reached or true, and what was not decided in time.

    Raises:
        ConfigurationError: the extra `prove` is not installed.
    """
    with bars(quiet=quiet) as watched:
        bar = watched.bar("proving rules")
        seconds = (limit or LIMIT).total_seconds()
        return prove(playbook, text, file, limit=seconds, progress=bar)
