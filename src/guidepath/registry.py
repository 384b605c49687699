"""Which store or sink a URL means: strings only, resolved when one is asked for.

Third parties register theirs as entry points of the groups `guidepath.stores` and
`guidepath.sinks`: a class with `from_url(url)`, under its scheme.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Literal

from guidepath.errors import ConfigurationError
from guidepath.ports import AsyncStore, Sink, Store

Kind = Literal["store", "async store", "sink"]

_ASGI = "guidepath.adapters.web.asgi:app"

_BUILT_IN: Mapping[Kind, Mapping[str, str]] = {
    "store": {
        "memory": "guidepath.adapters.stores.memory:MemoryStore",
        "sqlite": "guidepath.adapters.stores.sqlite:SqliteStore",
        "postgresql": "guidepath.adapters.stores.postgres:PostgresStore",
        "postgres": "guidepath.adapters.stores.postgres:PostgresStore",
        "redis": "guidepath.adapters.stores.redis:RedisStore",
        "rediss": "guidepath.adapters.stores.redis:RedisStore",
    },
    "async store": {
        "postgresql": "guidepath.adapters.stores.postgres:AsyncPostgresStore",
        "postgres": "guidepath.adapters.stores.postgres:AsyncPostgresStore",
        "redis": "guidepath.adapters.stores.redis:AsyncRedisStore",
        "rediss": "guidepath.adapters.stores.redis:AsyncRedisStore",
    },
    "sink": {
        "log": "guidepath.adapters.sinks.log:LogSink",
        "jsonl": "guidepath.adapters.sinks.jsonl:JsonlSink",
        "webhook": "guidepath.adapters.sinks.webhook:WebhookSink",
        "slack": "guidepath.adapters.sinks.slack:SlackSink",
        "segment": "guidepath.adapters.sinks.segment:SegmentSink",
        "posthog": "guidepath.adapters.sinks.posthog:PosthogSink",
        "amplitude": "guidepath.adapters.sinks.amplitude:AmplitudeSink",
        "mixpanel": "guidepath.adapters.sinks.mixpanel:MixpanelSink",
        "otel": "guidepath.adapters.sinks.otel:OtelSink",
        "kafka": "guidepath.adapters.sinks.kafka:KafkaSink",
        "nats": "guidepath.adapters.sinks.nats:NatsSink",
        "email": "guidepath.adapters.sinks.email:EmailSink",
    },
}


def open_store(url: str) -> Store:
    """The store of a URL, opened.

    Raises:
        ConfigurationError: no store has this scheme, or the rest of the URL is wrong.
        StoreError: it cannot be opened.
    """
    store: Store = _adapter("store", url).from_url(url)
    return store


def open_async_store(url: str) -> AsyncStore | None:
    """The store of a URL for asyncio, opened; None where there is only one that blocks.

    Raises:
        ConfigurationError: the rest of the URL is wrong.
    """
    if url.partition(":")[0] not in _known("async store"):
        return None
    store: AsyncStore = _adapter("async store", url).from_url(url)
    return store


def migrator(url: str) -> Any:
    """What brings the tables of a URL's store to the newest version; nothing is connected to yet.

    Raises:
        ConfigurationError: no store has this scheme, or it has no tables.
    """
    adapter = _adapter("store", url)
    if not hasattr(adapter, "migrator"):
        raise ConfigurationError(f"{url.partition(':')[0]}: has no tables to be migrated")
    return adapter.migrator(url)


def open_sink(url: str) -> Sink:
    """The sink of a URL, opened.

    Raises:
        ConfigurationError: no sink has this scheme, or the rest of the URL is wrong.
    """
    sink: Sink = _adapter("sink", url).from_url(url)
    return sink


def asgi_app(guide: object, *, studio: None, **terms: Any) -> Any:
    """The ASGI app for a guide of either kind, on the terms of `adapters.web.asgi.app`.

    Raises:
        ConfigurationError: Starlette is not installed, one of the terms is wrong, or `studio` is
            given.
    """
    if studio is not None:
        raise ConfigurationError("the studio is not part of this version; leave it out")
    return _resolve(_ASGI)(guide, **terms)


def _adapter(kind: Kind, url: str) -> Any:  # any class with `from_url`
    scheme = url.partition(":")[0]
    known = _known(kind)
    if scheme not in known:
        near = get_close_matches(scheme, known, n=1)
        hint = f"; did you mean {near[0]}:?" if near else f"; there are {', '.join(sorted(known))}"
        raise ConfigurationError(f"no {kind} is called {scheme!a}{hint}")
    try:
        return _resolve(known[scheme])
    except ImportError as problem:
        raise ConfigurationError(
            f"the {kind} {scheme}: needs {problem.name}; pip install 'guidepath[{_extra(scheme)}]'"
        ) from problem


def _extra(scheme: str) -> str:
    return {"postgresql": "postgres", "rediss": "redis"}.get(scheme, scheme)


def _known(kind: Kind) -> dict[str, str]:
    group = f"guidepath.{kind.replace(' ', '_')}s"
    return {**_BUILT_IN[kind], **{one.name: one.value for one in entry_points(group=group)}}


def _resolve(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
