"""The log sink passes the contract."""

import json
import logging
from collections.abc import Callable

import pytest

from guidepath.adapters.sinks.log import LogSink
from guidepath.testing import SinkContract


class TestLogSink(SinkContract):
    @pytest.fixture
    def sink(self, caplog: pytest.LogCaptureFixture) -> LogSink:
        caplog.set_level(logging.INFO, "guidepath.events")
        return LogSink()

    @pytest.fixture
    def delivered(self, caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
        return lambda: [json.loads(one.getMessage())["id"] for one in caplog.records]
