"""`guidepath erase`: forgets a subject."""

import sys
from typing import Annotated

import typer

from guidepath.cli import option, output, source
from guidepath.cli.mistake import Mistake
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
        there.erase(about)
    output.text(f"forgotten: {_named(about)}")


def _asked(about: Subject) -> None:
    if not _somebody_is_there():
        raise Mistake("nobody is there to be asked; add --yes")
    if not typer.confirm(f"Forget {_named(about)} for good?"):
        raise Mistake("nothing was forgotten")


def _named(about: Subject) -> str:
    if about.user is None:
        return f"the account {about.account} with all its users"
    return f"the user {about.user} in {about.account}"


def _somebody_is_there() -> bool:
    return sys.stdin.isatty()
