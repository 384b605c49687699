"""PostgreSQL: for hosts that have outgrown one machine, or keep their own data there."""

from guidepath.adapters.stores.postgres.awaiting import AsyncPostgresStore
from guidepath.adapters.stores.postgres.blocking import PostgresStore

__all__ = ["AsyncPostgresStore", "PostgresStore"]
