"""The server's side: Segment's messages behind write keys, and what a server asks for its users."""

import asyncio
import base64
import gzip
import json
import logging
import tracemalloc
import zlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from starlette.requests import Request
from tests.adapters.web.browser_side import JSON, Clock, Site, feedback, guide, header, ok, refused

from guidepath import ConfigurationError, Guidepath
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.clock import iso
from guidepath.errors import StoreError
from guidepath.ports import Change

KEYS = ("first-key", "second-key")


def basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


KEY = basic("first-key")


@pytest.fixture
def server(host: Guidepath) -> Site:
    """What a server with nothing but its key can reach; there is a browser's side beside it."""
    return Site(host.asgi(identify=header, write_keys=KEYS), who="")


@pytest.fixture
def alone(host: Guidepath) -> Site:
    """The same without a browser's side."""
    return Site(host.asgi(identify=None, write_keys=KEYS), who="")


def track(number: int = 1, **more: object) -> JSON:
    return {
        "type": "track",
        "messageId": f"m{number}",
        "userId": "bob",
        "context": {"groupId": "zeta"},
        "event": "invoice.sent",
        "timestamp": "2026-03-01T08:00:00.000Z",
        **more,
    }


def sent(site: Site, *messages: object, **more: object) -> JSON:
    return ok(site.post("v1/batch", {"batch": messages, **more}, headers=KEY))


def raw(
    site: Site, body: bytes, path: str = "v1/batch", headers: Mapping[str, str] = KEY
) -> tuple[int, JSON]:
    """The answer to these very bytes."""
    response = site.ask("POST", path, content=body, headers=dict(headers))
    return response.status_code, response.json()


def history(host: Guidepath, user: str | None = "bob", account: str = "zeta") -> list[Any]:
    found = host.export(user=user, account=account)["history"]
    assert isinstance(found, list)
    return found


def taken(**more: object) -> JSON:
    return {
        "success": True,
        "stored": 0,
        "repeated": 0,
        "ignored": 0,
        "refused": 0,
        "reasons": [],
        **more,
    }


# Who may


@pytest.mark.parametrize(
    "headers",
    [
        basic("first-key"),
        basic("second-key"),
        {"authorization": "Basic " + base64.b64encode(b"first-key").decode()},
        {"authorization": "basic " + base64.b64encode(b"first-key:some password").decode()},
        {"authorization": "Bearer second-key"},
    ],
)
def test_each_key_opens_as_the_user_of_basic_or_as_bearer(
    server: Site, host: Guidepath, headers: dict[str, str]
) -> None:
    assert ok(server.post("v1/track", track(), headers=headers)) == taken(stored=1)
    assert len(history(host)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("third-key"),
        basic(""),
        basic("first-key "),
        basic("first"),
        {"authorization": "Basic first-key"},
        {"authorization": "Basic ÿ!"},
        {"authorization": "Basic"},
        {"authorization": "Bearer"},
        {"authorization": "first-key"},
        {"authorization": "Digest first-key"},
        {"x-write-key": "first-key"},
        {"cookie": "writeKey=first-key"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "v1/track"),
        ("POST", "v1/identify"),
        ("POST", "v1/batch"),
        ("POST", "v1/page"),
        ("POST", "v1/feedback"),
        ("GET", "v1/next?userId=bob&writeKey=first-key"),
        ("GET", "v1/progress?userId=bob"),
    ],
)
def test_a_wrong_key_none_or_one_in_the_wrong_place_opens_nothing(
    server: Site, alone: Site, host: Guidepath, headers: dict[str, str], method: str, path: str
) -> None:
    head = {name: value.encode() for name, value in headers.items()}
    for site in (server, alone):
        body = track(writeKey="third-key") if method == "POST" else None
        response = site.ask(method, path, json=body, headers=head)
        refused(response, 401, "unauthenticated")
    assert history(host) == []


