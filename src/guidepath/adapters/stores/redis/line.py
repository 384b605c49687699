"""A connection that a thread keeps: to have one from the pool takes as long as an answer of Redis.

It is asked one thing at a time; who asks while it is asked, as a signal's handler does, uses the
pool.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hiredis import pack_command
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import TimeoutError as TimeIsUp

from guidepath.adapters.stores.redis.scripting import LOAD, SAVE, Command

# redis-py looks at each argument in Python before it calls this; its stub knows of one argument
_packed: Callable[[Command], bytes] = pack_command  # type: ignore[assignment]
_OFTEN = frozenset({"HMGET", LOAD.sha, SAVE.sha})  # what is asked for all the time


class Line:
    """One thread's connection, of one client; the pool has it back when the thread ends."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self._pid = os.getpid()
        self._asked = False
        self._connection: Any = client.connection_pool.get_connection()

    def takes(self, command: Command) -> bool:
        """Whether it may be asked here."""
        return not self._asked and (command[0] in _OFTEN or command[1] in _OFTEN)

    def ask(self, command: Command) -> Any:
        """The reply; an error of the server's or of the way to it is raised, as redis-py has it."""
        connection = self._connection
        self._asked = True
        try:
            try:
                if connection.can_read():  # nobody asked: it says goodbye
                    connection.disconnect()
            except (ConnectionLost, TimeIsUp, OSError):
                connection.disconnect()
            connection.send_packed_command((_packed(command),))
            return connection.read_response()
        finally:
            self._asked = False

    def __del__(self) -> None:
        if self._pid == os.getpid():
            with suppress(Exception):  # it could not be had, or the process ends
                self.client.connection_pool.release(self._connection)
