"""The same inputs give the same decision, byte for byte, in any process."""

import pytest
from tests.acceptance.command import Replay, python
from tests.acceptance.decisions import USERS


@pytest.fixture(scope="module")
def told(replay: Replay, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The decisions as told by two interpreters that hash differently."""

    def asked(seed: int) -> str:
        file = tmp_path_factory.mktemp("decisions") / "guidepath.db"
        file.write_bytes(replay.file.read_bytes())
        return python("-m", "tests.acceptance.decisions", file, seed=seed).stdout

    return [asked(1), asked(4711)]


def test_two_interpreters_decide_the_same_byte_for_byte(told: list[str]) -> None:
    one, other = told
    assert one.splitlines() == other.splitlines()


def test_the_decisions_are_those_of_many_people_and_differ(told: list[str]) -> None:
    lines = told[0].splitlines()
    assert len(lines) == 2 * USERS
    assert len(set(lines)) > USERS
    assert all(f'"{code}"' in told[0] for code in ("CHOSEN", "RULE", "DONE", "WRONG_ROLE"))
