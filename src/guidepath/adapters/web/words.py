"""The client's own words where the server draws: those of client/words.js, for the same parts.

What an item says comes from the playbook; these are only the words around it.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_timedelta

Words = Mapping[str, str]

WORDS: Mapping[str, Words] = {
    "en": {
        "close": "Close",
        "later": "Remind me later",
        "remind": "Remind me {when}",
        "steps": "{n} of {m}",
        "hide": "Hide this list",
        "completed": "Done",
        "open": "To do",
        "optional": "Optional",
        "locked": "Opens after the earlier steps",
    },
    "de": {
        "close": "Schließen",
        "later": "Später erinnern",
        "remind": "{when} erinnern",
        "steps": "{n} von {m}",
        "hide": "Liste ausblenden",
        "completed": "Erledigt",
        "open": "Offen",
        "optional": "Freiwillig",
        "locked": "Öffnet sich nach den früheren Schritten",
    },
}
_RIGHT_TO_LEFT = frozenset(("ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"))
_SECONDS = {"D": 86_400, "H": 3_600, "M": 60, "S": 1}
_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_NEVER_ROUNDED = 10_000


def words_for(locale: str, texts: Mapping[str, Words] | None = None) -> Words:
    """The words of a locale, English where a language is missing; `texts` are the host's own."""
    texts, language = texts or {}, _language(locale)
    own = {**texts.get(language, {}), **texts.get(locale, {})}
    return {**WORDS["en"], **WORDS.get(language, {}), **own}


def direction(locale: str) -> str:
    """Which way the words run: "rtl" or "ltr"."""
    return "rtl" if _language(locale) in _RIGHT_TO_LEFT else "ltr"


def fill(text: str, **values: object) -> str:
    """A text with its {placeholders} filled.

    >>> fill("{n} of {m}", n=1, m=3)
    '1 of 3'
    """
    return re.sub(r"\{(\w+)\}", lambda one: str(values.get(one[1], one[0])), text)


def reminder(duration: str, words: Words, locale: str) -> str:
    """When to be reminded, as the locale says it; the duration is one of the wire's.

    >>> reminder("PT4H", WORDS["en"], "en"), reminder("P14D", WORDS["de"], "de")
    ('Remind me in 4 hours', 'In 2 Wochen erinnern')
    """
    number, unit = re.sub(r"\D", "", duration), duration[-1]
    seconds = int(number) * _SECONDS[unit]
    granularity = next(name for name, size in _UNITS if seconds % size == 0)
    when = format_timedelta(
        timedelta(seconds=seconds),
        granularity=granularity,  # type: ignore[arg-type]  # one of its names
        threshold=_NEVER_ROUNDED,
        add_direction=True,
        locale=_known(locale),
    )
    label = fill(words["remind"], when=when)
    return label[:1].upper() + label[1:]


def _language(locale: str) -> str:
    return re.split("[-_]", locale.lower())[0]


def _known(locale: str) -> Locale:
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
