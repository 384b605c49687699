"""The OpenTelemetry sink passes the contract; a receiver reads it by OTLP's published schema."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from msgspec.structs import replace
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric
from tests.children import done_by_a_child
from tests.servers.http import HANG, RESET, Answer, Http, Raw, Reply, Request

from guidepath.adapters.sinks.otel import OtelSink
from guidepath.adapters.sinks.telemetry import BUCKETS
from guidepath.errors import ConfigurationError, DeliveryError
from guidepath.event import Envelope
from guidepath.testing import SinkContract
from guidepath.testing.sample import spoken

WHEN = 1_700_000_000_000_001
PROTOBUF = {"Content-Type": "application/x-protobuf"}


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in os.environ if one.startswith("OTEL_")]:
        monkeypatch.delenv(name)


def of(value: AnyValue) -> Any:
    """A value of OTLP as Python's own."""
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        return named(value.kvlist_value.values)
    if kind == "array_value":
        return [of(one) for one in value.array_value.values]
    return getattr(value, kind) if kind else None


def named(pairs: Any) -> dict[str, Any]:
    return {one.key: of(one.value) for one in pairs}


def records(http: Http) -> list[LogRecord]:
    """The log records that came, in order."""
    return [
        record
        for request in http.requests
        if request.path == "/v1/logs"
        for resource in ExportLogsServiceRequest.FromString(request.content).resource_logs
        for scope in resource.scope_logs
        for record in scope.log_records
    ]


def exports(http: Http) -> list[dict[str, Metric]]:
    """The metrics of each request, by name."""
    return [
        {
            metric.name: metric
            for resource in ExportMetricsServiceRequest.FromString(request.content).resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }
        for request in http.requests
        if request.path == "/v1/metrics"
    ]


def ids(http: Http) -> list[str]:
    return [named(one.attributes)["guidepath.id"] for one in records(http)]


def first_value(number: int, seconds: float, **data: object) -> Envelope:
    content = {"milestone": "first", "scope": "user", "time_to_value_s": seconds, **data}
    return replace(spoken(number), type="first_value.reached", data=content)


def answered(number: int, item: str, what: str) -> Envelope:
    data = {"item": item, "moment": "onboard", "toward": "first", "version": "1"}
    return replace(spoken(number), type=f"guidance.{what}", data=data)


class TestOtelSink(SinkContract):
    @pytest.fixture
    def sink(self, http: Http) -> Iterator[OtelSink]:
        sink = OtelSink.from_url(f"otel:{http.url}")
        yield sink
        sink.close()

    @pytest.fixture
    def delivered(self, http: Http) -> Callable[[], list[str]]:
        return lambda: ids(http)


@pytest.fixture
def sink(http: Http) -> Iterator[OtelSink]:
    sink = OtelSink.from_url(f"otel:{http.url}?timeout=5")
    yield sink
    sink.close()


def test_a_log_record_tells_the_whole_event(http: Http, sink: OtelSink) -> None:
    data: dict[str, object] = {
        "milestone": "first",
        "count": 3,
        "large": 2**70,
        "share": 0.5,
        "open": True,
        "none": None,
        "list": [1, "two"],
        "inner": {"a": 1},
    }
    sink.deliver(
        [
            replace(
                spoken(7),
                occurred_at=WHEN,
                role="owner",
                data=data,
                attributes={"account.size": 7},
                private={"user.email": "ada@example.org"},
            )
        ]
    )
    [record] = records(http)
    assert record.event_name == "guidepath.milestone.reached"
    assert record.time_unix_nano == WHEN * 1000
    assert record.observed_time_unix_nano > WHEN * 1000
    assert (record.severity_number, record.severity_text) == (9, "INFO")
    assert of(record.body) == {**data, "large": str(2**70)}
    assert named(record.attributes) == {
        "guidepath.id": "evt_7",
        "guidepath.account": "acme",
        "guidepath.user": "alice",
        "guidepath.role": "owner",
        "guidepath.seq": 7,
        "guidepath.playbook": "p",
        "account.size": 7,
        "user.email": "ada@example.org",
    }


def test_of_an_account_there_is_no_user_in_the_record(http: Http, sink: OtelSink) -> None:
    sink.deliver([spoken(1, user=None)])
    [record] = records(http)
    assert {"guidepath.user", "guidepath.role"}.isdisjoint(named(record.attributes))


def test_what_happened_before_1970_is_sent_all_the_same(http: Http, sink: OtelSink) -> None:
    sink.deliver([replace(spoken(1), occurred_at=-1)])
    [record] = records(http)
    assert record.time_unix_nano == 0


