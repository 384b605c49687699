"""Two playbooks over the real log, against plain loops over its raw lines.

The loops know nothing of the library: what each playbook asks is written out by hand.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.acceptance.command import LOG, PLAYBOOK, guidepath

DAY = 24 * 60 * 60
MICRO = 1_000_000
NEVER = 10**18

EDITS = {
    'days("commit.authored") >= 2': 'days("commit.authored") >= 3',
    "within 30d) >= 5": "within 30d) >= 4",
    "within 90d) >= 10": "within 90d) >= 8",
    'newcomer: count("commit.authored") < 5': 'newcomer: count("commit.authored") < 9',
    "id: well_rounded": "id: all_round\n    renamed_from: well_rounded",
    "toward: well_rounded": "toward: all_round",
}


class Terms(NamedTuple):
    """The numbers in which the two playbooks differ."""

    days: int
    commits: int
    people: int
    newcomer: int


OLD, NEW = Terms(2, 5, 10, 5), Terms(3, 4, 8, 9)


class Commit(NamedTuple):
    at: int
    user: str
    area: str
    tests: bool
    docs: bool


class Person(NamedTuple):
    start: int
    role: str
    commits: list[Commit]


class History:
    """The whole log, which is in order of time, by account and person."""

    def __init__(self) -> None:
        self.end = 0
        self.people: dict[tuple[str, str], Person] = {}
        with gzip.open(LOG, "rt", encoding="utf-8") as lines:
            for line in lines:
                said = json.loads(line)
                key = said["context"]["groupId"], said["userId"]
                self.end = int(datetime.fromisoformat(said["timestamp"]).timestamp())
                if said["type"] == "identify":
                    self.people[key] = Person(self.end, said["traits"]["role"], [])
                else:
                    what = said["properties"]
                    commit = Commit(self.end, key[1], what["area"], what["tests"], what["docs"])
                    self.people[key].commits.append(commit)

    def reached(self, terms: Terms) -> dict[tuple[str, str | None], dict[str, int]]:
        """What each person and account reached under one playbook, in microseconds."""
        found: dict[tuple[str, str | None], dict[str, int]] = {
            key: dict(_of_person(person, terms, self.end)) for key, person in self.people.items()
        }
        for account in {account for account, _ in self.people}:
            found[account, None] = dict(self._of_account(account, terms.people))
        return found

    def _of_account(self, account: str, people: int) -> Iterator[tuple[str, int]]:
        mine = [person for (of, _), person in self.people.items() if of == account]
        commits = sorted(one for person in mine for one in person.commits)
        for now in commits:
            near = {one.user for one in commits if 0 <= now.at - one.at < 90 * DAY}
            if len(near) >= people:
                yield "core_team", now.at * MICRO
                return


def _of_person(person: Person, terms: Terms, end: int) -> Iterator[tuple[str, int]]:
    commits = person.commits
    if commits:
        yield "first_commit", commits[0].at * MICRO
    seen: set[int] = set()
    returned = NEVER
    for one in commits:
        seen.add(one.at // DAY)
        if len(seen) == terms.days:
            returned = one.at
            yield "second_day", returned * MICRO
            break
    for number, one in enumerate(commits[terms.commits - 1 :]):
        if one.at - commits[number].at < 30 * DAY:
            yield "regular", one.at * MICRO
            break
    both = [next((c.at for c in commits if getattr(c, a)), NEVER) for a in ("tests", "docs")]
    if max(both) < NEVER:
        yield "well_rounded", max(both) * MICRO
    a_year = (person.start + 365 * DAY) * MICRO + 1
    for now in sorted([a_year, *(one.at * MICRO for one in commits)]):
        lately = any(0 <= now - one.at * MICRO < 30 * DAY * MICRO for one in commits)
        if lately and max(a_year, returned * MICRO) <= now <= end * MICRO:
            yield "settled", now
            break


def shown(person: Person, reached: Mapping[str, int], terms: Terms, end: int) -> str | None:
    """What she is shown at the end; `reached` has the milestones of her account, too."""
    role, commits = person.role, person.commits
    tests, docs = any(one.tests for one in commits), any(one.docs for one in commits)
    quiet = bool(commits) and end - commits[-1].at > 2 * DAY
    returned = reached.get("second_day")
    fresh = returned is not None and end * MICRO - returned < 7 * DAY * MICRO
    code = any(one.area == "code" for one in commits)
    newcomer = role in ("code", "maintenance") and len(commits) < terms.newcomer
    offers = {
        "welcome-back": fresh,
        "second-change": role == "code" and quiet and returned is None,
        "fix-a-page": role == "docs" and quiet and returned is None,
        "pair-up": newcomer and returned is not None and "regular" not in reached,
        "add-a-test": role == "code" and returned is not None and code and not tests,
        "describe-it": tests and not docs,
        "invite-others": role != "docs" and "regular" in reached and "core_team" not in reached,
    }
    return next((item for item, fits in offers.items() if fits), None)


@pytest.fixture(scope="module")
def history() -> History:
    return History()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the command says of the playbook and an edited copy, with everybody as an example."""
    text = PLAYBOOK.read_text("utf-8")
    for old, new in EDITS.items():
        assert old in text
        text = text.replace(old, new)
    changed: Path = tmp_path_factory.mktemp("diff") / "changed.yaml"
    changed.write_text(text, "utf-8")
    asked = ("--by", "role", "--examples", 10_000, "--format", "json")
    found: dict[str, Any] = json.loads(
        guidepath("diff", PLAYBOOK, changed, "--events", LOG, *asked).stdout
    )
    return found


