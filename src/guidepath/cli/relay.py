"""`guidepath relay`: carries what guidepath says from a store to its sinks."""

import logging
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Annotated

import typer

from guidepath.cli import option, output
from guidepath.cli.mistake import Mistake
from guidepath.cli.source import existing
from guidepath.deck import Deck
from guidepath.insight.wording import count
from guidepath.playbook.playbook import Playbook
from guidepath.ports import Sink
from guidepath.registry import open_sink
from guidepath.relay import Relay

EXAMPLE = (
    "Example: `guidepath relay --store sqlite:///guidepath.db --sink jsonl:events.jsonl "
    "--playbook guidepath.yaml`"
)
_STOPS = (signal.SIGINT, signal.SIGTERM)


def relay(
    *,
    store: option.Store,
    sink: Annotated[
        list[str],
        typer.Option("--sink", metavar="URL", help="Where to, such as jsonl:events.jsonl; repeat."),
    ],
    playbook: Annotated[
        str | None,
        typer.Option(
            "--playbook", metavar="FILE", help="With it, milestones that only wait are reached."
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Carry what waits now, then end.")] = False,
) -> None:
    """Carry what guidepath says to your sinks, at least once and in order, until it is stopped.

    Several may run beside each other. What a sink refuses stays in the store and comes again.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    deck = None if playbook is None else Deck(Playbook.load(playbook))
    with ExitStack() as stack:
        there = stack.enter_context(existing(store))
        sinks: list[Sink] = []
        for url in dict.fromkeys(sink):
            sinks.append(open_sink(url))
            stack.callback(sinks[-1].close)
        carrier = Relay(there, sinks, deck=deck)
        if once:
            _once(carrier, sinks)
        else:
            with _stop_asked() as asked:
                output.note(f"carrying to {', '.join(one.name for one in sinks)}; Ctrl-C ends it")
                _serve(carrier, asked)
            output.note("stopped; what was not carried waits in the store")


def _once(carrier: Relay, sinks: Sequence[Sink]) -> None:
    carrier.sweep()
    done = carrier.drain()
    delivered = Counter[str]()
    for one in done:
        delivered[one.sink] += one.delivered
    for each in sinks:
        output.text(f"{each.name}: {count(delivered[each.name], 'event')} delivered")
    if problems := [f"{one.sink}: {one.problem}" for one in done if one.problem is not None]:
        raise Mistake("; ".join(problems) + "; what was not delivered waits in the store")


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
