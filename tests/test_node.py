"""Packages are whole or not there, and what is missing fails."""

import io
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from tests import node


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(node, "KEPT", tmp_path / "kept")
    return tmp_path / "kept"


def asking_for(tmp_path: Path, address: str) -> Path:
    """A package.json with one dependency, in a folder beside it."""
    wanted = tmp_path / "package.json"
    wanted.write_text(json.dumps({"private": True, "dependencies": {"tool": address}}))
    return wanted


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    """A package with a tool that says where it runs."""
    content = {
        "package.json": json.dumps({"name": "tool", "version": "1.0.0", "bin": "tool.js"}),
        "tool.js": "#!/usr/bin/env node\nconsole.log(process.cwd());\n",
    }
    with tarfile.open(tmp_path / "tool.tgz", "w:gz") as packed:
        for name, text in content.items():
            about = tarfile.TarInfo(f"package/{name}")
            about.size = len(text)
            packed.addfile(about, io.BytesIO(text.encode()))
    return tmp_path / "tool.tgz"


def test_packages_are_installed_once_and_their_tools_run(
    tmp_path: Path, tool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = asking_for(tmp_path, f"file:{tool}")
    folder = node.packages(wanted)
    monkeypatch.setattr(shutil, "which", lambda name: None)  # a second time would fail
    assert node.packages(wanted) == folder
    assert not (folder / "package-lock.json").exists()
    assert node.run(folder, "tool", cwd=tmp_path).stdout == f"{tmp_path}\n"


def test_what_cannot_be_had_fails_and_leaves_nothing(tmp_path: Path, kept: Path) -> None:
    with pytest.raises(RuntimeError, match="npm cannot install"):
        node.packages(asking_for(tmp_path, "file:./nowhere.tgz"))
    assert list(kept.iterdir()) == []


def test_no_node_is_a_failure_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"no node and no npm found: run `sh tests/install\.sh`"):
        node.packages(asking_for(tmp_path, "file:./nowhere.tgz"))


def test_who_comes_second_takes_what_the_first_has_installed(
    tmp_path: Path, tool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = asking_for(tmp_path, f"file:{tool}")
    install = subprocess.run

    def overtaken(*command: object, **how: object) -> object:
        monkeypatch.setattr(subprocess, "run", install)
        first.append(node.packages(wanted))
        return install(*command, **how)  # type: ignore[call-overload]

    first: list[Path] = []
    monkeypatch.setattr(subprocess, "run", overtaken)
    assert [node.packages(wanted)] == first
