"""What every sink must do, done by this one."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from table_sink import TableSink

from guidepath.testing import SinkContract


class TestTableSink(SinkContract):
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "said.db"

    @pytest.fixture
    def sink(self, file: Path) -> TableSink:
        return TableSink(str(file))

    @pytest.fixture
    def delivered(self, file: Path) -> Callable[[], list[str]]:
        def ids() -> list[str]:
            with sqlite3.connect(file) as database:
                found = database.execute("SELECT id FROM said ORDER BY rowid").fetchall()
            database.close()
            return [one for (one,) in found]

        return ids
