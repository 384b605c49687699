"""Hosts that draw with components of their own hear all that those need."""

from playwright.sync_api import Page
from tests.client.host import CONNECT, FRAMES, Host, banner, decision, page, step

ITEM_CAME = "() => heard.some(([name]) => name === 'item')"


def connects(host: Host, tab: Page) -> None:
    host.pages["/own"] = page(tags="")
    tab.goto("/own")
    tab.evaluate(CONNECT, {})
    tab.wait_for_function(ITEM_CAME)


def test_who_listens_later_hears_of_the_item_that_is_there(host: Host, tab: Page) -> None:
    """A component may come long after the connection that it draws for."""
    host.play(banner())
    connects(host, tab)
    tab.evaluate(
        """() => {
          guide.on("item", ({ item, words }) => (globalThis.late = [item.id, words.close]));
        }"""
    )
    tab.wait_for_function("() => globalThis.late")
    assert tab.evaluate("late") == ["import-contacts", "Close"]
    tab.evaluate("() => { guide.on('item', () => heard.push('stopped'))(); }")
    tab.evaluate("void guide.answer('close')")
    host.hears("item.shown", "item.dismissed:close")
    host.is_asked(2)
    tab.evaluate("() => { guide.on('item', () => heard.push('gone')); }")
    tab.evaluate(FRAMES)
    assert not {"stopped", "gone"} & {*map(str, tab.evaluate("heard"))}


def test_a_step_says_which_of_how_many_it_is_and_whether_a_way_leads_back(
    host: Host, tab: Page
) -> None:
    """The first step belongs to another page, so nobody can go back to it from here."""
    steps = step("a", here=False), step("b"), step("c")
    host.play(decision(*steps, type="tour", state={"currentStepId": "b"}))
    connects(host, tab)
    tab.evaluate(
        """() => {
          globalThis.positions = [];
          guide.on("item", ({ position }) => positions.push(position));
        }"""
    )
    tab.evaluate("void guide.answer('next')")
    tab.wait_for_function("() => positions.length === 2")
    assert tab.evaluate("positions") == [
        {"n": 2, "m": 3, "first": True, "last": False},
        {"n": 3, "m": 3, "first": False, "last": True},
    ]
