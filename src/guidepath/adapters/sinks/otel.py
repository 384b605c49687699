"""Envelopes as OpenTelemetry logs, and the numbers in them as metrics, over OTLP/HTTP.

Metrics are deltas: each parcel sends its own points and nothing is added up in memory, so that a
parcel that comes again brings no other with it. The SDK's exporters speak the protocol and read the
standard OTEL_EXPORTER_OTLP_… variables; their answers are watched here, since an exporter says no
more than whether it failed, and the relay wants to know how.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any, Literal, NamedTuple, TypeVar, get_args
from urllib.parse import urlsplit
from uuid import uuid4

import requests
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    InMemoryMetricReader,
    MetricsData,
)
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from guidepath.adapters.sinks.address import Address
from guidepath.adapters.sinks.excerpt import excerpt
from guidepath.clock import DAY, HOUR, MINUTE, SECOND, WEEK
from guidepath.errors import ConfigurationError, DeliveryError
from guidepath.event import Envelope

TIMEOUT_S = 10.0
LARGEST_ANSWER = 8_192
LONGEST_WAIT_S = 3600.0
MOST_REMEMBERED = 10_000

# of time to value, in seconds: minutes to a year
BUCKETS = [
    us / SECOND
    for us in (
        *(MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR),
        *(DAY, 2 * DAY, 3 * DAY, WEEK, 2 * WEEK, 30 * DAY, 60 * DAY, 90 * DAY, 180 * DAY),
        365 * DAY,
    )
]

Signal = Literal["logs", "metrics"]

_Response = TypeVar("_Response", ExportLogsServiceResponse, ExportMetricsServiceResponse)

_REFUSED = (400, 413, 422)
_LARGEST_INTEGER = 2**63 - 1
_DELTA: dict[type, AggregationTemporality] = {
    Counter: AggregationTemporality.DELTA,
    Histogram: AggregationTemporality.DELTA,
}
_SCOPE = InstrumentationScope("guidepath", version("guidepath"))

_log = logging.getLogger("guidepath.otel")


class OtelSink:
    """Exports to one collector.

    Args:
        endpoint: where it is, as `https://collector:4318`; None is what the standard variables say.
        signals: what is sent; both where nothing is said.
        timeout: seconds each export may take; None is what the standard variables say, else ten.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        *,
        signals: Sequence[Signal] = ("logs", "metrics"),
        timeout: float | None = None,
        carries: frozenset[str] = frozenset(),
        name: str | None = None,
    ) -> None:
        self.name = name or (f"otel:{_authority(endpoint)}" if endpoint else "otel")
        self.carries = carries
        self._endpoint = endpoint.rstrip("/") if endpoint else None
        self._signals = signals
        self._timeout = timeout
        self._line: _Line | None = None
        self._pid = 0
        # ids of envelopes whose log was taken, while their metrics were not
        self._logged: set[str] = set()

    @classmethod
    def from_url(cls, url: str) -> "OtelSink":
        """`otel:https://collector:4318?signals=metrics`, or `otel:` alone.

        Raises:
            ConfigurationError: the address is none, or an option is wrong.
        """
        address = Address(url)
        endpoint = address.rest or None
        if endpoint and (urlsplit(endpoint).scheme not in ("http", "https")):
            raise ConfigurationError("otel: write otel:https://collector:4318, or otel: alone")
        wanted = address.several("signals", "logs,metrics")
        signals: list[Signal] = [one for one in get_args(Signal) if one in wanted]
        if not signals or set(wanted) - set(signals):
            raise ConfigurationError("otel: signals are logs, metrics, or both with a comma")
        timed = address.option("timeout", "")
        sink = cls(
            endpoint,
            signals=signals,
            timeout=address.number("timeout", TIMEOUT_S) if timed else None,
            carries=address.carries,
            name=address.name(f"otel:{_authority(endpoint)}" if endpoint else "otel"),
        )
        address.finish()
        return sink

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """See ports.Sink."""
        line = self._ready()
        ids = {one.id for one in envelopes}
        if "logs" in self._signals:
            self._deliver_logs(line, [one for one in envelopes if one.id not in self._logged])
        if "metrics" in self._signals:
            if len(self._logged) > MOST_REMEMBERED:
                self._logged.clear()
            self._logged |= ids
            self._deliver_metrics(line, envelopes)
        self._logged -= ids

    def close(self) -> None:
        """See ports.Sink."""
        if self._line is not None and self._pid == os.getpid():
            self._line.logs.shutdown()  # type: ignore[no-untyped-call]
            self._line.metrics.shutdown()
        self._line = None

    def _ready(self) -> "_Line":
        if self._line is None or self._pid != os.getpid():
            self._line = _Line.opened(self._endpoint, self._timeout)
            self._pid = os.getpid()
        return self._line

    def _deliver_logs(self, line: "_Line", envelopes: Sequence[Envelope]) -> None:
        if not envelopes:
            return
        records = [logged(one, line.resource) for one in envelopes]
        answer = self._exported("logs", line, lambda: line.logs.export(records))
        taken = _understood(ExportLogsServiceResponse(), answer).partial_success
        if taken.rejected_log_records:
            said = excerpt(taken.error_message)
            raise self._failure(
                f"{taken.rejected_log_records} of {len(records)} log records were rejected: {said}",
                refused=True,
            )

    def _deliver_metrics(self, line: "_Line", envelopes: Sequence[Envelope]) -> None:
        found = measured(envelopes, line.resource)
        if found is None:
            return
        answer = self._exported("metrics", line, lambda: line.metrics.export(found))
        taken = _understood(ExportMetricsServiceResponse(), answer).partial_success
        if not taken.rejected_data_points:
            return
        said = f"metrics were rejected: {excerpt(taken.error_message)}"
        if taken.rejected_data_points >= _points(found):
            raise self._failure(f"all {said}; does it take deltas?")
        # what was taken would count twice if all came again, and logs tell each event anyway
        _log.warning("%s: %d %s", self.name, taken.rejected_data_points, said)

    def _exported(self, what: Signal, line: "_Line", export: Callable[[], object]) -> "_Answer":
        """What the collector answered to an export that it took.

        Raises:
            DeliveryError: it took none.
        """
        answer, problem = line.session.watch(export)
        if problem is not None:
            raise self._failure(f"no answer for {what}: {excerpt(_cause(problem))}")
        if answer is None:  # nothing was even asked
            raise self._failure(f"the {what} cannot be written as OTLP", refused=True)
        if not answer.taken:
            raise self._failure(
                f"{answer.status} for {what}: {excerpt(answer.body.decode(errors='replace'))}",
                retry_after=answer.retry_after,
                refused=answer.status in _REFUSED,
            )
        return answer

    def _failure(
        self, said: str, *, retry_after: float | None = None, refused: bool = False
    ) -> DeliveryError:
        return DeliveryError(f"{self.name}: {said}", retry_after=retry_after, refused=refused)


