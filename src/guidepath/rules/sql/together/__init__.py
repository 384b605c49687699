"""All rules of a deck in one query whose length hardly depends on them."""

from guidepath.rules.sql.together.query import query

__all__ = ["query"]
