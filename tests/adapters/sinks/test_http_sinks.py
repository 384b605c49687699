"""What all sinks over HTTP do: each fault is told from the others, and nothing hangs."""

import os
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from math import inf

import pytest
from tests.adapters.sinks.receivers import (
    HOOK,
    KEY,
    KINDS,
    OPEN,
    PLEASED,
    SECRET,
    Opened,
    answering,
    dripping,
    ids,
    pleased,
)
from tests.servers.http import HANG, RESET, Answer, Http, Raw, Request

from guidepath.adapters.sinks.analytics import basic_auth
from guidepath.carrying import Attempt
from guidepath.errors import DeliveryError
from guidepath.ports import Sink
from guidepath.testing import SinkContract
from guidepath.testing.sample import spoken

every_kind = pytest.mark.parametrize("kind", KINDS)
PARCEL = [spoken(1), spoken(2)]
SECRETS = (KEY, SECRET, HOOK, basic_auth(KEY))
KNOWN_TO = {"webhook": (SECRET, HOOK), "slack": (HOOK,)}  # the others know the key only


def failure(sink: Sink) -> DeliveryError:
    """How a delivery fails. No secret is ever in the error, and the error is short."""
    with pytest.raises(DeliveryError) as raised:
        sink.deliver(PARCEL)
    assert not [one for one in SECRETS if one in str(raised.value)]
    assert len(str(raised.value)) < 500
    assert str(raised.value).isprintable()
    return raised.value


@every_kind
class TestEveryHttpSink(SinkContract):
    @pytest.fixture
    def sink(self, kind: str, http: Http, opened: Opened) -> Sink:
        http.answer = pleased(kind)
        return opened(kind, http.url)

    @pytest.fixture
    def delivered(self, kind: str, http: Http) -> Callable[[], list[str]]:
        return lambda: ids(kind, http.requests)


@every_kind
@pytest.mark.parametrize("status", [400, 413, 422])
def test_bad_content_is_refused_for_good(
    kind: str, status: int, http: Http, opened: Opened
) -> None:
    answering(http, status, b"no, not this")
    problem = failure(opened(kind, http.url))
    assert problem.refused
    assert f"answered {status}" in str(problem)
    assert "no, not this" in str(problem)


@every_kind
@pytest.mark.parametrize(
    ("status", "mend"),
    [
        (302, "redirects are not followed"),
        (308, "redirects are not followed"),
        (401, "check the key"),
        (403, "check the key"),
        (404, "check the address"),
        (405, "takes no POST"),
        (410, "gone for good"),
        (408, ""),
        (425, ""),
        (500, ""),
        (503, ""),
        (599, ""),
    ],
)
def test_a_receiver_that_takes_nothing_is_waited_for(
    kind: str, status: int, mend: str, http: Http, opened: Opened
) -> None:
    answering(http, status, Location="/elsewhere")
    problem = failure(opened(kind, http.url))
    assert not problem.refused
    assert problem.delivered == 0
    assert f"answered {status}" in str(problem)
    assert mend in str(problem)
    assert {one.path for one in http.requests}.isdisjoint({"/elsewhere"})


@every_kind
@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_says_when_to_come_again_in_seconds(
    kind: str, status: int, http: Http, opened: Opened
) -> None:
    answering(http, status, Retry_After="7")
    problem = failure(opened(kind, http.url))
    assert (problem.refused, problem.retry_after) == (False, 7.0)


@every_kind
def test_a_receiver_says_when_to_come_again_by_date(kind: str, http: Http, opened: Opened) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=1000), usegmt=True)
    answering(http, 429, Retry_After=date)
    problem = failure(opened(kind, http.url))
    assert not problem.refused
    assert problem.retry_after is not None
    assert 500 < problem.retry_after <= 1000


@every_kind
def test_what_is_no_http_or_ends_early_is_no_answer(kind: str, http: Http, opened: Opened) -> None:
    for reply in (
        Raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
        Raw(b""),
        Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"),
        RESET,
    ):
        http.answer = lambda _request, reply=reply: reply  # type: ignore[misc]
        assert not failure(opened(kind, http.url)).refused


@every_kind
def test_a_receiver_that_hangs_is_not_waited_for_beyond_the_timeout(
    kind: str, http: Http, opened: Opened
) -> None:
    http.answer = lambda _request: HANG
    problem = failure(opened(kind, http.url, timeout=0.2))
    assert not problem.refused
    assert "within 0.2 s" in str(problem)


@every_kind
@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\n" + b"X-Much: more\r\n" * 50, b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 600],
    ids=["headers", "body"],
)
def test_an_answer_that_drips_is_not_waited_for_either(
    kind: str, answer: bytes, opened: Opened
) -> None:
    with dripping(answer) as url:
        problem = failure(opened(kind, url, timeout=0.3))
    assert "within 0.3 s" in str(problem)


@every_kind
def test_nobody_there_is_no_answer(kind: str, http: Http, opened: Opened) -> None:
    http.stop()
    problem = failure(opened(kind, http.url))
    assert not problem.refused
    assert "gave no answer" in str(problem)


