"""A process that knows all there is to import, and forks off children that are to be killed.

python -m tests.faults.kills.nursery

It has opened no store and has one thread, so that a fork takes it as it is. A line on its input is
a group of children, a line of its output what became of one: a number, and how each has ended.
"""

import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress
from heapq import heappop, heappush
from pathlib import Path
from typing import IO, NamedTuple, Self

import msgspec
from tests.acceptance.command import ROOT
from tests.faults.kills import children, moments
from tests.faults.kills.children import Carrier, Tracker
from tests.faults.product import PLAYBOOK

import guidepath.adapters.sinks.kafka
import guidepath.adapters.sinks.nats
import guidepath.adapters.sinks.webhook
import guidepath.adapters.stores.redis
import guidepath.adapters.stores.sqlite  # noqa: F401 - imported here, they cost the children nothing
from guidepath import Guidepath

PATIENCE_S = 120.0  # a group that takes longer hangs

Group = Sequence[Tracker | Carrier]

_group = msgspec.json.Decoder(list[Tracker | Carrier]).decode


class Ended(msgspec.Struct, array_like=True, frozen=True):
    """A group of which nobody is left: exit codes, or the negative of the signal."""

    group: int
    codes: list[int]


class Nursery:
    """The process, as the tests see it."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "nursery.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.kills.nursery"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,  # a line that is read ahead would be waited for in vain
            )
        self._groups = 0

    def raised(self, groups: Iterable[Group], *, at_once: int = 1) -> list[list[int]]:
        """How the children of each group have ended, so many groups living at the same time."""
        codes: dict[int, list[int]] = {}
        living: set[int] = set()
        for group in groups:
            self._groups += 1
            living.add(self._groups)
            self._input.write(msgspec.json.encode(group) + b"\n")
            while len(living) == at_once:
                self._wait(living, codes)
        while living:
            self._wait(living, codes)
        return [codes[number] for number in sorted(codes)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._input.close()  # it ends its children, then itself
        self._output.close()
        self._process.wait(PATIENCE_S)

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout
        return self._process.stdout

    def _wait(self, living: set[int], codes: dict[int, list[int]]) -> None:
        ready, _, _ = select.select([self._output], [], [], PATIENCE_S)
        line = self._output.readline() if ready else b""
        if not line:
            raise RuntimeError(f"groups {living} hang:\n{self._log.read_text()}")
        ended = msgspec.json.decode(line, type=Ended)
        if ended.group not in living:
            return  # of a test that has failed before
        if any(code not in (0, -signal.SIGKILL) for code in ended.codes):
            raise RuntimeError(f"children ended with {ended.codes}:\n{self._log.read_text()}")
        living.discard(ended.group)
        codes[ended.group] = ended.codes


class _Cradle(NamedTuple):
    pid: int
    group: int
    place: int
    after: float


class _House:
    """The children who live, those who are to be killed, and those who have ended."""

    def __init__(self) -> None:
        self._warm = Guidepath(PLAYBOOK)
        self._living: dict[int, _Cradle] = {}  # by a descriptor that tells of the end
        self._doomed: list[tuple[float, int]] = []  # when, and whose descriptor
        self._codes: dict[int, list[int | None]] = {}
        self._poll = select.poll()
        self._orders = b""
        self._ready, self._tell_ready = os.pipe()
        for one in (sys.stdin.fileno(), self._ready):
            self._poll.register(one, select.POLLIN)

    def run(self) -> None:
        """Serve until the input ends."""
        while True:
            wait_ms = max(0.0, self._doomed[0][0] - time.monotonic()) * 1000 if self._doomed else -1
            for descriptor, _ in self._poll.poll(wait_ms):
                if descriptor in self._living:
                    self._bury(descriptor)
                elif descriptor == self._ready:
                    self._doom()
                elif not self._read_orders():
                    return
            while self._doomed and self._doomed[0][0] <= time.monotonic():
                self._kill(heappop(self._doomed)[1])

    def close(self) -> None:
        """End all who live."""
        for one in self._living.values():
            os.kill(one.pid, signal.SIGKILL)
            os.waitpid(one.pid, 0)

    def _read_orders(self) -> bool:
        more = os.read(sys.stdin.fileno(), 65536)
        self._orders += more
        while b"\n" in self._orders:
            line, _, self._orders = self._orders.partition(b"\n")
            self._begin(_group(line))
        return bool(more)

    def _begin(self, group: Group) -> None:
        """Fork them off; the mortals hold an end of a pipe, by which the others know of theirs."""
        number = len(self._codes) + 1
        self._codes[number] = [None] * len(group)
        company, mortals = os.pipe()
        for place, child in enumerate(group):
            pid = os.fork()
            if pid == 0:
                self._live(child, company, mortals)
            descriptor = os.pidfd_open(pid)
            self._living[descriptor] = _Cradle(pid, number, place, child.after)
            self._poll.register(descriptor, select.POLLIN)
        os.close(company)
        os.close(mortals)

    def _live(self, child: Tracker | Carrier, company: int, mortals: int) -> None:
        code = 1
        try:
            if isinstance(child, Carrier):
                children.carry(child, self._say_ready)
            else:
                if not child.mortal:
                    os.close(mortals)
                children.track(child, self._warm, self._say_ready, company)
            code = 0
        except BaseException:  # noqa: BLE001 - told, whatever it is
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def _say_ready(self) -> None:
        os.write(self._tell_ready, f"{os.getpid()}\n".encode())

    def _doom(self) -> None:
        """Those who have become ready get the time that they have."""
        pids = {int(one) for one in os.read(self._ready, 4096).split()}
        for descriptor, one in self._living.items():
            if one.pid in pids and one.after:
                heappush(self._doomed, (time.monotonic() + one.after, descriptor))

    def _kill(self, descriptor: int) -> None:
        if descriptor in self._living:
            with suppress(ProcessLookupError):  # it has ended, and is not buried yet
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)

    def _bury(self, descriptor: int) -> None:
        one = self._living.pop(descriptor)
        self._poll.unregister(descriptor)
        os.close(descriptor)
        codes = self._codes[one.group]
        codes[one.place] = os.waitstatus_to_exitcode(os.waitpid(one.pid, 0)[1])
        if None not in codes:
            os.write(sys.stdout.fileno(), msgspec.json.encode([one.group, codes]) + b"\n")


if __name__ == "__main__":
    moments.watch()
    house = _House()
    try:
        house.run()
    finally:
        house.close()
