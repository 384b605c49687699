"""What those see whom the host permits to look; for everybody else there is nothing."""

from collections.abc import Callable
from typing import Any, get_args

import httpx
import pytest
from starlette.requests import Request
from tests.adapters.web.browser_side import JSON, Clock, Site, header, ok, run

from guidepath import AsyncGuidepath, Guidepath, Playbook
from guidepath.adapters.web import inspection as inspection_module
from guidepath.adapters.web import openapi
from guidepath.playbook.reason import Code

PLAYBOOK = Playbook.parse("""
name: ledgerly
roles: [owner, member]
attributes:
  user:
    first_name: {type: string, pii: true}
    locale: {type: string, optional: true}
    trial_ends: {type: time, optional: true}
  account: {size: integer}
events: {invoice.sent: {}, contact.imported: {}}
segments: {small_team: account.size <= 10}
milestones:
  - {id: contacts, title: {en: Contacts, de: Kontakte}, reached_when: did("contact.imported")}
  - {id: invoice, title: Invoice, reached_when: did("invoice.sent"), first_value: true}
guidance:
  - id: import-contacts
    type: tooltip
    moment: onboard
    toward: contacts
    roles: [owner]
    page: /contacts
    target: {selector: "#import"}
    title: {en: "Bring your contacts, {{ user.first_name }}", de: "Kontakte holen"}
    snooze: [4h]
  - id: for-grace
    type: banner
    moment: onboard
    toward: invoice
    when: user.first_name == "Grace" and since(start) > 2d
    title: For Grace only
  - {id: late, type: banner, moment: onboard, toward: invoice, when: since(start) > 2d, title: Late}
limits: {per_session: 9, per_day: 9, per_week: 9, cool_off: 1s}
""")


