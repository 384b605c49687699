"""`guidepath erase`: forgets a subject."""

from typing import Annotated

import typer

from guidepath import flow
from guidepath.cli import option, output, source
from guidepath.cli.mistake import Mistake
from guidepath.cli.terminal import somebody_is_there
from guidepath.clock import micros, utc_now
from guidepath.driver import run
from guidepath.insight.wording import count
from guidepath.subject import Subject, subject

EXAMPLE = "Example: `guidepath erase --store sqlite:///guidepath.db --user u1 --account a1`"


def erase(
    *,
    store: option.Store,
    user: option.User = None,
    account: option.Account = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be forgotten, and end.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a user, or an account with all its users: progress, history and unsent events.

    What sinks have received is theirs to erase.
    """
    about = subject(user, account)
    with source.existing(store) as there:
        source.known(there, about)
        what = _told(about, run(flow.held(about), there))
        if dry_run:
            output.text(f"would forget: {what}")
            return
        if not yes:
            _asked(what)
        run(flow.erase(about, micros(utc_now())), there)
    output.text(f"forgotten: {what}")


def _asked(what: str) -> None:
    if not somebody_is_there():
        raise Mistake("nobody is there to be asked; add --yes")
    if not typer.confirm(f"Forget {what} for good?"):
        raise Mistake("nothing was forgotten")


def _told(about: Subject, held: flow.Held) -> str:
    """Who it is and how much there is of her. What is said and dead counts as both."""
    account, user = about
    who = f"the user {user} in {account}" if user else f"the account {account}"
    parts = [
        count(held.events, "event"),
        f"{held.envelopes:,} said of {'her' if user else 'it'}",
        count(held.dead, "dead letter"),
    ]
    if user is None:
        parts.insert(0, count(held.users, "user"))
    return output.plain(f"{who} ({', '.join(parts)})")
