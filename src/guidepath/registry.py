"""Which store or sink a URL means: strings only, resolved when one is asked for.

Third parties register theirs as entry points of the groups `guidepath.stores` and
`guidepath.sinks`: a class with `from_url(url)`, under its scheme.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Literal

from guidepath.errors import ConfigurationError
from guidepath.ports import Sink, Store

Kind = Literal["store", "sink"]

_ASGI = "guidepath.adapters.web.asgi:app"

_BUILT_IN: Mapping[Kind, Mapping[str, str]] = {
    "store": {
        "memory": "guidepath.adapters.stores.memory:MemoryStore",
        "sqlite": "guidepath.adapters.stores.sqlite:SqliteStore",
    },
    "sink": {
        "log": "guidepath.adapters.sinks.log:LogSink",
        "jsonl": "guidepath.adapters.sinks.jsonl:JsonlSink",
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


def open_sink(url: str) -> Sink:
    """The sink of a URL, opened.

    Raises:
        ConfigurationError: no sink has this scheme, or the rest of the URL is wrong.
    """
    sink: Sink = _adapter("sink", url).from_url(url)
    return sink


def asgi_app(guide: object, *, identify: Callable[..., Any], studio: None) -> Any:
    """The ASGI app for a guide of either kind; any ASGI host can mount it.

    Raises:
        ConfigurationError: Starlette is not installed, or `studio` is given.
    """
    if studio is not None:
        raise ConfigurationError("the studio is not part of this version; leave it out")
    return _resolve(_ASGI)(guide, identify=identify)


def _adapter(kind: Kind, url: str) -> Any:  # any class with `from_url`
    scheme = url.partition(":")[0]
    known = dict(_BUILT_IN[kind])
    known.update({one.name: one.value for one in entry_points(group=f"guidepath.{kind}s")})
    if scheme not in known:
        near = get_close_matches(scheme, known, n=1)
        hint = f"; did you mean {near[0]}:?" if near else f"; there are {', '.join(sorted(known))}"
        raise ConfigurationError(f"no {kind} is called {scheme!a}{hint}")
    try:
        return _resolve(known[scheme])
    except ImportError as problem:
        raise ConfigurationError(
            f"the {kind} {scheme}: needs {problem.name}; pip install 'guidepath[{scheme}]'"
        ) from problem


def _resolve(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
