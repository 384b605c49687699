"""Redis, Valkey and Redis Cluster: each save is one script in one slot, all of it or nothing."""

from guidepath.adapters.stores.redis.awaited import AsyncRedisStore
from guidepath.adapters.stores.redis.blocking import RedisStore

__all__ = ["AsyncRedisStore", "RedisStore"]
