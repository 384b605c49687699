"""Segment's messages, read as events or refused with the reason."""

import pytest

from guidepath import EventError
from guidepath.segment import read

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


@pytest.mark.parametrize("message", [None, 7, [], "x"])
def test_what_is_no_object_is_refused(message: object) -> None:
    with pytest.raises(EventError, match="a message is a JSON object"):
        read(message, now=1)