class Looking(Site):
    """A browser that asks for what is described nowhere."""

    async def asking(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        signed_in = {"x-user": self.who} if self.who else {}
        async with httpx.AsyncClient(
            transport=transport, base_url="https://app.test", trust_env=False, verify=False
        ) as client:
            said = {**signed_in, **(headers or {})}
            return await client.request(method, f"/{path}", headers=said, **more)


def permitted(request: Request) -> bool:
    return request.headers.get("x-inspects") == "yes"


@pytest.fixture
def guide(clock: Clock) -> Guidepath:
    guide = Guidepath(PLAYBOOK, clock=clock)
    known = {"first_name": "Ada", "trial_ends": "2026-04-01T00:00:00Z"}
    guide.identify(user="ada", account="acme", role="owner", attributes=known)
    guide.group(account="acme", attributes={"size": 7, "undeclared": "x"})
    guide.track("contact.imported", user="bob", account="other")
    return guide


@pytest.fixture
def site(guide: Guidepath) -> Site:
    return Looking(guide.asgi(identify=header, inspect=permitted))


def inspection(site: Site, page: str = "/contacts", **query: str) -> JSON:
    asked = {"page": page, "device": "desktop", **query}
    return ok(site.get("v1/inspect", params=asked, headers={"x-inspects": "yes"}))


def named(seen: JSON, item: str) -> JSON:
    found: JSON = next(one for one in seen["items"] if one["id"] == item)
    return found


def codes(seen: JSON, item: str) -> list[str]:
    return [one["code"] for one in named(seen, item)["closed"]]


def test_it_says_what_is_decided_and_which_gates_are_closed_for_every_other_item(
    site: Site,
) -> None:
    seen = inspection(site)
    assert (seen["object"], seen["item"], seen["reason"]) == (
        "inspection",
        "import-contacts",
        "CHOSEN",
    )
    assert (seen["page"], seen["device"]) == ("/contacts", "desktop")
    assert [one["id"] for one in seen["items"]] == ["import-contacts", "for-grace", "late"]
    assert named(seen, "import-contacts")["chosen"] is True
    assert named(seen, "import-contacts")["closed"] == []
    assert codes(seen, "late") == ["RULE", "OUTRANKED"]
    assert named(seen, "late")["closed"][0] == {
        "code": "RULE",
        "meaning": "its rule does not hold",
        "actual": "0 seconds",
        "required": "more than 2 days",
        "opensAt": "2026-03-03T09:00:00.000001Z",
    }


def test_every_gate_has_a_meaning_for_people(site: Site) -> None:
    assert set(inspection_module.MEANING) == set(get_args(Code))
    seen = inspection(site)
    assert seen["meaning"] == "every gate is open, and nothing comes before it"
    site.next()
    assert inspection(site)["meaning"].startswith("it is under way")


def test_how_close_an_item_came_is_told(site: Site) -> None:
    seen = inspection(site, "/elsewhere")
    passed = {one["id"]: one["passed"] for one in seen["items"]}
    assert passed["import-contacts"] < passed["late"] == passed["for-grace"]


def test_silence_is_told_with_its_reason_and_when_it_may_end(site: Site) -> None:
    seen = inspection(site, "/elsewhere")
    assert (seen["item"], seen["reason"]) == (None, "RULE")
    assert seen["nextEvaluationAt"] == "2026-03-03T09:00:00.000001Z"
    assert codes(seen, "import-contacts") == ["NOT_HERE"]


def test_looking_claims_nothing_and_saves_nothing(site: Site, guide: Guidepath) -> None:
    before = guide.export(account="acme")
    for _ in range(3):
        inspection(site)
    assert guide.export(account="acme") == before


def test_an_item_under_way_is_told_as_such(site: Site) -> None:
    decided = site.next()
    assert decided["item"]["id"] == "import-contacts"
    seen = inspection(site)
    assert (seen["item"], seen["reason"]) == ("import-contacts", "ACTIVE_CLAIM")
    assert codes(seen, "late")[0] == "ACTIVE_CLAIM"


def test_a_put_off_item_says_when_it_opens(site: Site, clock: Clock) -> None:
    site.answer(site.next(), "item.snoozed", snooze="PT4H")
    snoozed = named(inspection(site), "import-contacts")["closed"][0]
    assert (snoozed["code"], snoozed["opensAt"]) == ("SNOOZED", "2026-03-01T13:00:00Z")
    clock.move(hours=5)
    assert inspection(site)["item"] == "import-contacts"


def test_role_attributes_and_milestones_are_told(site: Site, guide: Guidepath) -> None:
    guide.track("contact.imported", user="ada", account="acme")
    person = inspection(site)["person"]
    assert (person["user"], person["account"], person["role"]) == ("ada", "acme", "owner")
    assert person["attributes"] == [
        {"of": "user", "name": "first_name", "value": None, "private": True},
        {"of": "user", "name": "trial_ends", "value": "2026-04-01T00:00:00Z", "private": False},
        {"of": "account", "name": "size", "value": 7, "private": False},
    ]
    assert person["milestones"] == [
        {"id": "contacts", "title": "Contacts", "reachedAt": "2026-03-01T09:00:00Z"},
        {"id": "invoice", "title": "Invoice", "reachedAt": None},
    ]


def test_nothing_in_it_tells_who_the_person_is(site: Site) -> None:
    for page in ("/contacts", "/elsewhere"):
        seen = inspection(site, page)
        assert "Ada" not in str(seen)
        assert codes(seen, "for-grace")[0] == "RULE"
        assert named(seen, "for-grace")["closed"][0]["actual"] == "(private)"
    titles = [one["title"] for one in seen["items"]]
    assert titles[0] == "Bring your contacts, {user.first_name}"


def test_titles_are_in_the_language_asked_for(site: Site) -> None:
    seen = inspection(site, locale="de_AT")
    assert named(seen, "import-contacts")["title"] == "Kontakte holen"
    assert seen["person"]["milestones"][0]["title"] == "Kontakte"
    assert named(inspection(site, locale="../x"), "import-contacts")["title"].startswith("Bring")


def test_somebody_unknown_is_told_of_too(guide: Guidepath) -> None:
    stranger = Looking(guide.asgi(identify=header, inspect=permitted), who="new@nowhere")
    person = inspection(stranger)["person"]
    assert (person["role"], person["attributes"]) == (None, [])


def test_the_async_guide_says_the_same(guide: Guidepath, clock: Clock) -> None:
    async def asked() -> JSON:
        async with AsyncGuidepath(PLAYBOOK, guide.store, clock=clock) as awaited:
            browser = Looking(awaited.asgi(identify=header, inspect=permitted))
            response = await browser.asking(
                "GET", "v1/inspect?page=/contacts&device=desktop", headers={"x-inspects": "yes"}
            )
            return ok(response)

    here = inspection(Looking(guide.asgi(identify=header, inspect=permitted)))
    assert {**run(asked()), "evaluatedAt": ""} == {**here, "evaluatedAt": ""}


def unknown(site: Site, method: str = "GET") -> httpx.Response:
    return site.ask(method, "v1/nothing", headers={"x-inspects": "yes"})


def same(one: httpx.Response, other: httpx.Response) -> bool:
    return (one.status_code, one.content, one.headers) == (
        other.status_code,
        other.content,
        other.headers,
    )


def test_who_is_not_permitted_finds_nothing_there(site: Site) -> None:
    assert unknown(site).status_code == 404
    assert same(site.get("v1/inspect?page=/contacts"), unknown(site))


def test_without_the_hosts_leave_nobody_finds_it(guide: Guidepath) -> None:
    site = Looking(guide.asgi(identify=header))
    assert same(site.get("v1/inspect", headers={"x-inspects": "yes"}), unknown(site))


@pytest.mark.parametrize(
    "answer", [None, 1, "yes", ("ada", "acme"), [True]], ids=["none", "one", "text", "who", "list"]
)
def test_only_true_opens_it(guide: Guidepath, answer: object) -> None:
    lax: Callable[[Any], Any] = lambda _: answer  # noqa: E731 - a host that forgot what to return
    site = Looking(guide.asgi(identify=header, inspect=lax))
    assert same(site.get("v1/inspect"), unknown(site))


def test_who_is_not_signed_in_finds_nothing_there(guide: Guidepath) -> None:
    nobody = Looking(guide.asgi(identify=header, inspect=permitted), who="")
    assert same(nobody.get("v1/inspect", headers={"x-inspects": "yes"}), unknown(nobody))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_find_nothing_there(site: Site, method: str) -> None:
    asked = site.ask(method, "v1/inspect", headers={"x-inspects": "yes"})
    assert same(asked, unknown(site, method))


def test_a_page_of_another_origin_reads_nothing(site: Site) -> None:
    elsewhere = {"x-inspects": "yes", "sec-fetch-site": "cross-site"}
    assert site.get("v1/inspect", headers=elsewhere).status_code in (403, 404)


def test_its_existence_is_not_described() -> None:
    assert "inspect" not in str(openapi.description())


def test_it_is_the_persons_own_and_kept_by_no_cache(site: Site) -> None:
    forged = "user=bob&account=other&userId=bob&groupId=other"
    response = site.get(f"v1/inspect?{forged}", headers={"x-inspects": "yes"})
    assert ok(response)["person"]["user"] == "ada"
    assert response.headers["cache-control"] == "no-store"