def test_metrics_are_what_the_parcel_adds(http: Http, sink: OtelSink) -> None:
    sink.deliver(
        [
            replace(spoken(1), data={"milestone": "first", "scope": "user"}),
            first_value(2, 90.0),
            first_value(3, 86_400.0),
            first_value(4, 400 * 86_400.0, backfilled=True),
            replace(spoken(5), data={"milestone": "first", "scope": "user"}),
            replace(
                spoken(6), data={"milestone": "second", "scope": "account", "backfilled": True}
            ),
            answered(7, "tip", "shown"),
            answered(8, "tip", "step_shown"),
            answered(9, "tip", "shown"),
            answered(10, "tour", "dismissed"),
            replace(spoken(11), type="subject.started"),
        ]
    )
    [metrics] = exports(http)
    assert set(metrics) == {
        "guidepath.time_to_value",
        "guidepath.milestones",
        "guidepath.guidance",
    }
    waited = metrics["guidepath.time_to_value"]
    assert waited.unit == "s"
    assert waited.histogram.aggregation_temporality == (
        AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    )
    points = {
        named(one.attributes)["guidepath.backfilled"]: one for one in waited.histogram.data_points
    }
    live = points[False]
    assert named(live.attributes) == {
        "guidepath.milestone": "first",
        "guidepath.scope": "user",
        "guidepath.backfilled": False,
    }
    assert (live.count, live.sum, live.min, live.max) == (2, 86_490.0, 90.0, 86_400.0)
    assert list(live.explicit_bounds) == BUCKETS
    assert {
        bound: count for bound, count in zip(BUCKETS, live.bucket_counts, strict=False) if count
    } == {
        300.0: 1,
        86_400.0: 1,
    }
    assert points[True].bucket_counts[-1] == 1
    assert live.start_time_unix_nano <= live.time_unix_nano

    milestones = metrics["guidepath.milestones"].sum
    assert milestones.is_monotonic
    assert milestones.aggregation_temporality == (
        AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    )
    assert {
        tuple(named(one.attributes).values()): one.as_int for one in milestones.data_points
    } == {
        ("first", "user", False): 2,
        ("second", "account", True): 1,
    }
    guidance = metrics["guidepath.guidance"].sum
    assert {tuple(named(one.attributes).items()): one.as_int for one in guidance.data_points} == {
        (
            ("guidepath.item", item),
            ("guidepath.moment", "onboard"),
            ("guidepath.outcome", what),
        ): count
        for item, what, count in [
            ("tip", "shown", 2),
            ("tip", "step_shown", 1),
            ("tour", "dismissed", 1),
        ]
    }


def test_no_metric_says_who_it_was(http: Http, sink: OtelSink) -> None:
    envelope = replace(
        first_value(1, 5.0),
        account="acme-inc",
        user="alice-smith",
        attributes={"account.size": 4711},
        private={"user.email": "ada@example.org"},
    )
    sink.deliver([envelope])
    [request] = [one for one in http.requests if one.path == "/v1/metrics"]
    said = json.dumps(MessageToDict(ExportMetricsServiceRequest.FromString(request.content)))
    for secret in ("acme-inc", "alice-smith", "4711", "ada@example.org", "evt_1"):
        assert secret not in said


def test_each_parcel_sends_its_own_points_only(http: Http, sink: OtelSink) -> None:
    sink.deliver([first_value(1, 5.0)])
    sink.deliver([first_value(2, 7.0)])
    first, second = (
        one["guidepath.time_to_value"].histogram.data_points[0] for one in exports(http)
    )
    assert (first.sum, second.sum) == (5.0, 7.0)
    assert first.time_unix_nano <= second.start_time_unix_nano


def test_a_parcel_without_numbers_sends_no_metrics(http: Http, sink: OtelSink) -> None:
    sink.deliver([replace(spoken(1), type="message.due")])
    assert [one.path for one in http.requests] == ["/v1/logs"]


@pytest.mark.parametrize(
    ("signals", "paths"),
    [
        ("logs", ["/v1/logs"]),
        ("metrics", ["/v1/metrics"]),
        ("metrics,logs", ["/v1/logs", "/v1/metrics"]),
    ],
)
def test_signals_can_be_chosen(http: Http, signals: str, paths: list[str]) -> None:
    sink = OtelSink.from_url(f"otel:{http.url}/?signals={signals}")
    sink.deliver([spoken(1)])
    sink.close()
    assert [one.path for one in http.requests] == paths


def only(path: str, reply: Reply) -> Callable[[Request], Reply]:
    return lambda request: reply if request.path == path else Answer()


