"""Segment: what its own SDK sends, and what it answers."""

from datetime import datetime

import pytest
from segment.analytics import Client
from tests.adapters.sinks.receivers import KEY, Opened, answering, ids, pleased, told
from tests.adapters.sinks.wire import differences
from tests.servers.http import Http

from guidepath.adapters.sinks.analytics import properties
from guidepath.adapters.sinks.segment import SegmentSink
from guidepath.clock import moment
from guidepath.errors import ConfigurationError, DeliveryError
from guidepath.segment import read
from guidepath.testing.sample import spoken


def test_the_request_is_that_of_segments_own_sdk(http: Http, opened: Opened) -> None:
    http.answer = pleased("segment")
    client = Client(KEY, host=http.url, sync_mode=True, gzip=True, max_retries=0)
    client.track(
        user_id="ada",
        event="guidepath.milestone.reached",
        properties=properties(told()),
        context={"groupId": "acme", "traits": {"locale": "en", "first_name": "Ada"}},
        timestamp=moment(told().occurred_at),
        message_id=told().id,
    )
    opened("segment", http.url).deliver([told()])
    theirs, ours = http.requests
    for name in ("Authorization", "Content-Type", "Content-Encoding"):
        assert ours.headers[name] == theirs.headers[name]
    assert (ours.method, ours.path) == (theirs.method, theirs.path) == ("POST", "/v1/batch")
    # theirs alone: the key again, and a time of sending, by which Segment would shift the events
    assert differences(theirs.json(), ours.json()) == (
        {".sentAt", ".writeKey", ".batch[].anonymousId"},
        set(),
    )
    (their_track,), (our_track,) = theirs.json()["batch"], ours.json()["batch"]
    for name in ("messageId", "userId", "event", "type", "properties", "integrations"):
        assert our_track[name] == their_track[name]
    assert our_track["context"]["groupId"] == their_track["context"]["groupId"]
    assert our_track["context"]["traits"] == their_track["context"]["traits"]
    sent, received = (datetime.fromisoformat(one["timestamp"]) for one in (their_track, our_track))
    assert received == moment(told().occurred_at)
    assert sent == received.replace(microsecond=123_000)  # theirs is cut to milliseconds


def test_an_account_is_anonymous(http: Http, opened: Opened) -> None:
    http.answer = pleased("segment")
    opened("segment", http.url).deliver([told(user=None, attributes={}, private={})])
    (track,) = http.requests[0].json()["batch"]
    assert track["anonymousId"] == "account:acme"
    assert track["context"]["groupId"] == "acme"
    assert track.keys().isdisjoint({"userId"})
    assert track["context"].keys().isdisjoint({"traits"})


def test_our_own_reader_of_segment_messages_understands_it(http: Http, opened: Opened) -> None:
    http.answer = pleased("segment")
    opened("segment", http.url).deliver([told()])
    event = read(http.requests[0].json()["batch"][0], now=told().occurred_at)
    assert (event.id, event.account, event.user) == (told().id, "acme", "ada")
    assert event.occurred_at == told().occurred_at


def test_a_large_parcel_becomes_several_requests(http: Http, opened: Opened) -> None:
    http.answer = pleased("segment")
    parcel = [told(id=f"evt_{one}", data={"note": "x" * 30_000}) for one in range(40)]
    opened("segment", http.url).deliver(parcel)
    assert len(http.requests) == 3
    assert all(len(one.content) < 500_000 for one in http.requests)
    assert ids("segment", http.requests) == [one.id for one in parcel]


def test_a_request_that_fails_leaves_those_before_it_delivered(http: Http, opened: Opened) -> None:
    http.answer = lambda _request: (200 if len(http.requests) == 1 else 500, {}, b"")
    parcel = [told(id=f"evt_{one}", data={"note": "x" * 30_000}) for one in range(40)]
    with pytest.raises(DeliveryError) as raised:
        opened("segment", http.url).deliver(parcel)
    assert raised.value.delivered == len(http.requests[0].json()["batch"]) == 16


def test_an_event_too_large_is_refused_alone(http: Http, opened: Opened) -> None:
    http.answer = pleased("segment")
    parcel = [spoken(1), told(data={"note": "x" * 32_768}), spoken(2)]
    with pytest.raises(DeliveryError, match="at most 32,768 are taken") as raised:
        opened("segment", http.url).deliver(parcel)
    assert (raised.value.delivered, raised.value.refused) == (1, True)
    assert ids("segment", http.requests) == ["evt_1"]


def test_success_that_says_no_is_no_success(http: Http, opened: Opened) -> None:
    answering(http, 200, b'{"success":false}')
    with pytest.raises(DeliveryError) as raised:
        opened("segment", http.url).deliver([told()])
    assert not raised.value.refused


def test_others_that_speak_the_api_answer_in_other_words(http: Http, opened: Opened) -> None:
    answering(http, 200, b"OK", Content_Type="text/plain")
    opened("segment", http.url).deliver([told()])


def test_a_url_has_all_options(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRITE_KEY", KEY)
    http.answer = pleased("segment")
    sink = SegmentSink.from_url(
        f"segment:$WRITE_KEY?endpoint={http.url}/eu&insecure=yes&timeout=5&name=mine"
        "&carry=user.email"
    )
    sink.deliver([told()])
    sink.close()
    assert http.requests[0].path == "/eu/v1/batch"
    assert sink.name == "mine"
    assert sink.carries == {"user.email"}
    assert SegmentSink.from_url("segment:k").name.startswith("segment:api.segment.io#")


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("segment:", "needs a source's write key"),
        ("segment:k?endpoint=http://h.example", "insecure=yes"),
        ("segment:k?group=company", "no option 'group'"),
    ],
)
def test_a_url_with_a_mistake_is_refused(url: str, match: str) -> None:
    with pytest.raises(ConfigurationError, match=match):
        SegmentSink.from_url(url)