def micros(text: str | None) -> int | None:
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    return int(at.replace(microsecond=0).timestamp()) * MICRO + at.microsecond


def way(before: int | None, after: int | None) -> str | None:
    if before == after:
        return None
    if before is None:
        return "newly"
    if after is None:
        return "never"
    return "earlier" if after < before else "later"


MILESTONES = ("first_commit", "second_day", "regular", "well_rounded", "settled", "core_team")


@pytest.mark.parametrize("milestone", MILESTONES)
def test_who_reaches_a_milestone_earlier_later_never_or_newly_is_what_the_raw_log_tells(
    told: dict[str, Any], history: History, milestone: str
) -> None:
    before, after = history.reached(OLD), history.reached(NEW)
    theirs = {
        (way(*times), *subject, *times)
        for subject in before
        for times in [(before[subject].get(milestone), after[subject].get(milestone))]
        if way(*times)
    }
    found = told["milestones"][{"well_rounded": "all_round"}.get(milestone, milestone)]
    ours = {
        (name, one["account"], one["user"], micros(one["old"]), micros(one["new"]))
        for name in ("earlier", "later", "never", "newly")
        for one in found[name]["examples"]
    }
    assert ours == theirs
    assert bool(theirs) == (milestone not in ("first_commit", "well_rounded"))
    for name in ("earlier", "later", "never", "newly"):
        mine = [one for one in theirs if one[0] == name]
        assert found[name]["subjects"] == len(mine)
        if milestone != "core_team":
            roles = Counter(history.people[one[1], str(one[2])].role for one in mine)
            by = {role: one["subjects"] for role, one in found[name]["by"].items()}
            assert by == {role: roles[role] for role in ("code", "docs", "maintenance")}


def test_both_sides_have_the_time_to_value_that_a_replay_of_each_reports(
    told: dict[str, Any],
) -> None:
    replayed = json.loads(guidepath("replay", PLAYBOOK, LOG, "--format", "json").stdout)
    for milestone, found in replayed["milestones"].items():
        name = {"well_rounded": "all_round"}.get(milestone, milestone)
        assert {"scope": found["scope"], **told["milestones"][name]["old"]} == found


def test_whose_next_item_changes_is_what_the_raw_log_tells(
    told: dict[str, Any], history: History
) -> None:
    items: list[dict[tuple[str, str], str | None]] = []
    for terms in (OLD, NEW):
        reached = history.reached(terms)
        items.append(
            {
                key: shown(person, reached[key[0], None] | reached[key], terms, history.end)
                for key, person in history.people.items()
            }
        )
    before, after = items
    theirs = {(before[one], after[one], *one) for one in before if before[one] != after[one]}
    ours = {
        (change["from"], change["to"], one["account"], one["user"])
        for change in told["next_items"]["changes"]
        for one in change["examples"]
    }
    assert ours == theirs
    assert len({change[:2] for change in theirs}) > 4
    assert told["next_items"]["subjects"] == len(theirs)
    assert {item for item in before.values() if item} >= {"second-change", "pair-up", "add-a-test"}
