"""`guidepath export`: all that is known of a subject."""

from guidepath.cli import option, output, source
from guidepath.engine import Guidepath
from guidepath.playbook.playbook import Playbook
from guidepath.subject import subject

EXAMPLE = (
    "Example: `guidepath export guidepath.yaml --store sqlite:///guidepath.db --user u1 "
    "--account a1 > u1.json`"
)


def export(
    playbook: option.Playbook,
    *,
    store: option.Store,
    user: option.User = None,
    account: option.Account = None,
) -> None:
    """Print all that is known of a user, or of an account, as JSON."""
    loaded = Playbook.load(playbook)
    about = subject(user, account)
    with source.existing(store) as there:
        source.known(there, about)
        found = Guidepath(loaded, there).export(user=user, account=account)
    output.json(found)
