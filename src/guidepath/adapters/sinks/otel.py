"""Envelopes to an OpenTelemetry collector, over OTLP/HTTP."""

import logging
import os
from collections.abc import Callable, Sequence
from typing import Literal, TypeVar, get_args
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)

from guidepath.adapters.sinks.address import Address
from guidepath.adapters.sinks.excerpt import excerpt
from guidepath.adapters.sinks.exporting import TIMEOUT_S, Answer, Line, cause
from guidepath.adapters.sinks.telemetry import logged, measured, points
from guidepath.errors import ConfigurationError, DeliveryError
from guidepath.event import Envelope

MOST_REMEMBERED = 10_000

Signal = Literal["logs", "metrics"]

_Response = TypeVar("_Response", ExportLogsServiceResponse, ExportMetricsServiceResponse)

_REFUSED = (400, 413, 422)

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
        self._line: Line | None = None
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

    def _ready(self) -> Line:
        if self._line is None or self._pid != os.getpid():
            self._line = Line.opened(self._endpoint, self._timeout)
            self._pid = os.getpid()
        return self._line

    def _deliver_logs(self, line: Line, envelopes: Sequence[Envelope]) -> None:
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

    def _deliver_metrics(self, line: Line, envelopes: Sequence[Envelope]) -> None:
        found = measured(envelopes, line.resource)
        if found is None:
            return
        answer = self._exported("metrics", line, lambda: line.metrics.export(found))
        taken = _understood(ExportMetricsServiceResponse(), answer).partial_success
        if not taken.rejected_data_points:
            return
        said = f"metrics were rejected: {excerpt(taken.error_message)}"
        if taken.rejected_data_points >= points(found):
            raise self._failure(f"all {said}; does it take deltas?")
        # what was taken would count twice if all came again, and logs tell each event anyway
        _log.warning("%s: %d %s", self.name, taken.rejected_data_points, said)

    def _exported(self, what: Signal, line: Line, export: Callable[[], object]) -> Answer:
        """What the collector answered to an export that it took.

        Raises:
            DeliveryError: it took none.
        """
        answer, problem = line.session.watch(export)
        if problem is not None:
            raise self._failure(f"no answer for {what}: {excerpt(cause(problem))}")
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


def _understood(empty: _Response, answer: Answer) -> _Response:
    """The answer in protobuf; where it is none, it says no more than its status."""
    if "protobuf" in answer.kind:
        try:
            empty.ParseFromString(answer.body)
        except DecodeError:
            empty.Clear()
    return empty


def _authority(endpoint: str) -> str:
    """Host and port, without the name and password that may stand before them."""
    return urlsplit(endpoint).netloc.rpartition("@")[2]