def test_the_key_may_be_in_the_body_where_no_browser_could_have_meant_it(
    server: Site, alone: Site, host: Guidepath
) -> None:
    with_key = {"batch": [track(1)], "writeKey": "second-key"}
    assert ok(server.post("v1/batch", with_key))["stored"] == 1
    plain = {"content-type": "text/plain"}
    body = json.dumps(track(2, writeKey="first-key")).encode()
    assert raw(alone, body, "v1/track", plain)[1]["stored"] == 1
    refused(server.post("v1/track", track(3, writeKey="first-key")), 401, "unauthenticated")
    assert [one["id"] for one in history(host)] == ["m1", "m2"]


def test_who_has_no_key_is_not_told_what_is_wrong_with_the_body(alone: Site) -> None:
    for body in (b"{", b"\x00" * 600_000, b'{"batch": 3}'):
        status, said = raw(alone, body, headers=basic("third-key"))
        assert (status, said["code"]) == (401, "unauthenticated")


def test_without_write_keys_there_is_no_servers_side(site: Site, host: Guidepath) -> None:
    nobody = Site(site.app, who="")
    for path in ("v1/batch", "v1/identify", "v1/group", "v1/import", "v1/page"):
        refused(nobody.post(path, {"batch": [track()]}, headers=KEY), 404, "not_found")
    refused(nobody.post("v1/track", track(), headers=KEY), 401, "unauthenticated")
    refused(nobody.get("v1/next?userId=bob", headers=KEY), 401, "unauthenticated")
    assert history(host) == []


def test_a_host_whose_own_users_come_with_a_token_keeps_its_browsers_side(host: Guidepath) -> None:
    def bearer(request: Request) -> str | None:
        return {"Bearer her-token": "ada"}.get(request.headers.get("authorization", ""))

    site = Site(host.asgi(identify=bearer, write_keys=KEYS), who="")
    hers = {"authorization": "Bearer her-token"}
    assert ok(site.get("v1/progress", headers=hers))["object"] == "progress"
    said = {"event": "tour.opened", "eventId": "e1"}
    assert ok(site.post("v1/track", said, headers=hers), 202)["accepted"] is True
    assert sent(site, track())["stored"] == 1


def test_the_browsers_side_stands_beside_it_and_still_believes_no_body(
    host: Guidepath, server: Site
) -> None:
    ada = Site(server.app)
    said = {"event": "tour.opened", "eventId": "e1", "userId": "bob", "writeKey": "first-key"}
    ok(ada.post("v1/track", said), 202)
    assert history(host) == []
    assert len(history(host, "ada", "acme")) == 2
    refused(ada.post("v1/track", {**said, "event": "invoice.sent"}), 403, "not_from_browser")


def test_without_identify_there_is_no_browsers_side(alone: Site) -> None:
    ada = Site(alone.app)
    refused(ada.get("v1/next"), 401, "unauthenticated")
    refused(ada.post("v1/track", {"event": "tour.opened", "eventId": "e"}), 401, "unauthenticated")


@pytest.mark.parametrize("keys", ["first-key", [""], ["two words"], ["a:b"], ["ö"], [7], ["a\n"]])
def test_what_is_no_list_of_sendable_keys_is_the_hosts_mistake(host: Guidepath, keys: Any) -> None:
    with pytest.raises(ConfigurationError, match="write_keys is a list of secrets"):
        host.asgi(identify=None, write_keys=keys)


def test_an_app_that_nobody_could_ask_is_the_hosts_mistake(host: Guidepath) -> None:
    with pytest.raises(ConfigurationError, match="give identify, or write_keys, or both"):
        host.asgi(identify=None)


# What is said


def test_single_calls_have_their_type_from_the_path(server: Site, host: Guidepath) -> None:
    traits = {"first_name": "Bob", "role": "owner"}
    said = track(1, traits=traits, type="track")
    assert ok(server.post("v1/identify", said, headers=KEY))["stored"] == 1
    group = {"messageId": "m2", "userId": "bob", "groupId": "zeta", "traits": {"size": 3}}
    assert ok(server.post("v1/group", group, headers=KEY))["stored"] == 1
    one, two = history(host, None)
    assert (one["kind"], one["role"]) == ("identify", "owner")
    assert one["properties"] == {"first_name": "Bob"}
    assert (two["kind"], two["user"], two["properties"]) == ("group", None, {"size": 3})


