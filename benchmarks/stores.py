"""`track` and `next` on each store, beside its driver alone that says the very same statements.

    python -m benchmarks.stores

The difference is the library; the rest is the disk's, the server's and the driver's. Everything
runs on one core, servers too, so that no wake-up across cores is counted.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter

from benchmarks.growth import HERE, declaring
from benchmarks.measure import one_by_one
from benchmarks.recorded import Driver, PostgresDriver, RedisDriver, Said, SqliteDriver
from benchmarks.table import show

from guidepath import Guidepath
from guidepath.registry import open_store

BEFORE = 100  # events of each person before anything is measured
TRACKS = 3_000  # that are written down, to be said again
ROUNDS = 2_500  # of one call each
CALLS = 3_000  # of the comparison with a sink that hangs

Database = Callable[[], str]  # the URL of an empty one


class Raw:
    """A driver that says again what was written down while another guide did the same."""

    def __init__(self, driver: Driver, empty: Database) -> None:
        tracks: list[Said] = []
        said: Said = []
        with driver.recording(said), Guidepath(declaring(10), empty()) as guide:
            said.clear()
            for _ in range(BEFORE + TRACKS):
                guide.track("e0", user="u", account="a")
                tracks.append(said.copy())
                said.clear()
            guide.next(user="u", account="a", page=HERE)
            said.clear()
            guide.next(user="u", account="a", page=HERE)
            self._next = said.copy()
        url = empty()
        open_store(url).close()  # its tables
        self._speak = driver.speaker(url)
        self._tracks = iter(tracks)
        for _ in range(BEFORE):
            self.track()

    def track(self) -> None:
        self._speak(next(self._tracks))

    def next(self) -> None:
        self._speak(self._next)


class Hanging:
    """A sink that never answers."""

    carries: frozenset[str] = frozenset()

    def __init__(self, *, hang: bool) -> None:
        self.name = "hanging" if hang else "quick"
        self._end = Event()
        if not hang:
            self._end.set()

    def deliver(self, _envelopes: object) -> None:
        self._end.wait()

    def close(self) -> None:
        self._end.set()


def compared(name: str, driver: Driver, empty: Database) -> list[tuple[str, float, float, float]]:
    """Rows of the table: what, the library's µs, raw µs, and how many times as much."""
    raw = Raw(driver, empty)
    with Guidepath(declaring(10), empty()) as guide:
        for _ in range(BEFORE):
            guide.track("e0", user="u", account="a")
        works = {
            "next": (lambda: guide.next(user="u", account="a", page=HERE), raw.next),
            "track": (lambda: guide.track("e0", user="u", account="a"), raw.track),
        }
        rows = []
        for what, (ours, theirs) in works.items():
            took = one_by_one({"ours": ours, "raw": theirs}, rounds=ROUNDS)
            rows.append((f"{what}, {name}", took["ours"], took["raw"], took["ours"] / took["raw"]))
        return rows


def hung(name: str, empty: Database) -> list[tuple[str, float, float, float]]:
    """`track` with a sink that hangs, beside one that takes all: median and p99."""
    ids = count()
    with ExitStack() as stack:
        guides = []
        for hang in (True, False):
            sink = Hanging(hang=hang)
            guide = Guidepath(declaring(10), empty(), [sink])
            stack.callback(guide.close)
            stack.callback(sink.close)
            guides.append(guide)
        taken: tuple[list[float], list[float]] = ([], [])
        for number in range(CALLS):
            turns = list(zip(guides, taken, strict=True))
            # what a relay carries after one call is beside the next, so they come first in turns
            for guide, times in turns if number % 2 else turns[::-1]:
                user = f"u{number // 20}"  # each new user has something to say to the sink
                begin = perf_counter()
                guide.track("e0", user=user, account=user, id=f"e{next(ids)}")
                times.append((perf_counter() - begin) * 1e6)
    worst = [sorted(times)[len(times) * 99 // 100] for times in taken]
    usual = [median(times) for times in taken]
    return [
        (f"{what}, {name}", one, other, one / other)
        for what, (one, other) in (("p99", worst), ("median", usual))
    ]


@contextmanager
def databases() -> Iterator[dict[str, tuple[Driver, Database]]]:
    """Each kind of store, its driver, and where there is an empty one."""
    from tests.servers.postgres import Postgres
    from tests.servers.redis import Redis

    numbers = count()
    with TemporaryDirectory() as folder, Postgres() as postgres, Redis() as redis:

        def file(how: str) -> Database:
            return lambda: f"sqlite:///{Path(folder)}/{next(numbers)}.db?synchronous={how}"

        yield {
            "SQLite, synchronous=full": (SqliteDriver(), file("full")),
            "SQLite, synchronous=normal": (SqliteDriver(), file("normal")),
            "PostgreSQL": (PostgresDriver(), postgres.database),
            "Redis, appendfsync always": (RedisDriver(), redis.database),
        }


def main() -> None:
    os.sched_setaffinity(0, {0})
    with databases() as kinds:
        rows = [row for name, kind in kinds.items() for row in compared(name, *kind)]
        show(
            "one call, beside its driver with the same statements",
            ("", "guidepath µs", "raw µs", "raw = 1"),
            rows,
        )
        show(
            "track with a sink that hangs, beside one that does not",
            ("", "hangs µs", "does not µs", "does not = 1"),
            [row for name, (_, empty) in kinds.items() for row in hung(name, empty)],
        )


if __name__ == "__main__":
    main()
