"""Pages that are nasty on purpose, and hands to hold the client's modules in them.

The pages obey the host's strict content security policy: their styles come by constructed sheets.
"""

from typing import Any

from playwright.sync_api import Page
from tests.client.host import Host, page

Rect = dict[str, float]

TARGET = '<button id="one" class="t">One</button>'

# name -> the page's style, its inside (and for some: what happens then)
HIDDEN = {
    "display": ("#one { display: none }", TARGET),
    "visibility": ("#one { visibility: hidden }", TARGET),
    "see-through": ("main { opacity: 0 }", TARGET),
    "no size": (
        "#one { all: unset; display: block; width: 0; height: 0; overflow: hidden }",
        TARGET,
    ),
    "ancestor": (".box { display: none }", f'<div class="box"><p>{TARGET}</p></div>'),
    "details": ("", f"<details><summary>More</summary>{TARGET}</details>"),
    "content-visibility": (
        ".box { content-visibility: hidden }",
        f'<div class="box">{TARGET}</div>',
    ),
    "popover": ("", f'<div popover="auto">{TARGET}</div>'),
    "hidden=until-found": ("", f'<div hidden="until-found">{TARGET}</div>'),
}

COVERED = {
    "inert": ("", f"<div inert><p>{TARGET}</p></div>"),
    "a layer": (".layer { position: fixed; inset: 0 }", f'{TARGET}<div class="layer"></div>'),
    "a layer in a layer": (
        ".layer { position: fixed; inset: 0 } .box { position: absolute; inset: 0 }",
        f'{TARGET}<div class="layer"><div class="box">Loading</div></div>',
    ),
}

CUT_OFF = {
    "a folded section": (
        ".box { height: 0; overflow: hidden }",
        f'<div class="box">{TARGET}</div>',
    ),
    "a drawer": (
        ".box { position: fixed; left: -300px; width: 200px }",
        f'<nav class="box">{TARGET}</nav>',
    ),
    "a drawer that slides": (
        ".box { position: absolute; width: 200px; transform: translateX(-500px) }",
        f'<nav class="box">{TARGET}</nav>',
    ),
    "the next picture": (
        """.row { width: 200px; height: 60px; overflow: hidden; display: flex }
        .row > * { flex: 0 0 200px }""",
        f'<div class="row"><b>1</b><p>{TARGET}</p></div>',
    ),
}

REACHABLE = {
    "below the fold": (".tall { height: 3000px }", f'<div class="tall"></div>{TARGET}'),
    "in a scroller": (
        ".box { height: 80px; overflow: auto } .tall { height: 600px }",
        f'<div class="box"><div class="tall"></div>{TARGET}</div>',
    ),
    "in a scroller in a box that cuts off": (
        """.cut { height: 90px; overflow: hidden } .box { height: 80px; overflow: auto }
        .tall { height: 600px }""",
        f'<div class="cut"><div class="box"><div class="tall"></div>{TARGET}</div></div>',
    ),
    "beside the start of a scroller from right to left": (
        """.box { width: 300px; overflow: auto; direction: rtl }
        .wide { display: flex; width: 900px; justify-content: end }""",
        f'<div class="box"><div class="wide">{TARGET}</div></div>',
    ),
    "a page that scrolls in its body": (
        """html, body { height: 100% } html { overflow: hidden } body { overflow: auto }
        .tall { height: 2000px }""",
        f'<div class="tall"></div>{TARGET}',
    ),
    "a popover out of a box that cuts off": (
        ".box { height: 0; overflow: hidden } #one { position: fixed; top: 200px }",
        f'<div class="box">{TARGET}</div>',
    ),
    "an absolute one out of a box that cuts off": (
        ".box { height: 0; overflow: hidden } #one { position: absolute; top: 200px }",
        f'<div class="box">{TARGET}</div>',
    ),
    "display contents": (
        "#one { display: contents }",
        '<div id="one"><button>In it</button></div>',
    ),
    "no size of its own": (
        "#one { position: relative; height: 0 } #one button { position: absolute; top: 9px }",
        '<div id="one"><button>In it</button></div>',
    ),
    "SVG": (
        "",
        '<svg width="60" height="60"><circle id="one" cx="30" cy="30" r="20"></circle></svg>',
    ),
    "in a layer of its own over the view": (
        """.layer, .veil { position: fixed; inset: 0 } .tall { height: 500px }
        .box { position: absolute; top: 100px; height: 60px; overflow: auto }""",
        f"""<div class="layer"><div class="veil"></div>
        <div class="box"><div class="tall"></div>{TARGET}</div></div>""",
    ),
    "under a layer that lets the pointer through": (
        ".layer { position: fixed; inset: 0; pointer-events: none }",
        f'{TARGET}<div class="layer"></div>',
    ),
    "content-visibility auto": (
        """.tall { height: 3000px }
        .box { content-visibility: auto; contain-intrinsic-height: 50px }""",
        f'<div class="tall"></div><div class="box">{TARGET}</div>',
    ),
}

