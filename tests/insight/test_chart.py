import re
import subprocess
import sys
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from guidepath.clock import DAY
from guidepath.errors import ConfigurationError
from guidepath.insight.chart import drawn, figure, group_figure
from guidepath.insight.report import MilestoneSpec, Standing, report

SVG = "{http://www.w3.org/2000/svg}"


def words(drawing: str) -> list[str]:
    """What is written in a drawing, its title and description first."""
    return [one.text or "" for one in ElementTree.fromstring(drawing).iter() if one.text]


def test_a_figure_has_a_title_a_description_and_the_shares_at_the_curve(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    drawing = figure(report(people, [sent], until=100 * DAY), "sent")
    title, description, *written = words(drawing)
    assert title == "Reached Send your first invoice, by time since the start"
    assert description == (
        "Half within: 27 days. Reached: 12 % in 7 days, 55 % in 30 days, 75 % in 90 days."
    )
    assert {"12 %", "55 %", "75 %", "half: 27 days", "days since the start"} <= set(written)
    root = ElementTree.fromstring(drawing)
    assert root.get("role") == "img"
    named = {one.get("id") for one in root.iter() if one.get("id")}
    assert set((root.get("aria-labelledby") or "").split()) == named


def test_a_drawing_needs_nothing_a_strict_policy_forbids(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    found = report(people, [sent], until=100 * DAY, by="role")
    for drawing in (figure(found, "sent"), group_figure(found, "sent")):
        assert not re.search(r"<(script|style|image|use|a|foreignObject)\b", drawing)
        assert not re.search(r"\b(style|href|on\w+)=", drawing)
        assert "url(" not in drawing
        assert drawing.count("http") == 2  # the names of the two XML vocabularies
        assert drawing.count("role=") == 1


def test_the_same_report_gives_the_same_drawing(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    found = report(people, [sent], until=100 * DAY)
    assert figure(found, "sent") == figure(found, "sent")


def test_names_cannot_become_markup(people: Sequence[Standing]) -> None:
    evil = "<script>alert(1)</script>\" & role='x'"
    spec = MilestoneSpec("sent", evil, first_value=True)
    found = report([one._replace(role=evil) for one in people], [spec], until=99 * DAY, by="role")
    drawing = group_figure(found, "sent")
    assert "<script" not in drawing + figure(found, "sent")
    assert evil in words(drawing)  # the legend says it as it is


def test_few_subjects_are_drawn_without_figures(sent: MilestoneSpec) -> None:
    people = [Standing("a", f"u{n}", 0, {"sent": DAY}) for n in range(3)]
    _, description, *written = words(figure(report(people, [sent], until=99 * DAY), "sent"))
    assert description == "3 of 3 reached it: not enough yet."
    assert not [one for one in written if "half" in one]


def test_a_report_of_nobody_can_be_drawn(sent: MilestoneSpec) -> None:
    found = report([], [sent], until=0, by="role")
    assert figure(found, "sent").startswith("<svg ")
    assert group_figure(found, "sent") == ""


def test_a_low_curve_is_drawn_on_a_lower_scale(sent: MilestoneSpec) -> None:
    people = [Standing("a", f"u{n}", 0, {"sent": DAY} if n % 50 == 0 else {}) for n in range(1000)]
    written = words(figure(report(people, [sent], until=99 * DAY), "sent"))
    assert "10 %" in written
    assert "100 %" not in written


def test_a_share_that_stays_the_same_is_written_once(sent: MilestoneSpec) -> None:
    people = [Standing("a", f"u{n}", 0, {"sent": 0}) for n in range(10)]
    written = words(figure(report(people, [sent], until=99 * DAY), "sent"))
    assert written.count("100 %") == 2  # at the axis, and at the first mark


def test_the_largest_roles_and_the_newest_cohorts_are_drawn(sent: MilestoneSpec) -> None:
    people = [
        Standing("a", f"{n}-{k}", n * 31 * DAY, {"sent": n * 31 * DAY + k}, f"r{n}")
        for n in range(9)
        for k in range(11 + (n == 2))
    ]
    small = Standing("a", "x", 0, {}, "small")
    by_role = report([*people, small], [sent], until=999 * DAY, by="role")
    assert list(drawn(by_role, by_role.outcome("sent"))) == ["r2", "r0", "r1", "r3", "r4", "r5"]
    by_cohort = report(people, [sent], until=999 * DAY, by="cohort")
    months = list(by_cohort.outcome("sent").groups)
    assert list(drawn(by_cohort, by_cohort.outcome("sent"))) == months[-6:]


def test_a_missing_extra_is_named(
    people: Sequence[Standing], sent: MilestoneSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'guidepath\[insight\]'"):
        figure(report(people, [sent], until=99 * DAY), "sent")


def test_the_room_is_light_until_something_is_drawn() -> None:
    code = (
        "import sys, guidepath.insight.page\n"
        "print([one for one in ('altair', 'vl_convert', 'numpy', 'jinja2') if one in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
