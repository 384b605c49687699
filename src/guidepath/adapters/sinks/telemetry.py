"""Envelopes as OpenTelemetry logs, and the numbers in them as metrics.

Metrics are deltas: what some envelopes add, and nothing is added up in memory, so that a parcel
that comes again brings no other with it.
"""

import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    InMemoryMetricReader,
    MetricsData,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from guidepath.clock import DAY, HOUR, MINUTE, SECOND, WEEK
from guidepath.event import Envelope

# of time to value, in seconds: minutes to a year
BUCKETS = [
    us / SECOND
    for us in (
        *(MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR),
        *(DAY, 2 * DAY, 3 * DAY, WEEK, 2 * WEEK, 30 * DAY, 60 * DAY, 90 * DAY, 180 * DAY),
        365 * DAY,
    )
]

_LARGEST_INTEGER = 2**63 - 1
_DELTA: dict[type, AggregationTemporality] = {
    Counter: AggregationTemporality.DELTA,
    Histogram: AggregationTemporality.DELTA,
}
_SCOPE = InstrumentationScope("guidepath", version("guidepath"))


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


def points(data: MetricsData) -> int:
    """How many numbers there are in it."""
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
