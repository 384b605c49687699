"""What a log tells of everybody, by SQL in a warehouse: for `guidepath report --engine`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from guidepath import segment
from guidepath.cli import output
from guidepath.cli.census import Census
from guidepath.cli.engines import Where, name_of, opened
from guidepath.cli.log import Log
from guidepath.cli.log import opened as opened_log
from guidepath.cli.mistake import Mistake
from guidepath.cli.watch import Bars, Step, bars
from guidepath.clock import micros, utc_now
from guidepath.errors import PlaybookError
from guidepath.event import Event
from guidepath.insight.report import Standing
from guidepath.insight.wording import count
from guidepath.playbook.finding import Finding
from guidepath.playbook.lint.advice import in_place
from guidepath.playbook.loading import contents
from guidepath.playbook.playbook import Playbook

_MEND = "leave out --engine, and guidepath tells it without SQL"


class Told(NamedTuple):
    """Where everybody stands at `until`, and how many messages tell it, each counted once."""

    standings: list[Standing]
    until: int
    messages: int


def told(
    playbook: Playbook,
    file: str,
    events: str,
    where: Where,
    until: datetime | None,
    *,
    quiet: bool,
) -> Told:
    """What a log tells until an instant, else until its newest one; `file` is the playbook's.

    Raises:
        ConfigurationError: the engine's extra is missing, or its address is.
        PlaybookError: SQL cannot say a milestone exactly; nothing was read yet.
        Mistake: the log cannot be read, holds no message, or a value that the warehouse cannot
            hold exactly; or the engine fails.
    """
    with opened(where) as warehouse, bars(quiet=quiet) as watched:
        _check(warehouse, playbook, file)
        census = Census()
        messages = _load(warehouse, playbook, events, census, where, watched)
        asking = watched.bar(f"asking {name_of(where.engine)}")
        asking(0, None)
        end = census.newest if until is None else micros(until)
        reached = warehouse.reached(playbook, until=end)
        asking(1, 1)
    if not quiet:
        output.note(
            f"{count(messages, 'message')} in {name_of(where.engine)}: "
            f"{count(len(reached), 'milestone')} reached"
        )
    return Told(census.standings(reached), end, messages)


def _check(warehouse: Any, playbook: Playbook, file: str) -> None:
    """See before long work that SQL can say the milestones."""
    from guidepath.rules.sql import SqlError  # needs the extra `sql`, which the warehouse has

    try:
        warehouse.sql(playbook, until=0)
    except SqlError as refused:
        named = [f"milestone {one.id}: " for one in playbook.milestones]
        which = [number for number, one in enumerate(named) if str(refused).startswith(one)]
        path = ("milestones", which[0], "reached_when") if which else ("milestones",)
        mistake = Finding("not-in-sql", f"{refused}; {_MEND}", path)
        raise PlaybookError(in_place([mistake], contents(file), file)) from None


def _load(
    warehouse: Any, playbook: Playbook, events: str, census: Census, where: Where, watched: Bars
) -> int:
    """Load a log, say on stderr what was refused of it, and tell how many messages are in."""
    from guidepath.rules.sql import SqlError

    with opened_log(events) as file:
        log = Log("stdin" if events == "-" else events, file)
        loading = watched.bar(f"loading into {name_of(where.engine)}")
        reading = _Reading(log, census, watched.bar("reading"), loading)
        try:
            loaded: int = warehouse.load(playbook, reading)
        except SqlError as refused:
            last = reading.last
            place = log.name if last is None else f"{log.name}, line {log.line_of(last.id)}"
            raise Mistake(f"{place}: {refused}; {_MEND}") from None
        loading(1, 1)
    for line in log.told():
        output.note(line)
    if not log.taken:
        raise Mistake(f"{log.name} holds no Segment message; each line is one JSON object")
    return loaded


class _Reading:
    """The events of a log, counted on their way; `last` is the one on its way now."""

    def __init__(self, log: Log, census: Census, reading: Step, loading: Step) -> None:
        self.last: Event | None = None
        self._log = log
        self._census = census
        self._reading = reading
        self._loading = loading

    def __iter__(self) -> Iterator[Event]:
        now = micros(utc_now())
        for message in self._log.messages(self._reading):
            self.last = segment.read(message, now=now)
            self._census.add(self.last)
            yield self.last
        self.last = None
        self._loading(0, None)