APPEARS = {
    "a class goes": (
        ".late { display: none }",
        f'<div class="late" id="box">{TARGET}</div>',
        "box.className = ''",
    ),
    "details open": (
        "",
        f"<details id='box'><summary>More</summary>{TARGET}</details>",
        "box.open = true",
    ),
    "a tab is chosen": ("", f'<section hidden id="box">{TARGET}</section>', "box.hidden = false"),
    "a popover opens": ("", f'<div popover="auto" id="box">{TARGET}</div>', "box.showPopover()"),
    "a dialog opens": ("", f'<dialog id="box">{TARGET}</dialog>', "box.showModal()"),
    "it fades in": (
        "#one { opacity: 0 } .in #one { opacity: 1; transition: opacity 0.05s }",
        f'<div id="box">{TARGET}</div>',
        "box.className = 'in'",
    ),
    "a drawer slides in": (
        "#box { position: fixed; left: -300px } #box.in { left: 0; transition: left 0.05s }",
        f'<nav id="box">{TARGET}</nav>',
        "box.className = 'in'",
    ),
    "a section unfolds": (
        "#box { height: 0; overflow: hidden } #box.in { height: 60px; transition: height 0.05s }",
        f'<div id="box">{TARGET}</div>',
        "box.className = 'in'",
    ),
    "a spinner goes": (
        "#box { position: fixed; inset: 0 }",
        f'{TARGET}<div id="box"></div>',
        "box.remove()",
    ),
    "inert goes": ("", f'<div inert id="box">{TARGET}</div>', "box.inert = false"),
    "a sheet without a mutation": (
        "#one { display: none }",
        TARGET,
        "document.adoptedStyleSheets = []",
    ),
    "the window gets wide": (
        "@media (max-width: 1050px) { #box { visibility: hidden } }",
        f'<div id="box">{TARGET}</div>',
        "",
    ),
}

LOST = {
    "it is taken away": ("", "one.remove()"),
    "it is hidden": (".late { display: none }", "one.className = 'late'"),
    "it is not what was looked for": ("", "one.id = 'another'"),
    "another tab is chosen": ("", "box.hidden = true"),
    "a dialog opens over it": ("", "dialog.showModal()"),
    "a layer covers it": ("#layer.on { position: fixed; inset: 0 }", "layer.className = 'on'"),
    "its section folds": (
        "#box { overflow: hidden; height: 60px; transition: height 0.05s } #box.shut { height: 0 }",
        "box.className = 'shut'",
    ),
    "a sheet hides it": ("", "document.adoptedStyleSheets = [sheet]"),
}

