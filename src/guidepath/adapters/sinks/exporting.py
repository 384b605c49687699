"""The way to an OpenTelemetry collector, by the exporters of its SDK.

They speak the protocol and read the standard OTEL_EXPORTER_OTLP_… variables. Their answers are
watched here, since an exporter says no more than whether it failed, and the relay wants to know
how.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from uuid import uuid4

import requests
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, Resource

TIMEOUT_S = 10.0
LARGEST_ANSWER = 8_192
LONGEST_WAIT_S = 3600.0


class Answer(NamedTuple):
    """What the collector said."""

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

    def watch(self, export: Callable[[], object]) -> tuple[Answer | None, Exception | None]:
        """What the collector answered to an export, or why there was no answer."""
        self.answer: Answer | None = None
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


class Line(NamedTuple):
    """What one process needs to export."""

    session: _Session
    logs: OTLPLogExporter
    metrics: OTLPMetricExporter
    resource: Resource

    @classmethod
    def opened(cls, endpoint: str | None, timeout: float | None) -> "Line":
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


def _read(response: requests.Response, end: float) -> Answer:
    body = bytearray()
    # byte by byte, out of a buffer: whoever answers slowly must not hold up the sink
    for one in response.iter_content(1):
        body += one
        if len(body) >= LARGEST_ANSWER:
            break
        if time.monotonic() > end:
            raise requests.Timeout("the answer does not end")
    return Answer(
        response.status_code,
        response.headers.get("Content-Type", "").lower(),
        bytes(body),
        _retry_after(response.headers.get("Retry-After", "")),
    )


def cause(problem: BaseException) -> BaseException:
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
