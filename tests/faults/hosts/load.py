"""Clients of a product that is in trouble: several at once, who know what they were answered."""

from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from tests.faults.journal import Journal
from tests.servers.server import HOST

from guidepath.subject import Subject

CLIENTS = 6
ACCOUNTS = 3
USERS = 4  # in each account
PATIENCE_S = 60.0


class Load:
    """Asks without a pause until it is left.

    `refused` has the answers that no client should ever get: an error of the product's.
    """

    def __init__(self, port: int, journal: Path) -> None:
        self.port = port
        self.refused: list[str] = []
        self.answered = 0
        self._file = journal
        self._journal = Journal(journal)
        self._numbers = count()
        self._over = False
        self._answering = Condition()
        self._threads = [Thread(target=self._ask, daemon=True) for _ in range(CLIENTS)]

    def crash(self) -> None:
        """Have a worker die right after `track` returned, before it answers."""
        self._track("/exit")

    def advance(self, more: int) -> None:
        """Wait until so many more were answered.

        Raises:
            TimeoutError: that takes too long: the product hangs.
        """
        with self._answering:
            wanted = self.answered + more
            if not self._answering.wait_for(lambda: self.answered >= wanted, PATIENCE_S):
                raise TimeoutError("the product does not answer any more")

    def __enter__(self) -> Self:
        for one in self._threads:
            one.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over = True
        for one in self._threads:
            one.join(PATIENCE_S)
        self._journal.close()

    def _ask(self) -> None:
        while not self._over:
            self._track("/track")

    def _track(self, path: str) -> None:
        number = next(self._numbers)
        account, user, event = (
            f"account {number % ACCOUNTS}",
            f"user {number % USERS}",
            f"e{number}",
        )
        subject = Subject(account, user)
        if number % 10 == 0:
            self._got("/next", user=user, account=account)
        self._journal.invoked(subject, event)
        if self._got(path, user=user, account=account, id=event):
            self._journal.ended(subject, event, "ok")
            with self._answering:
                self.answered += 1
                self._answering.notify_all()
        else:
            self._journal.ended(subject, event, "unknown")

    def _got(self, path: str, **asked: str) -> bool:
        """Whether it was answered; a worker that goes away meanwhile answers nothing."""
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE_S)
        try:
            connection.request("GET", f"{path}?{urlencode(asked)}")
            answer = connection.getresponse()
            answer.read()
        except (HTTPException, ConnectionError):
            return False
        finally:
            connection.close()
        if answer.status != 200:
            self.refused.append(f"{path} {asked}: {answer.status}")
        return answer.status == 200
