"""`guidepath erase`: forgets a subject."""

from typing import Annotated

import typer

from guidepath import flow
from guidepath.cli import option, output, source
from guidepath.cli.mistake import Mistake
from guidepath.cli.terminal import somebody_is_there
from guidepath.clock import micros, utc_now
from guidepath.driver import run
from guidepath.subject import Subject, subject

EXAMPLE = "Example: `guidepath erase --store sqlite:///guidepath.db --user u1 --account a1`"


def erase(
    *,
    store: option.Store,
    user: option.User = None,
    account: option.Account = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a user, or an account with all its users: progress, history and unsent events."""
    about = subject(user, account)
    with source.existing(store) as there:
        source.known(there, about)
        if not yes:
            _asked(about)
        run(flow.erase(about, micros(utc_now())), there)
    output.text(f"forgotten: {_named(about)}")


def _asked(about: Subject) -> None:
    if not somebody_is_there():
        raise Mistake("nobody is there to be asked; add --yes")
    if not typer.confirm(f"Forget {_named(about)} for good?"):
        raise Mistake("nothing was forgotten")


def _named(about: Subject) -> str:
    if about.user is None:
        return f"the account {about.account} with all its users"
    return f"the user {about.user} in {about.account}"
