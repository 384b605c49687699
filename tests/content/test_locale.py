from datetime import UTC, datetime

import pytest

from guidepath.content.locale import date, negotiate, number, well_formed


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE-at", "de"),
        ("de_AT", "de"),
        ("de-CH-1996", "de-CH"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-CN", "zh"),
        ("zh-Hans-CN", "zh"),
        ("pt-BR", "en"),
        ("fr", "en"),
    ],
)
def test_the_nearest_language_is_found_by_dropping_what_is_particular(
    wanted: str, expected: str
) -> None:
    assert negotiate(wanted, ["en", "de", "de-CH", "zh", "zh-Hant"], "en") == expected


@pytest.mark.parametrize(
    "wanted",
    [None, "", "*", "de, en;q=0.8", "german", "de-", "-de", "d", "de\x00", "de-" * 5000, "😀"],
)
def test_a_malformed_tag_gets_the_default(wanted: str | None) -> None:
    assert negotiate(wanted, ["de", "en"], "en") == "en"


def test_a_tag_is_answered_as_it_is_declared() -> None:
    assert negotiate("zh-hant", ["zh-Hant"], "en") == "zh-Hant"


def test_a_private_or_empty_tag_is_not_well_formed() -> None:
    assert well_formed("sr-Latn-RS")
    assert not well_formed("")
    assert not well_formed("x-private")


def test_numbers_and_dates_are_written_as_the_locale_does() -> None:
    assert number(1234567.5, "de-AT").endswith("567,5")
    assert number(1234567.5, "en-XX") == "1,234,567.5"
    assert date(datetime(2026, 3, 1, tzinfo=UTC), "de") == "01.03.2026"


def test_an_unknown_locale_is_written_as_english() -> None:
    assert number(1.5, "qx") == "1.5"
