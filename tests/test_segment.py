"""Segment's messages, read as events or refused with the reason."""

import pytest

from guidepath import EventError
from guidepath.segment import read, sent_at

TRACK = {
    "type": "track",
    "messageId": "m1",
    "timestamp": "2026-01-01T00:00:00.5Z",
    "userId": "u",
    "context": {"groupId": "a"},
    "event": "sent",
    "properties": {"total": 1},
}


def test_a_track_is_an_event_of_its_user_in_its_account() -> None:
    event = read(TRACK, now=10**16)
    assert (event.kind, event.name, event.subject, event.id) == ("track", "sent", ("a", "u"), "m1")
    assert event.occurred_at == 1_767_225_600_500_000
    assert event.properties == {"total": 1}


def test_without_a_group_the_user_is_her_own_account() -> None:
    assert read({**TRACK, "context": {}}, now=1).subject == ("u", "u")
    assert read({**TRACK, "context": None}, now=1).subject == ("u", "u")


def test_the_role_of_an_identify_is_the_role_in_that_account() -> None:
    traits = {"role": "owner", "first_name": "Ada"}
    event = read({**TRACK, "type": "identify", "traits": traits}, now=1)
    assert (event.role, event.properties) == ("owner", {"first_name": "Ada"})


def test_a_group_is_about_the_account() -> None:
    message = {**TRACK, "type": "group", "groupId": "g", "traits": {"size": 3}}
    assert read(message, now=1).subject == ("g", None)


def test_a_time_without_zone_is_utc_and_a_missing_one_is_now() -> None:
    bare = read({**TRACK, "timestamp": "2026-01-01T00:00:00"}, now=10**16)
    assert bare.occurred_at == 1_767_225_600_000_000
    assert read({**TRACK, "timestamp": None}, now=77).occurred_at == 77


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "page"}, "none of track, identify, group"),
        ({"type": None}, "none of track, identify, group"),
        ({"userId": None, "anonymousId": "x"}, "anonymousId alone names no user"),
        ({"userId": None}, "userId must be a string"),
        ({"messageId": None}, "messageId must be a string"),
        ({"event": 7}, "event must be a string"),
        ({"timestamp": "yesterday"}, "is not ISO 8601"),
        ({"properties": [1]}, "properties is not a JSON object"),
        ({"context": {"groupId": 7}}, "context.groupId must be a string"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_with_the_reason(
    change: dict[str, object], reason: str
) -> None:
    with pytest.raises(EventError, match=reason):
        read({**TRACK, **change}, now=1)


def test_a_clock_that_sent_at_another_time_than_ours_is_corrected() -> None:
    at, now = 1_767_225_600_500_000, 10**16
    event = read(TRACK, now=now, sent=at + 60_000_000)
    assert event.occurred_at == now - 60_000_000
    assert event.digest == read(TRACK, now=now).digest
    assert read(TRACK, now=at, sent=at + 60_000_000).occurred_at == at  # it was on its way
    assert read(TRACK, now=now, sent=at - 1).occurred_at == at  # it was not dated by that clock


def test_without_a_timestamp_the_original_one_counts() -> None:
    original = {**TRACK, "timestamp": None, "originalTimestamp": "2026-01-01T00:00:00Z"}
    assert read(original, now=10**16).occurred_at == 1_767_225_600_000_000
    with pytest.raises(EventError, match="originalTimestamp 'soon' is not ISO 8601"):
        read({**original, "originalTimestamp": "soon"}, now=1)


@pytest.mark.parametrize(
    ("said", "sent"),
    [("1970-01-01T00:00:01Z", 1_000_000), ("soon", None), (None, None), ([], None)],
)
def test_a_time_of_sending_is_read_or_left_out(said: object, sent: int | None) -> None:
    assert sent_at({"sentAt": said}) == sent


@pytest.mark.parametrize("message", [None, 7, [], "x"])
def test_what_is_no_object_is_refused(message: object) -> None:
    with pytest.raises(EventError, match="a message is a JSON object"):
        read(message, now=1)