def logged(envelope: Envelope, resource: Resource) -> ReadableLogRecord:
    """An envelope as a log record: an event with the data as its body."""
    attributes: dict[str, Any] = {
        **envelope.attributes,
        **envelope.private,
        "guidepath.id": envelope.id,
        "guidepath.account": envelope.account,
        "guidepath.seq": envelope.seq,
        "guidepath.playbook": envelope.playbook,
    }
    if envelope.user is not None:
        attributes["guidepath.user"] = envelope.user
    if envelope.role is not None:
        attributes["guidepath.role"] = envelope.role
    record = LogRecord(
        timestamp=max(envelope.occurred_at, 0) * 1000,  # there is no time before 1970 in OTLP
        observed_timestamp=time.time_ns(),
        severity_number=SeverityNumber.INFO,
        severity_text="INFO",
        body=_writable(envelope.data),
        attributes={name: _writable(value) for name, value in attributes.items()},
        event_name=f"guidepath.{envelope.type}",
    )
    return ReadableLogRecord(record, resource, _SCOPE)


def measured(envelopes: Sequence[Envelope], resource: Resource) -> MetricsData | None:
    """What these envelopes add to the metrics, and nothing else; None where they add nothing."""
    reader = InMemoryMetricReader(preferred_temporality=_DELTA)
    provider = MeterProvider(
        [reader],
        resource=resource,
        exemplar_filter=AlwaysOffExemplarFilter(),
        shutdown_on_exit=False,
    )
    meter = provider.get_meter(_SCOPE.name, _SCOPE.version)
    waited = meter.create_histogram(
        "guidepath.time_to_value",
        unit="s",
        description="Time from a subject's start to its first value",
        explicit_bucket_boundaries_advisory=BUCKETS,
    )
    milestones = meter.create_counter(
        "guidepath.milestones", unit="{milestone}", description="Milestones reached"
    )
    guidance = meter.create_counter(
        "guidepath.guidance", unit="{answer}", description="What became of guidance"
    )
    for envelope in envelopes:
        data = envelope.data
        family, _, kind = envelope.type.partition(".")
        if envelope.type == "first_value.reached":
            seconds = data.get("time_to_value_s")
            if isinstance(seconds, int | float):
                waited.record(seconds, _of_milestone(data))
        elif envelope.type == "milestone.reached":
            milestones.add(1, _of_milestone(data))
        elif family == "guidance":
            item, moment = str(data.get("item")), str(data.get("moment"))
            guidance.add(
                1,
                {"guidepath.item": item, "guidepath.moment": moment, "guidepath.outcome": kind},
            )
    found = reader.get_metrics_data()
    provider.shutdown()
    return found


