"""Languages: which of the available texts a person gets, and how numbers and dates are written.

Tags are BCP 47 (`de`, `de-AT`, `zh-Hant-TW`). Fallback drops subtags from the right, so that
de-AT reads de; a tag without a script gets its likely one first, so that zh-TW reads zh-Hant.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from guidepath.lock import whole

_TAG = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
)


def well_formed(tag: str) -> bool:
    """Whether the tag is language, script, region and variants as BCP 47 writes them.

    >>> well_formed("de-AT"), well_formed("zh-Hant-TW"), well_formed("de_AT"), well_formed("german")
    (True, True, False, False)
    """
    return len(tag) <= 64 and _TAG.fullmatch(tag) is not None


def negotiate(wanted: str | None, available: Iterable[str], default: str) -> str:
    """The available locale nearest to the wanted one, or the default.

    >>> negotiate("de-AT", ["en", "de"], "en"), negotiate("zh-TW", ["zh-Hant", "zh"], "en")
    ('de', 'zh-Hant')
    >>> negotiate("de-AT;q=0.9, *", ["de"], "en"), negotiate(None, ["de"], "en")
    ('en', 'en')
    """
    if wanted is None or not well_formed(wanted.replace("_", "-")):
        return default
    known = {one.lower(): one for one in available}
    for tag in _fallbacks(wanted.replace("_", "-").lower()):
        if tag in known:
            return known[tag]
    return default


def _fallbacks(tag: str) -> Iterator[str]:
    yield tag
    likely = _with_script(tag)
    for one in (likely, tag):
        parts = one.split("-") if one else []
        for count in range(len(parts) - (one == tag), 0, -1):
            yield "-".join(parts[:count])


def _with_script(tag: str) -> str | None:
    language, *rest = tag.split("-")
    if not rest or len(rest[0]) == 4:
        return None
    with whole:
        from babel.core import get_global

        likely = get_global("likely_subtags").get(f"{language}_{rest[0].upper()}")
    if likely is None:
        return None
    return "-".join([language, likely.split("_")[1].lower(), *rest])


def number(value: float, locale: str) -> str:
    """A number as the locale writes it.

    >>> number(1234.5, "de"), number(1234.5, "en")
    ('1.234,5', '1,234.5')
    """
    with whole:
        from babel.numbers import format_decimal

        return format_decimal(value, locale=_known(locale))


def date(value: datetime, locale: str) -> str:
    """A date, without its time, as the locale writes it.

    >>> date(datetime(2026, 3, 1), "de"), date(datetime(2026, 3, 1), "en")
    ('01.03.2026', 'Mar 1, 2026')
    """
    with whole:
        from babel.dates import format_date

        return format_date(value, locale=_known(locale))


def _known(tag: str) -> str:
    """The nearest locale that babel knows."""
    from babel.localedata import exists

    parts = tag.split("-")
    for count in range(len(parts), 0, -1):
        known = "_".join(parts[:count])
        if exists(known):
            return known
    return "en"
