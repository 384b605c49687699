"""A statement on a connection of our own: prepared once, and said to libpq with little in between.

psycopg's cursors look for what a statement may need each time anew, which takes a third of the time
that the shortest of ours take in all. What they build on is used here as it is.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format

_WELL = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


class Prepared:
    """A statement with its parameters as `%s`; `name` tells it from others of the connection."""

    def __init__(
        self,
        connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any],
        statement: bytes,
        name: bytes,
    ) -> None:
        self._libpq = connection.pgconn
        self._transformer = Transformer(connection)
        parts = statement.split(b"%s")
        numbered = (b"$%d%s" % one for one in enumerate(parts[1:], 1))
        self._text = b"".join((parts[0], *numbered))
        self._formats = [PyFormat.AUTO] * (len(parts) - 1)
        self._name = name
        self._made = False

    def rows(self, parameters: Sequence[object]) -> PQGen[list[Any]]:
        """The rows of the answer; a wait of the connection's goes through it."""
        transformer = self._transformer
        values = transformer.dump_sequence(parameters, self._formats)
        if not self._made:
            self._libpq.send_prepare(self._name, self._text, transformer.types)
            yield from self._result()
            self._made = True
        self._libpq.send_query_prepared(self._name, values, transformer.formats, Format.BINARY)
        result = yield from self._result()
        if not result.ntuples:
            return []
        transformer.set_pgresult(result)
        return transformer.load_rows(0, result.ntuples, tuple)

    def _result(self) -> PQGen[Any]:
        [result] = yield from generators.execute(self._libpq)
        if result.status not in _WELL:
            raise error_from_result(result, encoding="utf-8")
        return result
