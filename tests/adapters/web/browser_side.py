"""A product with guidance in it, and what a browser asks; each answer is held to openapi.json."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
from jsonschema import Draft202012Validator
from starlette.requests import Request

from guidepath import Guidepath, Playbook
from guidepath.adapters.web import openapi

T = TypeVar("T")
JSON = dict[str, Any]  # what goes over the wire, as a browser sees it

PLAYBOOK = Playbook.parse("""
guidepath: 1
name: ledgerly
roles: [owner, member]
attributes:
  user: {first_name: {type: string, optional: true}, locale: {type: string, optional: true}}
events:
  invoice.sent: {}
  contact.imported: {}
  tour.opened: {from: browser, properties: {chapter: {type: string, optional: true}}}
milestones:
  - {id: contacts, title: {en: Contacts, de: Kontakte}, reached_when: did("contact.imported")}
  - id: first_invoice
    title: Send your first invoice
    reached_when: did("invoice.sent")
    first_value: true
  - {id: toured, title: See the tour, reached_when: did("tour.opened")}
guidance:
  - id: import-contacts
    type: tooltip
    moment: onboard
    toward: contacts
    roles: [owner]
    page: /contacts
    target: {selector: "#import"}
    title: {en: "Bring your contacts, {{ user.first_name }}", de: "Kontakte holen"}
    body: A **CSV** is enough.
    action: {label: Import, navigate: /contacts/import}
    snooze: [4h, 1d]
  - id: start
    type: checklist
    moment: onboard
    toward: first_invoice
    page: /start
    title: {en: Get started, de: Erste Schritte}
    items: [{milestone: contacts}, {milestone: first_invoice, after: [contacts]}]
  - id: tour
    type: tour
    moment: onboard
    toward: toured
    page: /tour
    title: Look around
    steps: [{id: one, title: One}, {id: two, title: Two}]
limits: {per_session: 9, per_day: 9, per_week: 9, cool_off: 1s}
""")


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


def header(request: Request) -> tuple[str, str | None] | None:
    """The test's sign-in: `x-user: ada` or `x-user: ada@acme`."""
    user, _, account = request.headers.get("x-user", "").partition("@")
    return (user, account or None) if user else None


def guide(store: str = "memory:", **more: Any) -> Guidepath:
    return Guidepath(PLAYBOOK, store, **more)


@dataclass
class Site:
    """What a signed-in browser asks of an app, at `base`."""

    app: Any
    base: str = ""
    who: str = "ada@acme"

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return run(self.asking(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: object, **more: Any) -> httpx.Response:
        return self.ask("POST", path, json=body, **more)

    def next(self, page: str = "/contacts", **query: str) -> JSON:
        return ok(self.get("v1/next", params={"page": page, **query}))

    def answer(self, decision: JSON, type: str = "item.shown", **more: object) -> httpx.Response:
        return self.post("v1/feedback", feedback(decision, type, **more))

    async def asking(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        signed_in = {"x-user": self.who} if self.who else {}
        async with httpx.AsyncClient(
            transport=transport, base_url="https://app.test", trust_env=False, verify=False
        ) as client:
            response = await client.request(
                method, f"{self.base}/{path}", headers={**signed_in, **(headers or {})}, **more
            )
        as_described(path.partition("?")[0], method, response)
        return response


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def ok(response: httpx.Response, status: int = 200) -> JSON:
    assert response.status_code == status, response.text
    body: JSON = response.json()
    return body


def refused(response: httpx.Response, status: int, code: str) -> str:
    body = ok(response, status)
    assert {**body, "message": ""} == {"object": "error", "code": code, "message": ""}
    assert 0 < len(body["message"]) < 400
    assert "Traceback" not in body["message"]
    return str(body["message"])


def feedback(decision: JSON, type: str = "item.shown", **more: object) -> JSON:
    """What the client says of a decision's item."""
    return {
        "eventId": "one",
        "decisionId": decision["decisionId"],
        "claim": decision["claim"]["token"],
        "type": type,
        "itemId": decision["item"]["id"],
        "stepId": decision["item"]["id"],
        **more,
    }


def as_described(path: str, method: str, response: httpx.Response) -> None:
    """Holds an answer to what openapi.json says of its path, method and status."""
    if method == "HEAD" or response.status_code in (204, 304):
        assert response.content == b""
        return
    if path == "v1/inspect" and response.status_code == 200:
        return  # it is described to nobody
    template = "/client/{file}" if path.startswith("client/") else f"/{path}"
    operation = DESCRIPTION["paths"].get(template, {}).get(method.lower())
    answers = operation["responses"] if operation else {}
    kind = response.headers["content-type"].partition(";")[0]
    if kind == "application/json":
        anything = {"schema": {"$ref": "#/components/schemas/WireError"}}
        content = answers.get(str(response.status_code), {}).get("content", {}).get(kind, anything)
        assert operation is None or str(response.status_code) in answers, response.status_code
        whole = {**content["schema"], "components": DESCRIPTION["components"]}
        Draft202012Validator(whole).validate(response.json())
    else:
        assert kind in answers[str(response.status_code)]["content"]


DESCRIPTION = openapi.description()
