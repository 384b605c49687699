"""How envelopes are divided into requests, and what of them becomes a property."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.sinks.receivers import told

from guidepath.adapters.sinks.analytics import (
    Limits,
    basic_auth,
    batches,
    derived_uuid,
    milliseconds,
    properties,
    traits,
    unlinked_id,
)
from guidepath.errors import DeliveryError

LIMITS = Limits(most=3, largest=20, largest_event=9)


@given(st.lists(st.integers(1, 11).map(lambda size: b"x" * size), max_size=20))
def test_every_event_goes_out_once_in_order_and_within_the_limits(events: list[bytes]) -> None:
    given_out: list[bytes] = []
    refused: DeliveryError | None = None
    try:
        for batch in batches(events, LIMITS):
            assert batch.start == len(given_out)
            assert 1 <= len(batch.events) <= LIMITS.most
            assert len(b",".join(batch.events)) <= LIMITS.largest
            given_out += batch.events
    except DeliveryError as problem:
        refused = problem
    too_large = [place for place, one in enumerate(events) if len(one) > LIMITS.largest_event]
    assert given_out == events[: too_large[0] if too_large else None]
    assert (refused is not None) == bool(too_large)
    if refused is not None:
        assert refused.refused
        assert refused.delivered == too_large[0]


def test_properties_have_everything_under_its_own_name() -> None:
    assert properties(told()) == {
        "milestone": "first_invoice",
        "scope": "user",
        "account.size": 7,
        "user.locale": "en",
        "user.first_name": "Ada",
        "role": "owner",
        "guidepath.id": "evt_d7ui2xxnt4xc3feohvlr6r5taq",
        "guidepath.seq": 7,
        "guidepath.playbook": "p1",
    }
    assert "role" not in properties(told(role=None))


def test_what_is_private_is_there_only_where_the_envelope_has_it() -> None:
    assert traits(told()) == {"locale": "en", "first_name": "Ada"}
    assert traits(told(private={})) == {"locale": "en"}
    assert "user.first_name" not in properties(told(private={}))


def test_an_account_has_no_traits_of_a_user() -> None:
    assert traits(told(user=None)) == {}
    assert unlinked_id(told(user=None)) == "account:acme"


def test_the_derived_uuid_stays_and_differs_with_the_id() -> None:
    assert derived_uuid(told()) == "ac0e46fc-6498-5e35-9640-ad351bf2cd3d"
    assert derived_uuid(told(seq=8)) == derived_uuid(told())
    assert derived_uuid(told(id="evt_2")) != derived_uuid(told())
    assert uuid.UUID(derived_uuid(told())).version == 5


def test_time_is_counted_in_whole_milliseconds() -> None:
    assert milliseconds(told(occurred_at=1_999)) == 1
    assert milliseconds(told(occurred_at=-1)) == -1


@pytest.mark.parametrize(("key", "header"), [("abc123", "Basic YWJjMTIzOg==")])
def test_the_key_is_a_name_with_no_password(key: str, header: str) -> None:
    assert basic_auth(key) == header
