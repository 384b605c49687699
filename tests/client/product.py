"""A host product with a real guide: pages under a strict CSP, each with its decision in it.

Every page of it is made by Jinja2 with `first_paint`; the app of the guide is mounted beside it.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from playwright.sync_api import BrowserContext, ConsoleMessage
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.browser.serving import answering

from guidepath import Decision, Guidepath, Playbook
from guidepath.adapters.web.firstpaint import first_paint

CSP = (
    "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; "
    "form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'"
)
PLAYBOOK = Playbook.parse("""
name: ledgerly
roles: [owner, member]
attributes:
  user: {first_name: {type: string, optional: true, pii: true}}
  account: {size: {type: integer, optional: true}}
events: {invoice.sent: {}, contact.imported: {}}
milestones:
  - {id: contacts, title: Import contacts, reached_when: did("contact.imported")}
  - {id: invoice, title: Send an invoice, reached_when: did("invoice.sent"), first_value: true}
guidance:
  - id: news
    type: banner
    moment: onboard
    toward: invoice
    page: /banner
    title: {en: "Good news, {{ user.first_name }}", de: "Neues, {{ user.first_name }}"}
    body: {en: "You can **send** an invoice now.", de: "Rechnungen gehen **jetzt** hinaus."}
    action: {label: {en: Write one, de: Schreiben}, navigate: "/invoices/new?from=banner"}
    snooze: [4h]
  - id: start
    type: checklist
    moment: onboard
    toward: invoice
    page: /checklist
    title: {en: Get started, de: Erste Schritte}
    body: {en: Two steps., de: Zwei Schritte.}
    snooze: [4h, 1d]
    items:
      - {milestone: contacts, action: {label: Import, navigate: /contacts/import}}
      - {milestone: invoice, required: false, after: [contacts]}
  - {id: big, type: modal, moment: onboard, toward: invoice, page: /modal, title: Big news}
  - id: pointing
    type: tooltip
    moment: onboard
    toward: contacts
    roles: [owner]
    page: /tooltip
    target: {selector: "#import", wait: 1s}
    title: Bring your contacts
    body: A file is enough.
    action: {label: Import, navigate: /contacts/import}
    snooze: [4h]
  - id: lost
    type: tooltip
    moment: onboard
    toward: contacts
    page: /lost
    target: {selector: "#nowhere", wait: 1s}
    title: Points to nothing
  - id: later
    type: banner
    moment: nurture
    toward: invoice
    page: /elsewhere
    when: since(start) > 2d
    title: Later
limits: {per_session: 99, per_day: 99, per_week: 99, cool_off: 1s}
""")
PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="{{ language }}"><head><title>Ledgerly</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/page.css" nonce="{{ nonce }}">
<script type="module" src="/guidepath/client/guidepath.js"></script></head>
<body><header><b>Ledgerly</b> <a href="/empty">Away</a></header>
<main><h1>Invoices</h1><div id="start">{{ inside }}</div>
<button id="import">Import contacts</button><p>Nothing to pay today.</p></main>
{{ outside }}</body></html>""")
PLAIN = Markup('<guide-path base="/guidepath"></guide-path>')
STYLE = """
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText }
header { padding: 16px 32px } main { padding: 24px 32px; max-width: 60rem }
"""


@dataclass
class Product:
    """One person signed in at a time; its clock is the real one, moved by `shift`."""

    url: str = ""
    csp: str = CSP
    user: str = "ada"
    language: str = "en"
    shift: timedelta = timedelta(0)
    painting: dict[str, Any] = field(default_factory=dict)  # what first_paint is called with
    painted: bool = True
    inspectors: frozenset[str] = frozenset()
    decide: Callable[[Decision], Decision] = lambda one: one
    asked: list[str] = field(default_factory=list)  # "GET v1/next", in order

    def __post_init__(self) -> None:
        self.guide = Guidepath(PLAYBOOK, clock=self.now)
        self.sign_in("ada")

    def fresh(self, user: str) -> None:
        """As it was made, with somebody signed in who has never been here."""
        for name in ("csp", "language", "shift", "painted", "inspectors", "decide"):
            setattr(self, name, Product.__dataclass_fields__[name].default)
        self.painting = {}
        self.sign_in(user)
        self.asked.clear()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def sign_in(self, user: str, name: str = "Ada") -> None:
        self.user = user
        self.guide.identify(user=user, role="owner", attributes={"first_name": name})

    def told(self, user: str | None = None) -> list[str]:
        """What became of this person's items, by the guide's own history."""
        history = self.guide.export(user=user or self.user)["history"]
        assert isinstance(history, list)
        said = [one for one in history if one["kind"] == "feedback"]
        reason = [one["properties"].get("end_reason") for one in said]
        return [
            ":".join(filter(None, (one["name"], why)))
            for one, why in zip(said, reason, strict=True)
        ]

    def decided(self, request: Request) -> Decision:
        page, locale = request.url.path, self.language
        return self.decide(
            self.guide.next(user=self.user, page=page, locale=locale, device="desktop")
        )

    def page(self, request: Request) -> Response:
        element = first_paint(self.decided(request), **self.painting) if self.painted else PLAIN
        inline = "container" in self.painting
        text = PAGE.render(
            language=self.language,
            nonce=self.painting.get("nonce", ""),
            inside=element if inline else "",
            outside="" if inline else element,
        )
        headers = {"content-security-policy": self.csp, "cache-control": "no-store"}
        return HTMLResponse(text, headers=headers)


def app(product: Product) -> ASGIApp:
    guide = product.guide.asgi(
        identify=lambda _: product.user,
        inspect=lambda _: product.user in product.inspectors,
        rate=None,
    )

    async def style(_: Request) -> Response:
        return Response(STYLE, media_type="text/css")

    inner = Starlette(
        routes=[
            Route("/page.css", style),
            Mount("/guidepath", guide),
            Route("/{path:path}", product.page),
        ]
    )

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "/v1/" in scope["path"]:
            product.asked.append(f"{scope['method']} {scope['path'].partition('/guidepath/')[2]}")
        await inner(scope, receive, send)

    return noting


@contextmanager
def serving(product: Product) -> Iterator[Product]:
    """The product on a free port of the loopback."""
    with closing(product.guide), answering(app(product)) as product.url:
        yield product


def watched(context: BrowserContext) -> list[str]:
    """What goes wrong in any page of the context: errors, and breaches of its policy.

    That an answer was an error is not wrong by itself, but the browser and the client say it.
    """
    let_pass = ("Failed to load resource", "guidepath is quiet: Error: /guidepath/v1/")
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))

    def heard(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not said.text.startswith(let_pass):
            wrong.append(said.text)

    context.on("console", heard)
    return wrong
