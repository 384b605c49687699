import json
from pathlib import Path

import jsonschema
import yaml
from tests.cli.ledgerly import PLAYBOOK, Run


def test_the_schema_accepts_a_right_playbook_and_refuses_a_wrong_one(run: Run) -> None:
    done = run("schema")
    assert done.code == 0
    validator = jsonschema.Draft202012Validator(json.loads(done.out))
    assert validator.is_valid(yaml.safe_load(PLAYBOOK))
    assert not validator.is_valid(yaml.safe_load(PLAYBOOK.replace("title:", "titel:")))


def test_personas_have_a_schema_of_their_own(run: Run) -> None:
    done = run("schema", "--personas")
    assert done.code == 0
    validator = jsonschema.Draft202012Validator(json.loads(done.out))
    right = {"personas": [{"id": "ada", "expects": [{"gets": "nothing"}]}]}
    assert validator.is_valid(right)
    assert not validator.is_valid(yaml.safe_load(PLAYBOOK))


def test_the_schema_goes_into_a_file(run: Run, here: Path) -> None:
    assert run("schema", "--out", "guidepath.schema.json") == (0, "", "")
    assert Path("guidepath.schema.json").read_text("utf-8") == run("schema").out
    assert run("schema", "--out", "nowhere/x.json").code == 1
