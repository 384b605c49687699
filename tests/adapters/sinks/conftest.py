"""Sinks over HTTP that are closed when the test is over."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.adapters.sinks.receivers import OPEN, Opened

from guidepath.ports import Sink


@pytest.fixture
def opened() -> Iterator[Opened]:
    with ExitStack() as closing:

        def opening(kind: str, url: str, **more: object) -> Sink:
            sink = OPEN[kind](url, **more)
            closing.callback(sink.close)
            return sink

        yield opening
