"""A host product for the client's tests: pages under a strict CSP, and a scripted guidepath.

It answers `v1/next` from a list of decisions (or functions of the question that give one), a base
(`/guidepath`, `/other`) at a time, and keeps what the client reports, each event id once. A claim
that was answered is over: the script goes on to its next decision; one whose page was left goes on.
"""

import asyncio
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp
from tests.browser.chromium import PATIENCE_MS
from tests.browser.serving import answering

CSP = "default-src 'self'; style-src 'self'; script-src 'self'; require-trusted-types-for 'script'"
MODULES = Path(__file__).parents[2] / "src/guidepath/client"
# what browsers load, and the modules it is made of, for the tests that look at one alone
CLIENT = {
    file.name: file.read_bytes()
    for folder in (MODULES, MODULES / "built")
    for file in folder.iterdir()
    if file.suffix in {".js", ".css"}
}
TYPES = {".js": "text/javascript", ".css": "text/css"}
JSON = dict[str, Any]  # what goes over the wire, as the browser sees it
Played = JSON | Callable[[dict[str, str]], JSON]
ENDS = {
    "item.completed",
    "item.dismissed",
    "item.snoozed",
    "survey.answered",
    "target.missing",
}
STYLE = """
:root { color-scheme: light dark }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText }
header { padding: 16px 32px; border-bottom: 1px solid color-mix(in srgb, CanvasText 15%, Canvas) }
main { padding: 24px 32px; max-width: 60rem; margin: auto }
.late { display: none }
.tall { height: 2400px }
"""
# Scripts for a page: to ask again, to let it paint, to connect without <guide-path>.
REFRESH = "document.dispatchEvent(new Event('guidepath:refresh'))"
FRAMES = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
  requestAnimationFrame(done))))"""
CONNECT = """async (options) => {
  const { connect } = await import("/guidepath/client/guidepath.js");
  globalThis.guide = connect({ base: "/guidepath", ...options });
  globalThis.heard = [];
  for (const name of ["item", "gone", "shown", "answered", "silent"]) {
    guide.on(name, (detail) => {
      heard.push([name, detail.step?.id ?? detail.item?.id ?? detail.code ?? detail.type ?? null]);
    });
  }
}"""


@dataclass
class Host:
    """What the server plays and what it heard, by base."""

    url: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    script: dict[str, list[Played]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    feedback: dict[str, list[JSON]] = field(default_factory=lambda: defaultdict(list))
    posted: list[str] = field(default_factory=list)  # event ids, also refused and repeated ones
    kept: set[str] = field(default_factory=set)
    csp: str = CSP
    visit: str = ""  # whose feedback counts; each test has its own
    down: bool = False
    feedback_status: int = 202
    mute: bool = False  # feedback is taken in, but the answer gets lost
    slow: threading.Event = field(default_factory=threading.Event)  # not set: feedback waits
    bearer: str | None = None  # what every request must bear
    bore: list[str | None] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition, repr=False)

    def play(self, *decisions: Played, base: str = "guidepath") -> None:
        self.script[base] = list(decisions)

    def heard(self, base: str = "guidepath") -> list[str]:
        """The feedback's types, with the reason an item ended for."""
        return [
            ":".join(filter(None, (one["type"], one.get("endReason"))))
            for one in self.feedback[base]
        ]

    def hears(self, *expected: str, base: str = "guidepath") -> None:
        """Waits until exactly this feedback has come."""
        self.until(lambda: self.heard(base) == list(expected), lambda: self.heard(base))

    def hears_first(self, *expected: str, base: str = "guidepath") -> None:
        """Waits for this feedback, whatever comes after it."""
        count = len(expected)
        self.until(lambda: self.heard(base)[:count] == list(expected), lambda: self.heard(base))

    def is_asked(self, times: int, base: str = "guidepath") -> None:
        """Waits until it was asked so often."""
        self.until(lambda: len(self.asked[base]) == times, lambda: len(self.asked[base]))

    def until(self, holds: Callable[[], bool], seen: Callable[[], object]) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, timeout=PATIENCE_MS / 1000), seen()

    def answered(self, base: str, message: JSON) -> None:
        script = self.script[base]
        over = message["type"] in ENDS and message.get("endReason") != "navigated"
        if over and script and self._plays(script[0], message["claim"]):
            script.pop(0)
        self.note(self.feedback[base], message)

    def _plays(self, playing: Played, claim: str) -> bool:
        return callable(playing) or bool(playing["claim"] and playing["claim"]["token"] == claim)

    def note(self, kept: list[Any], one: object) -> None:
        with self.changed:
            kept.append(one)
            self.changed.notify_all()

    def reset(self) -> None:
        self.visit = uuid.uuid4().hex
        for kept in (self.pages, self.script, self.asked, self.feedback):
            kept.clear()
        self.posted.clear()
        self.kept.clear()
        self.bore.clear()
        self.csp, self.down, self.feedback_status = CSP, False, 202
        self.bearer, self.mute = None, False
        self.slow.set()


