"""The texts: how long they take to read, and in which languages they are there.

Adults read 238 words of English a minute without speaking (Brysbaert, 2019: How many words do we
read per minute?), which is about 24 characters a second.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.lint.ground import Ground, at
from guidepath.playbook.text import BARE
from guidepath.playbook.wording import texts

A_SECOND = 24  # characters
TITLE, SMALL, LARGE = 3, 10, 30  # seconds
_SMALL = ("tooltip", "hint", "banner", "tour")
_VALUES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LINKS = re.compile(r"\[([^\]]*)\]\([^)]*\)")  # Markdown's: its words are read


def talk(ground: Ground) -> Iterator[Finding]:
    """Texts that are too long for what they are, and languages that some texts lack."""
    for index, one in ground.items:
        body = SMALL if one.type in _SMALL else LARGE
        yield from _long(one.title, at(index, "title"), TITLE)
        yield from _long(one.body, at(index, "body"), body)
        for number, step in enumerate(one.steps):
            yield from _long(step.title, at(index, "steps", number, "title"), TITLE)
            yield from _long(step.body, at(index, "steps", number, "body"), body)
    yield from _languages(ground)


def length(text: str) -> int:
    """How many characters of it are read: without what stands in braces and where links lead.

    >>> length("That was it, {{ user.first_name }}!  See [the list](/list).")
    28
    """
    return len(" ".join(_LINKS.sub(r"\1", _VALUES.sub("", text)).split()))


def _long(text: Mapping[str, str] | None, path: Path, seconds: int) -> Iterator[Finding]:
    for locale, written in (text or {}).items():
        count, most = length(written), seconds * A_SECOND
        if count > most:
            message = (
                f"this takes {-(-count // A_SECOND)} seconds to read ({count} characters), and "
            )
            message += f"here people give it about {seconds} ({most}); say less, or link to more"
            where = path if locale == BARE else (*path, locale)
            yield Finding("long-text", message, where, "warning")


def _languages(ground: Ground) -> Iterator[Finding]:
    """A language that most texts have is missing where it is not; one that few have is too much."""
    own = ground.playbook.locale
    written = [
        (path, {own if one == BARE else one for one in text})
        for path, text in texts(ground.playbook)
    ]
    spoken = Counter(one for _, locales in written for one in locales)
    for locale, count in sorted(spoken.items()):
        lacking = [path for path, locales in written if not _understood(locale, locales)]
        if not lacking:
            continue
        if 2 * count < len(written):
            path = next(path for path, locales in written if locale in locales)
            message = f"only {count} of {len(written)} texts have {locale}: its readers get two "
            message += f"languages in one product; translate the others, or leave {locale} out"
            yield Finding("missing-translation", message, (*path, locale), "warning")
            continue
        for path in lacking:
            message = (
                f"this is not in {locale}, as {count} of {len(written)} texts are: its readers "
            )
            message += f"get {own} here; add it"
            yield Finding("missing-translation", message, path, "warning")


def _understood(locale: str, locales: set[str]) -> bool:
    """Whether who wants this language gets it, or the one that it is a kind of."""
    parts = locale.split("-")
    return any("-".join(parts[:size]) in locales for size in range(1, len(parts) + 1))
