"""The driver's own connection inside of what hosts hold: SQLAlchemy's and Django's are unwrapped.

By the attributes they document, so that neither is imported.
"""

from collections.abc import Callable
from typing import Any


def driver_connection(connection: Any) -> Any:
    """The connection as the database driver made it; one that is such already comes back."""
    bound: Callable[[], Any] | None = getattr(connection, "connection", None)
    if hasattr(connection, "ensure_connection"):  # Django's wrapper
        connection.ensure_connection()
        return connection.connection
    if hasattr(connection, "get_bind") and bound is not None:  # SQLAlchemy's Session
        connection = bound()
    if hasattr(connection, "exec_driver_sql"):  # SQLAlchemy's Connection
        pooled = connection.connection
        return pooled.driver_connection
    return connection