@pytest.mark.parametrize("path", ["v1/batch", "v1/import"])
def test_a_batch_holds_messages_of_many_people(server: Site, host: Guidepath, path: str) -> None:
    messages = [track(number, userId=f"u{number}") for number in range(20)]
    assert ok(server.post(path, {"batch": messages}, headers=KEY))["stored"] == 20
    assert {one["user"] for one in history(host, None)} == {f"u{number}" for number in range(20)}
    assert host.progress(user="u7", account="zeta").reached == ("first_invoice",)


@pytest.mark.parametrize("kind", ["page", "screen", "alias"])
def test_messages_no_rule_asks_for_are_accepted_and_not_kept(
    server: Site, host: Guidepath, kind: str
) -> None:
    assert ok(server.post(f"v1/{kind}", track(), headers=KEY)) == taken(ignored=1)
    assert sent(server, track(1, type=kind), track(2)) == taken(ignored=1, stored=1)
    assert [one["id"] for one in history(host)] == ["m2"]


def test_the_context_of_a_batch_goes_into_each_message_unless_it_says_otherwise(
    server: Site, host: Guidepath
) -> None:
    said = sent(
        server,
        track(1, context=None),
        track(2, context={"library": "x"}),
        track(3, context={"groupId": "own"}),
        context={"groupId": "shared"},
    )
    assert said["stored"] == 3
    assert [one["id"] for one in history(host, account="shared")] == ["m1", "m2"]
    assert [one["id"] for one in history(host, account="own")] == ["m3"]


def test_a_message_without_an_id_gets_one(server: Site, host: Guidepath) -> None:
    assert sent(server, track(messageId=None), track(messageId=None))["stored"] == 2
    assert len({one["id"] for one in history(host)}) == 2


def test_gzip_is_unpacked(server: Site, host: Guidepath) -> None:
    body = gzip.compress(json.dumps({"batch": [track(1), track(2)]}).encode())
    status, said = raw(server, body, headers={**KEY, "content-encoding": "GZIP"})
    assert (status, said["stored"]) == (200, 2)
    assert len(history(host)) == 2


def test_one_refused_message_costs_only_itself_and_is_told(
    server: Site, host: Guidepath, caplog: pytest.LogCaptureFixture
) -> None:
    bad: list[object] = [
        track(2, userId=None, anonymousId="x"),
        track(3, timestamp="yesterday"),
        track(4, event=None),
        track(5, properties=[1]),
        track(6, userId="x" * 257),
        track(7, type="unheard of"),
        track(8, properties={"long": "x" * 33_000}),
        track(9, context=7),
        7,
        None,
        [track(10)],
        track(11, type=["page"]),
    ]
    with caplog.at_level(logging.WARNING, "guidepath.ingestion"):
        said = sent(server, track(1), *bad, track(99))
    reasons = {one["messageId"]: one["reason"] for one in said["reasons"]}
    assert said == taken(stored=2, refused=len(bad), reasons=said["reasons"])
    assert reasons["m2"] == "anonymousId alone names no user"
    assert "is not ISO 8601" in reasons["m3"]
    assert "32,768" in reasons["m8"]
    assert len(caplog.messages) == len(bad)
    assert "refused message m2: anonymousId alone names no user" in caplog.messages
    assert [one["id"] for one in history(host)] == ["m1", "m99"]


def test_of_many_refused_the_first_are_named(
    server: Site, caplog: pytest.LogCaptureFixture
) -> None:
    said = sent(server, *(track(number, event=None) for number in range(50)))
    assert (said["refused"], len(said["reasons"])) == (50, 20)
    assert len(caplog.messages) == 21


def test_a_single_message_that_is_refused_is_answered_like_segment_does(server: Site) -> None:
    said = ok(server.post("v1/track", track(userId=None, anonymousId="x"), headers=KEY))
    assert said["refused"] == 1


def test_a_message_is_stored_once_however_often_it_is_sent(server: Site, host: Guidepath) -> None:
    assert sent(server, track(1), track(1), track(2)) == taken(stored=2, repeated=1)
    assert sent(server, track(1), track(2), track(3)) == taken(stored=1, repeated=2)
    assert len(history(host)) == 3


