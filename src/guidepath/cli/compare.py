"""A playbook against a log, for `guidepath check --events`."""

from guidepath import segment
from guidepath.cli import output
from guidepath.cli.log import Log, opened
from guidepath.cli.mistake import Mistake
from guidepath.cli.watch import bars
from guidepath.clock import micros, utc_now
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
    tracked, now = Tracked(playbook), micros(utc_now())
    with opened(events) as stream, bars(quiet=quiet) as watched:
        log = Log("stdin" if events == "-" else events, stream)
        for message in log.messages(watched.bar("reading the log")):
            tracked.take(segment.read(message, now=now))
    for line in log.told():
        output.note(line)
    if not log.taken:
        raise Mistake(f"{log.name} holds no Segment message; each line is one JSON object")
    if not quiet:
        output.note(f"{count(log.taken, 'message')} read")
    return in_place(tracked.findings(), text, file)
