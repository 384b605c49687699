"""What experience says against a playbook. The plain examples are those of `docs/lint.md`."""

import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.playbook.sketch import COMMON, HEAD, MILESTONES, codes, items, told

from guidepath.playbook.lint.advice import advice
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.silence import CODES

ROOT = Path(__file__).parents[2]
DEMO = (ROOT / "src/guidepath/demo/guidepath.yaml").read_text("utf-8")


def test_a_playbook_may_be_wise() -> None:
    assert codes(MILESTONES, items()) == []


def test_every_finding_has_a_place_and_says_how_to_mend_it() -> None:
    text = HEAD + MILESTONES + items(f"{{id: again, {COMMON}, toward: first, title: Steps}}")
    (one,) = told(text)
    line = text.splitlines().index(f"  - {{id: again, {COMMON}, toward: first, title: Steps}}")
    assert (one.code, one.severity, one.place.line) == ("same-title", "warning", line + 1)
    assert text.splitlines()[line][one.place.column - 1 :] == "Steps}"
    assert [related.place.line for related in one.related] == [line - 1]
    assert one.message.endswith(": change one")


def test_the_codes_in_the_source_are_those_of_the_page_and_of_silences() -> None:
    folder = ROOT / "src/guidepath/playbook/lint"
    source = "".join(one.read_text("utf-8") for one in folder.glob("*.py"))
    made = set(re.findall(r'(?:Finding|_copy)\(\s*"([a-z-]+)"', source))
    page = (ROOT / "docs/lint.md").read_text("utf-8")
    documented = set(re.findall(r"^### `([a-z-]+)`$", page, re.M))
    assert documented - made == {"bad-silence", "unused-silence"}
    assert made <= documented
    assert made <= CODES["always"] | CODES["events"]
    elsewhere = {"always-true", "never-true", "negated-optional", "no-target", "unreached-step"}
    assert (CODES["always"] | CODES["events"]) - made == elsewhere


def test_long_chains_of_milestones_are_no_problem() -> None:
    chain = "".join(
        f"  - {{id: m{n}, title: T{n}, due: {n}h, reached_when: reached(m{n - 1})}}\n"
        for n in range(1, 1500)
    )
    first = '  - {id: m0, title: T0, reached_when: did("sent"), first_value: true}\n'
    assert codes("milestones:\n" + first + chain) == []


TYPED = ["", "x", "first", "owner", "modal", "survey", "1d", "after: [first_invoice]", "0", "/**"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.integers(0, len(DEMO) - 1), st.integers(0, 12), st.sampled_from(TYPED))
def test_whatever_a_playbook_says_advice_is_given_within_its_text(
    start: int, size: int, typed: str
) -> None:
    text = DEMO[:start] + typed + DEMO[start + size :]
    playbook, _ = Playbook.diagnose(text, "guidepath.yaml")
    if playbook is None:
        return
    for one in advice(playbook, text, "guidepath.yaml"):
        assert 1 <= one.place.line <= text.count("\n") + 1
        assert one.severity != "error"
