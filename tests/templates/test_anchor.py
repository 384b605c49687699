import pytest

from guidepath.errors import Place
from guidepath.templates.anchor import Anchor, Anchors, Fit, Pieces, fit
from guidepath.templates.selector import Operator, Part


@pytest.mark.parametrize(
    ("operator", "wanted", "pieces", "answer"),
    [
        ("", "", ("anything",), "yes"),
        ("", "", ("", ""), "yes"),
        ("=", "nav", ("nav",), "yes"),
        ("=", "nav", ("Nav",), "no"),
        ("=", "nav", ("nav-team",), "no"),
        ("~=", "nav", ("top nav",), "yes"),
        ("~=", "nav", ("topnav",), "no"),
        ("|=", "nav", ("nav",), "yes"),
        ("|=", "nav", ("nav-team",), "yes"),
        ("|=", "nav", ("navy",), "no"),
        ("^=", "nav", ("navy",), "yes"),
        ("^=", "nav", ("a-nav",), "no"),
        ("$=", "nav", ("a-nav",), "yes"),
        ("$=", "nav", ("navy",), "no"),
        ("*=", "nav", ("a-navy",), "yes"),
        ("*=", "nav", ("a",), "no"),
        ("^=", "", ("a",), "no"),
        ("$=", "", ("a",), "no"),
        ("*=", "", ("a",), "no"),
        ("*=", "", ("a", ""), "no"),
        ("=", "nav-team", ("nav-", ""), "perhaps"),
        ("=", "team", ("nav-", ""), "no"),
        ("=", "a\nb", ("", ""), "perhaps"),
        ("=", "a+c", ("a+", "c"), "perhaps"),
        ("=", "aac", ("a+", "c"), "no"),
        ("=", "ab", ("ab", "b"), "no"),
        ("^=", "nav", ("nav-", ""), "yes"),
        ("^=", "nav-team", ("nav-", ""), "perhaps"),
        ("^=", "team", ("nav-", ""), "no"),
        ("$=", "nav", ("", "-nav"), "yes"),
        ("$=", "top-nav", ("", "-nav"), "perhaps"),
        ("$=", "team", ("", "-nav"), "no"),
        ("*=", "av", ("", "nav", ""), "yes"),
        ("*=", "team", ("nav-", ""), "perhaps"),
        ("~=", "team", ("nav ", ""), "perhaps"),
        ("|=", "team", ("", ""), "perhaps"),
    ],
)
def test_a_value_fits_or_may_fit_or_does_not(
    operator: Operator, wanted: str, pieces: Pieces, answer: Fit
) -> None:
    assert fit(Part("data-guide", operator, wanted), pieces) == answer


def test_case_may_be_left_aside() -> None:
    part = Part("data-guide", "=", "NAV", any_case=True)
    assert [fit(part, one) for one in (("nav",), ("Na", ""), ("x", ""))] == ["yes", "perhaps", "no"]


@pytest.fixture
def anchors() -> Anchors:
    found = Anchors()
    for line, anchor in enumerate(
        (
            Anchor("data-guide", ("import-csv",)),
            Anchor("data-guide", ("nav-", "")),
            Anchor("data-guide", ("", "")),
            Anchor("id", ("export",)),
        ),
        1,
    ):
        found.add(anchor, Place("a.html", line, 1))
    return found


def test_what_is_surely_there_counts_before_what_is_perhaps(anchors: Anchors) -> None:
    assert anchors.fits(Part("data-guide", "=", "import-csv")) == ("yes", None)
    assert anchors.fits(Part("data-guide", "^=", "nav")) == ("yes", None)
    assert anchors.fits(Part("data-guide", "=", "nav-team")) == ("perhaps", Place("a.html", 2, 1))
    assert anchors.fits(Part("data-guide", "=", "x")) == ("perhaps", Place("a.html", 3, 1))
    assert anchors.fits(Part("id", "=", "x")) == ("no", None)
    assert anchors.fits(Part("title", "", "")) == ("no", None)


def test_the_nearest_is_the_same_word_elsewhere_or_a_word_like_it(anchors: Anchors) -> None:
    assert anchors.nearest(Part("data-guide", "=", "import-cvs")) == (
        "data-guide",
        "import-csv",
        Place("a.html", 1, 1),
    )
    assert anchors.nearest(Part("data-guide", "=", "export")) == (
        "id",
        "export",
        Place("a.html", 4, 1),
    )
    assert anchors.nearest(Part("data-guide", "=", "zzz")) is None
    assert anchors.nearest(Part("data-guide", "=", "import-csv" * 50)) is None
