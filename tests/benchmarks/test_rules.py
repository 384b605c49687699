"""Engines are compared in what they agree on; the numbers are for people, nothing judges them."""

import re
from dataclasses import replace

import pytest
from benchmarks.engines.engine import PACKAGES, Compare, Join, infix, json_logic, release
from benchmarks.rules import Way, disagreement, ways

from benchmarks import rules

OURS = ("ifs by hand", "guidepath, compiled", "guidepath, interpreted")


@pytest.fixture(scope="module")
def found() -> list[Way]:
    return ways(12)


def test_every_way_that_is_installed_gives_every_verdict_alike(found: list[Way]) -> None:
    assert tuple(one.name for one in found)[:3] == OURS
    assert disagreement(found) is None
    for way in found:
        assert {len(verdicts) for verdicts in way.verdicts()} == {100}


def test_the_people_differ_in_every_rule(found: list[Way]) -> None:
    by_rule = list(zip(*found[0].verdicts(), strict=True))
    assert [n for n, verdicts in enumerate(by_rule) if len(set(verdicts)) != 2] == []


def test_one_verdict_that_differs_is_named_by_engine_person_and_rule(found: list[Way]) -> None:
    def wrong(known: object) -> list[object]:
        answers = [*found[1].ask(known)]
        return [not answers[0], *answers[1:]]

    told = disagreement([found[0], replace(found[1], name="another", ask=wrong)])
    assert told is not None
    assert re.fullmatch(
        r'another: person 0, did\("e0"\): (True, by hand False|False, .* True)', told
    )


def test_what_is_no_bool_is_no_yes(found: list[Way]) -> None:
    doubtful = replace(found[1], ask=lambda known: ["yes" for _ in found[1].ask(known)])
    assert doubtful.verdicts() == [[False] * 100] * 12


def test_nothing_is_timed_where_they_differ(
    found: list[Way], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    never = replace(found[1], ask=lambda known: [False for _ in found[1].ask(known)])
    monkeypatch.setattr(rules, "ways", lambda _people: [found[0], never])
    with pytest.raises(SystemExit, match="nothing to compare"):
        rules.main(people=12, rounds=1)
    assert capsys.readouterr().out == ""


def test_the_table_has_a_line_for_each_way_and_says_what_is_not_installed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rules.main(people=12, rounds=1)
    said = " ".join(capsys.readouterr().out.split())
    assert "100 rules about each of 12 people" in said
    for package in PACKAGES.values():
        assert f"{package} {release(package) or 'is not installed'}" in said


def test_a_test_is_written_in_the_languages_of_others() -> None:
    some, german = Compare("e0_count", ">", 0), Compare("locale", "==", "de")
    test = Join("or", (Join("not", (some,)), Join("and", (german, Compare("m0", "==", True)))))
    words = {"and": "&&", "or": "||", "not": "!"}
    assert infix(test, words) == '(!(e0_count > 0) || (locale == "de" && m0 == true))'
    assert json_logic(test) == {
        "or": [
            {"!": [{">": [{"var": "e0_count"}, 0]}]},
            {"and": [{"==": [{"var": "locale"}, "de"]}, {"==": [{"var": "m0"}, True]}]},
        ]
    }