def app(host: Host) -> Starlette:
    async def client(request: Request) -> Response:
        name = Path(request.path_params["name"])
        return Response(CLIENT[name.name], media_type=TYPES[name.suffix])

    async def page(request: Request) -> Response:
        html = host.pages.get(request.url.path, host.pages.get("*", ""))
        return HTMLResponse(html, headers={"content-security-policy": host.csp})

    def refused(request: Request) -> Response | None:
        bears = request.headers.get("authorization")
        host.note(host.bore, bears)
        status = 503 if host.down else 401 if host.bearer and bears != host.bearer else None
        return JSONResponse({"object": "error"}, status) if status else None

    async def following(request: Request) -> Response:
        base, query = request.path_params["base"], dict(request.query_params)
        host.note(host.asked[base], query)
        script = host.script[base]
        playing = script[0] if script else silence()
        return refused(request) or JSONResponse(playing(query) if callable(playing) else playing)

    async def feedback(request: Request) -> Response:
        base = request.path_params["base"]
        visit = request.headers["user-agent"].partition("visit/")[2] or host.visit
        message = await request.json()
        gone = Response(status_code=410)  # a browser of an earlier test that says goodbye
        if visit != host.visit:
            return gone
        status, mute = host.feedback_status, host.mute
        host.note(host.posted, message["eventId"])
        await asyncio.to_thread(host.slow.wait, 4)
        if visit != host.visit:
            return gone
        no = refused(request)
        if no or status != 202:
            return no or JSONResponse({"object": "error"}, status)
        if message["eventId"] not in host.kept:
            host.kept.add(message["eventId"])
            host.answered(base, message)
        return JSONResponse({"object": "feedback", "accepted": True}, 503 if mute else 202)

    async def progress(_: Request) -> Response:
        return JSONResponse({"object": "progress", "milestones": [], "checklists": []})

    async def style(_: Request) -> Response:
        return Response(STYLE, media_type="text/css")

    return Starlette(
        routes=[
            Route("/page.css", style),
            Route("/{base}/client/{name}", client),
            Route("/{base}/v1/next", following),
            Route("/{base}/v1/feedback", feedback, methods=["POST"]),
            Route("/{base}/v1/progress", progress),
            Route("/{path:path}", page),
        ]
    )


@contextmanager
def serving(host: Host) -> Iterator[Host]:
    """The host on a free port of the loopback."""
    with answering(app(host)) as host.url:
        yield host


@contextmanager
def real(guidepath: ASGIApp) -> Iterator[str]:
    """A product with a real guidepath in it; gives its address."""

    async def product(_: Request) -> Response:
        return HTMLResponse(page(), headers={"content-security-policy": CSP})

    routes = [Mount("/guidepath", guidepath), Route("/{path:path}", product)]
    with answering(Starlette(routes=routes)) as url:
        yield url


