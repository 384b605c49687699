"""The canonical form says the same, keeps every comment, and is one for all handwritings."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.playbook.scribbling import Scribe, shuffled

from guidepath.errors import PlaybookError
from guidepath.playbook.canonical import form as form_room
from guidepath.playbook.canonical.form import FormError, canonical
from guidepath.playbook.canonical.taking import take
from guidepath.playbook.canonical.tree import comments
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.reading import read
from guidepath.playbook.rule import canonical as spelled
from guidepath.playbook.silence import heard

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [
        *ROOT.glob("examples/*/guidepath.yaml"),
        ROOT / "src/guidepath/cli/starter.yaml",
        ROOT / "src/guidepath/demo/guidepath.yaml",
        ROOT / "tests/cases/mistakes.yaml",
    ]
)
TEXTS = {str(one.relative_to(ROOT)): one.read_text("utf-8") for one in FILES}
# Small enough to be written in hundreds of ways, and of every kind.
SMALL = [canonical(one, "x.yaml") for one in sorted(TEXTS.values(), key=len)[:4]]
SMALL.append(canonical(TEXTS["tests/cases/mistakes.yaml"], "x.yaml"))

MANY = 60

every_file = pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
# What YAML gives a meaning to, blanks, breaks, and what is no ASCII.
seeds = st.integers(0, 2**32)
prose = st.text(st.sampled_from(" \n\n#:-?!&*|>'\"%@`,[]\\~=.<0aé😀\u00a0\u3000\t"), min_size=1)


def told(text: str) -> list[tuple[str, str]]:
    _, found = Playbook.diagnose(text, "x.yaml")
    return sorted((one.code, one.message) for one in found)


def values(text: str) -> dict[str, Any]:
    value = read(text, "x.yaml").value
    assert isinstance(value, dict)
    return value


def rules(playbook: Playbook) -> list[str]:
    asked = [one.when for one in playbook.guidance]
    asked += [step.when for one in playbook.guidance for step in one.steps]
    reached = [one.reached_when for one in playbook.milestones]
    return [*reached, *playbook.segments.values(), *filter(None, asked)]


@every_file
def test_every_playbook_here_says_the_same_in_canonical_form(text: str) -> None:
    form = canonical(text, "x.yaml")
    before, after = Playbook.parse(text), Playbook.parse(form)
    assert after.fingerprint == before.fingerprint
    assert [one.version for one in after.guidance] == [one.version for one in before.guidance]
    assert after.milestone_rules == before.milestone_rules
    assert after.guidance_rules == before.guidance_rules
    assert told(form) == told(text)
    for rule in rules(after):
        assert spelled(rule) == " ".join(rule.split())
    assert sorted(comments(take(form))) == sorted(comments(take(text)))
    assert canonical(form, "x.yaml") == form


@settings(max_examples=MANY, deadline=None)
@given(st.sampled_from(SMALL), seeds, st.lists(prose, max_size=4))
def test_it_is_one_form_for_all_handwritings(text: str, seed: int, texts: list[str]) -> None:
    value = values(text)
    for one, other in zip(texts, value["guidance"], strict=False):
        other["body"] = one
    wanted = canonical(Scribe(Random(0), comments=False).document(value), "x.yaml")
    assert values(wanted) == value
    assert canonical(Scribe(Random(seed), comments=False).document(value), "x.yaml") == wanted


@settings(max_examples=MANY, deadline=None)
@given(st.sampled_from(SMALL), seeds, st.lists(prose, max_size=4))
def test_every_comment_is_still_there_in_its_order(text: str, seed: int, texts: list[str]) -> None:
    value = values(text)
    for one, other in zip(texts, value["guidance"], strict=False):
        other["body"] = one
    value = values(canonical(Scribe(Random(0), comments=False).document(value), "x.yaml"))
    scribe = Scribe(Random(seed), comments=True)
    scribbled = scribe.document(value)
    assert values(scribbled) == value
    form = canonical(scribbled, "x.yaml")
    assert list(comments(take(form))) == scribe.said
    assert values(form) == value
    assert canonical(form, "x.yaml") == form


@settings(max_examples=MANY, deadline=None)
@given(st.sampled_from(SMALL), seeds, st.sampled_from(["\n", "\r\n", "\r"]))
def test_comments_move_with_what_they_are_about(text: str, seed: int, end: str) -> None:
    random = Random(seed)
    scribe = Scribe(random, comments=True)
    scribbled = scribe.document(shuffled(values(text), random)).replace("\n", end)
    form = canonical(scribbled, "x.yaml")
    assert sorted(comments(take(form.replace("\r\n", "\n")))) == sorted(scribe.said)
    assert canonical(form, "x.yaml") == form
    assert ("\r\n" in form) is (end == "\r\n")


def test_the_spelling_of_a_rule_is_no_part_of_what_a_playbook_says() -> None:
    text = TEXTS["tests/cases/mistakes.yaml"]
    one = Playbook.parse(text)
    other = one.model_copy(update={"segments": {k: f"( {v} )" for k, v in one.segments.items()}})
    assert other.segments != one.segments
    assert other.fingerprint == one.fingerprint
    different = one.model_copy(
        update={"segments": {k: f"not ({v})" for k, v in one.segments.items()}}
    )
    assert different.fingerprint != one.fingerprint


MILESTONES = """\
milestones:
  - id: m
    title: M
    reached_when: since(start) > 1d
    first_value: true"""


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("name: 'x'\n…", "name: x\n\n…"),
        ('name: "a: b"\n…', 'name: "a: b"\n\n…'),
        ("name: 'say \"no\": it'\n…", "name: 'say \"no\": it'\n\n…"),
        ("name: 'no'\n…", 'name: "no"\n\n…'),
        ("name: '12'\n…", 'name: "12"\n\n…'),
        ("name: '1.2.3'\n…", "name: 1.2.3\n\n…"),
        ("name: '#1'\n…", 'name: "#1"\n\n…'),
        ("name: 'C#'\n…", "name: C#\n\n…"),
        ("name: '{a}'\n…", 'name: "{a}"\n\n…'),
        ("name: '? a'\n…", 'name: "? a"\n\n…'),
        ("name: '- a'\n…", 'name: "- a"\n\n…'),
        ("name: x\nroles: [a, 'b, c', \"d]\"]\n…", 'name: x\nroles: [a, "b, c", "d]"]\n\n…'),
        ("roles: [a] # r\nname: x # n\n…", "name: x # n\nroles: [a] # r\n\n…"),
        (
            "# top\n\n# of roles\nroles: [a]\nname: x\n…",
            "# top\n\nname: x\n\n# of roles\nroles: [a]\n\n…",
        ),
        (
            "name: x\n…\n# of limits\nlimits: {cool_off: 48h, per_day: 3}",
            "name: x\n\n…\n\n# of limits\nlimits: {per_day: 3, cool_off: 2d}",
        ),
        (
            "name: x\n…\nlimits: {per_day: 3, # a\n cool_off: 1d} # b\n# c",
            "name: x\n\n…\n\nlimits:\n  per_day: 3 # a\n  cool_off: 1d\n  # b\n# c",
        ),
        ("name: # a\n  # b\n  x # c\n…", "# a\n# b\nname: x # c\n\n…"),
        ("name: x\nevents: {e: }\n…", "name: x\n\nevents:\n  e: {}\n\n…"),
        (
            "name: x\nevents:\n  e: { # none\n    }\n…",
            "name: x\n\nevents:\n  # none\n  e: {}\n\n…",
        ),
        (
            "name: x\n…\n  - {id: n2, title: NN, reached_when: reached(m)} # why",
            "name: x\n\n…\n\n  # why\n  - id: n2\n    title: NN\n    reached_when: reached(m)",
        ),
        (
            "name: x\nroles:\n- a # one\n# two\n- b\n# three\n…",
            "name: x\n\nroles:\n  - a # one\n  # two\n  - b\n\n# three\n…",
        ),
        (
            'name: x\nsegments: {s: "(since( start )>1w)"}\n…',
            "name: x\n\nsegments:\n  s: since(start) > 7d\n\n…",
        ),
    ],
)
def test_each_thing_has_one_way_to_be_written(written: str, form: str) -> None:
    assert canonical(written.replace("…", MILESTONES) + "\n", "x.yaml") == (
        form.replace("…", MILESTONES) + "\n"
    )


LONG = "and " * 40 + "so on"


def test_what_does_not_fit_on_a_line_is_a_block() -> None:
    rule = " or ".join(f'did("{name * 20}")' for name in "abcdef")
    events = "".join(f"  {name * 20}: {{}}\n" for name in "abcdef")
    text = (
        f"name: x\n\nevents:\n{events}\nmilestones:\n  - id: m\n    title: {LONG} # why\n"
        f"    description: 'two\n\n      lines'\n    reached_when: {rule}\n    first_value: true\n"
    )
    conditions = rule.replace(" or ", "\n      or ")
    lines = LONG[:95].rsplit(" ", 1)[0], LONG[len(LONG[:95].rsplit(" ", 1)[0]) + 1 :]
    assert canonical(text, "x.yaml") == (
        f"name: x\n\nevents:\n{events}\nmilestones:\n  - id: m\n    # why\n    title: >-\n"
        f"      {lines[0]}\n      {lines[1]}\n    description: |-\n      two\n      lines\n"
        f"    reached_when: |\n      {conditions}\n    first_value: true\n"
    )


def test_the_example_in_the_docs_is_what_happens() -> None:
    page = (ROOT / "docs/editors.md").read_text("utf-8")
    block = page[page.index("as written") :].partition("```")[0].splitlines()[2:]
    left, right = zip(*((one[:45].rstrip(), one[45:]) for one in block), strict=True)
    head = "name: x\nevents: {invoice.sent: }\n"
    form = "name: x\n\nevents:\n  invoice.sent: {}\n\n"
    wanted = "\n".join(right).rstrip() + "\n"
    assert canonical(head + "\n".join(left) + "\n", "x.yaml") == form + wanted


def test_a_mark_that_editors_leave_is_dropped_and_mistakes_are_told() -> None:
    text = SMALL[0]
    assert canonical("\ufeff" + text, "x.yaml") == text
    with pytest.raises(PlaybookError, match=r"^x\.yaml:1:1: "):
        canonical("[]", "x.yaml")


def test_a_form_that_would_say_something_else_is_never_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = SMALL[0]
    monkeypatch.setattr(form_room, "write", lambda _: text.replace("title: ", "title: Not ", 1))
    with pytest.raises(FormError, match="something else"):
        canonical(text, "x.yaml")
    monkeypatch.setattr(form_room, "write", lambda _: text)
    with pytest.raises(FormError, match="lose a comment"):
        canonical(f"{text}# here\n", "x.yaml")


OFF = "# guidepath: allow no-target because it is drawn later"
SILENCED = (
    f"  - {{id: g, type: tooltip, moment: onboard, toward: m, title: G}} {OFF}\n",
    f"  - {{id: g, # first\n  type: tooltip, moment: onboard, toward: m, title: G}} {OFF}\n",
    f"  {OFF}\n  - {{id: g, type: tooltip, moment: onboard, toward: m, title: G}}\n",
    f"  - id: g\n    title: G\n    toward: m\n    moment: onboard\n    type: tooltip {OFF}\n",
    f"  - title: G\n    toward: m\n    moment: onboard\n    {OFF}\n    type: tooltip\n    id: g\n",
    f"  {OFF}\n  - title: G\n    moment: onboard\n    type: tooltip\n    toward: m\n    id: g\n",
)


@pytest.mark.parametrize("guidance", SILENCED)
def test_what_is_silenced_stays_silenced(guidance: str) -> None:
    text = f"name: x\n{MILESTONES}\nguidance:\n{guidance}"
    form = canonical(text, "x.yaml")
    assert OFF in form
    assert canonical(form, "x.yaml") == form
    _, found = Playbook.diagnose(form, "x.yaml")
    assert [one.code for one in found] == ["no-target"]
    assert not heard(form, "x.yaml", found).found


def test_a_silence_is_never_moved_to_something_else() -> None:
    # it is about the line of `title`; where `id` comes first, it would be about the whole item
    item = f"  - {{title: G, id: g, {OFF}\n    type: tooltip, moment: onboard, toward: m}}\n"
    text = f"name: x\n{MILESTONES}\nguidance:\n{item}"
    with pytest.raises(FormError, match="on a line of its own"):
        canonical(text.replace("- {title: G,", "- {title: G,\n   "), "x.yaml")


@pytest.mark.parametrize(
    "body",
    [
        *(
            "a\n \nb",
            "a\n\t\nb",
            "a\r\nb",
            " a\nb",
            "\ta\nb",
            "a\n\n",
            "\n\na",
            "\n",
            " ",
            "a \n b ",
        ),
        *("# a\nb", "a: b\n- c", "word  " * 30 + "end", " " + "word " * 30, "\u00a0a\n\u3000"),
        *("word \t" * 30 + "end", "a\u00a0b " * 30 + "end", "- a: #" * 30, 'a\\b\n"c"'),
    ],
)
def test_no_text_is_changed(body: str) -> None:
    value = values(f"name: x\n{MILESTONES}\n")
    value["milestones"][0]["description"] = body
    text = Scribe(Random(0), comments=False).document(value)
    form = canonical(text, "x.yaml")
    assert values(form)["milestones"][0]["description"] == body
    assert canonical(form, "x.yaml") == form