@every_kind
def test_of_a_huge_answer_only_the_start_is_read(kind: str, http: Http, opened: Opened) -> None:
    http.answer = lambda _request: Answer(500, {"Content-Length": str(10**12)}, b"much " * 50_000)
    problem = failure(opened(kind, http.url))
    assert not problem.refused
    assert "much much" in str(problem)


@every_kind
def test_no_secret_is_repeated_even_if_the_receiver_does(
    kind: str, http: Http, opened: Opened
) -> None:
    secrets = KNOWN_TO.get(kind, (KEY, basic_auth(KEY)))
    answering(http, 500, "\r\n\x1b[31m".join(secrets).encode())
    failure(opened(kind, http.url))


@every_kind
def test_where_the_text_is_cut_no_part_of_a_secret_is_left(
    kind: str, http: Http, opened: Opened
) -> None:
    secret = KNOWN_TO.get(kind, (KEY,))[0]
    answering(http, 500, b"x" * 190 + secret.encode())
    assert secret[:8] not in str(failure(opened(kind, http.url)))


@pytest.mark.parametrize("kind", [one for one in KINDS if one != "webhook"])
def test_a_web_page_is_no_answer_of_an_api(kind: str, http: Http, opened: Opened) -> None:
    answering(http, 200, b"<h1>Please log in</h1>", Content_Type="text/html; charset=utf-8")
    assert not failure(opened(kind, http.url)).refused


@every_kind
def test_after_a_failure_the_same_comes_again(kind: str, http: Http, opened: Opened) -> None:
    sink = opened(kind, http.url)
    answering(http, 503)
    failure(sink)
    first = http.requests[0]
    http.answer = pleased(kind)
    sink.deliver(PARCEL)
    assert ids(kind, http.requests[1:]) == ["evt_1", "evt_2"]
    assert http.requests[1].content == first.content


@every_kind
@pytest.mark.parametrize("poisoned", [{"evt_1"}, {"evt_6"}, {"evt_3", "evt_4", "evt_9"}])
def test_a_poisoned_envelope_costs_one_dead_letter(
    kind: str, poisoned: set[str], http: Http, opened: Opened
) -> None:
    arrived: list[str] = []

    def answer(request: Request) -> Answer:
        found = ids(kind, [request])
        if poisoned & set(found):
            return Answer(400, {}, b"invalid_payload")
        arrived.extend(found)
        return pleased(kind)(request)

    http.answer = answer
    attempt = Attempt([spoken(number) for number in range(1, 10)], failures=0, until=inf)
    attempt.carry(opened(kind, http.url).deliver)
    assert {f"evt_{which + 1}" for which, _ in attempt.dead} == poisoned
    assert (attempt.done, attempt.reason) == (9, None)
    assert arrived == [
        f"evt_{number}" for number in range(1, 10) if f"evt_{number}" not in poisoned
    ]


@every_kind
def test_a_sink_that_was_closed_opens_again(kind: str, http: Http, opened: Opened) -> None:
    http.answer = pleased(kind)
    sink = opened(kind, http.url)
    for _ in range(2):
        sink.deliver(PARCEL)
        sink.close()
    assert ids(kind, http.requests) == ["evt_1", "evt_2"] * 2


@every_kind
def test_one_connection_serves_until_the_receiver_ends_it(
    kind: str, http: Http, opened: Opened
) -> None:
    http.answer = pleased(kind)
    sink = opened(kind, http.url)
    sink.deliver(PARCEL)
    sink.deliver(PARCEL)
    assert http.connections == 1
    http.stop()
    http.start()
    sink.deliver(PARCEL)
    assert http.connections == 2
    assert len(ids(kind, http.requests)) == 6


@every_kind
def test_a_forked_process_has_its_own_connection(kind: str, http: Http, opened: Opened) -> None:
    http.answer = pleased(kind)
    sink = opened(kind, http.url)
    sink.deliver(PARCEL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside the server's threads
        child = os.fork()
    if child == 0:
        try:
            sink.deliver(PARCEL)
            sink.close()
        except BaseException:  # noqa: BLE001 - whatever it is, the child must not go on
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    sink.deliver(PARCEL)
    assert http.connections == 2
    assert ids(kind, http.requests) == ["evt_1", "evt_2"] * 3


@every_kind
def test_the_environment_names_no_proxy(
    kind: str, http: Http, monkeypatch: pytest.MonkeyPatch, opened: Opened
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    http.answer = pleased(kind)
    opened(kind, http.url).deliver(PARCEL)
    assert ids(kind, http.requests) == ["evt_1", "evt_2"]


@every_kind
def test_a_name_tells_the_host_and_no_secret(kind: str, http: Http, opened: Opened) -> None:
    sink = opened(kind, http.url)
    assert sink.name.startswith(f"{kind}:127.0.0.1:{http.port}#")
    assert not [one for one in SECRETS if one in sink.name]
    assert opened(kind, http.url).name == sink.name
    assert opened(kind, http.url, name="mine").name == "mine"
    assert opened(kind, http.url).carries == frozenset()
    assert opened(kind, http.url, carries=frozenset({"user.email"})).carries == {"user.email"}


def test_every_receiver_is_pleased_in_its_own_way() -> None:
    assert PLEASED.keys() == OPEN.keys()
