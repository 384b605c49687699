from collections.abc import Sequence

import pytest

from guidepath.templates.selector import SelectorError, parts, read


def asked(selector: str) -> Sequence[str]:
    return [str(one) for one in parts(read(selector))]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("[data-guide='import']", ["[data-guide='import']"]),
        ('[data-guide="import"]', ["[data-guide='import']"]),
        ("[data-guide=import]", ["[data-guide='import']"]),
        ("[data-guide=Import i]", ["[data-guide='Import']"]),
        ("[DATA-guide]", ["[data-guide]"]),
        ("[data-guide^='nav-' ]", ["[data-guide^='nav-']"]),
        ("#import", ["#import"]),
        (".sm\\:flex", [".sm:flex"]),
        ("main > ul.list li:nth-child(2n + 1) #a::before", [".list", "#a"]),
        ("a:not(.off, #b):hover", []),
        ("a:is(.p, .q) :where(#r)", [".p", ".q", "#r"]),
        ("form:has(> [data-guide=x], #y)", ["[data-guide='x']", "#y"]),
        (".a, .b", [".a", ".b"]),
        (":nth-child(2 of .x), :host(.y)", []),
        ("*", []),
        (":is()", []),
    ],
)
def test_a_selector_asks_for_attributes(selector: str, found: Sequence[str]) -> None:
    assert asked(selector) == found


def test_case_counts_unless_the_selector_says_otherwise() -> None:
    (exact, anyhow) = parts(read("[data-guide=a], [data-guide=a i]"))
    assert (exact.any_case, anyhow.any_case) == (False, True)


def test_of_alternatives_one_is_enough_and_of_the_rest_every_one() -> None:
    wanted = read(".a .b, .c:is(.d, .e)")
    first, second = wanted.ways
    assert [str(one) for one in first.wants] == [".a", ".b"]
    assert str(second.wants[0]) == ".c"
    assert [[str(one) for one in way.wants] for way in second.wants[1].ways] == [[".d"], [".e"]]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("selector", "offset"),
    [
        ("a..b", 2),
        ("main\n  > #1a", 9),
        ("[data-guide='x", 12),
        ("a >", 3),
        ("", 0),
        ("a, , b", 3),
        ("[=x]", 1),
        ("a !", 2),
    ],
)
def test_what_is_no_selector_is_told_with_its_character(selector: str, offset: int) -> None:
    with pytest.raises(SelectorError) as caught:
        read(selector)
    assert caught.value.offset == offset


def test_a_selector_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(SelectorError, match="nested too deep"):
        read(":is(" * 900 + "a" + ")" * 900)
