import pytest

from guidepath.errors import Diagnostic, Place
from guidepath.playbook.reading import decode, read


def test_values_are_what_everybody_reads() -> None:
    text = """
text: plain words
quoted: "no"
single: 'it''s'
block: |
  two
  lines
date: 2026-01-01
version: 1.2.3
yes please: why not
whole: -12
part: 0.5
flag: true
nothing: null
empty:
list: [a, 1, {b: c}]
"""
    document = read(text, "x.yaml")
    assert document.diagnostics == []
    assert document.value == {
        "text": "plain words",
        "quoted": "no",
        "single": "it's",
        "block": "two\nlines\n",
        "date": "2026-01-01",
        "version": "1.2.3",
        "yes please": "why not",
        "whole": -12,
        "part": 0.5,
        "flag": True,
        "nothing": None,
        "empty": None,
        "list": ["a", 1, {"b": "c"}],
    }


AMBIGUOUS = (
    "yes Yes YES no No on OFF off y N True FALSE Null NULL ~ 1:30 -1:30 12:30:45 0o17 017 0x1F "
    "0b1 .inf -.INF .nan .NaN 1_000 1e3 1.5e3 .5 1. +1 -01 ="
)


@pytest.mark.parametrize("word", AMBIGUOUS.split())
def test_a_word_that_programs_read_differently_is_refused(word: str) -> None:
    document = read(f"a: [{word}]", "x.yaml")
    assert [(one.code, one.place) for one in document.diagnostics] == [
        ("ambiguous", Place("x.yaml", 1, 5))
    ]
    assert read(f"a: ['{word}']", "x.yaml").diagnostics == []


@pytest.mark.parametrize("word", ["no", "1", "1.5", "null", "~", "true"])
def test_a_key_is_a_text(word: str) -> None:
    assert [one.code for one in read(f"{word}: a", "x.yaml").diagnostics] == ["ambiguous"]
    assert read(f"'{word}': a", "x.yaml").value == {word: "a"}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("[" * 100_000, "too-deep", (1, 34)),
        ("{a: " * 100_000, "too-deep", (1, 133)),
        ("- " * 1_000, "too-deep", (1, 67)),
        ("a: " + "9" * 5_000, "bad-number", (1, 4)),
        ("a: -" + "9" * 5_000 + ".5", "bad-number", (1, 4)),
        ("a: b\nc: \ud800", "bad-character", (2, 4)),
        ("a: \x00", "bad-character", (1, 4)),
        ("a: b\u0085c", "bad-character", (1, 5)),
        ("a: \ufeffb", "bad-character", (1, 4)),
        ('a: "b\\u0000"', "bad-character", (1, 6)),
        ('a: "\\ud800"', "yaml-syntax", (1, 7)),
        ("a: b\n\tc: d", "yaml-syntax", (2, 1)),
        ("a: 1\n" * 3, "duplicate-key", (2, 1)),
        ("a: {<<: {b: c}}", "yaml-form", (1, 5)),
        ("a: !python/object:os.system x", "yaml-form", (1, 4)),
        ("a: 1\n---\nb: 2", "yaml-form", (2, 1)),
        ("? [a, b]\n: c", "yaml-form", (1, 3)),
        ("x" * 2_000_001, "too-large", (1, 1)),
        ("a: b: c", "yaml-syntax", (1, 5)),
        ('a: "b', "yaml-syntax", (1, 4)),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_what_is_no_plain_yaml_is_told_with_its_place(
    text: str, code: str, place: tuple[int, int]
) -> None:
    first = read(text, "x.yaml").diagnostics[0]
    assert (first.code, (first.place.line, first.place.column)) == (code, place)


def test_an_alias_bomb_is_never_expanded() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    document = read("\n".join(lines), "x.yaml")
    assert document.stopped
    assert len(document.diagnostics) == 50
    assert {one.code for one in document.diagnostics} == {"yaml-form"}


def test_a_byte_order_mark_at_the_start_is_no_mistake() -> None:
    document = read("\ufeffa: b", "x.yaml")
    assert document.value == {"a": "b"}
    assert document.place(("a",)) == Place("x.yaml", 1, 4)


def test_a_file_in_another_encoding_is_told_where_it_cannot_be_read() -> None:
    found = decode("a: b\nc: ä".encode("latin-1"), "x.yaml")
    assert isinstance(found, Diagnostic)
    assert (found.code, found.place) == ("encoding", Place("x.yaml", 2, 4))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(end: str) -> None:
    document = read(end.join(["a: 1", "b:", "  c: [d, 𝒳é, f]"]), "x.yaml")
    assert document.place(("b", "c", 2)) == Place("x.yaml", 3, 14)
    assert document.place(("b", "c"), key=True) == Place("x.yaml", 3, 3)


def test_what_is_not_there_is_placed_at_what_is_around_it() -> None:
    document = read("a:\n  - b: c\n", "x.yaml")
    assert document.place(("a", 0, "missing", 3)) == Place("x.yaml", 2, 5)


@pytest.mark.parametrize(
    "written",
    [
        "v: one two three",
        "v: one\n  two\n\n  three",
        "v: 'one two three'",
        'v: "one\\ttwo\\n three"',
        'v: "one \\\n   two three"',
        "v: |\n  one\n    two\n  three",
        "v: >-  # said\n  one two\n\n  three\n",
        "v: |2-\n    one\n  two three",
    ],
)
def test_each_character_of_a_text_keeps_its_place(written: str) -> None:
    document = read(written, "x.yaml")
    value = document.value["v"]
    lines = written.split("\n")
    for word in ("one", "two", "three"):
        place = document.place(("v",), offset=value.index(word))
        assert lines[place.line - 1][place.column - 1 :].startswith(word)


def test_quotes_and_escapes_within_a_text_move_no_place() -> None:
    for written in ("v: 'it''s ''x'' here'", 'v: "\\"\\x41\\u0042\\U00000043\\\\ here"'):
        document = read(written, "x.yaml")
        place = document.place(("v",), offset=document.value["v"].index("here"))
        assert written[place.column - 1 :].startswith("here")
