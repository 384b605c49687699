"""What an attacker tries, and what she gets: each line of docs/attacks.md, on every host."""

import gzip
import inspect
import json
import re
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.adapters.web.browser_side import JSON, feedback, header, ok, refused
from tests.adapters.web.forged import AUDIENCE, REFUSED, claims, rsa_keys, signed
from tests.adapters.web.hosts import HOSTS, Web, hosted

from guidepath import Guidepath, Playbook, PlaybookError
from guidepath.adapters.web.tokens import verifier
from guidepath.decision import Reference

PAGE = Path(__file__).parents[3] / "docs" / "attacks.md"
EVENT = {"event": "tour.opened", "eventId": "e"}
EVIL = "https://evil.example"
KEY = "secret"
BASIC = "Basic c2VjcmV0Og=="
SENT = {"type": "track", "userId": "eve", "event": "invoice.sent"}


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A real file: what a store cannot write must be refused before."""
    return f"sqlite:///{tmp_path}/guidepath.db"


@pytest.fixture(params=HOSTS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def web(kind: str, host: Guidepath) -> Iterator[Web]:
    with hosted(kind, host, identify=header, write_keys=[KEY], rate=None) as one:
        yield one


@pytest.fixture
def guarded(kind: str, host: Guidepath) -> Iterator[Web]:
    """A host for pages of another origin, where tokens say who asks."""
    identify = verifier(rsa_keys().public, audience=AUDIENCE)
    with hosted(kind, host, identify=identify, origins=["https://app.example"], rate=None) as one:
        yield one.be("")


def kept(host: Guidepath, user: str = "ada", account: str = "acme") -> list[str]:
    """What is in her history but for who she is."""
    known = host.export(user=user, account=account)["history"]
    assert isinstance(known, list)
    return [one["name"] for one in known if one["kind"] != "identify"]


# --- whose it is


def test_a_body_that_names_another_user_speaks_for_the_one_who_is_signed_in(
    web: Web, host: Guidepath
) -> None:
    bob = {"user": "bob", "userId": "bob", "account": "other", "groupId": "other", "role": "owner"}
    ok(web.post("v1/track", {**EVENT, **bob, "identity": bob, "context": {"groupId": "x"}}), 202)
    assert kept(host) == ["tour.opened"]
    assert kept(host, "bob", "other") == kept(host, "bob", "acme") == []


def test_a_query_that_names_another_user_asks_for_the_one_who_is_signed_in(web: Web) -> None:
    bob = "user=bob&userId=bob&account=other&groupId=other"
    assert ok(web.get(f"v1/next?page=/contacts&{bob}"))["claim"] == web.next()["claim"]
    assert ok(web.get(f"v1/progress?{bob}")) == ok(web.get("v1/progress"))


@pytest.mark.parametrize("who", ["ada@other", "bob@acme", "ada"])
def test_the_decision_of_another_tenant_or_user_is_not_hers_to_answer(web: Web, who: str) -> None:
    decision = web.next()
    refused(web.be(who).answer(decision, "item.dismissed"), 403, "not_yours")
    assert web.next()["claim"] == decision["claim"]


def test_a_decision_that_was_made_up_reaches_nobody_else_and_no_milestone(
    web: Web, host: Guidepath
) -> None:
    decision, hers = web.next(), web.be("bob@acme").next("/start")
    told = Reference.read(decision["decisionId"])
    for forged in (told._replace(user="bob"), told._replace(account="other")):
        said = {"decisionId": forged.id, "claim": forged.token}
        refused(web.answer(decision, "item.completed", **said), 403, "not_yours")
    own = told._replace(item="start")
    said = {"decisionId": own.id, "claim": own.token, "itemId": "start"}
    ok(
        web.answer(decision, "item.completed", **said), 202
    )  # she may hide from herself what she likes
    assert host.progress(user="ada", account="acme").reached == ()
    assert web.be("bob@acme").next("/start")["claim"] == hers["claim"]


def test_the_claim_of_another_item_is_not_taken(web: Web) -> None:
    decision = web.next()
    refused(web.answer(decision, claim="clm_other"), 400, "malformed")
    refused(web.answer(decision, itemId="start"), 400, "malformed")


@pytest.mark.parametrize(
    "event", ["invoice.sent", "no.such", "tour.opened\u200b", "TOUR.OPENED", "*", "item.shown"]
)
def test_an_event_that_is_not_for_browsers_is_refused(
    web: Web, host: Guidepath, event: str
) -> None:
    refused(web.post("v1/track", {**EVENT, "event": event}), 403, "not_from_browser")
    assert kept(host) == []


def test_an_event_id_of_another_user_is_not_used_up(web: Web, host: Guidepath) -> None:
    host.track("invoice.sent", user="ada", account="acme", id="evt_1")
    ok(web.post("v1/track", {**EVENT, "eventId": "evt_1"}), 202)
    ok(web.be("bob@acme").post("v1/track", {**EVENT, "eventId": "evt_1"}), 202)
    assert kept(host) == ["invoice.sent", "tour.opened"]
    assert kept(host, "bob") == ["tour.opened"]


def test_a_time_of_years_ago_counts_as_now(web: Web, host: Guidepath) -> None:
    ok(web.post("v1/track", {**EVENT, "occurredAt": "1999-01-01T00:00:00Z"}), 202)
    milestones = {one.id: one for one in host.progress(user="ada", account="acme").milestones}
    assert milestones["toured"].reached_at == host.clock()


# --- from where it comes


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site", "origin": EVIL},
        {"sec_fetch_site": "same-site", "origin": "https://sibling.app.test"},
        {"sec_fetch_site": "cross-site"},
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": EVIL, "x_forwarded_host": "evil.example"},
        {"origin": EVIL, "forwarded": "host=evil.example"},
        {"origin": EVIL, "x_original_host": "evil.example", "referer": "https://app.test/"},
        {"origin": "https://app.test.evil.example"},
        {"origin": "https://app.test@evil.example"},
    ],
)
def test_a_page_of_another_site_can_neither_say_nor_ask(
    web: Web, host: Guidepath, headers: dict[str, str]
) -> None:
    refused(web.post("v1/track", EVENT, **headers), 403, "cross_origin")
    refused(web.get("v1/next?page=/contacts", **headers), 403, "cross_origin")
    assert kept(host) == []


@pytest.mark.parametrize(
    ("name", "own"), [("origin", "https://app.test"), ("sec-fetch-site", "same-origin")]
)
def test_what_is_said_twice_in_a_head_is_not_taken_for_the_first(
    web: Web, name: str, own: str
) -> None:
    refused(web.ask("GET", "v1/next", headers=[(name, own), (name, EVIL)]), 403, "cross_origin")


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("text/plain", json.dumps(EVENT).encode()),
        ("text/plain; application/json", json.dumps(EVENT).encode()),
        ("application/x-www-form-urlencoded", b"event=tour.opened&eventId=e"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("", json.dumps(EVENT).encode()),
    ],
)
def test_what_a_form_can_send_is_not_taken(
    web: Web, host: Guidepath, type_: str, body: bytes
) -> None:
    response = web.ask("POST", "v1/track", headers={"content-type": type_}, content=body)
    refused(response, 415, "not_json")
    assert kept(host) == []


@pytest.mark.parametrize(
    "named", ["app.test, evil.example", "evil.example", "app.test:443@evil.example", "[", "a b"]
)
def test_a_host_header_opens_nothing(web: Web, host: Guidepath, named: str) -> None:
    headers = {"host": named, "origin": "https://app.test", "content-type": "application/json"}
    said = web.ask("POST", "v1/track", headers=headers, content=json.dumps(EVENT).encode())
    assert said.status_code in (400, 403)  # Django refuses what is no host by itself
    assert kept(host) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"x_http_method_override": "POST"},
        {"x_original_url": "/guidepath/healthz"},
        {"x_rewrite_url": "/guidepath/healthz"},
    ],
)
def test_headers_that_rename_a_request_are_not_read(web: Web, headers: dict[str, str]) -> None:
    assert ok(web.get("v1/progress", **headers))["object"] == "progress"


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "DELETE", "PATCH"])
def test_another_method_does_nothing_and_echoes_nothing(web: Web, method: str) -> None:
    for path in ("v1/next", "v1/feedback", "healthz", "client/guidepath.js"):
        response = web.ask(method, path, headers={"cookie": "session=hers"})
        refused(response, 405, "method_not_allowed")
        assert b"hers" not in response.content


# --- what a body is


@pytest.mark.parametrize("size", [65_537, 1_000_000])
def test_a_body_of_a_megabyte_is_not_taken(web: Web, host: Guidepath, size: int) -> None:
    body = json.dumps(EVENT).encode().ljust(size)
    for path in ("v1/track", "v1/feedback"):
        headers = {"content-type": "application/json"}
        refused(web.ask("POST", path, headers=headers, content=body), 413, "too_large")
    assert kept(host) == []


@pytest.mark.parametrize(
    "body",
    [
        '{"event":"invoice.sent","event":"tour.opened","eventId":"a"}',
        '{"event":"tour.opened","eventId":"a","eventId":"b"}',
        '{"event":"tour.opened","eventId":"a","event\\u0049d":"b"}',
        '{"event":"tour.opened","eventId":"a","properties":{"chapter":"1","chapter":"2"}}',
        '{"event":"tour.opened","eventId":"a","user":"ada","user":"bob"}',
    ],
)
def test_a_key_that_comes_twice_is_refused(web: Web, host: Guidepath, body: str) -> None:
    headers = {"content-type": "application/json"}
    response = web.ask("POST", "v1/track", headers=headers, content=body.encode())
    assert "twice" in refused(response, 400, "malformed")
    said = json.dumps(feedback(web.next()))[:-1] + ', "decisionId": "dec_other"}'
    response = web.ask("POST", "v1/feedback", headers=headers, content=said.encode())
    assert "twice" in refused(response, 400, "malformed")
    assert kept(host) == []


TRACK = '{"event":"tour.opened","eventId":"e","properties":%s}'


@pytest.mark.parametrize(
    "body",
    [
        "[" * 60_000,
        TRACK % ('{"a":' * 5_000 + "1" + "}" * 5_000),
        TRACK % ('{"n": %s}' % ("9" * 5_000)),
        TRACK % '{"n": 1e999}',
        TRACK % '{"n": -1e-999999999999}',
        TRACK % '{"n": NaN}',
        TRACK % '{"n": "\\ud800"}',
        '{"event":"tour.opened","eventId":"\\u0000"}',
        '{"event":"tour.opened","eventId":"a\\r\\nb"}',
        '{"event":"tour.opened","eventId":"e","occurredAt":1e300}',
        '{"event":"tour.opened","eventId":"e","occurredAt":"9999-12-31T23:59:59.9999999Z"}',
        "\ufeff{}",
        "\x00",
        "",
    ],
    ids=lambda body: body[:40],
)
def test_deep_huge_and_broken_bodies_are_no_server_error(
    web: Web, host: Guidepath, body: str
) -> None:
    headers = {"content-type": "application/json"}
    response = web.ask("POST", "v1/track", headers=headers, content=body.encode())
    assert response.status_code in (202, 400), response.text
    if response.status_code == 400:
        refused(response, 400, response.json()["code"])
        assert kept(host) == []


def test_names_that_mean_something_elsewhere_mean_nothing_here(web: Web, host: Guidepath) -> None:
    odd = {"__proto__": {"admin": True}, "constructor": 1, "$where": "1", "__class__": "x"}
    ok(web.post("v1/track", {**EVENT, **odd, "properties": odd}), 202)
    assert kept(host) == ["tour.opened"]


@pytest.mark.parametrize(
    "packed",
    [
        b"no gzip",
        gzip.compress(b"{}", mtime=0)[:-4],
        zlib.compress(b"{}"),
        b"\x1f\x8b" + b"\x00" * 30,
    ],
    ids=["no gzip", "cut short", "zlib", "broken"],
)
def test_what_is_packed_wrongly_is_refused(web: Web, packed: bytes) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    refused(web.ask("POST", "v1/track", headers=headers, content=packed), 415, "not_json")
    servers = {**headers, "authorization": BASIC}
    refused(web.ask("POST", "v1/batch", headers=servers, content=packed), 400, "malformed")


def test_what_grows_when_it_is_unpacked_is_unpacked_no_further(web: Web) -> None:
    bomb = gzip.compress(b"[" * 30_000_000)
    headers = {
        "content-type": "application/json",
        "content-encoding": "gzip",
        "authorization": BASIC,
    }
    refused(web.ask("POST", "v1/batch", headers=headers, content=bomb), 400, "too_large")


# --- where it leads


@pytest.mark.parametrize(
    "path",
    [
        "client/../adapters/web/site.py",
        "client/..%2f..%2fengine.py",
        "client/%2e%2e/%2e%2e/engine.py",
        "client/....//engine.py",
        "client//etc/passwd",
        "client/%2Fetc%2Fpasswd",
        "client/guidepath.js%00.py",
        "client/1-0/..%2f..%2fengine.py",
        "client/C:%5Cwindows%5Cwin.ini",
        "client/guidepath.js::$DATA",
        "client/.git/config",
        "v1/../client/../engine.py",
        "v1/next%00",
        "v1/next;x=1",
        "v1/next%0A",
        "v1/next/",
        "v1//next",
        "/v1/next",
        "//evil.example/%2e%2e",
        "",
        ".env",
    ],
)
def test_no_path_leads_out_of_the_client(web: Web, path: str) -> None:
    refused(web.get(path), 404, "not_found")
    refused(web.post(path, EVENT), 404, "not_found")


@pytest.mark.parametrize(
    "value", ["%0d%0aset-cookie:%20evil=1", "%0aevil:%201", "evil%00", "%0bevil"]
)
def test_nothing_that_is_asked_comes_back_as_a_header(web: Web, value: str) -> None:
    for path in (f"v1/next?locale={value}&page={value}&device={value}", f"v1/{value}"):
        headers = web.get(path, origin="https://app.test").headers
        assert "evil" not in str(headers)
        assert "set-cookie" not in headers


@pytest.mark.parametrize("query", ["page=/" + "a" * 60_000, "a=1&" * 15_000, "page=%00%ff%fe"])
def test_a_query_of_any_length_is_answered(web: Web, query: str) -> None:
    response = web.get(f"v1/next?{query}")
    # Django reads no more than a thousand names
    assert response.status_code in (200, 400), response.text


# --- who one is


def test_a_forged_token_is_nobodys(guarded: Web, host: Guidepath) -> None:
    page = {"origin": "https://app.example", "sec-fetch-site": "cross-site"}
    answered: dict[str, set[int]] = {}
    for name, forge in REFUSED.items():
        token = forge()
        if not token.isascii():
            continue  # no header of such letters can be sent
        held = {**page, "authorization": f"Bearer {token}", "content-type": "application/json"}
        said = guarded.ask("POST", "v1/track", headers=held, content=json.dumps(EVENT).encode())
        asked = guarded.ask("GET", "v1/next", headers=held)
        answered[name] = {said.status_code, asked.status_code}
        refused(said, 401, "unauthenticated")
    assert [name for name, statuses in answered.items() if statuses != {401}] == []
    assert kept(host) == []


def test_a_token_that_is_stolen_is_of_no_use_to_another_page_nor_for_long(guarded: Web) -> None:
    token = f"Bearer {signed(claims())}"
    allowed = {"sec_fetch_site": "cross-site", "origin": "https://app.example"}
    ok(guarded.get("v1/next", **allowed, authorization=token))
    elsewhere = {**allowed, "origin": EVIL}
    refused(guarded.get("v1/next", **elsewhere, authorization=token), 403, "cross_origin")
    old = signed(claims(exp=datetime(2026, 1, 1, tzinfo=UTC)))
    late = guarded.get("v1/next", **allowed, authorization=f"Bearer {old}")
    refused(late, 401, "unauthenticated")


def test_cookies_from_another_origin_are_never_read(guarded: Web) -> None:
    response = guarded.get(
        "v1/next",
        sec_fetch_site="cross-site",
        origin="https://app.example",
        authorization=f"Bearer {signed(claims())}",
        cookie="session=hers",
    )
    refused(response, 403, "cross_origin")


def test_a_request_that_is_sent_again_does_nothing_again(web: Web, host: Guidepath) -> None:
    decision = web.next()
    for _ in range(3):
        ok(web.answer(decision), 202)
        ok(web.post("v1/track", EVENT), 202)
    assert kept(host) == ["item.shown", "tour.opened"]
    refused(web.post("v1/track", {**EVENT, "properties": {"chapter": "2"}}), 409, "conflict")
    assert kept(host) == ["item.shown", "tour.opened"]


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic !!", "Basic OnNlY3JldA==", "Bearer Secret", "Basic c2VjcmV0eDo="],
)
def test_a_wrong_write_key_opens_nothing(web: Web, authorization: str) -> None:
    for path in ("v1/batch", "v1/identify"):
        response = web.post(path, {"batch": [SENT], **SENT}, authorization=authorization)
        refused(response, 401, "unauthenticated")


def test_a_write_key_in_a_query_is_not_read(web: Web) -> None:
    refused(web.post(f"v1/batch?writeKey={KEY}", {"batch": []}), 401, "unauthenticated")


def test_whoever_asks_without_a_pause_is_told_to_wait(kind: str, host: Guidepath) -> None:
    with hosted(kind, host, identify=header, write_keys=[KEY], rate=(0.01, 3)) as web:
        flood = [web.get("v1/progress").status_code for _ in range(6)]
        assert flood == [200, 200, 200, 429, 429, 429]
        guesses = [web.be("").get("v1/progress").status_code for _ in range(5)]
        assert guesses == [401, 401, 401, 429, 429]
        ok(web.be("bob@acme").get("v1/progress"))


# --- what is shown

MARKUP = """<img src=x onerror=alert(1)><script>alert(2)</script>"'`<svg/onload=alert(3)>"""
BODIES = [
    MARKUP,
    "[a](javascript:alert(1)) [b](//evil.example) [c](/\\\\evil.example) [d](data:text/html,x)",
    "[e](jav&#x09;ascript:alert(1)) [f](&#106;avascript:alert(1)) [g](java\tscript:alert(1))",
    "<a href='javascript:alert(1)' onclick=alert(1) style='position:fixed'>h</a>",
    "![i](x onerror=alert(1)) ![j](https://evil.example/pixel.png)",
    '[k](/ok \'x" onmouseover=alert(1) y="\') <https://evil.example/?"onclick=alert(1)>',
    "**{{ user.first_name }}** [l](/hello?n={{ user.first_name }})",
    "[m](/{{ user.first_name }}) [n]({{ user.first_name }}) [o](https://{{ user.first_name }})",
]
HOSTILE = """
name: hostile
attributes: {user: {first_name: {type: string, optional: true}}}
events: {sent: {}}
milestones: [{id: first, title: %s, reached_when: did("sent"), first_value: true}]
guidance:
  - id: list
    type: checklist
    moment: onboard
    toward: first
    title: %s
    body: %s
    items: [{milestone: first, title: %s, action: {label: %s, navigate: /x}}]
    action: {label: %s}
"""
HARMLESS = {"a", "p", "br", "em", "strong", "code", "ul", "ol", "li"}


