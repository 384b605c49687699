"""Surveys: one form, one answer, nothing typed is lost."""

import pytest
from playwright.sync_api import Page, expect
from tests.client.host import Host, decision, page
from tests.client.kinds import NPS, QUESTIONS, survey

REFRESH = "document.dispatchEvent(new Event('guidepath:refresh'))"
CHOICE, TEXT = QUESTIONS[1], QUESTIONS[2]


def see(host: Host, tab: Page, *questions: dict[str, object], **more: object) -> None:
    """Play a survey and wait until it was seen."""
    host.play(decision(survey(*questions, **more)))
    tab.goto("/contacts")
    host.hears("item.shown")


def answers(host: Host) -> object:
    return host.feedback["guidepath"][-1].get("answers")


def test_a_survey_is_sent_as_one_answer(host: Host, tab: Page) -> None:
    see(host, tab)
    tab.get_by_role("radiogroup", name="How easy was your first invoice?").get_by_role(
        "radio", name="4"
    ).check()
    tab.get_by_role("checkbox", name="Importing my contacts").check()
    tab.get_by_role("checkbox", name="The words on the page").check()
    tab.get_by_role("textbox", name="Anything else?").fill("  More colours, please ")
    tab.get_by_role("button", name="Send").click()
    host.hears("item.shown", "survey.answered")
    assert answers(host) == {
        "ease": 4,
        "found": ["import", "words"],
        "more": "More colours, please",
    }
    expect(tab.locator(".card")).to_have_count(0)


def test_what_is_optional_may_be_left_out(host: Host, tab: Page) -> None:
    see(host, tab)
    expect(tab.get_by_text("Optional")).to_have_count(2)
    tab.get_by_role("radio", name="5").check()
    tab.get_by_role("button", name="Send").click()
    host.hears("item.shown", "survey.answered")
    assert answers(host) == {"ease": 5}


def test_zero_is_an_answer_to_how_likely(host: Host, tab: Page) -> None:
    see(host, tab, NPS)
    scale = tab.get_by_role("radiogroup", name="How likely are you to recommend Ledgerly")
    expect(scale.get_by_role("radio")).to_have_count(11)
    expect(scale).to_have_accessible_description("Not at all Very likely")
    scale.get_by_role("radio", name="0", exact=True).check()
    tab.get_by_role("button", name="Send").click()
    host.hears("item.shown", "survey.answered")
    assert answers(host) == {"nps": 0}


def test_a_single_choice_is_a_list_of_one(host: Host, tab: Page) -> None:
    see(host, tab, {**CHOICE, "multiple": False, "required": True})
    tab.get_by_role("radio", name="Nothing at all").check()
    tab.get_by_role("radio", name="The words on the page").check()
    tab.get_by_role("button", name="Send").click()
    host.hears("item.shown", "survey.answered")
    assert answers(host) == {"found": ["words"]}


def test_what_is_missing_is_said_beside_the_question_and_takes_the_focus(
    host: Host, tab: Page
) -> None:
    see(host, tab, QUESTIONS[0], {**TEXT, "required": True})
    tab.get_by_role("button", name="Send").click()
    expect(tab.get_by_role("alert").filter(has_text="Please answer this.")).to_have_count(2)
    scale = tab.get_by_role("radiogroup")
    expect(scale).to_have_attribute("aria-invalid", "true")
    expect(scale).to_have_accessible_description("Hard Very easy Please answer this.")
    expect(tab.get_by_role("radio", name="1")).to_be_focused()
    tab.keyboard.press("Space")
    expect(scale).not_to_have_attribute("aria-invalid", "true")
    tab.get_by_role("button", name="Send").click()
    expect(tab.get_by_role("textbox")).to_be_focused()
    expect(tab.get_by_role("textbox")).to_have_accessible_description("Please answer this.")
    assert host.heard() == ["item.shown"]
    tab.keyboard.type("ok")
    tab.get_by_role("button", name="Send").click()
    host.hears("item.shown", "survey.answered")
    assert answers(host) == {"ease": 1, "more": "ok"}


def test_blanks_are_no_answer(host: Host, tab: Page) -> None:
    see(host, tab, {**TEXT, "required": True})
    tab.get_by_role("textbox").fill("  \n ")
    tab.get_by_role("button", name="Send").click()
    expect(tab.get_by_role("alert")).to_have_text("Please answer this.")


