"""A playbook's text in canonical form, and the proof that nothing was lost on the way."""

from guidepath.errors import GuidepathError
from guidepath.playbook.canonical.shaping import shape
from guidepath.playbook.canonical.taking import take
from guidepath.playbook.canonical.tree import Branch, comments
from guidepath.playbook.canonical.writing import write
from guidepath.playbook.lint.advice import advice, in_order
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.silence import heard


class FormError(GuidepathError):
    """The canonical form would not say the same: a mistake of ours, so nothing is changed."""


def canonical(text: str, file: str) -> str:
    """The text in canonical form; `file` names it in mistakes.

    Its lines end as those of the text do.

    Raises:
        PlaybookError: the text is no playbook.
        FormError: the form would say something else, lose a comment, or silence something else.
    """
    before = Playbook.parse(text, file)
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    root = take(plain)
    said = sorted(comments(root))
    head = _head(root)
    shape(root)
    if root.entries:
        root.entries[0].before = [*head, *root.entries[0].before]
    form = write(root)
    _prove(before, said, text, form, file)
    return form.replace("\n", "\r\n") if "\r\n" in text else form


def _head(root: Branch) -> list[str]:
    """The comments about the whole file, taken from its first entry: a blank line ends them."""
    before = root.entries[0].before if root.entries else []
    ends = len(before) - before[::-1].index("") if "" in before else 0
    head = before[:ends]
    del before[:ends]
    return head


def _prove(before: Playbook, said: list[str], text: str, form: str, file: str) -> None:
    after, _ = Playbook.diagnose(form, file)
    if after is None or after.fingerprint != before.fingerprint:
        raise FormError(f"{file}: its canonical form would say something else; please tell us")
    if sorted(comments(take(form))) != said:
        raise FormError(f"{file}: its canonical form would lose a comment; please tell us")
    silences = any("guidepath:" in one for one in said)
    if silences and _heard(before, text, file) != _heard(after, form, file):
        raise FormError(
            f"{file}: a silence would be about something else; "
            "put it on a line of its own, above the entry that it is about"
        )


def _heard(playbook: Playbook, text: str, file: str) -> list[tuple[str, str]]:
    """What `check` tells, without the places."""
    _, found = Playbook.diagnose(text, file)
    told = in_order(found, advice(playbook, text, file))
    return sorted((one.code, one.message) for one in heard(text, file, told).found)
