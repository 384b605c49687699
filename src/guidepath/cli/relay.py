"""`guidepath relay`: carries what guidepath says from a store to its sinks."""

import logging
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Annotated, Literal

import typer

from guidepath.cli import letters, option, output
from guidepath.cli.mistake import Mistake
from guidepath.cli.source import existing
from guidepath.clock import micros, utc_now
from guidepath.deck import Deck
from guidepath.errors import ConfigurationError
from guidepath.insight.wording import count
from guidepath.playbook.playbook import Playbook
from guidepath.ports import Sink, Store
from guidepath.registry import open_sink
from guidepath.relay import Relay

EXAMPLE = (
    "Example: `guidepath relay --store sqlite:///guidepath.db --sink jsonl:events.jsonl "
    "--playbook guidepath.yaml`; what was refused: `guidepath relay --store … --dead`"
)
_STOPS = (signal.SIGINT, signal.SIGTERM)


def relay(
    *,
    store: option.Store,
    sink: Annotated[
        list[str] | None,
        typer.Option("--sink", metavar="URL", help="Where to, such as jsonl:events.jsonl; repeat."),
    ] = None,
    playbook: Annotated[
        str | None,
        typer.Option(
            "--playbook", metavar="FILE", help="With it, milestones that only wait are reached."
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Carry what waits now, then end.")] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Say what waits for each sink, and end.")
    ] = False,
    dead: Annotated[
        bool, typer.Option("--dead", help="List what sinks will never take, and end.")
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="With --dead: send them to their sinks once more.")
    ] = False,
    drop: Annotated[bool, typer.Option("--drop", help="With --dead: forget them.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--id", metavar="ID", help="With --dead: this one only; repeat."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    how: option.TextOrJson = "text",
) -> None:
    """Carry what guidepath says to your sinks, at least once and in order, until it is stopped.

    Several may run beside each other. What a sink cannot take now stays in the store and comes
    again, ever more seldom; what it will never take becomes a dead letter and holds nothing up.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    _fits(sink, look=status or dead, dead=dead, retry=retry, drop=drop, only=only)
    deck = None if playbook is None else Deck(Playbook.load(playbook))
    with existing(store) as there, _opened(sink or ()) as sinks:
        if status:
            queues = there.queues([one.name for one in sinks])
            letters.status(queues, micros(utc_now()), how)
        elif dead:
            _dead(there, sinks, only or (), retry=retry, drop=drop, yes=yes, how=how)
        elif once:
            _once(Relay(there, sinks, deck=deck), sinks)
        else:
            _until_stopped(Relay(there, sinks, deck=deck), sinks)


def _fits(
    sinks: Sequence[str] | None,
    *,
    look: bool,
    dead: bool,
    retry: bool,
    drop: bool,
    only: Sequence[str] | None,
) -> None:
    """See that the options go together; who only has a look needs no sink.

    Raises:
        ConfigurationError: they do not.
    """
    if (retry or drop or only) and not dead:
        raise ConfigurationError("--retry, --drop and --id go with --dead")
    if retry and drop:
        raise ConfigurationError("--retry or --drop, one of them")
    if not sinks and (retry or not look):
        raise ConfigurationError("name where to: --sink URL, such as jsonl:events.jsonl")


@contextmanager
def _opened(urls: Sequence[str]) -> Iterator[list[Sink]]:
    """The sinks, each once; closed afterwards, also where one of them cannot be opened."""
    with ExitStack() as stack:
        sinks: list[Sink] = []
        for url in dict.fromkeys(urls):
            sinks.append(open_sink(url))
            stack.callback(sinks[-1].close)
        yield sinks


def _dead(
    store: Store,
    sinks: Sequence[Sink],
    ids: Sequence[str],
    *,
    retry: bool,
    drop: bool,
    yes: bool,
    how: Literal["text", "json"],
) -> None:
    found = letters.chosen(store, [one.name for one in sinks], ids)
    if retry:
        letters.retried(store, sinks, found)
    elif drop:
        letters.dropped(store, found, yes=yes)
    else:
        letters.listed(found, how)


def _once(carrier: Relay, sinks: Sequence[Sink]) -> None:
    carrier.sweep()
    done = carrier.drain()
    delivered, dead = Counter[str](), Counter[str]()
    for one in done:
        delivered[one.sink] += one.delivered
        dead[one.sink] += one.dead
    for each in sinks:
        given_up = f", {count(dead[each.name], 'dead letter')}" if dead[each.name] else ""
        output.text(f"{each.name}: {count(delivered[each.name], 'event')} delivered{given_up}")
    if problems := [f"{one.sink}: {one.problem}" for one in done if one.problem is not None]:
        raise Mistake("; ".join(problems) + "; what was not delivered waits in the store")


def _until_stopped(carrier: Relay, sinks: Sequence[Sink]) -> None:
    with _stop_asked() as asked:
        output.note(f"carrying to {', '.join(one.name for one in sinks)}; Ctrl-C ends it")
        _serve(carrier, asked)
    output.note("stopped; what was not carried waits in the store")


@contextmanager
def _stop_asked() -> Iterator[threading.Event]:
    """Set once the process is asked to end; asked a second time, it ends at once."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {one: signal.signal(one, ask) for one in _STOPS}
    try:
        yield asked
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _serve(carrier: Relay, asked: threading.Event) -> None:
    stop = threading.Event()
    worker = threading.Thread(
        target=carrier.serve, args=(stop,), name="guidepath-relay", daemon=True
    )
    worker.start()
    while not asked.is_set() and worker.is_alive():
        worker.join(0.2)  # not in `asked.wait`: the handler that sets it needs its lock
    stop.set()
    worker.join()
