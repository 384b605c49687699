"""The example of a sink of one's own passes the contract, and is found by its URL."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from guidepath import DeliveryError
from guidepath.registry import open_sink

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_sink"


def test_it_passes_the_contract(tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [*asked, "-p", "no:cacheprovider", "test_table_sink.py"],
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_a_url_finds_it_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    about = tmp_path / "table_sink-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: table-sink\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[guidepath.sinks]\ntable = table_sink:TableSink\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(EXAMPLE))
    sink = open_sink(f"table:{tmp_path / 'said.db'}")
    assert sink.name == f"table:{tmp_path / 'said.db'}"
    sink.close()


def test_a_delivery_that_fails_leaves_no_connection_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    monkeypatch.syspath_prepend(str(EXAMPLE))
    file = tmp_path / "said.db"
    file.write_text("no database, but long enough to be looked at as one" * 9)
    sink = import_module("table_sink").TableSink(str(file))
    before = descriptors()
    with pytest.raises(DeliveryError) as failed:
        sink.deliver([])
    assert descriptors() == before
    assert failed.value.__traceback__ is not None  # its frames keep what they did not close
