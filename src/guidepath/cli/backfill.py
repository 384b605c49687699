"""`guidepath backfill`: what a new playbook asks of the past, told from the stored history."""

from typing import Annotated

import typer

from guidepath.cli import option, output
from guidepath.cli.source import existing, subjects
from guidepath.cli.watch import bars
from guidepath.clock import micros, utc_now
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.flow import reach
from guidepath.insight.wording import count
from guidepath.playbook.playbook import Playbook

EXAMPLE = "Example: `guidepath backfill guidepath.yaml --store sqlite:///guidepath.db`"


def backfill(
    playbook: option.Playbook,
    *,
    store: option.Store,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")] = False,
) -> None:
    """Rebuild progress for a changed playbook, for all subjects now rather than one by one later.

    Milestones found in the past get their true time, are marked so, and celebrate nothing. It may
    run beside the product, and again: what is up to date is left alone.
    """
    deck = Deck(Playbook.load(playbook))
    now = micros(utc_now())
    done = rebuilt = 0
    with existing(store) as there, bars(quiet=quiet) as watched:
        step = watched.bar("rebuilding")
        for subject, progress in subjects(there):
            rebuilt += progress.fingerprint != deck.fingerprint
            run(reach(deck, subject, now), there)
            done += 1
            step(done, None)
    output.text(f"{count(done, 'subject')} looked at, {rebuilt:,} rebuilt")
