"""PostHog: what its own SDK sends, and what it answers."""

from datetime import datetime

import pytest
from posthog import Posthog
from tests.adapters.sinks.receivers import KEY, Opened, answering, pleased, told
from tests.adapters.sinks.wire import differences
from tests.servers.http import Http

from guidepath.adapters.sinks.analytics import derived_uuid, properties
from guidepath.adapters.sinks.posthog import PosthogSink
from guidepath.clock import moment
from guidepath.errors import DeliveryError

# what their SDK says of the machine it runs on and of itself
OF_THE_MACHINE = {
    f".batch[].properties.{one}"
    for one in (
        "$is_server",
        "$os",
        "$os_version",
        "$os_distro",
        "$python_runtime",
        "$python_version",
    )
}


def capture(http: Http, **fields: object) -> None:
    client = Posthog(KEY, host=http.url, sync_mode=True, gzip=True, max_retries=0)
    client.capture(
        "guidepath.milestone.reached",
        timestamp=moment(told().occurred_at),
        uuid=derived_uuid(told()),
        groups={"account": "acme"},
        **fields,
    )
    client.shutdown()


def test_the_request_is_that_of_posthogs_own_sdk(http: Http, opened: Opened) -> None:
    http.answer = pleased("posthog")
    known = {"$set": {"locale": "en", "first_name": "Ada"}}
    capture(http, distinct_id="ada", properties=properties(told()) | known)
    opened("posthog", http.url).deliver([told()])
    theirs, ours = http.requests
    for name in ("Content-Type", "Content-Encoding"):
        assert ours.headers[name] == theirs.headers[name]
    assert (ours.method, ours.path) == (theirs.method, theirs.path) == ("POST", "/batch/")
    only_theirs, only_ours = differences(theirs.json(), ours.json())
    assert only_ours == set()
    # a time of sending, by which PostHog would shift the events; no migration of old data
    assert only_theirs - OF_THE_MACHINE == {".sent_at", ".historical_migration"}
    (their_event,), (our_event,) = theirs.json()["batch"], ours.json()["batch"]
    assert ours.json()["api_key"] == theirs.json()["api_key"] == KEY
    for name in ("event", "distinct_id", "uuid"):
        assert our_event[name] == their_event[name]
    for name in (*properties(told()), "$groups", "$set", "$geoip_disable"):
        assert our_event["properties"][name] == their_event["properties"][name]
    assert datetime.fromisoformat(our_event["timestamp"]) == datetime.fromisoformat(
        their_event["timestamp"]
    )


def test_an_account_alone_makes_no_person_as_with_the_sdk(http: Http, opened: Opened) -> None:
    http.answer = pleased("posthog")
    account = told(user=None, attributes={"account.size": 7}, private={})
    capture(http, properties=properties(account))
    opened("posthog", http.url).deliver([account])
    (their_event,), (our_event,) = (one.json()["batch"] for one in http.requests)
    for name in ("$process_person_profile", "$groups"):
        assert our_event["properties"][name] == their_event["properties"][name]
    assert our_event["properties"]["$process_person_profile"] is False
    assert our_event["properties"].keys().isdisjoint({"$set"})
    assert our_event["distinct_id"] == "account:acme"  # theirs is another at each call


def test_a_user_is_made_a_person(http: Http, opened: Opened) -> None:
    http.answer = pleased("posthog")
    opened("posthog", http.url, group="company").deliver([told(attributes={}, private={})])
    (event,) = http.requests[0].json()["batch"]
    assert event["properties"].keys().isdisjoint({"$set", "$process_person_profile"})
    assert event["properties"]["$groups"] == {"company": "acme"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"status":"Ok","quota_limited":["events"]}', "over its quota of .'events'."),
        (b'{"status":0}', "answered 200 OK"),
    ],
)
def test_success_that_keeps_nothing_is_no_success(
    body: bytes, said: str, http: Http, opened: Opened
) -> None:
    answering(http, 200, body)
    with pytest.raises(DeliveryError, match=said) as raised:
        opened("posthog", http.url).deliver([told()])
    assert not raised.value.refused


@pytest.mark.parametrize("body", [b'{"status":1}', b'{"status":"Ok","quota_limited":[]}', b"1"])
def test_success_is_said_in_several_ways(body: bytes, http: Http, opened: Opened) -> None:
    answering(http, 200, body)
    opened("posthog", http.url).deliver([told()])


def test_a_url_names_the_place_and_the_group_type(http: Http) -> None:
    http.answer = pleased("posthog")
    sink = PosthogSink.from_url(f"posthog:{KEY}?endpoint={http.url}&insecure=yes&group=company")
    sink.deliver([told()])
    sink.close()
    (event,) = http.requests[0].json()["batch"]
    assert event["properties"]["$groups"] == {"company": "acme"}
    assert PosthogSink.from_url("posthog:k").name.startswith("posthog:us.i.posthog.com#")
