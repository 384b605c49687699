import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from tests.cli.ledgerly import Run

from guidepath.playbook.playbook import Playbook


def test_the_starter_is_right_under_check(run: Run, here: Path) -> None:
    done = run("init")
    assert done.code == 0
    assert run("check", "guidepath.yaml").out == "guidepath.yaml: no mistakes\n"
    assert "guide.asgi(identify=identify)" in done.out


def test_an_editor_finds_its_schema_by_the_first_line(run: Run, here: Path) -> None:
    (here / "guidepath.schema.json").write_text("{}", "utf-8")  # of an older guidepath
    assert run("init").code == 0
    playbook = (here / "guidepath.yaml").read_text("utf-8")
    first = playbook.splitlines()[0]
    assert first == "# yaml-language-server: $schema=guidepath.schema.json"
    schema = (here / first.partition("=")[2]).read_text("utf-8")
    assert schema == run("schema").out
    jsonschema.Draft202012Validator(json.loads(schema)).validate(yaml.safe_load(playbook))


def test_the_starter_is_in_form(run: Run, here: Path) -> None:
    run("init")
    assert run("fmt", "--check", "guidepath.yaml").code == 0


def test_it_is_named_for_its_folder_which_is_made(run: Run, here: Path) -> None:
    assert run("init", "My shop!").code == 0
    assert Playbook.load(here / "My shop!" / "guidepath.yaml").name == "My-shop"


def test_a_playbook_is_replaced_by_force_only(run: Run, playbook: Path) -> None:
    before = playbook.read_text("utf-8")
    done = run("init")
    assert done.code == 1
    assert "--force" in done.err
    assert playbook.read_text("utf-8") == before
    assert run("init", "--force").code == 0
    assert playbook.read_text("utf-8") != before


def test_a_dry_run_prints_the_playbook_alone_and_writes_nothing(run: Run, here: Path) -> None:
    done = run("init", "--dry-run")
    assert done.code == 0
    assert not list(here.iterdir())
    assert Playbook.parse(done.out).first_value.id == "first_report"
    assert "guide.asgi" in done.err


@pytest.mark.parametrize("name", ["fastapi", "flask", "starlette", "django"])
def test_the_lines_are_those_of_the_framework_it_finds(run: Run, here: Path, name: str) -> None:
    (here / "requirements-web.txt").write_text(f"# wanted\n{name}>=0.1\n", "utf-8")
    assert f"Into your {name} product" in run("init").out
