"""The words of the pages, by language, and how it writes money and times.

English stands in the templates; `german.json` has the German for each of those words.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency

Language = Literal["en", "de"]
LANGUAGES: Mapping[Language, str] = {"en": "en_GB", "de": "de_DE"}

_GERMAN = Path(__file__).with_name("german.json")


@lru_cache(maxsize=1)
def german() -> Mapping[str, str]:
    """The German words by the English ones."""
    return json.loads(_GERMAN.read_text(encoding="utf-8"))  # type: ignore[no-any-return]  # a table of words


class Words:
    """Speaks one language; templates call it `t`."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._locale = LANGUAGES[language]

    def __call__(self, english: str, **values: object) -> str:
        """The words of a template, with values in their braces."""
        words = german().get(english, english) if self.language == "de" else english
        return words.format(**values) if values else words

    def money(self, cents: int) -> str:
        """An amount in euro."""
        return format_currency(Decimal(cents) / 100, "EUR", locale=self._locale)

    def day(self, at: datetime) -> str:
        """A date, as 2 Mar 2026."""
        return format_date(at, "medium", locale=self._locale)

    def moment(self, at: datetime) -> str:
        """A day of the week and a time, as Mon 2 Mar, 12:30."""
        return format_datetime(at, "EEE d MMM, HH:mm", locale=self._locale)

    def ahead(self, span: timedelta) -> str:
        """How far away, as in 3 days."""
        return format_timedelta(span, add_direction=True, locale=self._locale)
