from collections.abc import Sequence

from guidepath.clock import DAY
from guidepath.insight.report import MilestoneSpec, Standing, report
from guidepath.insight.text import text


def test_the_report_reads_as_a_sentence_and_a_table(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    found = report(people, [sent], until=60 * DAY, messages=1, by="role")
    told, _, counts, _, header, first, *groups, _, footnote = text(found).splitlines()
    assert told.startswith("Half of 40 users reach “Send your first invoice” within 27 days")
    assert counts == "until 1970-03-02 00:00 UTC: 40 users, 0 accounts, 1 message"
    assert header.split("  ")[0] == "milestone"
    assert first == (
        "★ Send your first invoice  40       22      27 days  19 days or more       12 %"
        "        60 %       60 %*    45.8 ± 6.2 days*"
    )
    assert [line.split()[0] for line in groups] == ["member", "owner"]
    assert len({len(line) for line in (header, first, *groups)}) == 1
    assert footnote == "* Nobody was followed that long yet: the last share that was seen."


def test_no_name_can_steer_the_terminal() -> None:
    evil = MilestoneSpec("x", "\x1b[2J\nfake\u202e", first_value=True)
    people = [Standing("a", "u", 0, {}, "\x1b]0;owned\x07")]
    shown = text(report(people, [evil], until=DAY, by="role"))
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert "�[2J�fake�" in shown
