"""Amplitude: what its own SDK sends, and what it answers."""

import json

import pytest
from amplitude import Amplitude, BaseEvent, Config
from tests.adapters.sinks.receivers import KEY, Opened, answering, pleased, told
from tests.adapters.sinks.wire import differences
from tests.servers.http import Http

from guidepath.adapters.sinks.amplitude import AmplitudeSink
from guidepath.adapters.sinks.analytics import milliseconds, properties
from guidepath.errors import DeliveryError


def test_the_request_is_that_of_amplitudes_own_sdk(http: Http, opened: Opened) -> None:
    http.answer = pleased("amplitude")
    client = Amplitude(KEY, Config(server_url=f"{http.url}/2/httpapi", min_id_length=1))
    client.track(
        BaseEvent(
            "guidepath.milestone.reached",
            user_id="ada",
            time=milliseconds(told()),
            insert_id=told().id,
            event_properties=properties(told()),
            user_properties={"locale": "en", "first_name": "Ada"},
            groups={"account": "acme"},
        )
    )
    client.shutdown()
    http.wait_for(1)
    opened("amplitude", http.url).deliver([told()])
    theirs, ours = http.requests
    assert (ours.method, ours.path) == (theirs.method, theirs.path) == ("POST", "/2/httpapi")
    assert theirs.headers["Content-Type"].startswith(ours.headers["Content-Type"])
    assert differences(theirs.json(), ours.json()) == (set(), set())
    (their_event,), (our_event,) = theirs.json()["events"], ours.json()["events"]
    assert their_event.pop("library").startswith("amplitude-python/")
    assert our_event.pop("library").startswith("guidepath/")
    assert our_event == their_event
    assert ours.json()["options"] == theirs.json()["options"] == {"min_id_length": 1}
    assert ours.json()["api_key"] == theirs.json()["api_key"] == KEY


def test_an_account_is_a_device_of_its_own(http: Http, opened: Opened) -> None:
    http.answer = pleased("amplitude")
    opened("amplitude", http.url).deliver([told(user=None)])
    (event,) = http.requests[0].json()["events"]
    assert event["device_id"] == "account:acme"
    assert event["groups"] == {"account": "acme"}
    assert event.keys().isdisjoint({"user_id", "user_properties"})


@pytest.mark.parametrize(
    "body",
    [
        {"code": 400, "error": "Invalid API key: key-0123456789abcdef"},
        {"code": 400, "error": "Request missing required field", "missing_field": "api_key"},
    ],
)
def test_a_wrong_key_is_no_fault_of_the_events(
    body: dict[str, object], http: Http, opened: Opened
) -> None:
    answering(http, 400, json.dumps(body).encode())
    with pytest.raises(DeliveryError, match="check the key") as raised:
        opened("amplitude", http.url).deliver([told()])
    assert not raised.value.refused
    assert KEY not in str(raised.value)


def test_invalid_events_are_refused(http: Http, opened: Opened) -> None:
    body = {
        "code": 400,
        "error": "Request missing required field",
        "events_with_invalid_fields": {"time": [0]},
    }
    answering(http, 400, json.dumps(body).encode())
    with pytest.raises(DeliveryError) as raised:
        opened("amplitude", http.url).deliver([told()])
    assert raised.value.refused


def test_who_is_throttled_waits_as_long_as_amplitude_asks(http: Http, opened: Opened) -> None:
    answering(http, 429, b'{"code":429,"error":"Too many requests for some devices and users"}')
    with pytest.raises(DeliveryError) as raised:
        opened("amplitude", http.url).deliver([told()])
    assert (raised.value.retry_after, raised.value.refused) == (30, False)


def test_success_with_another_code_in_the_body_is_no_success(http: Http, opened: Opened) -> None:
    answering(http, 200, b'{"code":500}')
    with pytest.raises(DeliveryError) as raised:
        opened("amplitude", http.url).deliver([told()])
    assert not raised.value.refused


def test_a_url_names_the_place_and_the_group_type(http: Http) -> None:
    http.answer = pleased("amplitude")
    sink = AmplitudeSink.from_url(f"amplitude:{KEY}?endpoint={http.url}&insecure=yes&group=company")
    sink.deliver([told()])
    sink.close()
    assert http.requests[0].json()["events"][0]["groups"] == {"company": "acme"}
    assert AmplitudeSink.from_url("amplitude:k").name.startswith("amplitude:api2.amplitude.com#")
