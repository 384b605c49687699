"""`track` and `next` on SQLite, beside raw sqlite3 that runs the same statements.

    python -m benchmarks.stores

The difference is the library; what raw sqlite3 takes is the disk's and SQLite's.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.growth import HERE, declaring
from benchmarks.measure import medians
from benchmarks.table import show

from guidepath import Guidepath
from guidepath.adapters.stores import sqlite

BEFORE = 100  # events of each person before anything is measured


class Raw:
    """The statements of the store with nothing around them; rows are copied from a real one."""

    def __init__(self, file: Path, synchronous: str) -> None:
        self.database = sqlite3.connect(file, isolation_level=None)
        self.database.execute(f"PRAGMA synchronous = {synchronous}")
        found = self.database.execute("SELECT user, progress FROM guidepath_subject").fetchall()
        self.rows = dict(found)
        newest = "SELECT event FROM guidepath_history ORDER BY seq DESC LIMIT 1"
        self.event = self.database.execute(newest).fetchone()[0]
        self._ids = count()

    def load(self) -> None:
        self.database.execute("BEGIN")
        self.database.execute(sqlite.LOAD.format("?,?"), ["a", "", "u"]).fetchall()
        self.database.execute("COMMIT")

    def track(self) -> None:
        name = f"raw{next(self._ids)}"
        self.database.execute("BEGIN")
        self.database.execute(sqlite.LOAD.format("?,?"), ["a", "", "u"]).fetchall()
        self.database.execute(sqlite.KNOWN.format("?"), ["a", name]).fetchall()
        self.database.execute("COMMIT")
        self.database.execute("BEGIN IMMEDIATE")
        version = "SELECT version FROM guidepath_subject WHERE account = 'a' AND user = 'u'"
        (known,) = self.database.execute(version).fetchone()
        self.database.execute(sqlite.UPDATE, [None, self.rows["u"], "a", "u", known])
        row = ["a", name, "u", "track", 0, "0" * 32, self.event]
        self.database.execute(sqlite.RECORD, row)
        self.database.execute("COMMIT")


@contextmanager
def lived(folder: Path, name: str, synchronous: str) -> Iterator[tuple[Guidepath, Path]]:
    """A guide over a file with a person in it."""
    file = folder / f"{name}.db"
    url = f"sqlite:///{file}?synchronous={synchronous}"
    with Guidepath(declaring(10), url) as guide:
        for _ in range(BEFORE):
            guide.track("e0", user="u", account="a")
        yield guide, file


def compared(folder: Path, synchronous: str) -> list[tuple[str, float, float, float]]:
    """Rows of the table: what, the library's µs, raw µs, and how many times as much."""
    with (
        lived(folder, f"ours-{synchronous}", synchronous) as (guide, _),
        lived(folder, f"raw-{synchronous}", synchronous) as (_, file),
    ):
        raw = Raw(file, synchronous)
        pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "next": (lambda: guide.next(user="u", account="a", page=HERE), raw.load),
            "track": (lambda: guide.track("e0", user="u", account="a"), raw.track),
        }
        rows = []
        for name, (ours, theirs) in pairs.items():
            took = medians({"ours": ours, "raw": theirs})
            ratio = took["ours"] / took["raw"]
            rows.append((f"{name}, synchronous={synchronous}", took["ours"], took["raw"], ratio))
        raw.database.close()
        return rows


def main() -> None:
    with TemporaryDirectory() as folder:
        rows = [row for how in ("full", "normal") for row in compared(Path(folder), how)]
    show(
        "one call on SQLite, beside the same statements on raw sqlite3",
        ("", "guidepath µs", "raw µs", "raw = 1"),
        rows,
    )


if __name__ == "__main__":
    main()