def test_a_text_ends_where_the_server_would_cut_it(host: Host, tab: Page) -> None:
    see(host, tab, {**TEXT, "maxLength": 5})
    tab.get_by_role("textbox").press_sequentially("abcdefgh")
    expect(tab.get_by_role("textbox")).to_have_value("abcde")


def test_what_is_typed_outlives_a_new_wording(host: Host, tab: Page) -> None:
    see(host, tab)
    tab.get_by_role("radio", name="2").check()
    tab.get_by_role("checkbox", name="Nothing at all").check()
    tab.get_by_role("textbox").fill("half a sen")
    tab.get_by_role("textbox").evaluate("(area) => area.setSelectionRange(4, 4)")
    host.play(decision(survey(title="The same questions")))
    tab.evaluate(REFRESH)
    expect(tab.get_by_role("heading", name="The same questions")).to_be_visible()
    expect(tab.get_by_role("radio", name="2")).to_be_checked()
    expect(tab.get_by_role("checkbox", name="Nothing at all")).to_be_checked()
    expect(tab.get_by_role("textbox")).to_have_value("half a sen")
    expect(tab.get_by_role("textbox")).to_be_focused()


def test_the_same_survey_again_is_not_drawn_anew(host: Host, tab: Page) -> None:
    see(host, tab)
    tab.get_by_role("textbox").fill("half a sen")
    tab.get_by_role("textbox").evaluate(
        "(area) => (globalThis.area = area).setSelectionRange(4, 4)"
    )
    tab.evaluate(REFRESH)
    host.is_asked(2)
    host.play(decision(survey(), claim="claim-2"))
    tab.evaluate(REFRESH)
    host.is_asked(3)
    tab.keyboard.type("X")
    expect(tab.get_by_role("textbox")).to_have_value("halfX a sen")
    assert tab.evaluate("area.isConnected")
    tab.get_by_role("radio", name="2").check()
    tab.get_by_role("button", name="Send").click()
    host.until(lambda: "survey.answered" in host.heard(), host.heard)
    assert host.feedback["guidepath"][-1]["claim"] == "claim-2"


def test_what_is_typed_outlives_a_target_that_is_drawn_anew(host: Host, tab: Page) -> None:
    host.pages["/contacts"] = page('<div id="app"><button id="import">Import</button></div>')
    target = {"selector": "#import", "waitMs": 4000, "onMissing": "skip"}
    see(host, tab, TEXT, target=target)
    tab.get_by_role("textbox").fill("kept")
    tab.evaluate("document.querySelector('#import').remove()")
    expect(tab.locator(".card")).to_have_count(0)
    tab.evaluate(
        """() => {
          const button = document.createElement("button");
          button.id = "import";
          document.querySelector("#app").append(button, "again");
        }"""
    )
    expect(tab.get_by_role("textbox")).to_have_value("kept")


def test_a_survey_waits_in_the_corner_and_takes_no_focus(host: Host, tab: Page) -> None:
    see(host, tab)
    assert tab.evaluate("document.activeElement === document.body")
    expect(tab.get_by_role("region", name="Three short questions")).to_be_visible()


def test_a_survey_over_the_page_asks_at_once(host: Host, tab: Page) -> None:
    see(host, tab, NPS, overlay={"enabled": True})
    expect(tab.get_by_role("dialog")).to_be_visible()
    expect(tab.get_by_role("radio", name="0", exact=True)).to_be_focused()


@pytest.mark.parametrize("over", [False, True])
def test_escape_does_not_throw_away_what_is_being_typed(host: Host, tab: Page, over: bool) -> None:
    see(host, tab, TEXT, overlay={"enabled": over})
    tab.get_by_role("textbox").fill("a long answer")
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("textbox")).to_have_value("a long answer")
    tab.get_by_role("button", name="Close").focus()
    tab.keyboard.press("Escape")
    host.hears("item.shown", "item.dismissed:escape")


def test_the_scale_is_answered_with_arrow_keys(host: Host, tab: Page) -> None:
    see(host, tab, QUESTIONS[0])
    tab.get_by_role("radio", name="1").focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "ArrowLeft", "Enter"):
        tab.keyboard.press(key)
    host.hears("item.shown", "survey.answered")
    assert answers(host) == {"ease": 2}