class _Answer(NamedTuple):
    status: int
    kind: str  # of content
    body: bytes
    retry_after: float | None

    @property
    def taken(self) -> bool:
        """A page for people is no collector's answer, whatever its status."""
        return 200 <= self.status < 300 and not self.kind.startswith("text/html")


class _NotTakenError(Exception):
    """Ends an export at once: the relay knows better when to come again than an exporter does."""


class _Session(requests.Session):
    """Keeps what the collector answered, or why there was no answer."""

    def watch(self, export: Callable[[], object]) -> tuple[_Answer | None, Exception | None]:
        """What the collector answered to an export, or why there was no answer."""
        self.answer: _Answer | None = None
        self.problem: Exception | None = None
        with suppress(_NotTakenError):
            export()
        return self.answer, self.problem

    def request(self, *args: Any, **options: Any) -> requests.Response:
        """As ever, but without following where a redirect leads.

        Raises:
            _NotTakenError: what was sent was not taken.
        """
        end = time.monotonic() + (options.get("timeout") or TIMEOUT_S)
        options |= {"allow_redirects": False, "stream": True}
        try:
            with super().request(*args, **options) as response:
                self.answer = _read(response, end)
        except requests.RequestException as problem:
            self.problem = problem
            raise _NotTakenError from None
        if not self.answer.taken:
            raise _NotTakenError
        return response


class _Line(NamedTuple):
    """What one process needs to export."""

    session: _Session
    logs: OTLPLogExporter
    metrics: OTLPMetricExporter
    resource: Resource

    @classmethod
    def opened(cls, endpoint: str | None, timeout: float | None) -> "_Line":
        """Nothing is connected yet."""
        session = _Session()
        logs = OTLPLogExporter(
            endpoint=f"{endpoint}/v1/logs" if endpoint else None, timeout=timeout, session=session
        )
        metrics = OTLPMetricExporter(
            endpoint=f"{endpoint}/v1/metrics" if endpoint else None,
            timeout=timeout,
            session=session,
        )
        return cls(session, logs, metrics, _resource())


def _resource() -> Resource:
    """Who sends: the host's own words, by the standard variables, come first."""
    said = Resource.create()
    ours = {}
    if str(said.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        ours[SERVICE_NAME] = "guidepath"
    if SERVICE_INSTANCE_ID not in said.attributes:
        # deltas of two processes are two series
        ours[SERVICE_INSTANCE_ID] = str(uuid4())
    return said.merge(Resource(ours))


def _read(response: requests.Response, end: float) -> _Answer:
    body = bytearray()
    # byte by byte, out of a buffer: whoever answers slowly must not hold up the sink
    for one in response.iter_content(1):
        body += one
        if len(body) >= LARGEST_ANSWER:
            break
        if time.monotonic() > end:
            raise requests.Timeout("the answer does not end")
    return _Answer(
        response.status_code,
        response.headers.get("Content-Type", "").lower(),
        bytes(body),
        _retry_after(response.headers.get("Retry-After", "")),
    )


def _cause(problem: BaseException) -> BaseException:
    """What it was at first: above it stand only the layers of the client."""
    while problem.__context__ is not None:
        problem = problem.__context__
    return problem


def _retry_after(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = when.timestamp() - time.time()
    return min(max(seconds, 0.0), LONGEST_WAIT_S)


def _understood(empty: _Response, answer: _Answer) -> _Response:
    """The answer in protobuf; where it is none, it says no more than its status."""
    if "protobuf" in answer.kind:
        try:
            empty.ParseFromString(answer.body)
        except DecodeError:
            empty.Clear()
    return empty


def _points(data: MetricsData) -> int:
    return sum(
        len(metric.data.data_points)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    )


def _of_milestone(data: Mapping[str, object]) -> dict[str, str | bool]:
    """What tells series apart: names of the playbook only, never who it was."""
    return {
        "guidepath.milestone": str(data.get("milestone")),
        "guidepath.scope": str(data.get("scope")),
        "guidepath.backfilled": data.get("backfilled") is True,
    }


def _writable(value: object) -> Any:
    """The value where OTLP has a type for it; an integer that is too large as its digits."""
    match value:
        case bool():
            return value
        case int():
            return value if abs(value) <= _LARGEST_INTEGER else str(value)
        case dict():
            return {str(name): _writable(inner) for name, inner in value.items()}
        case list():
            return [_writable(inner) for inner in value]
    return value


def _authority(endpoint: str) -> str:
    """Host and port, without the name and password that may stand before them."""
    return urlsplit(endpoint).netloc.rpartition("@")[2]