class Tags(HTMLParser):
    """Every tag with its attributes, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("body", BODIES)
def test_markup_in_any_text_stays_text(kind: str, body: str) -> None:
    text = json.dumps(MARKUP)
    playbook = Playbook.parse(HOSTILE % (text, text, json.dumps(body), text, text, text))
    with (
        Guidepath(playbook) as guide,
        hosted(kind, guide, identify=lambda request: "ada") as web,
    ):
        guide.identify(user="ada", attributes={"first_name": MARKUP})
        decided = web.get("v1/next")
        progress = ok(web.get("v1/progress"))
        item = ok(decided)["item"]
    step = item["steps"][0]
    plain = [step["title"], step["primaryAction"]["label"], item["items"][0]["title"]]
    assert plain == [MARKUP] * 3  # for textContent: a client that parses it is broken
    assert item["items"][0]["action"]["label"] == progress["milestones"][0]["title"] == MARKUP
    for tag, attributes in Tags(step["bodyHtml"]).found:
        assert tag in HARMLESS
        assert attributes.keys() <= {"href", "rel", "title", "start"}
        assert re.match(r"https://|/(?![/\\\\])|mailto:|#", attributes.get("href") or "#")
    assert decided.headers["content-type"] == "application/json"
    assert decided.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in decided.headers["content-security-policy"]


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "jav\tascript:alert(1)",
        "jav&#x09;ascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "http://evil.example",
        "vbscript:x",
        "https:///evil.example",
        "https:evil.example",
        "https://app.example@evil.example",
        "{{ user.first_name }}",
        "mailto:a@b.example",
        "/a\r\nset-cookie: x",
    ],
)
def test_an_action_leads_to_no_such_address(address: str) -> None:
    text = json.dumps("x")
    written = HOSTILE.replace("navigate: /x", f"navigate: {json.dumps(address)}")
    with pytest.raises(PlaybookError) as refusal:
        Playbook.parse(written % (text, text, text, text, text, text))
    assert [one.code for one in refusal.value.diagnostics] == ["bad-link"]


# --- what is told


def test_no_page_can_frame_sniff_or_keep_what_is_answered(web: Web) -> None:
    for response in (web.get("v1/next"), web.be("").get("v1/next"), web.get("v1/nothing")):
        headers = response.headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert not [name for name in headers if name.startswith("access-control")]


def test_why_is_told_to_nobody_who_is_not_let(web: Web) -> None:
    unknown = web.get("v1/unknown")
    for path in ("v1/inspect", "v1/inspect?guidepath=inspect", "v1/explain"):
        assert web.get(path).content == unknown.content
    decision: JSON = web.next()
    assert "candidates" not in json.dumps(decision)


# --- the table


def test_every_attack_is_a_line_of_the_docs_and_every_line_a_test() -> None:
    told = re.findall(r"^\|.*`(test_\w+)` *\|$", PAGE.read_text("utf-8"), re.M)
    here = [
        name
        for name, one in inspect.getmembers(sys.modules[__name__], inspect.isfunction)
        if name.startswith("test_") and "docs" not in name
    ]
    assert sorted(told) == sorted(here)
