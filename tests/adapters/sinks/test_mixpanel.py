"""Mixpanel: what its own SDK sends, and what it answers."""

import json
import re
from math import inf

import pytest
from mixpanel import Consumer, Mixpanel
from tests.adapters.sinks.receivers import KEY, Opened, answering, ids, pleased, told
from tests.adapters.sinks.wire import differences
from tests.servers.http import Answer, Http, Request

from guidepath.adapters.sinks.analytics import derived_uuid, milliseconds, properties
from guidepath.adapters.sinks.mixpanel import MixpanelSink
from guidepath.carrying import Attempt
from guidepath.errors import DeliveryError
from guidepath.testing.sample import spoken


def test_the_event_is_that_of_mixpanels_own_sdk(
    http: Http, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    """Its SDK sends events one by one in a form; the JSON in it is an event of ours."""
    http.answer = lambda _request: (200, {}, b'{"status":1}')
    consumer = Consumer(import_url=f"{http.url}/import", retry_limit=0)
    Mixpanel("the-token", consumer).import_data(
        None,
        "ada",
        "guidepath.milestone.reached",
        milliseconds(told()),
        {**properties(told()), "account": "acme", "$insert_id": derived_uuid(told())},
        api_secret=KEY,
    )
    opened("mixpanel", http.url).deliver([told()])
    theirs, ours = http.requests
    assert (ours.method, ours.path) == (theirs.method, theirs.path) == ("POST", "/import")
    assert ours.headers["Authorization"] == theirs.headers["Authorization"]
    (their_event,) = (
        json.loads(one)
        for one in Request("", "?" + theirs.body.decode(), theirs.headers, b"").query["data"]
    )
    (our_event,) = ours.json()
    # theirs alone: the token in each event, which ours has in the header; and their version
    assert differences(their_event, our_event) == (
        {".properties.token", ".properties.$lib_version"},
        set(),
    )
    assert our_event["event"] == their_event["event"]
    for name in our_event["properties"].keys() - {"mp_lib"}:
        assert our_event["properties"][name] == their_event["properties"][name]
    assert ours.query == {"strict": ["1"]}


def test_the_insert_id_is_one_that_mixpanel_takes(http: Http, opened: Opened) -> None:
    http.answer = pleased("mixpanel")
    opened("mixpanel", http.url).deliver([told(), told(id="evt_" + "é" * 99)])
    for event in http.requests[0].json():
        assert re.fullmatch("[A-Za-z0-9-]{1,36}", event["properties"]["$insert_id"])


def test_an_account_counts_for_no_user(http: Http, opened: Opened) -> None:
    http.answer = pleased("mixpanel")
    opened("mixpanel", http.url, group="company").deliver([told(user=None)])
    (event,) = http.requests[0].json()
    assert event["properties"]["distinct_id"] == ""
    assert event["properties"]["company"] == "acme"


def test_our_fields_win_over_data_of_the_same_name(http: Http, opened: Opened) -> None:
    http.answer = pleased("mixpanel")
    opened("mixpanel", http.url).deliver([told(data={"time": 1, "distinct_id": "eve"})])
    (event,) = http.requests[0].json()
    assert event["properties"]["distinct_id"] == "ada"
    assert event["properties"]["time"] == milliseconds(told())


def strict(bad: set[str], imported: set[str]) -> object:
    """Mixpanel's answer: the good ones are imported, the bad ones are named."""

    def answer(request: Request) -> Answer:
        events = request.json()
        failed = [
            {
                "index": index,
                "insert_id": event["properties"]["$insert_id"],
                "field": "properties.time",
                "message": "must be specified as seconds since epoch",
            }
            for index, event in enumerate(events)
            if event["properties"]["guidepath.id"] in bad
        ]
        imported.update(set(ids("mixpanel", [request])) - bad)
        body = {"code": 400, "num_records_imported": 1, "failed_records": failed}
        return Answer(400 if failed else 200, {}, json.dumps(body).encode())

    return answer


def test_exactly_the_failed_ones_are_refused_and_all_others_arrive(
    http: Http, opened: Opened
) -> None:
    imported: set[str] = set()
    http.answer = strict({"evt_3", "evt_4", "evt_9"}, imported)  # type: ignore[assignment]
    attempt = Attempt([spoken(one) for one in range(1, 10)], failures=0, until=inf)
    attempt.carry(opened("mixpanel", http.url).deliver)
    assert [which for which, _ in attempt.dead] == [2, 3, 8]
    assert (attempt.done, attempt.reason) == (9, None)
    assert imported == {f"evt_{one}" for one in (1, 2, 5, 6, 7, 8)}


def test_what_stands_before_the_first_failed_one_is_delivered(http: Http, opened: Opened) -> None:
    http.answer = strict({"evt_2", "evt_3"}, set())  # type: ignore[assignment]
    with pytest.raises(DeliveryError, match=r"properties\.time: must be specified") as raised:
        opened("mixpanel", http.url).deliver([spoken(one) for one in range(1, 5)])
    assert (raised.value.delivered, raised.value.refused) == (1, True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"failed_records":null}',
        b'{"failed_records":[]}',
        b'{"failed_records":[7,{"index":"x"}]}',
    ],
)
def test_a_refusal_that_names_none_is_left_to_the_relay(
    body: bytes, http: Http, opened: Opened
) -> None:
    answering(http, 400, body)
    with pytest.raises(DeliveryError) as raised:
        opened("mixpanel", http.url).deliver([spoken(1), spoken(2)])
    assert (raised.value.delivered, raised.value.refused) == (0, True)


def test_an_index_that_cannot_be_counts_for_nothing(http: Http, opened: Opened) -> None:
    answering(http, 400, b'{"failed_records":[{"index":7},{"index":-1},{"index":true}]}')
    with pytest.raises(DeliveryError) as raised:
        opened("mixpanel", http.url).deliver([spoken(1), spoken(2)])
    assert (raised.value.delivered, raised.value.refused) == (0, True)


def test_a_url_names_the_place_and_the_group_key(http: Http) -> None:
    http.answer = pleased("mixpanel")
    sink = MixpanelSink.from_url(f"mixpanel:{KEY}?endpoint={http.url}&insecure=yes&group=company")
    sink.deliver([told()])
    sink.close()
    assert http.requests[0].json()[0]["properties"]["company"] == "acme"
    assert MixpanelSink.from_url("mixpanel:k").name.startswith("mixpanel:api.mixpanel.com#")
