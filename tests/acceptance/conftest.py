import json

import pytest
from tests.acceptance.command import LOG, PLAYBOOK, Replay, guidepath


@pytest.fixture(scope="session")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """The log replayed once, uninterrupted. Tests read it and do not write to it."""
    folder = tmp_path_factory.mktemp("replay")
    file, out = folder / "guidepath.db", folder / "milestones.jsonl"
    told = guidepath(
        *("replay", PLAYBOOK, LOG, "--store", f"sqlite:///{file}"),
        *("--milestones", out, "--by", "role", "--format", "json"),
    )
    lines = out.read_text(encoding="utf-8").splitlines()
    return Replay(file, json.loads(told.stdout), [json.loads(one) for one in lines], told.stdout)
