"""Slack: what its own SDK sends, what becomes of any data, and what it answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.webhook import WebhookClient
from tests.adapters.sinks.receivers import HOOK, Opened, answering, pleased, told
from tests.adapters.sinks.wire import differences
from tests.servers.http import Answer, Http

from guidepath import ConfigurationError
from guidepath.adapters.sinks.slack import SlackSink, message
from guidepath.errors import DeliveryError

HANDED = told(
    type="handoff.opened",
    data={
        "reason": "no invoice for <14 days> & counting",
        "milestone": "first_invoice",
        "owner": "grace",
        "summary": "Ada asked twice.",
        "url": "https://crm.example/acme?a=1&b=2",
    },
)


def test_the_request_is_that_of_slacks_own_sdk(http: Http, opened: Opened) -> None:
    http.answer = pleased("slack")
    body = message(HANDED)
    client = WebhookClient(http.url + HOOK)
    client.send(text=str(body["text"]), blocks=body["blocks"])  # type: ignore[arg-type]
    opened("slack", http.url, types=["handoff.opened"]).deliver([HANDED])
    theirs, ours = http.requests
    assert (ours.method, ours.path) == (theirs.method, theirs.path) == ("POST", HOOK)
    assert ours.headers["Content-Type"].replace(" ", "") == theirs.headers["Content-Type"]
    assert differences(theirs.json(), ours.json()) == (set(), set())
    assert ours.json() == theirs.json()


def test_a_hand_off_shows_what_it_has() -> None:
    body = message(HANDED)
    assert body["text"] == "Hand-off opened: account acme, user ada"
    assert body["blocks"] == [
        section("*Hand-off opened*: account acme, user ada"),
        section("Ada asked twice."),
        {
            "type": "section",
            "fields": [
                {"type": "mrkdwn", "text": "*Milestone*\nfirst_invoice"},
                {"type": "mrkdwn", "text": "*Owner*\ngrace"},
                {
                    "type": "mrkdwn",
                    "text": "*Reason*\nno invoice for &lt;14 days&gt; &amp; counting",
                },
            ],
        },
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Open"},
                    "url": "https://crm.example/acme?a=1&b=2",
                }
            ],
        },
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": f"2026-01-02T12:00:00.123456Z · {HANDED.id}"}],
        },
    ]


def section(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_nothing_but_who_is_enough() -> None:
    body = message(told(type="handoff.closed", user=None, data={}))
    assert body["text"] == "Hand-off closed: account acme"
    assert [one["type"] for one in body["blocks"]] == ["section", "context"]  # type: ignore[attr-defined]


def texts(value: object) -> list[str]:
    """Every text that Slack would show, and every link."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [str(value)]


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=900)
evil = st.sampled_from(["<!channel>", "&amp;", "<https://evil.example|click>", "&" * 900])
PLACES = ["reason", "milestone", "owner", "summary", "url", "other"]


@given(
    st.dictionaries(st.sampled_from(PLACES), anything | evil | st.lists(anything, max_size=2)),
    st.text(min_size=1, max_size=256) | evil,
)
def test_whatever_the_data_is_slack_can_read_it_and_it_calls_nobody(
    data: dict[str, object], account: str
) -> None:
    body = message(told(type="handoff.opened", data=data, account=account[:256]))
    for block in body["blocks"]:  # type: ignore[attr-defined]
        assert len(block.get("text", {}).get("text", "x")) in range(1, 3001)
        assert all(1 <= len(one["text"]) <= 2000 for one in block.get("fields", []))
    for text in texts(body):
        assert text.startswith(("https://", "http://")) or not {"<", ">"} & set(text)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc", "/relative", 7, "https://" + "x" * 2000]
)
def test_a_link_that_is_none_is_left_out(url: object) -> None:
    body = message(told(type="handoff.opened", data={"url": url}))
    assert "actions" not in [one["type"] for one in body["blocks"]]  # type: ignore[attr-defined]


def test_what_is_no_hand_off_passes_without_a_request(http: Http) -> None:
    http.answer = pleased("slack")
    sink = SlackSink(http.url + HOOK, insecure=True)
    sink.deliver([told(), HANDED, told(type="handoff.closed"), told(type="milestone.overdue")])
    sink.close()
    assert [one.json()["text"].partition(":")[0] for one in http.requests] == [
        "Hand-off opened",
        "Hand-off closed",
    ]


def test_what_passed_counts_as_delivered_before_a_failure(http: Http) -> None:
    http.answer = lambda _request: Answer(429, {"Retry-After": "1"}, b"rate_limited")
    sink = SlackSink(http.url + HOOK, insecure=True)
    with pytest.raises(DeliveryError) as raised:
        sink.deliver([told(), told(), HANDED, told()])
    assert (raised.value.delivered, raised.value.retry_after) == (2, 1.0)
    sink.close()


@pytest.mark.parametrize(
    ("status", "body", "refused"),
    [
        (400, b"invalid_payload", True),
        (400, b"invalid_blocks", True),
        (400, b"no_text", True),
        (400, b"user_not_found", False),
        (403, b"action_prohibited", False),
        (403, b"invalid_token", False),
        (404, b"no_service", False),
        (404, b"channel_not_found", False),
        (410, b"channel_is_archived", False),
        (500, b"rollup_error", False),
        (200, b"", False),
        (200, b'{"ok":false}', False),
    ],
)
def test_only_a_message_that_slack_cannot_read_is_refused(
    status: int, body: bytes, refused: bool, http: Http, opened: Opened
) -> None:
    answering(http, status, body)
    with pytest.raises(DeliveryError) as raised:
        opened("slack", http.url).deliver([told()])
    assert raised.value.refused is refused
    assert body.decode() in str(raised.value)


def test_a_url_has_all_options(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK", http.url + HOOK)
    http.answer = pleased("slack")
    sink = SlackSink.from_url(
        "slack:$SLACK?types=milestone.overdue,goal.reached&insecure=yes&timeout=5&name=mine"
        "&carry=user.email"
    )
    sink.deliver([HANDED, told(type="milestone.overdue"), told(type="goal.reached")])
    sink.close()
    assert [one.json()["text"].partition(":")[0] for one in http.requests] == [
        "Milestone overdue",
        "Goal reached",
    ]
    assert sink.name == "mine"
    assert sink.carries == {"user.email"}


def test_a_mistake_in_the_url_does_not_repeat_it() -> None:
    with pytest.raises(ConfigurationError, match="must be a web address") as raised:
        SlackSink.from_url("slack:hooks.slack.com/services/secret")
    assert "secret" not in str(raised.value)
    with pytest.raises(ConfigurationError, match="needs an incoming webhook's address"):
        SlackSink.from_url("slack:")