@pytest.mark.parametrize("path", ["/v1/logs", "/v1/metrics"])
@pytest.mark.parametrize(
    ("reply", "said", "refused", "retry_after"),
    [
        (Answer(400, {}, b"bad data"), "400 for .*bad data", True, None),
        (Answer(413), "413", True, None),
        (Answer(401, {}, b"who are you"), "401", False, None),
        (Answer(404), "404", False, None),
        (Answer(302, {"Location": "/elsewhere"}), "302", False, None),
        (Answer(429, {"Retry-After": "7"}), "429", False, 7.0),
        (Answer(503, {"Retry-After": "99999999"}), "503", False, 3600.0),
        (Answer(503, {"Retry-After": "nonsense"}), "503", False, None),
        (Answer(502), "502", False, None),
        (Answer(500), "500", False, None),
        (Answer(200, {"Content-Type": "text/html"}, b"<h1>log in</h1>"), "log in", False, None),
        (RESET, "no answer", False, None),
        (Raw(b"what?"), "no answer", False, None),
        (Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), "no answer", False, None),
    ],
)
def test_an_answer_says_whether_to_come_again(
    http: Http,
    sink: OtelSink,
    path: str,
    reply: Reply,
    said: str,
    refused: bool,
    retry_after: float | None,
) -> None:
    http.answer = only(path, reply)
    with pytest.raises(DeliveryError, match=said) as caught:
        sink.deliver([spoken(1), spoken(2)])
    problem = caught.value
    assert (problem.delivered, problem.refused, problem.retry_after) == (0, refused, retry_after)
    # it does not wait and try by itself: that is the relay's part
    assert [one.path for one in http.requests].count(path) == 1
    assert "/elsewhere" not in [one.path for one in http.requests]


def test_a_date_to_come_again_is_understood(http: Http, sink: OtelSink) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    http.answer = only("/v1/logs", Answer(503, {"Retry-After": when}))
    with pytest.raises(DeliveryError) as caught:
        sink.deliver([spoken(1)])
    assert caught.value.retry_after is not None
    assert 500 < caught.value.retry_after <= 600


def test_a_collector_that_is_silent_is_given_up(http: Http) -> None:
    http.answer = lambda _request: HANG
    sink = OtelSink.from_url(f"otel:{http.url}?timeout=0.5")
    with pytest.raises(DeliveryError, match=r"no answer for logs: .*timed out"):
        sink.deliver([spoken(1)])
    sink.close()


def test_a_collector_that_is_away_is_an_error_that_says_so() -> None:
    sink = OtelSink.from_url("otel:http://127.0.0.1:1")
    with pytest.raises(DeliveryError, match=r"no answer for logs: .*refused") as caught:
        sink.deliver([spoken(1)])
    assert not caught.value.refused
    sink.close()


def test_an_answer_without_end_is_cut(http: Http, sink: OtelSink) -> None:
    http.answer = only("/v1/logs", Answer(400, {}, b"x" * 5_000_000))
    with pytest.raises(DeliveryError, match="400 for logs: xxx") as caught:
        sink.deliver([spoken(1)])
    assert len(str(caught.value)) < 300


def test_logs_that_were_taken_are_not_sent_again_for_the_sake_of_metrics(
    http: Http, sink: OtelSink
) -> None:
    http.answer = only("/v1/metrics", Answer(503))
    for _ in range(3):
        with pytest.raises(DeliveryError):
            sink.deliver([spoken(1), spoken(2)])
    http.answer = lambda _request: Answer()
    sink.deliver([spoken(1), spoken(2), spoken(3)])
    assert ids(http) == ["evt_1", "evt_2", "evt_3"]
    sink.deliver([spoken(1)])  # another retry, of which nothing is known
    assert ids(http)[3:] == ["evt_1"]


def test_a_rejected_log_record_is_a_refusal(http: Http, sink: OtelSink) -> None:
    partial = ExportLogsServiceResponse()
    partial.partial_success.rejected_log_records = 1
    partial.partial_success.error_message = "too old"
    http.answer = only("/v1/logs", Answer(200, PROTOBUF, partial.SerializeToString()))
    with pytest.raises(DeliveryError, match="1 of 2 log records were rejected: too old") as caught:
        sink.deliver([spoken(1), spoken(2)])
    assert (caught.value.delivered, caught.value.refused) == (0, True)
    assert exports(http) == []  # they come with the parcel that is taken


def rejecting(points: int) -> Answer:
    partial = ExportMetricsServiceResponse()
    partial.partial_success.rejected_data_points = points
    partial.partial_success.error_message = "no deltas"
    return Answer(200, PROTOBUF, partial.SerializeToString())


