"""`guidepath compact`: old history is folded into what is known, and dropped."""

from datetime import timedelta
from typing import Annotated

import typer

from guidepath.cli import option, output
from guidepath.cli.source import existing
from guidepath.cli.watch import bars
from guidepath.clock import iso, utc_now
from guidepath.compaction import accounts, old_events
from guidepath.driver import run
from guidepath.host import HostCalls
from guidepath.insight.wording import count
from guidepath.playbook.playbook import Playbook

EXAMPLE = (
    "Example: `guidepath compact guidepath.yaml --store sqlite:///guidepath.db --older-than 400d`"
)


def compact(
    playbook: option.Playbook,
    *,
    store: option.Store,
    older_than: Annotated[
        timedelta,
        typer.Option(
            "--older-than",
            metavar="400d",
            parser=option.span,
            help="What is younger stays in the history; at least 1d.",
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how much would be dropped, and end.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")] = False,
) -> None:
    """Fold old history into what is known of each user and account, and drop its events.

    Milestones, decisions and the report stay as they are; what comes late from before is ignored.
    It may run beside the product, be stopped, and run again: what is done stays done.
    """
    calls = HostCalls(Playbook.load(playbook), utc_now)
    cut = calls.cut(older_than)
    events = touched = 0
    with existing(store) as there, bars(quiet=quiet) as watched:
        known = run(accounts(), there)
        step = watched.bar("looking" if dry_run else "folding")
        for number, one in enumerate(known, 1):
            found = run(old_events(one, cut) if dry_run else calls.compact(one, cut), there)
            events += found
            touched += found > 0
            step(number, len(known))
    what = f"{count(events, 'event')} in {touched:,} of {count(len(known), 'account')}"
    output.text(f"{'would drop' if dry_run else 'dropped'} what was up to {iso(cut)}: {what}")
