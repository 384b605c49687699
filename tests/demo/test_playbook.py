import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from guidepath.demo import app
from guidepath.demo.desk import PLAYBOOK
from guidepath.playbook.playbook import Playbook

TEMPLATES = "\n".join(one.read_text() for one in Path(app.HERE, "templates").glob("*.html"))
DEMO = Playbook.load(PLAYBOOK)


def texts(part: object) -> Iterator[Mapping[str, str]]:
    """Every text by language in a dumped playbook."""
    if isinstance(part, Mapping):
        if (
            part
            and set(part) <= {"en", "de", ""}
            and all(isinstance(one, str) for one in part.values())
        ):
            yield part
        for one in part.values():
            yield from texts(one)
    elif isinstance(part, list):
        for one in part:
            yield from texts(one)


def test_the_playbook_has_no_mistake_and_no_warning() -> None:
    _, diagnostics = Playbook.diagnose(PLAYBOOK.read_text(), PLAYBOOK.name)
    assert diagnostics == ()


def test_it_has_enough_to_show() -> None:
    assert len(DEMO.milestones) >= 8
    assert len(DEMO.guidance) >= 12
    assert {one.scope for one in DEMO.milestones} == {"user", "account"}
    assert {one.type for one in DEMO.guidance} == {
        "tooltip",
        "hint",
        "banner",
        "modal",
        "tour",
        "checklist",
        "survey",
        "announcement",
    }
    assert {role for one in DEMO.guidance for role in one.roles} == set(DEMO.roles)
    assert len({page for one in DEMO.guidance for page in one.page}) >= 5


def test_every_text_is_there_in_both_languages() -> None:
    found = list(texts(DEMO.model_dump(mode="json")))
    assert len(found) > 60
    assert [one for one in found if set(one) != {"en", "de"}] == []


def test_every_target_stands_in_a_template() -> None:
    targets = [one.target for one in DEMO.guidance]
    targets += [step.target for one in DEMO.guidance for step in one.steps]
    found = "".join(one.selector for one in targets if one is not None)
    names = set(re.findall(r"\[data-guide='([\w-]+)'\]", found))
    assert len(names) >= 10
    written = {"nav-payments", "reminders"}  # put together by the templates
    assert {one for one in names if f'data-guide="{one}"' not in TEMPLATES} == written


def test_every_action_leads_to_a_page_of_the_demo() -> None:
    actions = [one.action for one in DEMO.guidance]
    actions += [step.action for one in DEMO.guidance for step in one.steps]
    actions += [line.action for one in DEMO.guidance for line in one.items]
    pages = {one.navigate for one in actions if one is not None and one.navigate is not None}
    assert len(pages) >= 5
    assert pages <= set(app.SHOWN)
