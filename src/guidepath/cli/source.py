"""Where a command's events come from: a store that is there, or a log taken into memory."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from guidepath import segment
from guidepath.cli import output
from guidepath.cli.log import Log, opened
from guidepath.cli.mistake import Mistake
from guidepath.cli.watch import Bars, bars
from guidepath.clock import micros, utc_now
from guidepath.engine import Guidepath
from guidepath.errors import ConfigurationError, EventConflict
from guidepath.event import Event
from guidepath.playbook.playbook import Playbook
from guidepath.ports import Store
from guidepath.progress import Progress
from guidepath.registry import open_store
from guidepath.subject import Subject

_TOLD = 3


@contextmanager
def existing(url: str) -> Iterator[Store]:
    """The store of a URL, which must be there already: a slip of the pen makes no new one.

    Raises:
        ConfigurationError: there is none.
    """
    scheme = url.partition(":")[0]
    if scheme == "memory":
        raise ConfigurationError("memory: is empty at every start; name a store that stays")
    if scheme == "sqlite":
        file = Path(unquote(urlsplit(url).path).removeprefix("/"))
        if file.name and not file.is_file():
            raise ConfigurationError(f"there is no store at {file}; is the address right?")
    with closing(open_store(url)) as store:
        yield store


@contextmanager
def guide(
    playbook: str, *, store: str | None, events: str | None, quiet: bool = False
) -> Iterator[Guidepath]:
    """A guide over a store that is there, or over a log taken into memory.

    Raises:
        ConfigurationError: neither is given, or both.
    """
    if (store is None) == (events is None):
        raise ConfigurationError("give --store URL or --events FILE, one of them")
    loaded = Playbook.load(playbook)
    if store is not None:
        with existing(store) as there:
            yield Guidepath(loaded, there)
        return
    with Guidepath(loaded) as guide:
        take_in(guide, events or "-", quiet=quiet)
        yield guide


def take_in(guide: Guidepath, name: str, *, quiet: bool) -> None:
    """Take a log in, showing how far it has come, and say on stderr what became of it.

    Raises:
        Mistake: it cannot be read, holds no message, or contradicts what the store knows.
    """
    with _reading(name, quiet=quiet) as (log, watched):
        folding = watched.bar("taking in")
        try:
            imported = guide.ingest(
                log.messages(watched.bar("reading")), progress=lambda done: folding(done, log.taken)
            )
        except EventConflict as conflict:
            place = f"{log.name}, line {log.line_of(conflict.event_id)}"
            raise Mistake(f"{place}: {conflict}; what was committed before it stays") from None
    if log.refused:
        _not_empty(log)
    if not quiet:
        output.note(
            f"{log.taken:,} messages: {imported.stored:,} new, {imported.repeated:,} known before; "
            f"{imported.reached:,} milestones newly reached"
        )
        for what, count in sorted(guide.ignored.items(), key=lambda one: (-one[1], one[0]))[:_TOLD]:
            output.note(f"  ignored {count:,} times: {output.plain(what)}")


def read(name: str, bar: str, take: Callable[[Event], None], *, quiet: bool) -> int:
    """Give each event of a log to `take`; how many there were. What was refused is told on stderr.

    Raises:
        Mistake: the log cannot be read, or holds no message.
    """
    now = micros(utc_now())
    with _reading(name, quiet=quiet) as (log, watched):
        for message in log.messages(watched.bar(bar)):
            take(segment.read(message, now=now))
    _not_empty(log)
    return log.taken


def known(store: Store, subject: Subject) -> None:
    """See that the store knows the subject.

    Raises:
        Mistake: it does not; the sentence names the accounts where a user of this id is known.
    """
    account, user = subject
    found = store.load(account, [] if user is None else [user])
    row = found.account if user is None else found.users[user]
    if row.progress is not None:
        return
    if user is None:
        raise Mistake(f"no account {account!a} is known")
    accounts = _accounts_of(store, user)
    mend = f"; she is known in {', '.join(accounts)}: add --account" if accounts else ""
    raise Mistake(f"no user {user!a} is known in the account {account!a}{mend}")


def subjects(store: Store) -> Iterator[tuple[Subject, Progress]]:
    """Every subject with its progress, each account before its users."""
    after: Subject | None = None
    while page := store.subjects(after=after):
        yield from page
        after = page[-1][0]


@contextmanager
def _reading(name: str, *, quiet: bool) -> Iterator[tuple[Log, Bars]]:
    """A log while it is read, and the bars for it; after it, what was refused is told."""
    with opened(name) as file, bars(quiet=quiet) as watched:
        log = Log("stdin" if name == "-" else name, file)
        yield log, watched
    for line in log.told():
        output.note(line)


def _not_empty(log: Log) -> None:
    if not log.taken:
        raise Mistake(f"{log.name} holds no Segment message; each line is one JSON object")


def _accounts_of(store: Store, user: str) -> list[str]:
    found: list[str] = []
    for subject, _ in subjects(store):
        if subject.user == user:
            found.append(subject.account)
            if len(found) == _TOLD:
                break
    return found
