"""Brings the tables of a file to the newest version."""

import sqlite3
from contextlib import closing
from pathlib import Path

from guidepath.adapters.stores.migration import Step, pending
from guidepath.adapters.stores.sqlite import schema
from guidepath.adapters.stores.sqlite.connection import Connection
from guidepath.adapters.stores.sqlite.mend import translated
from guidepath.errors import ConfigurationError


class SqliteMigrator:
    """See migration.Migrator. The file must be there: a slip of the pen makes no new one."""

    def __init__(self, file: Path, *, timeout: float = 30.0) -> None:
        self.steps = schema.STEPS
        self._file = file.absolute()
        self._timeout = timeout

    def version(self) -> int:
        """See migration.Migrator; nothing is changed.

        Raises:
            ConfigurationError: there is no such file.
            StoreError: it cannot be read, or is no database.
        """
        self._there()
        with (
            translated(self._file),
            closing(
                sqlite3.connect(
                    f"{self._file.as_uri()}?mode=rw",  # makes no file; a crash left to be recovered
                    uri=True,
                    timeout=self._timeout,
                    isolation_level=None,
                )
            ) as database,
        ):
            return schema.version(database.cursor())

    def migrate(self) -> list[Step]:
        """See migration.Migrator.

        Raises:
            ConfigurationError: there is no such file.
            StoreError: it cannot be written, or is no database.
        """
        self._there()
        done: list[Step] = []
        connection = Connection(self._file, "FULL", self._timeout)
        with translated(self._file), closing(connection):
            while True:
                connection.begin()  # nobody else writes, or migrates
                try:
                    steps = pending(self.steps, schema.version(connection.rows))[:1]
                    schema.advance(connection.rows, steps)
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()
                if not steps:
                    return done
                done += steps

    def close(self) -> None:
        """See migration.Migrator: nothing is kept open between calls."""

    def _there(self) -> None:
        if not self._file.is_file():
            raise ConfigurationError(f"there is no store at {self._file}; is the address right?")
