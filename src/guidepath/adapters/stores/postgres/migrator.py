"""Brings the tables of a schema to the newest version."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from guidepath.adapters.stores.migration import Step
from guidepath.adapters.stores.postgres import schema as tables
from guidepath.adapters.stores.postgres.address import Address
from guidepath.adapters.stores.postgres.asking import Work
from guidepath.adapters.stores.postgres.connection import Line
from guidepath.adapters.stores.postgres.transaction import alone


class PostgresMigrator:
    """See migration.Migrator."""

    def __init__(self, address: Address) -> None:
        self.steps: Sequence[Step] = tables.steps(address.schema)
        self._address = address
        self._line: Line | None = None

    def version(self) -> int:
        """See migration.Migrator."""
        with self._open() as line:
            return line.do(tables.state(self._address.schema)).version

    def migrate(self) -> list[Step]:
        """See migration.Migrator."""
        done: list[Step] = []
        with self._open() as line:
            for number in range(1, len(self.steps) + 1):
                asks = partial(tables.advance, self._address.schema, self.steps[:number])
                taken = line.do(alone(Work(asks, whole=True, lasting=True), line))
                done.extend(taken)
        return done

    def close(self) -> None:
        """See migration.Migrator."""
        if self._line is not None:
            self._line.close()
            self._line = None

    @contextmanager
    def _open(self) -> Iterator[Line]:
        with self._address.translated():
            line = self._line = self._line or Line.opened(self._address)
            try:
                yield line
            except BaseException:
                self.close()
                raise