def test_an_id_used_for_other_content_is_refused_alone(server: Site, host: Guidepath) -> None:
    sent(server, track(1), track(2))
    other = {"properties": {"total": 7}}
    said = sent(
        server, track(3), track(1, **other), track(2), track(4), track(4, **other), track(5)
    )
    assert (said["stored"], said["repeated"], said["refused"]) == (3, 1, 2)
    assert {one["messageId"] for one in said["reasons"]} == {"m1", "m4"}
    assert "with other content" in said["reasons"][0]["reason"]
    assert sorted(one["id"] for one in history(host)) == ["m1", "m2", "m3", "m4", "m5"]


def test_many_conflicts_cost_one_look_more(clock: Clock) -> None:
    loads: list[int] = []

    class Counting(MemoryStore):
        def load(self, account: str, *args: Any, **named: Any) -> Any:
            loads.append(1)
            return super().load(account, *args, **named)

    with Guidepath(guide().playbook, Counting(), clock=clock) as host:
        site = Site(host.asgi(identify=None, write_keys=KEYS), who="")
        sent(site, *(track(number) for number in range(300)))
        loads.clear()
        again = [track(number, event="other") for number in range(301)]
        said = sent(site, *again)
    assert (said["stored"], said["refused"]) == (1, 300)
    assert len(loads) == 3


def test_a_turn_is_given_back_before_a_conflict_is_looked_into(clock: Clock) -> None:
    class Overtaken(MemoryStore):
        """Another one stores the same id first, and takes note of whose turn it is."""

        held = overtaken = False

        def load(self, account: str, *args: Any, turn: bool = False, **named: Any) -> Any:
            assert not self.held, "nobody loads anew while it has a turn"
            self.held = turn
            return super().load(account, *args, turn=turn, **named)

        def release(self) -> None:
            self.held = False
            super().release()

        def save(self, change: Change) -> bool:
            self.held = False
            if self.overtaken:
                return super().save(change)
            self.overtaken = True
            other = [replace(one, digest="other") for one in change.events]
            super().save(replace(change, events=other))
            return False

    with Guidepath(guide().playbook, Overtaken(), clock=clock) as host:
        site = Site(host.asgi(identify=None, write_keys=KEYS), who="")
        said = sent(site, track(1), track(2, context={"groupId": "other"}))
    assert (said["stored"], said["refused"]) == (1, 1)


def test_what_was_before_an_erasure_is_not_kept(
    server: Site, host: Guidepath, clock: Clock
) -> None:
    sent(server, track(1))
    host.erase(user="bob", account="zeta")
    clock.move(hours=1)
    assert sent(server, track(2), track(3, timestamp=None)) == taken(stored=1, ignored=1)
    assert [one["id"] for one in history(host)] == ["m3"]


# Times


def ahead(clock: Clock, **span: float) -> str:
    """The time by a clock that runs ahead of ours."""
    return (clock.now + timedelta(**span)).isoformat()


def times(host: Guidepath) -> dict[str, str]:
    return {one["id"]: iso(one["occurred_at"]) for one in history(host)}


def test_a_senders_wrong_clock_is_corrected_by_when_it_sent(
    server: Site, host: Guidepath, clock: Clock
) -> None:
    fast, slow = ahead(clock, days=400, minutes=-10), ahead(clock, days=-30, minutes=-10)
    sent(server, track(1, timestamp=fast), sentAt=ahead(clock, days=400))
    sent(server, track(2, timestamp=slow, sentAt=ahead(clock, days=-30)))
    old = track(3, timestamp=None, originalTimestamp=slow)
    sent(server, old, sentAt=ahead(clock, days=-30))
    assert set(times(host).values()) == {"2026-03-01T08:50:00Z"}


def test_the_time_a_request_takes_is_no_wrong_clock(
    server: Site, host: Guidepath, clock: Clock
) -> None:
    sent(server, track(1), sentAt=ahead(clock, seconds=-59))
    sent(server, track(2), sentAt=ahead(clock, seconds=59))
    assert set(times(host).values()) == {"2026-03-01T08:00:00Z"}


