import re
from collections.abc import Sequence
from html.parser import HTMLParser

from guidepath.clock import DAY
from guidepath.insight.chart import _CURVE, _GROUPS, _INK, _LINE, _SOFT
from guidepath.insight.page import page
from guidepath.insight.report import By, MilestoneSpec, Standing, report
from guidepath.insight.stylesheet import STYLESHEET

EVIL = "<img src=x onerror=alert(1)>\" onload='x' & {{ 7*7 }}"
VOID = {"meta", "link"}


class Reader(HTMLParser):
    """Collects tags, attributes and text, and fails where tags do not nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def render(people: Sequence[Standing], spec: MilestoneSpec, by: By | None = None) -> str:
    team = MilestoneSpec("team", "Invite your team", "account")
    late = MilestoneSpec("late", "Get paid")
    later = [one._replace(reached={"late": 90 * DAY, **one.reached}) for one in people]
    found = report(later, [spec, late, team], until=100 * DAY, messages=9, by=by)
    return page(found, title="Ledgerly & friends")


def test_the_page_has_the_sentence_the_curves_and_a_table(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    read = Reader(render(people, sent))
    text = " ".join(read.text)
    assert "Half of 40 users reach “Send your first invoice” within 27 days" in text
    assert "until 1970-04-11 00:00 UTC: 40 users, 0 accounts, 9 messages" in text
    assert "0 of 0 reached it: not enough yet." in text
    assert read.tags.count("svg") == 2
    assert read.tags.count("table") == 1
    assert {"27 days", "19 to 35 days", "55 %", "41 to 71 %"} <= set(read.text)


def test_groups_have_a_figure_and_a_table_each(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    read = Reader(render(people, sent, "role"))
    assert read.tags.count("svg") == 4
    assert read.tags.count("table") == 3
    assert {"By role", "member", "owner"} <= set(read.text)


def test_ids_are_unique_and_what_is_referred_to_exists(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    attributes = Reader(render(people, sent, "role")).attributes
    ids = [value for name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids)) == 8
    labels = [value for name, value in attributes if name == "aria-labelledby"]
    assert {one for label in labels for one in (label or "").split()} == set(ids)


def test_names_are_words_whatever_they_contain(people: Sequence[Standing]) -> None:
    evil = [one._replace(role=EVIL) for one in people]
    source = render(evil, MilestoneSpec("sent", EVIL, first_value=True), "role")
    found = report(evil, [], until=0)
    for one in (source, page(found, title=EVIL, stylesheet='/x.css"><script>')):
        read = Reader(one)
        assert not {"img", "script"} & set(read.tags)
        assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert EVIL in Reader(source).text


def test_the_page_needs_no_script_and_nothing_from_elsewhere(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    read = Reader(render(people, sent, "role"))
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert not {"src", "href", "style"} & {name for name, _ in read.attributes}
    assert not re.search(r"@import|url\(|https?:", STYLESHEET)


def test_a_strict_host_serves_the_style_itself(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    found = report(people, [sent], until=100 * DAY)
    read = Reader(page(found, title="x", stylesheet="/static/report.css"))
    assert "style" not in read.tags
    assert ("href", "/static/report.css") in read.attributes


def test_every_colour_of_the_figures_is_set_for_light_and_for_dark() -> None:
    light, dark = STYLESHEET.split("@media", 1)
    for colour in (_INK, _SOFT, _LINE, _CURVE, *(one for one, _ in _GROUPS)):
        found = re.fullmatch(r"var\((--[\w-]+), (#\w{6})\)", colour)
        assert found
        assert f"{found[1]}: {found[2]};" in light
        assert f"{found[1]}: #" in dark


def test_a_page_of_nobody_says_so(sent: MilestoneSpec) -> None:
    read = Reader(page(report([], [sent], until=0), title="x"))
    assert "No user has started yet" in " ".join(read.text)
    assert "svg" not in read.tags


def test_less_than_one_percent_is_no_tag(sent: MilestoneSpec) -> None:
    people = [Standing("a", f"u{n}", 0, {"sent": DAY} if n < 5 else {}) for n in range(1500)]
    source = page(report(people, [sent], until=99 * DAY), title="x")
    assert "<td>&lt;1 %<small>" in source
    assert "<1 " not in source
    assert "<small>&lt;1 to 1 %</small>" in source
