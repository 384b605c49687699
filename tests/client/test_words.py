import pytest
from playwright.sync_api import Page


def said(page: Page, expression: str) -> object:
    module = "/guidepath/client/words.js"
    return page.evaluate(
        f"async () => {{ const words = await import('{module}'); return {expression} }}"
    )


@pytest.mark.parametrize(
    ("duration", "locale", "expected"),
    [
        ("PT4H", "en", "Remind me in 4 hours"),
        ("P1D", "en-GB", "Remind me in 1 day"),
        ("P2W", "en", "Remind me in 2 weeks"),
        ("PT90M", "en", "Remind me in 90 minutes"),
        ("P1DT12H", "en", "Remind me in 36 hours"),
        ("PT4H", "de", "In 4 Stunden erinnern"),
        ("P3D", "de-AT", "In 3 Tagen erinnern"),
        ("PT4H", "not a locale!", "Remind me in 4 hours"),
    ],
)
def test_a_reminder_is_said_in_the_words_of_its_locale(
    blank: Page, duration: str, locale: str, expected: str
) -> None:
    call = f"words.reminder('{duration}', words.wordsFor('{locale}'), '{locale}')"
    assert said(blank, call) == expected


def test_a_language_we_do_not_speak_is_english_and_a_host_may_teach_it(blank: Page) -> None:
    assert said(blank, "words.wordsFor('fr').close") == "Close"
    assert said(blank, "words.wordsFor('fr-CA', {fr: {close: 'Fermer'}}).close") == "Fermer"
    assert said(blank, "words.wordsFor('de', {de: {close: 'Zu'}}).next") == "Weiter"


def test_every_language_has_every_word(blank: Page) -> None:
    english = said(blank, "Object.keys(words.wordsFor('en'))")
    assert said(blank, "Object.keys(words.wordsFor('de'))") == english
    same = "Object.entries(words.wordsFor('de')).filter(([k, v]) => words.wordsFor('en')[k] === v)"
    assert said(blank, same) == []


def test_direction_follows_the_language(blank: Page) -> None:
    assert said(blank, "['ar-EG', 'he', 'de', 'en'].map(words.direction)") == [
        "rtl",
        "rtl",
        "ltr",
        "ltr",
    ]