@pytest.mark.parametrize(
    ("message", "at"),
    [
        ({"originalTimestamp": "2026-03-01T07:00:00Z"}, "2026-03-01T08:00:00Z"),
        ({"timestamp": "2026-03-01T08:45:00Z"}, "2026-03-01T08:45:00Z"),
        ({"timestamp": "2026-03-01T10:00:00Z"}, "2026-03-01T09:05:00Z"),
        ({"timestamp": None}, "2026-03-01T09:00:00Z"),
    ],
)
def test_a_time_that_is_corrected_already_or_not_of_that_clock_stands(
    server: Site, host: Guidepath, clock: Clock, message: JSON, at: str
) -> None:
    sent(server, track(1, **message), sentAt=ahead(clock, minutes=-30))
    assert times(host) == {"m1": at}


@pytest.mark.parametrize("said", ["soon", 7, None, [], "0001-01-01T00:00:00Z", "9999-12-31", "\0"])
def test_a_time_of_sending_that_is_none_moves_nothing_out_of_the_world(
    server: Site, host: Guidepath, said: object
) -> None:
    assert sent(server, track(1), track(2, timestamp="1900-01-01"), sentAt=said)["stored"] == 2
    assert all("1900" <= at < "2026-03-01T09:06" for at in times(host).values())


def test_a_message_that_is_sent_again_later_is_the_same(
    server: Site, host: Guidepath, clock: Clock
) -> None:
    message = track(1, timestamp=ahead(clock, hours=2, minutes=-1))
    assert sent(server, message, sentAt=ahead(clock, hours=2))["stored"] == 1
    before = times(host)
    clock.move(minutes=9)
    assert sent(server, message, sentAt=ahead(clock, hours=2)) == taken(repeated=1)
    assert sent(server, message) == taken(repeated=1)
    assert times(host) == before == {"m1": "2026-03-01T08:59:00Z"}


