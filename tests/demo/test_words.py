import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from guidepath.demo import app
from guidepath.demo.inside import GATES
from guidepath.demo.words import Words, german

SOURCES = "\n".join(
    one.read_text() for one in sorted(Path(app.HERE).rglob("*")) if one.suffix in (".html", ".py")
)


def test_every_word_of_the_pages_has_its_german() -> None:
    said = set(re.findall(r'\bt\("([^"]+)"', SOURCES))
    said |= {word for name in GATES.values() for word in name}
    assert said - set(german()) == set()


def test_no_german_word_is_left_over() -> None:
    assert [word for word in german() if f'"{word}"' not in SOURCES] == []


def test_values_have_the_same_places_in_both_languages() -> None:
    places = re.compile(r"\{\w+\}")
    assert [
        english
        for english, word in german().items()
        if sorted(places.findall(english)) != sorted(places.findall(word))
    ] == []


def test_money_and_times_are_written_as_the_language_does() -> None:
    at = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
    english, word = Words("en"), Words("de")
    assert (english.money(125_000), word.money(125_000)) == ("€1,250.00", "1.250,00\xa0€")
    assert (english.moment(at), word.moment(at)) == ("Mon 2 Mar, 12:30", "Mo. 2 März, 12:30")
    assert (english.ahead(timedelta(days=3)), word.ahead(timedelta(days=3))) == (
        "in 3 days",
        "in 3 Tagen",
    )
