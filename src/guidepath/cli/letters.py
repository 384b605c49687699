"""What `guidepath relay` shows besides carrying: how sinks stand, and their dead letters."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from guidepath.cli import output
from guidepath.cli.mistake import Mistake
from guidepath.cli.terminal import somebody_is_there
from guidepath.cli.watch import bars
from guidepath.clock import SECOND, iso
from guidepath.insight.wording import count
from guidepath.ports import DeadLetter, Queue, Sink, Store
from guidepath.relay import Relay

MOST = 10_000  # dead letters that are listed, retried or dropped at once


def status(queues: Sequence[Queue], now: int, how: Literal["text", "json"]) -> None:
    """Print what waits for each sink, and for how long."""
    if how == "json":
        output.json([_said(one, now) for one in queues])
        return
    if not queues:
        output.text("no sink has been here yet")
        return
    table = Table(box=None)
    table.add_column("sink", overflow="fold")
    for title in ("waiting", "longest", "failures", "tried again", "dead"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in queues:
        waits = "" if one.oldest is None else str(_span(now - one.oldest))
        again = "" if one.retry_at is None else f"in {_span(max(0, one.retry_at - now))}"
        row = (one.waiting, waits, one.failures or "", again, one.dead or "")
        table.add_row(output.plain(one.sink), *map(str, row))
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(table)
    for one in queues:
        if one.reason is not None:
            console.print(f"{output.plain(one.sink)} failed: {output.plain(one.reason)}")


def chosen(store: Store, sinks: Sequence[str], ids: Sequence[str]) -> list[DeadLetter]:
    """The dead letters that are meant: all, or those of these sinks and with these ids.

    Raises:
        Mistake: there is none with one of the ids.
    """
    found = store.dead(most=MOST)
    if sinks:
        found = [one for one in found if one.sink in sinks]
    known = {one.envelope.id for one in found}
    if strange := [one for one in ids if one not in known]:
        raise Mistake(f"there is no dead letter {', '.join(map(ascii, strange))}")
    return [one for one in found if not ids or one.envelope.id in ids]


def listed(letters: Sequence[DeadLetter], how: Literal["text", "json"]) -> None:
    """Print dead letters, oldest first."""
    if how == "json":
        output.json([_letter(one) for one in letters])
        return
    for one in letters:
        envelope = one.envelope
        about = envelope.account if envelope.user is None else f"{envelope.account}/{envelope.user}"
        said = f"{envelope.id}  {envelope.type}  {about}  to {one.sink}, {iso(one.failed_at)}"
        output.text(f"{output.plain(said)}\n    {output.plain(one.reason)}")
    output.text(count(len(letters), "dead letter"))


def retried(store: Store, sinks: Sequence[Sink], letters: Sequence[DeadLetter]) -> None:
    """Send them once more; those that are refused again stay.

    Raises:
        Mistake: some are.
    """
    done = 0
    with bars(quiet=False) as watched:
        bar = watched.bar("retrying")

        def one_more() -> None:
            nonlocal done
            done += 1
            bar(done, len(letters))

        failed = Relay(store, sinks).retry(letters, each=one_more)
    output.text(f"{count(len(letters) - len(failed), 'dead letter')} delivered")
    if failed:
        reasons = dict.fromkeys(f"{letter.envelope.id}: {why}" for letter, why in failed)
        raise Mistake("; ".join(list(reasons)[:3]) + f"; {len(failed)} stay dead letters")


def dropped(store: Store, letters: Sequence[DeadLetter], *, yes: bool) -> None:
    """Forget them for good, once that was confirmed.

    Raises:
        Mistake: it was not.
    """
    if not letters:
        output.text("there is no dead letter")
        return
    if not yes:
        listed(letters, "text")
        if not somebody_is_there():
            raise Mistake("nobody is there to be asked; add --yes")
        if not typer.confirm(f"Drop {count(len(letters), 'dead letter')} for good?"):
            raise Mistake("nothing was dropped")
    store.bury(letters)
    output.text(f"{count(len(letters), 'dead letter')} dropped")


def _said(queue: Queue, now: int) -> dict[str, object]:
    return {
        "sink": queue.sink,
        "waiting": queue.waiting,
        "lagSeconds": None if queue.oldest is None else (now - queue.oldest) / SECOND,
        "failures": queue.failures,
        "retryAt": None if queue.retry_at is None else iso(queue.retry_at),
        "reason": queue.reason,
        "dead": queue.dead,
    }


def _letter(letter: DeadLetter) -> dict[str, object]:
    return {
        "sink": letter.sink,
        "reason": letter.reason,
        "failedAt": iso(letter.failed_at),
        "envelope": msgspec.to_builtins(letter.envelope),
    }


def _span(microseconds: int) -> timedelta:
    return timedelta(seconds=microseconds // SECOND)
