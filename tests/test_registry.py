"""URLs name stores and sinks, and mistakes in them are told."""

from pathlib import Path

import pytest

from guidepath import ConfigurationError, Guidepath
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.registry import asgi_app, open_sink, open_store


def test_a_scheme_names_an_adapter(tmp_path: Path) -> None:
    assert isinstance(open_store("memory:"), MemoryStore)
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    assert isinstance(store, SqliteStore)
    store.close()
    assert open_sink("log:").name == "log"


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("sqllite:///a.db", "did you mean sqlite:"),
        ("nonsense", "there are memory, postgres, postgresql, redis, rediss, sqlite"),
        ("", "there are memory, postgres, postgresql, redis, rediss, sqlite"),
    ],
)
def test_an_unknown_scheme_is_told_with_what_there_is(url: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=hint):
        open_store(url)


def test_the_studio_is_refused_while_there_is_none() -> None:
    with pytest.raises(ConfigurationError, match="the studio is not part of this version"):
        asgi_app(Guidepath, identify=lambda request: None, studio=object(), write_keys=())  # type: ignore[arg-type]
