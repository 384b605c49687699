import gzip
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from guidepath.clock import DAY, micros
from guidepath.insight.report import MilestoneSpec, Standing

LOG = Path(__file__).parents[3] / "shared" / "data" / "commits.jsonl.gz"


@pytest.fixture(scope="session")
def contributors() -> Sequence[Standing]:
    """The users of the real log with their first commit and their second day, by brute force."""
    times: dict[tuple[str, str], list[int]] = {}
    commits: dict[tuple[str, str], list[int]] = {}
    roles: dict[tuple[str, str], str] = {}
    with gzip.open(LOG, "rt", encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line)
            key = (message["context"]["groupId"], message["userId"])
            at = micros(datetime.fromisoformat(message["timestamp"]))
            times.setdefault(key, []).append(at)
            if message["type"] == "track":
                commits.setdefault(key, []).append(at)
            else:
                roles[key] = message["traits"]["role"]
    return [
        Standing(*key, min(those), _reached(commits.get(key, [])), roles.get(key))
        for key, those in times.items()
    ]


def _reached(commits: list[int]) -> dict[str, int]:
    if not commits:
        return {}
    first = min(commits)
    later = [at for at in commits if at // DAY > first // DAY]
    return {"first_commit": first} | ({"second_day": min(later)} if later else {})


@pytest.fixture
def people() -> Sequence[Standing]:
    """Forty users of two roles: every fourth never sends, the others after 1 to 40 days."""
    return [
        Standing(
            f"a{n % 7}",
            f"u{n}",
            n * DAY,
            {} if n % 4 == 0 else {"sent": (2 * n + 1) * DAY},
            "owner" if n % 2 else "member",
        )
        for n in range(40)
    ]


@pytest.fixture
def sent() -> MilestoneSpec:
    return MilestoneSpec("sent", "Send your first invoice", first_value=True)