DRESS = """(css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""

LOOK = """async ({ selector, waitMs, then }) => {
  const { find, watch } = await import("/guidepath/client/find.js");
  globalThis.heard ??= [];
  const lost = (element) => {
    heard.push(["lost", element.id, {}]);
    if (then === "look again") globalThis.stop = look();
  };
  const look = () => find({ selector, waitMs, targets: globalThis.targets }, {
    found: (element, facts) => {
      heard.push(["found", element.id, facts]);
      if (then) globalThis.unwatch = watch(element, { lost: () => lost(element) });
    },
    missing: (facts) => heard.push(["missing", "", facts]),
  });
  globalThis.stop = look();
}"""

# A card and a ring in a shadow root, as a surface has them, beside the target.
STAND = """async ({ selector, side, align, inLayer }) => {
  const { find } = await import("/guidepath/client/find.js");
  const { layerOf, placeBeside } = await import("/guidepath/client/placing.js");
  const host = document.createElement("our-surface");
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    [popover] { padding: 0; border: 0; overflow: visible }
    .card { width: 200px; height: 90px; background: white; transition: opacity 2s, translate 2s }
    .around { outline: 2px solid blue; pointer-events: none; background: none }
    @starting-style { .moving:popover-open { opacity: 0; translate: 0 6px } }`);
  shadow.adoptedStyleSheets = [sheet];
  const [around, card] = ["around", "card"].map((name) => {
    const element = document.createElement("div");
    element.className = name;
    element.setAttribute("popover", "manual");
    shadow.append(element);
    return element;
  });
  card.append(Object.assign(document.createElement("button"), { textContent: "Next" }));
  const put = (target) => {
    globalThis.target = target;
    globalThis.unplace?.();
    globalThis.unplace = placeBeside({ element: card, around, target, side, align });
  };
  Object.assign(globalThis, { shadow, card, around, put });
  return new Promise((done) => find({ selector, waitMs: 1000, targets: globalThis.targets }, {
    found: (target) => {
      ((inLayer && layerOf(target)) || document.body).append(host);
      put(target);
      globalThis.anchored = getComputedStyle(around).positionAnchor === "auto";
      done();
    },
    missing: ({ reason }) => done(reason),
  }));
}"""

FRAME = """() => new Promise((done) => {
  const frame = globalThis.unwrapped ?? requestAnimationFrame;
  frame(() => frame(() => frame(done)));
})"""

RECTS = """async () => {
  const { rectOf } = await import("/guidepath/client/find.js");
  const plain = ({ x, y, width, height }) => ({ x, y, width, height });
  return [target, around, card].map((one) => plain(rectOf(one)));
}"""


def visit(tab: Page, host: Host, body: str, css: str = "") -> None:
    """Opens a page with this inside, and without the client."""
    host.pages["/nasty"] = page(body, tags="")
    tab.goto("/nasty")
    tab.evaluate(DRESS, css)


def look_for(tab: Page, selector: str, wait_ms: int = 2000, then: str = "") -> None:
    """Looks for a target; `then` is "" , "watch" or "look again" where it is lost."""
    tab.evaluate(LOOK, {"selector": selector, "waitMs": wait_ms, "then": then})


def heard(tab: Page) -> list[tuple[str, str, dict[str, Any]]]:
    """What the search said so far: what, which element's id, and the facts."""
    said: list[tuple[str, str, dict[str, Any]]] = tab.evaluate("heard")
    return [(what, name, facts) for what, name, facts in said]


def hears(tab: Page, *expected: str) -> None:
    """Waits until the search has said exactly this, e.g. "found one"."""
    tab.wait_for_function(
        """(expected) => {
          globalThis.said = heard.map(([what, name]) => `${what} ${name}`.trim());
          return JSON.stringify(said) === JSON.stringify(expected);
        }""",
        arg=list(expected),
    )


def stand(
    tab: Page, selector: str = "#t", side: str = "bottom", align: str = "center", **more: object
) -> None:
    """Shows a card of 200 by 90 beside a target, with a ring around it."""
    given = {"selector": selector, "side": side, "align": align, **more}
    assert tab.evaluate(STAND, given) is None
    settle(tab)


def settle(tab: Page) -> None:
    """Lets the page paint."""
    tab.evaluate(FRAME)


def rects(tab: Page) -> tuple[Rect, Rect, Rect]:
    """Where the target, the ring and the card are on the screen."""
    target, around, card = tab.evaluate(RECTS)
    return target, around, card


def drift(tab: Page) -> float:
    """By how many pixels the ring is off its place at most."""
    target, around, _ = rects(tab)
    middles = [
        (one["x"] + one["width"] / 2, one["y"] + one["height"] / 2) for one in (target, around)
    ]
    (x, y), (ring_x, ring_y) = middles
    return max(abs(x - ring_x), abs(y - ring_y))


def side_of(tab: Page) -> str:
    """On which side of the target the card stands."""
    target, _, card = rects(tab)
    sides = {
        "top": target["y"] - card["y"] - card["height"],
        "left": target["x"] - card["x"] - card["width"],
        "bottom": card["y"] - target["y"] - target["height"],
        "right": card["x"] - target["x"] - target["width"],
    }
    return max(sides, key=lambda one: sides[one])
