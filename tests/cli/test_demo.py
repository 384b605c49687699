import sys
from pathlib import Path

import pytest
from tests.cli.ledgerly import Run

from guidepath.demo import server


def test_its_options_reach_the_server(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(server, "serve", lambda **options: asked.append(options))
    assert run("demo").code == 0
    assert run("demo", "--port", 9000, "--folder", "kept", "--fresh").code == 0
    assert asked == [
        {"host": "127.0.0.1", "port": 8400, "folder": None, "fresh": False},
        {"host": "127.0.0.1", "port": 9000, "folder": Path("kept"), "fresh": True},
    ]


def test_without_its_extra_it_names_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "guidepath.demo.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = run("demo")
    assert done == (2, "", "guidepath: the demo needs uvicorn; pip install 'guidepath[demo]'\n")


def test_ctrl_c_is_how_it_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "serve", interrupted)
    assert run("demo") == (0, "", "")