def test_metrics_that_are_all_rejected_wait_until_the_collector_is_mended(
    http: Http, sink: OtelSink
) -> None:
    http.answer = only("/v1/metrics", rejecting(2))
    with pytest.raises(DeliveryError, match="all metrics were rejected: no deltas") as caught:
        sink.deliver([first_value(1, 5.0), spoken(2)])
    assert (caught.value.delivered, caught.value.refused) == (0, False)


def test_metrics_that_are_partly_rejected_are_not_sent_twice(
    http: Http, sink: OtelSink, caplog: pytest.LogCaptureFixture
) -> None:
    http.answer = only("/v1/metrics", rejecting(1))
    with caplog.at_level(logging.WARNING, "guidepath.otel"):
        sink.deliver([first_value(1, 5.0), spoken(2)])
    assert "1 metrics were rejected: no deltas" in caplog.text
    assert len(exports(http)) == 1


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xff\xff", ExportLogsServiceResponse().SerializeToString()]
)
def test_an_answer_that_says_no_more_than_200_is_enough(
    http: Http, sink: OtelSink, body: bytes
) -> None:
    http.answer = lambda _request: Answer(200, PROTOBUF, body)
    sink.deliver([spoken(1)])
    assert ids(http) == ["evt_1"]


def test_the_standard_variables_say_where_and_how(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", http.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20secret")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "ledgerly")
    sink = OtelSink.from_url("otel:")
    sink.deliver([spoken(1)])
    sink.close()
    assert sink.name == "otel"
    assert [one.path for one in http.requests] == ["/v1/logs", "/v1/metrics"]
    assert {one.headers["Authorization"] for one in http.requests} == {"Bearer secret"}
    assert {one.headers["Content-Encoding"] for one in http.requests} == {"gzip"}
    [found] = ExportLogsServiceRequest.FromString(http.requests[0].content).resource_logs
    assert named(found.resource.attributes)["service.name"] == "ledgerly"


def test_without_words_of_the_host_the_service_is_guidepath(http: Http, sink: OtelSink) -> None:
    sink.deliver([spoken(1)])
    [logs] = ExportLogsServiceRequest.FromString(http.requests[0].content).resource_logs
    [metrics] = ExportMetricsServiceRequest.FromString(http.requests[1].content).resource_metrics
    about = named(logs.resource.attributes)
    assert about["service.name"] == "guidepath"
    assert about["service.instance.id"]
    assert named(metrics.resource.attributes) == about
    assert logs.scope_logs[0].scope.name == metrics.scope_metrics[0].scope.name == "guidepath"


def test_a_child_after_a_fork_is_another_instance(http: Http, sink: OtelSink) -> None:
    sink.deliver([spoken(1)])

    def deliver() -> None:
        sink.deliver([spoken(2)])
        sink.close()

    done_by_a_child(deliver)
    sink.deliver([spoken(3)])
    assert ids(http) == ["evt_1", "evt_2", "evt_3"]
    instances = [
        named(resource.resource.attributes)["service.instance.id"]
        for request in http.requests
        if request.path == "/v1/logs"
        for resource in ExportLogsServiceRequest.FromString(request.content).resource_logs
    ]
    assert instances[0] == instances[2] != instances[1]


def test_connections_are_kept(http: Http, sink: OtelSink) -> None:
    for number in range(5):
        sink.deliver([spoken(number)])
    assert http.connections == 1


def test_a_closed_sink_opens_again(http: Http, sink: OtelSink) -> None:
    sink.deliver([spoken(1)])
    sink.close()
    sink.deliver([spoken(2)])
    assert ids(http) == ["evt_1", "evt_2"]


def test_names_hold_no_secret() -> None:
    sink = OtelSink.from_url("otel:https://user:secret@collector:4318/tenant?carry=user.email")
    assert sink.name == "otel:collector:4318"
    assert sink.carries == {"user.email"}


@pytest.mark.parametrize(
    ("url", "mistake"),
    [
        ("otel:collector:4318", "write otel:https"),
        ("otel:ftp://collector", "write otel:https"),
        ("otel:?signals=traces", "signals are logs, metrics"),
        ("otel:?signals=", "signals are logs, metrics"),
        ("otel:?signal=logs", "did you mean signals"),
        ("otel:?timeout=0", "no number above nought"),
    ],
)
def test_a_wrong_address_is_told(url: str, mistake: str) -> None:
    with pytest.raises(ConfigurationError, match=mistake):
        OtelSink.from_url(url)
