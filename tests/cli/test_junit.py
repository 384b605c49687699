"""The report against what Ant's and Jenkins' schemas allow alike, written down as a table."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from xml.etree.ElementTree import Element, fromstring

import pytest

from guidepath.cli.junit import junit
from guidepath.errors import Place
from guidepath.rehearsal import Outcome

AT = 1_767_225_600_000_000  # 2026-01-01


class Kind(NamedTuple):
    """An element: what it must have, what it may have, and what is in it, in this order."""

    needed: Mapping[str, str]
    possible: Mapping[str, str] = MappingProxyType({})
    inside: tuple[str, ...] = ()
    text: bool = False


NUMBER, TIME, NAME = r"\d+", r"\d+\.\d{3}", r"\S(.*\S)?"
SCHEMA = {
    "testsuites": Kind({}, inside=("testsuite",)),
    "testsuite": Kind(
        {
            "name": NAME,
            "package": NAME,
            "id": NUMBER,
            "hostname": NAME,
            "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
            "tests": NUMBER,
            "failures": NUMBER,
            "errors": NUMBER,
            "time": TIME,
        },
        {"skipped": NUMBER},
        ("properties", "testcase", "system-out", "system-err"),
    ),
    "properties": Kind({}, inside=("property",)),
    "testcase": Kind({"name": NAME, "classname": NAME, "time": TIME}, {}, ("failure",)),
    "failure": Kind({"type": NAME}, {"message": r"[^\n]*"}, text=True),
    "system-out": Kind({}, text=True),
    "system-err": Kind({}, text=True),
}


def check(element: Element) -> None:
    """Hold an element and all in it against the schema."""
    kind = SCHEMA[element.tag]
    known = kind.needed.keys() | kind.possible.keys()
    assert kind.needed.keys() <= set(element.keys()) <= known
    for name, value in element.items():
        assert re.fullmatch({**kind.needed, **kind.possible}[name], value), (name, value)
    if not kind.text:
        assert not (element.text or "").strip()
    order = [kind.inside.index(one.tag) for one in element]
    assert order == sorted(order)
    for one in element:
        assert not (one.tail or "").strip()
        check(one)


def outcome(passed: bool, **parts: object) -> Outcome:
    told = {"persona": "ada", "sentence": "gets x", "got": "got y: CHOSEN", "expectation": None}
    return Outcome(**{**told, "passed": passed, **parts})  # type: ignore[arg-type]


def test_a_persona_is_a_suite_and_an_expectation_a_case() -> None:
    place = Place("p.yaml", 7, 9)
    told = {
        "ada": [outcome(True), outcome(False, why=("x is kept back",), place=place)],
        "ben": [outcome(True, persona="ben")],
    }
    root = fromstring(junit("ledgerly", told, AT))
    check(root)
    ada, ben = root
    assert {name: ada.get(name) for name in ("name", "tests", "failures", "errors", "id")} == {
        "name": "ada",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "id": "0",
    }
    assert (ben.get("id"), ben.get("failures"), ben.get("package")) == ("1", "0", "ledgerly")
    right, wrong = ada.findall("testcase")
    assert (right.get("classname"), right.get("name"), len(right)) == ("ledgerly.ada", "gets x", 0)
    assert wrong[0].get("message") == "got y: CHOSEN"
    assert wrong[0].text == "ada gets x\n    got y: CHOSEN\n    x is kept back\n    p.yaml:7:9"


@pytest.mark.parametrize("words", ['<&>"]]>', "a\x00b\x1b[2J", "Zoë 請求書 😀", "\ud800", "a\nb"])
def test_whatever_a_title_holds_the_report_is_xml(words: str) -> None:
    xml = junit("x", {"ada": [outcome(False, sentence=words, got=words, why=(words,))]}, AT)
    root = fromstring(xml.encode())
    check(root)
    assert len(root[0].findall("testcase")) == 1


def test_characters_stay_as_they_are_where_they_can() -> None:
    xml = junit("x", {"ada": [outcome(True, sentence="gets “Zoë” <請求書>")]}, AT)
    assert fromstring(xml.encode())[0][1].get("name") == "gets “Zoë” <請求書>"


def test_nobody_to_test_is_a_report_too() -> None:
    check(fromstring(junit("x", {}, AT)))
