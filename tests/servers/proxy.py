"""A TCP proxy between a client and a server, with faults that are switched while it runs.

    with Proxy(postgres.port) as proxy:
        connection = psycopg.connect(proxy.through(url))
        proxy.fault = Reset(after=0)  # what is asked now arrives, the answer does not
        …
        assert proxy.struck == 1

A fault holds for the connections that are open and for those to come, until another is set;
None is no fault. Bytes are counted anew for each connection when a fault is set.
"""

import asyncio
import socket
import struct
from asyncio import AbstractEventLoop, Event, Task
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Literal, Self

from tests.servers.server import HOST, free_port

CHUNK = 65536

Way = Literal["request", "answer"]  # from the client to the server, or back


@dataclass(frozen=True, slots=True)
class _Break:
    """Where a connection is struck.

    Args:
        after: How many bytes pass before it. 0 strikes where the first one would pass: all of the
            request does, nothing of the answer. None strikes at once, also where all is silent.
        way: Which bytes are counted.
    """

    after: int | None = None
    way: Way = "answer"


class Reset(_Break):
    """Both sides see the connection reset (RST)."""


class Cut(_Break):
    """Both sides see the end of the stream, as if the other one had closed it."""


class Stall(_Break):
    """Half-open: the connection stays, new ones are accepted, and nothing passes any more.

    What was held back passes when the fault is taken away.
    """


@dataclass(frozen=True, slots=True)
class Delay:
    """Each chunk, of either side, passes so much later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Slow:
    """No more than so many bytes pass in a second, each way."""

    bytes_per_second: int


Fault = Reset | Cut | Stall | Delay | Slow


class Proxy:
    """Listens on a port of its own and carries each connection to `server` on this machine.

    Where nobody listens there, the client's connection is reset.
    """

    def __init__(self, server: int) -> None:
        self.server = server
        self.port = free_port()
        self.accepted = 0  # how many connections were ever opened
        self.struck = 0  # how many connections met the fault that was set last
        self.changed = Event()  # one for each fault, set when the next one comes
        self._fault: Fault | None = None
        self._met = Condition()
        self._carried: set[Task[None]] = set()
        self._loop: AbstractEventLoop | None = None
        self._thread: Thread | None = None

    def through(self, url: str) -> str:
        """A URL of the server, changed so that it leads through the proxy."""
        direct = f"{HOST}:{self.server}"
        if direct not in url:
            raise ValueError(f"{url} does not lead to {direct}")
        return url.replace(direct, f"{HOST}:{self.port}")

    @property
    def fault(self) -> Fault | None:
        """What happens to the connections."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        if self._loop is None:
            raise RuntimeError("the proxy does not run")
        asyncio.run_coroutine_threadsafe(self._change(fault), self._loop).result()

    def wait_struck(self, count: int = 1, timeout: float = 10) -> None:
        """Returns as soon as the fault met that many connections.

        Raises:
            TimeoutError: it met fewer in time.
        """
        with self._met:
            if not self._met.wait_for(lambda: self.struck >= count, timeout):
                raise TimeoutError(f"the fault met {self.struck} connections, not {count}")

    def start(self) -> Self:
        """Listens."""
        listening = socket.create_server((HOST, self.port), backlog=256)
        listening.setblocking(False)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, args=(self._loop, listening), daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Ends all connections and listens no more."""
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def strike(self) -> None:
        """Counts one connection that met the fault."""
        with self._met:
            self.struck += 1
            self._met.notify_all()

    async def _change(self, fault: Fault | None) -> None:
        with self._met:
            self.struck = 0
        self._fault = fault
        over, self.changed = self.changed, Event()
        over.set()

    def _run(self, loop: AbstractEventLoop, listening: socket.socket) -> None:
        accepting = loop.create_task(self._accept(listening))
        loop.run_forever()
        tasks = (accepting, *self._carried)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        listening.close()
        loop.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listening)
            self.accepted += 1
            carried = loop.create_task(_Connection(self, client).carry())
            self._carried.add(carried)
            carried.add_done_callback(self._carried.discard)


class _Connection:
    """One client's bytes to the server and back. ConnectionResetError and EOFError end it."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._sockets = self._client, self._server = client, socket.socket()
        for one in self._sockets:
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._since: Event | None = None  # which fault the next two belong to
        self._passed = 0
        self._met = False

    async def carry(self) -> None:
        """Runs until both sides have ended it, or the fault does."""
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self._watch())
                loop = asyncio.get_running_loop()
                await loop.sock_connect(self._server, (HOST, self._proxy.server))
                request = group.create_task(self._pump("request", self._client, self._server))
                answer = group.create_task(self._pump("answer", self._server, self._client))
                await asyncio.wait((request, answer))
                watching.cancel()
        except* EOFError:
            await asyncio.gather(*map(_end, self._sockets))
        except* OSError:
            for one in self._sockets:
                # with nothing to linger for, closing resets
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        finally:
            for one in self._sockets:
                one.close()

    async def _watch(self) -> None:
        """Meets the faults that strike at once, though nothing passes."""
        while True:
            fault, changed = self._proxy.fault, self._proxy.changed
            if isinstance(fault, _Break) and fault.after is None:
                self._meet(fault)
            await changed.wait()

    async def _pump(self, way: Way, source: socket.socket, target: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while chunk := await loop.sock_recv(source, CHUNK):
            while chunk:
                size = await self._allowed(way, len(chunk))
                await loop.sock_sendall(target, chunk[:size])
                chunk = chunk[size:]
        await self._allowed(way, 0)  # the end passes like all else
        target.shutdown(socket.SHUT_WR)

    async def _allowed(self, way: Way, size: int) -> int:
        """How many of so many bytes may pass now; waits while none may."""
        while True:
            fault, changed = self._proxy.fault, self._proxy.changed
            match fault:
                case None:
                    return size
                case Delay(seconds):
                    self._meet(fault)
                    await _either(changed, seconds)
                    return size
                case Slow(rate):
                    self._meet(fault)
                    part = min(size, max(1, rate // 20))
                    await _either(changed, part / rate)
                    return part
                case Reset(after, counted) | Cut(after, counted) | Stall(after, counted):
                    self._begin()
                    if not self._met and after is not None:
                        part = min(size, after - self._passed) if way == counted else size
                        if part or not size:
                            self._passed += part if way == counted else 0
                            return part
                    self._meet(fault)
                    await changed.wait()

    def _begin(self) -> None:
        """Counts anew where the fault is another than before."""
        if self._since is not self._proxy.changed:
            self._since, self._passed, self._met = self._proxy.changed, 0, False

    def _meet(self, fault: Fault) -> None:
        self._begin()
        if not self._met:
            self._met = True
            self._proxy.strike()
        if isinstance(fault, Reset):
            raise ConnectionResetError
        if isinstance(fault, Cut):
            raise EOFError


async def _either(changed: Event, seconds: float) -> None:
    """Waits so long, or until the fault is another."""
    try:
        await asyncio.wait_for(changed.wait(), seconds)
    except TimeoutError:
        return


async def _end(one: socket.socket) -> None:
    """Says that nothing more comes, and hears the other side out: closing earlier would reset."""
    loop = asyncio.get_running_loop()
    try:
        one.shutdown(socket.SHUT_WR)
        while await loop.sock_recv(one, CHUNK):
            continue
    except OSError:
        return
