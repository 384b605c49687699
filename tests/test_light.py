"""What `import guidepath` must not bring along."""

import subprocess
import sys

import pytest

LOADED = "import sys, guidepath; print(*sys.modules)"
# Parts that only some hosts need, or that only some calls need, and that take long to import.
HEAVY = [
    "altair",
    "babel",
    "cssselect2",
    "django",
    "duckdb",
    "fastapi",
    "flask",
    "httpx",
    "jinja2",
    "markdown_it",
    "nh3",
    "psycopg",
    "rich",
    "sqlalchemy",
    "sqlglot",
    "sqlite3",
    "starlette",
    "typer",
    "uvicorn",
    "vl_convert",
    "yaml",
]


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules of a fresh interpreter that has imported guidepath and nothing else."""
    told = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    return set(told.stdout.split())


@pytest.mark.parametrize("name", HEAVY)
def test_importing_guidepath_does_not_import(name: str, loaded: set[str]) -> None:
    assert name not in loaded


def test_importing_guidepath_imports_no_adapter_and_no_command(loaded: set[str]) -> None:
    rooms = ("guidepath.adapters", "guidepath.cli", "guidepath.demo")
    assert "guidepath" in loaded
    assert not [one for one in loaded if one.startswith(rooms)]