def page(body: str = "", *, tags: str = '<guide-path base="/guidepath"></guide-path>') -> str:
    """A page of the host with the client in it."""
    return f"""<!doctype html><html lang="en"><head><title>Ledgerly</title>
        <meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/page.css">
        <script type="module" src="/guidepath/client/guidepath.js"></script></head>
        <body><header><b>Ledgerly</b></header><main><h1>Contacts</h1>{body}</main>{tags}</body></html>"""


def silence(code: str = "RULE", **more: object) -> JSON:
    """A decision with nothing to show."""
    return {
        "object": "decision",
        "schemaVersion": 1,
        "decisionId": "dec_none",
        "evaluatedAt": "2026-01-01T00:00:00Z",
        "nextEvaluationAt": None,
        "locale": "en",
        "item": None,
        "reason": {"code": code},
        "claim": None,
        **more,
    }


def step(id: str = "one", **more: object) -> JSON:
    """A tooltip on the page's import button."""
    return {
        "id": id,
        "type": "tooltip",
        "title": "Bring your contacts, Ada",
        "bodyHtml": "<p>A <strong>CSV</strong> is enough.</p>",
        "target": {"selector": "#import", "waitMs": 2000, "onMissing": "skip"},
        "placement": {"side": "bottom", "align": "start"},
        "overlay": {"enabled": False},
        "advanceOn": None,
        "primaryAction": action("Import", url="/contacts/import"),
        "secondaryAction": None,
        "dismissible": True,
        "here": True,
        "questions": [],
        **more,
    }


def action(label: str, *, url: str | None = None, step: str | None = None) -> JSON:
    """A button that leads to an address, on to a step, or to the end."""
    kind = "navigate" if url else "step" if step else "complete"
    return {"label": label, "type": kind, "url": url, "stepId": step}


def decision(*steps: JSON, claim: str = "claim-1", locale: str = "en", **item: object) -> JSON:
    """A decision for an item with these steps."""
    first = (steps or (step(),))[0]
    return {
        **silence("CHOSEN"),
        "decisionId": f"dec_{claim}",
        "locale": locale,
        "claim": {"token": claim, "expiresAt": "2026-01-01T00:30:00Z"},
        "item": {
            "object": "item",
            "id": "import-contacts",
            "version": "1",
            "type": first["type"],
            "moment": "onboard",
            "toward": "first_invoice",
            "steps": list(steps) or [first],
            "state": {
                "status": "not_started",
                "currentStepId": first["id"],
                "progress": {"completed": 0, "total": len(steps) or 1},
            },
            "snoozeOptions": [],
            "theme": "default",
            **item,
        },
    }


def untargeted(kind: str, **more: object) -> JSON:
    """A banner, modal or checklist: a step that stands on no element."""
    return step() | {"type": kind, "target": None} | more


def banner(claim: str = "claim-1", name: str = "import-contacts") -> JSON:
    """The answer to `next` with a banner in it."""
    return decision(untargeted("banner"), claim=claim, id=name)


def shows(tab: Page) -> None:
    """An item without a target is on the page."""
    expect(tab.get_by_role("region")).to_be_visible()


def shows_nothing(tab: Page) -> None:
    """No item without a target is on the page."""
    expect(tab.get_by_role("region")).to_have_count(0)


def entries(done: int) -> list[JSON]:
    """A checklist's entries, the first of them done, the last one locked."""
    titles = ("Create your account", "Add your first contact", "Send an invoice", "Get paid")
    return [
        {
            "id": f"entry-{index}",
            "title": title,
            "status": "completed" if index < done else "open",
            "required": index != 1,
            "locked": index == 3,
            "completedBy": None,
            "completedAt": None,
            "action": {"label": "Open", "type": "navigate", "url": f"/go/{index}"},
        }
        for index, title in enumerate(titles)
    ]
