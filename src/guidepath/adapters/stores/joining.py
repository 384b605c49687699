"""The driver's own connection inside of what hosts hold: SQLAlchemy's and Django's are unwrapped.

By the attributes they document, so that neither is imported.
"""

from typing import Any

from guidepath.errors import ConfigurationError


def driver_connection(connection: Any) -> Any:
    """The connection as the database driver made it; one that is such already comes back.

    Raises:
        ConfigurationError: there is none to be had without waiting.
    """
    if hasattr(connection, "ensure_connection"):  # Django's wrapper
        connection.ensure_connection()
        return connection.connection
    if hasattr(connection, "sync_session"):  # SQLAlchemy's AsyncSession: to connect, it must wait
        raise ConfigurationError("of an AsyncSession, pass `await session.connection()`")
    if hasattr(connection, "sync_connection"):  # SQLAlchemy's AsyncConnection
        connection = connection.sync_connection
    if hasattr(connection, "get_bind"):  # SQLAlchemy's Session
        connection = connection.connection()
    if hasattr(connection, "exec_driver_sql"):  # SQLAlchemy's Connection
        if not connection.in_transaction():
            connection.begin()  # as its own statements do; else its commit() would do nothing
        pooled = connection.connection
        return pooled.driver_connection
    return connection
