"""A store in one SQLite file, for one machine."""

from guidepath.adapters.stores.sqlite.migrator import SqliteMigrator
from guidepath.adapters.stores.sqlite.store import SqliteStore

__all__ = ["SqliteMigrator", "SqliteStore"]
