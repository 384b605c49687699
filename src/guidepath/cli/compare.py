"""A playbook against a log, for `guidepath check --events`."""

from guidepath.cli import output, source
from guidepath.errors import Diagnostic
from guidepath.insight.wording import count
from guidepath.playbook.lint.advice import in_place
from guidepath.playbook.lint.tracked import Tracked
from guidepath.playbook.playbook import Playbook


def compared(
    playbook: Playbook, text: str, file: str, events: str, *, quiet: bool
) -> list[Diagnostic]:
    """What of the playbook never comes in the log, or comes otherwise; refused lines are told.

    Raises:
        Mistake: the log cannot be read, or holds no message.
    """
    tracked = Tracked(playbook)
    taken = source.read(events, "reading the log", tracked.take, quiet=quiet)
    if not quiet:
        output.note(f"{count(taken, 'message')} read")
    return in_place(tracked.findings(), text, file)