# Bodies that mean harm, or are broken


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A real file: what a store cannot write must be refused before."""
    return f"sqlite:///{tmp_path}/guidepath.db"


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)  # a test has the same name in every process


@pytest.mark.parametrize(
    ("body", "packing", "code"),
    [
        (b"", "", "malformed"),
        (b"[]", "", "malformed"),
        (b"null", "", "malformed"),
        (b"{", "", "malformed"),
        (b"{'batch': []}", "", "malformed"),
        (b'{"batch": [{]}', "", "malformed"),
        (b"{}", "", "malformed"),
        (b'{"batch": null}', "", "malformed"),
        (b'{"batch": {"type": "track"}}', "", "malformed"),
        (b'{"batch": "x"}', "", "malformed"),
        (b'{"batch": ["\xff"]}', "", "malformed"),
        (b'{"batch": ' + b"[" * 200_000, "", "malformed"),
        (b'{"a":' * 80_000, "", "malformed"),
        (b"x" * 1_000_000, "", "too_large"),
        (b'{"batch": [' + b" " * 512_000 + b"]}", "", "too_large"),
        (packed(b" " * 512_001), "gzip", "too_large"),
        (packed(b"\0" * 200_000_000), "gzip", "too_large"),
        (packed(packed(b"[" * 10_000_000)), "gzip", "malformed"),
        (packed(b'{"batch": []}')[:-1], "gzip", "malformed"),
        (packed(b'{"batch": []}')[:12], "gzip", "malformed"),
        (packed(b'{"batch": []}')[:-4] + b"\0\0\0\1", "gzip", "malformed"),
        (b"", "gzip", "malformed"),
        (b'{"batch": []}', "gzip", "malformed"),
        (zlib.compress(b'{"batch": []}'), "gzip", "malformed"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else value,
)
def test_a_request_that_cannot_be_read_is_a_400_which_every_sdk_takes_as_final(
    server: Site, host: Guidepath, body: bytes, packing: str, code: str
) -> None:
    status, said = raw(server, body, headers={**KEY, "content-encoding": packing or "identity"})
    assert (status, said["object"], said["code"]) == (400, "error", code), said
    assert len(said["message"]) < 400
    assert history(host) == []


def test_a_gzip_bomb_is_never_unpacked_beyond_the_limit(server: Site) -> None:
    bomb = packed(b"\0" * 400_000_000)
    tracemalloc.start()
    status, _ = raw(server, bomb, headers={**KEY, "content-encoding": "gzip"})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert status == 400
    assert peak < 10_000_000


def test_another_packing_is_a_415(server: Site) -> None:
    for coding in ("br", "deflate", "gzip, gzip", "x" * 5_000):
        status, said = raw(server, b"{}", headers={**KEY, "content-encoding": coding})
        assert (status, said["code"]) == (415, "not_json")


GOOD = json.dumps(track(1)).encode()
BAD = b'{"type":"track","messageId":"m2","userId":"bob","event":"e","properties":%s}'


@pytest.mark.parametrize(
    "message",
    [
        BAD % b'{"n": "\\ud800"}',
        BAD % b'{"\\udc00": 1}',
        BAD % (b'{"n": %s}' % (b"9" * 30)),
        BAD % (b'{"a":' * 40 + b"1" + b"}" * 40),
        BAD % (b'{"n": "%s"}' % (b"x" * 40_000)),
        b'{"type":"track","messageId":"\\ud800","userId":"bob","event":"e"}',
        b'{"type":"track","messageId":"m2","userId":"\\ud800","event":"e"}',
        b'{"type":"track","messageId":"m2","userId":"bob","event":"%s"}' % (b"x" * 100_000),
        b'{"type":"track","messageId":"%s","userId":"bob","event":"e"}' % (b"x" * 100_000),
        b'{"type":"%s","messageId":"m2","userId":"bob"}' % (b"\\ud800" * 10_000),
        b'{"type":"group","messageId":"m2","groupId":7}',
        b'{"type":"track","messageId":"m2","userId":1e999,"event":"e"}',
        b'{"type":"track","messageId":"m2","userId":"bob","event":"e","timestamp":"1699-01-01"}',
        b'{"type":"track","messageId":"m2","userId":"bob","event":"e","timestamp":"9999-99-99"}',
        b'{"type":"track","messageId":"m2","userId":"bob","event":"e","timestamp":{"a":"\\ud800"}}',
        b'{"type":"identify","messageId":"m2","userId":"bob","traits":{"role":"\\ud800"}}',
    ],
    ids=lambda one: repr(one[:60]),
)
def test_a_message_that_cannot_be_stored_costs_only_itself(
    server: Site, host: Guidepath, message: bytes
) -> None:
    status, said = raw(server, b'{"batch":[%s,%s]}' % (GOOD, message))
    assert (status, said["stored"], said["refused"]) == (200, 1, 1), said
    assert len(said["reasons"][0]["reason"]) < 400
    assert [one["id"] for one in history(host)] == ["m1"]


def test_a_number_that_is_none_is_missing_as_it_is_in_python(server: Site, host: Guidepath) -> None:
    body = BAD % (b'{"a": NaN, "b": -Infinity, "c": 1e999, "d": %s, "e": 1}' % (b"9" * 5_000))
    status, said = raw(server, b'{"batch":[%s]}' % body)
    assert (status, said["stored"]) == (200, 1)
    (kept,) = history(host, account="bob")
    assert kept["properties"] == {"a": None, "b": None, "c": None, "d": None, "e": 1}


def test_of_a_key_that_is_there_twice_the_last_counts(server: Site, host: Guidepath) -> None:
    body = b'{"batch":[7],"batch":[{"type":"page","type":"track","userId":"x","userId":"bob",'
    status, said = raw(server, body + b'"event":"a","event":"b","messageId":"m1"}]}')
    assert (status, said["stored"]) == (200, 1)
    assert [one["name"] for one in history(host, account="bob")] == ["b"]


def test_a_batch_of_ten_thousand_messages_is_taken_in(server: Site, host: Guidepath) -> None:
    small = [{"type": "page"}] * 4_000 + [7] * 2_000
    short = [{"type": "track", "userId": "bob", "event": "e"}] * 4_000
    body = json.dumps({"batch": [*small, *short]}, separators=(",", ":")).encode()
    status, said = raw(server, body)
    assert (status, said["ignored"], said["refused"], said["stored"]) == (200, 4_000, 2_000, 4_000)
    assert len(history(host, account="bob")) == 4_000


@pytest.mark.parametrize("path", ["v1/batch", "v1/identify", "v1/track"])
def test_the_server_side_is_told_only_by_post(server: Site, path: str) -> None:
    response = server.get(path, headers=KEY)
    refused(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


# A store that does not answer


class Broken(MemoryStore):
    """A store that takes some commits and then no more."""

    def __init__(self, commits: int) -> None:
        super().__init__()
        self.commits = commits

    def save(self, change: Change) -> bool:
        if self.commits <= 0:
            raise StoreError("/secret/guidepath.db is gone")
        self.commits -= 1
        return super().save(change)


def test_a_store_that_does_not_answer_is_a_503_after_which_sdks_send_it_again(
    clock: Clock,
) -> None:
    broken = Broken(1)
    messages = [track(number, context={"groupId": f"a{number}"}) for number in range(3)]
    with Guidepath(guide().playbook, broken, clock=clock) as host:
        site = Site(host.asgi(identify=None, write_keys=KEYS), who="")
        response = site.post("v1/batch", {"batch": messages}, headers=KEY)
        assert "secret" not in refused(response, 503, "unavailable")
        assert response.headers["retry-after"] == "2"
        broken.commits = 99
        assert sent(site, *messages) == taken(stored=2, repeated=1)


def test_many_requests_for_one_account_at_once_lose_nothing(server: Site, host: Guidepath) -> None:
    async def all_at_once() -> list[Any]:
        return await asyncio.gather(
            *(
                server.asking(
                    "POST",
                    "v1/batch",
                    json={"batch": [track(number * 5 + each) for each in range(6)]},
                    headers=KEY,
                )
                for number in range(20)
            )
        )

    answers = [ok(one) for one in asyncio.run(all_at_once())]
    assert sum(one["stored"] for one in answers) == 101
    assert sum(one["repeated"] for one in answers) == 19
    assert len(history(host)) == 101


# What a server asks


def test_a_server_asks_for_its_users(server: Site, host: Guidepath) -> None:
    query = {"userId": "ada", "groupId": "acme", "page": "/contacts", "locale": "de"}
    decision = ok(server.get("v1/next", params=query, headers=KEY))
    assert decision["item"]["steps"][0]["title"] == "Kontakte holen"
    assert decision["claim"] == Site(server.app).next()["claim"]
    response = server.post("v1/feedback", feedback(decision, "item.dismissed"), headers=KEY)
    assert ok(response, 202) == {"object": "feedback", "accepted": True}
    assert ok(server.get("v1/next", params=query, headers=KEY))["item"] is None
    host.track("invoice.sent", user="ada", account="acme")
    found = ok(server.get("v1/progress", params=query, headers=KEY))
    reached = [one["id"] for one in found["milestones"] if one["reachedAt"] is not None]
    assert reached == ["first_invoice"]


def test_without_a_group_the_user_is_her_own_account(server: Site) -> None:
    decision = ok(server.get("v1/next?userId=eve&page=/start", headers=KEY))
    assert decision["item"]["id"] == "start"
    again = ok(server.get("v1/next?userId=eve&groupId=eve&page=/start", headers=KEY))
    assert again["claim"] == decision["claim"]


@pytest.mark.parametrize(
    "query", ["", "userId=", "groupId=acme", "userId=a&groupId=", "userId=%00", "userId=a%0Ab"]
)
def test_who_is_meant_must_be_said(server: Site, query: str) -> None:
    for path in ("v1/next", "v1/progress"):
        refused(server.get(f"{path}?{query}", headers=KEY), 400, "malformed")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"decisionId": "dec_nonsense"}, "refused"),
        ({"decisionId": 7}, "malformed"),
        ({"itemId": "tour"}, "malformed"),
        ({"type": "item.loved"}, "malformed"),
    ],
)
def test_feedback_that_is_none_is_refused(server: Site, wrong: JSON, code: str) -> None:
    query = {"userId": "ada", "groupId": "acme", "page": "/contacts"}
    decision = ok(server.get("v1/next", params=query, headers=KEY))
    said = {**feedback(decision), **wrong}
    refused(server.post("v1/feedback", said, headers=KEY), 400, code)
    large = {**feedback(decision), "more": "x" * 70_000}
    refused(server.post("v1/feedback", large, headers=KEY), 413, "too_large")
