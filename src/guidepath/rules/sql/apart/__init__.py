"""Each rule with queries of its own."""

from guidepath.rules.sql.apart.query import query

__all__ = ["query"]
