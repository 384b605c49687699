"""What the client costs a page: bytes, work while nothing happens, and nothing that moves."""

from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.client.host import JSON, Host, decision, entries, page, silence, step, untargeted

from guidepath.adapters.web import client

KB = 1000
RARE = ("inspect.js", "inspect.css")  # only for who is allowed to look into it
ENTRY = "guidepath.js"

# What is still to be done: the frames and timers asked for, and what is animated. At rest is a page
# where no frame is to come, nothing moves, and no timer ends within a minute.
WATCH_WORK = """
const pending = new Map();
const later = setTimeout;
const wrap = (name, cancel, each) => {
  const [begin, end] = [globalThis[name], globalThis[cancel]];
  globalThis[name] = (act, ms, ...more) => {
    const done = (...given) => {
      if (!each) pending.delete(`${name} ${id}`);
      return act(...given);
    };
    const id = begin(done, ms, ...more);
    pending.set(`${name} ${id}`, name === "setTimeout" ? (ms ?? 0) : 0);
    return id;
  };
  globalThis[cancel] = (id) => {
    pending.delete(`${name} ${id}`);
    end(id);
  };
};
wrap("setTimeout", "clearTimeout", false);
wrap("setInterval", "clearInterval", true);
wrap("requestAnimationFrame", "cancelAnimationFrame", false);
wrap("requestIdleCallback", "cancelIdleCallback", false);
const animations = (root) => [
  ...root.getAnimations(),
  ...[...root.querySelectorAll("*")]
    .flatMap(({ shadowRoot }) => (shadowRoot ? animations(shadowRoot) : [])),
];
const busyWith = () => [
  ...[...pending].filter(([, ms]) => ms < 60_000).map(([name]) => name),
  ...animations(document).filter((one) => one.playState === "running").map(() => "animation"),
];
globalThis.atRest = async () => {
  for (let looks = 0; looks < 80 && busyWith().length > 0; looks += 1) {
    await new Promise((done) => later(done, 50));
  }
  return busyWith();
};
"""
WATCH_SHIFTS = """
globalThis.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map((one) => one.value)))
  .observe({ type: "layout-shift", buffered: true });
"""
SURVEY = untargeted(
    "survey", questions=[{"id": "more", "type": "text", "prompt": "More?", "required": False}]
)
SHOWN: dict[str, JSON] = {
    "tooltip": decision(step(overlay={"enabled": True})),
    "hint": decision(step(type="hint")),
    "banner": decision(untargeted("banner")),
    "modal": decision(untargeted("modal")),
    "announcement": decision(untargeted("announcement")),
    "tour": decision(step("one"), step("two"), type="tour"),
    "checklist": decision(untargeted("checklist"), type="checklist", items=entries(1)),
    "survey": decision(SURVEY),
}
ROWS = "".join(f"<p>Contact {number}</p>" for number in range(40))
every_type = pytest.mark.parametrize("decided", SHOWN.values(), ids=SHOWN)


def packed(name: str) -> int:
    """How many bytes of a file the real app sends."""
    return len(client.files()[name].gzip.body)


def loaded(tab: Page) -> set[str]:
    """The client's files that the page has asked for so far."""
    names = tab.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    return {Path(name).name for name in names if "/guidepath/client/" in name}


def opened(host: Host, tab: Page, *decisions: JSON) -> None:
    """The page, with the first of the decisions counted as shown."""
    host.pages["*"] = page(f'<button id="import">Import contacts</button>{ROWS}')
    host.play(*decisions)
    tab.goto("/contacts")
    host.hears("item.shown", *(["step.shown"] if decisions[0]["item"]["type"] == "tour" else []))


def test_where_there_is_nothing_to_show_at_most_12_kb_are_loaded(host: Host, tab: Page) -> None:
    host.play(silence())
    tab.goto("/contacts")
    host.is_asked(1)
    tab.wait_for_load_state("networkidle")
    assert ENTRY in loaded(tab)
    assert sum(map(packed, loaded(tab))) <= 12 * KB


def test_all_that_end_users_ever_load_is_at_most_25_kb() -> None:
    assert set(RARE) <= set(client.files())
    assert sum(packed(name) for name in client.files() if name not in RARE) <= 25 * KB


def test_an_item_loads_nothing_that_is_for_looking_into_it(host: Host, tab: Page) -> None:
    opened(host, tab, SHOWN["tooltip"])
    assert loaded(tab) & {*RARE} == set()


@every_type
def test_nothing_is_done_while_nothing_happens(host: Host, tab: Page, decided: JSON) -> None:
    tab.add_init_script(WATCH_WORK)
    opened(host, tab, decided)
    assert tab.evaluate("atRest()") == []


def test_nothing_is_done_while_there_is_nothing_to_show(host: Host, tab: Page) -> None:
    tab.add_init_script(WATCH_WORK)
    host.play(silence())
    tab.goto("/contacts")
    host.is_asked(1)
    assert tab.evaluate("atRest()") == []


@every_type
def test_nothing_on_the_page_moves(host: Host, tab: Page, decided: JSON) -> None:
    tab.add_init_script(WATCH_SHIFTS)
    opened(host, tab, decided)
    assert tab.evaluate("shifts") == []
