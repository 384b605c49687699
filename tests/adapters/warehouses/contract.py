"""What every warehouse must do, whatever its engine: each test file has one subclass."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.adapters.warehouses.reference import told

from guidepath import Guidepath, Playbook, segment
from guidepath.adapters.warehouses.warehouse import Reached, Warehouse
from guidepath.clock import DAY, HOUR
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.errors import EventConflict
from guidepath.event import Event, EventKind, event
from guidepath.flow import survey
from guidepath.rules.sql import SqlError
from guidepath.subject import Subject

ROOT = Path(__file__).parents[3]
LOG = ROOT.parent / "shared" / "data" / "commits.jsonl.gz"
BEGIN = 20_000 * DAY
PLAYBOOK = Playbook.parse("""
name: warehouses
roles: [owner, member]
attributes:
  user: {locale: {type: string, optional: true}, score: {type: number, optional: true}}
  account: {size: {type: integer, optional: true}}
events:
  sent: {properties: {total: {type: number, optional: true}, note: {type: string, optional: true}}}
  opened: {}
milestones:
  - {id: first, title: First, reached_when: did("sent"), first_value: true}
  - {id: alone, title: Alone, reached_when: did("sent") and not reached(first)}
  - {id: next, title: Next, reached_when: reached(first) and count("sent") == 1}
  - {id: quiet, title: Quiet, reached_when: since("sent") > 2d and not did("opened" within 1d)}
  - {id: rich, title: Rich, reached_when: total("sent".total) == 0.3}
  - {id: cafe, title: Café, reached_when: did("sent" where note == "café")}
  - {id: deep, title: Deep, reached_when: did("sent" where note matches "/a/*/c")}
  - {id: abroad, title: Abroad, reached_when: user.locale is not set and user.score > 0.1}
  - {id: owner, title: Owner, reached_when: role == "owner" and account.size >= 2}
  - {id: team, title: Team, scope: account, reached_when: account.users("sent" within 1d) >= 2}
  - {id: after_team, title: After, reached_when: reached(team) and did("opened")}
""")


def said(
    number: int,
    kind: EventKind,
    after: int,
    *,
    user: str | None = "u1",
    name: str = "",
    role: str | None = None,
    **properties: object,
) -> Event:
    """Something said of the account a1, so long after the beginning."""
    return event(
        kind,
        name,
        subject=Subject("a1", user),
        id=f"e{number}",
        now=BEGIN + after,
        at=BEGIN + after,
        properties=properties,
        role=role,
    )


def at(found: Sequence[Reached], milestone: str, user: str | None = "u1") -> int | None:
    """When it was reached, after the beginning."""
    times = [one.at for one in found if (one.milestone, one.user) == (milestone, user)]
    return times[0] - BEGIN if times else None


@pytest.fixture(scope="session")
def log() -> list[dict[str, object]]:
    with gzip.open(LOG, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def contributors() -> Playbook:
    return Playbook.load(ROOT / "examples" / "contributors" / "guidepath.yaml")


@pytest.fixture(scope="session")
def replayed(contributors: Playbook, log: list[dict[str, object]]) -> list[Reached]:
    """What the engine reaches over the real log."""
    with Guidepath(contributors) as guide:
        guide.ingest(log)
        standings = run(survey(Deck(contributors), guide.report().until), guide.store)
    reached = [
        Reached(one.account, one.user, name, when)
        for one in standings
        for name, when in one.reached.items()
    ]
    return sorted(reached, key=lambda one: (one.account, one.user or "", one.at, one.milestone))


class ReplayContract:
    """The least: the real log. Spark plans so long that random decks stand for the rest there."""

    @pytest.fixture
    def warehouse(self) -> Warehouse:
        raise NotImplementedError

    def test_the_contributors_reach_at_the_same_microsecond_as_in_the_replay(
        self,
        warehouse: Warehouse,
        contributors: Playbook,
        log: list[dict[str, object]],
        replayed: list[Reached],
    ) -> None:
        loaded = warehouse.load(contributors, (segment.read(one, now=2**51) for one in log))
        assert loaded == len(log)
        assert warehouse.reached(contributors) == replayed
        assert len(replayed) > 1_500


class WarehouseContract(ReplayContract):
    def told(
        self, warehouse: Warehouse, events: Sequence[Event], until: int = 0
    ) -> Sequence[Reached]:
        """What the warehouse tells, which must be what the fold tells."""
        end = until or max(one.occurred_at for one in events)
        warehouse.load(PLAYBOOK, events)
        found = warehouse.reached(PLAYBOOK, until=until or None)
        assert found == told(Deck(PLAYBOOK), events, end)
        return found

    def test_events_of_one_instant_are_folded_one_by_one_in_the_order_of_arrival(
        self, warehouse: Warehouse
    ) -> None:
        sent = [said(1, "track", 0, name="sent"), said(2, "track", 0, name="sent")]
        found = self.told(warehouse, sent)
        assert (at(found, "next"), at(found, "alone")) == (0, 0)

    def test_what_waits_is_reached_when_its_time_comes_and_not_after_the_end(
        self, warehouse: Warehouse
    ) -> None:
        events = [said(1, "track", 0, name="sent"), said(2, "track", 30 * HOUR, name="opened")]
        found = self.told(warehouse, events, BEGIN + 3 * DAY)
        assert at(found, "quiet") == 54 * HOUR
        assert at(self.told(warehouse, events, BEGIN + 54 * HOUR - 1), "quiet") is None

    def test_amounts_add_up_as_people_read_them(self, warehouse: Warehouse) -> None:
        events = [said(n, "track", n, name="sent", total=0.1) for n in range(3)]
        assert at(self.told(warehouse, events), "rich") == 2

    def test_text_is_compared_after_nfc_and_by_the_segments_of_its_path(
        self, warehouse: Warehouse
    ) -> None:
        notes = ("cafe\N{COMBINING ACUTE ACCENT}", "/a/b/b/c", "/a/b/c/?x#y")
        events = [said(n, "track", n, name="sent", note=note) for n, note in enumerate(notes)]
        found = self.told(warehouse, events)
        assert (at(found, "cafe"), at(found, "deep")) == (0, 2)

    def test_only_the_first_2048_characters_of_a_path_count(self, warehouse: Warehouse) -> None:
        whole = "/a/" + "é" * 2043 + "/c"
        events = [said(1, "track", 0, name="sent", note=whole[:3] + "é" + whole[3:])]
        assert at(self.told(warehouse, events), "deep") is None
        events.append(said(2, "track", 1, name="sent", note=whole + "?" + "x" * 99))
        assert at(self.told(warehouse, events), "deep") == 1

    def test_an_attribute_stays_until_it_is_said_anew_or_taken_away(
        self, warehouse: Warehouse
    ) -> None:
        events = [
            said(1, "identify", 0, locale="de", score=0.1),
            said(2, "identify", 1, score=5),
            said(3, "identify", 2, locale=7),  # of a wrong type: nothing is said
            said(4, "identify", 3, locale=None),
        ]
        assert at(self.told(warehouse, events), "abroad") == 3

    def test_a_user_reads_her_account_from_her_own_start_on(self, warehouse: Warehouse) -> None:
        events = [
            said(1, "group", 0, user=None, size=2),
            said(2, "track", 1, name="sent", user="u2"),
            said(3, "track", 2, name="sent", user="u3"),
            said(4, "identify", 3, role="owner"),
            said(5, "track", 4, name="opened"),
        ]
        found = self.told(warehouse, events)
        assert at(found, "team", None) == 2
        assert (at(found, "owner"), at(found, "after_team")) == (3, 4)

    def test_who_comes_back_at_the_instant_her_window_closes_is_within_it_again(
        self, warehouse: Warehouse
    ) -> None:
        events = [
            said(1, "track", 0, name="sent"),
            said(2, "track", DAY, name="sent"),
            said(3, "track", DAY + 1, name="sent", user="u2"),
            said(4, "track", 3 * DAY, name="opened"),
        ]
        assert at(self.told(warehouse, events), "team", None) == DAY + 1

    def test_who_left_the_window_at_this_instant_is_not_counted(self, warehouse: Warehouse) -> None:
        events = [
            said(1, "track", 0, name="sent"),
            said(2, "track", DAY, name="sent", user="u2"),
            said(3, "track", 3 * DAY, name="opened"),
        ]
        assert at(self.told(warehouse, events), "team", None) is None

    def test_loading_again_replaces_and_a_repeated_event_counts_once(
        self, warehouse: Warehouse
    ) -> None:
        one = said(1, "track", 0, name="sent")
        assert warehouse.load(PLAYBOOK, [one, one]) == 1
        assert at(warehouse.reached(PLAYBOOK), "next") == 0
        assert warehouse.load(PLAYBOOK, ()) == 0
        assert warehouse.reached(PLAYBOOK) == []

    def test_the_same_id_with_other_content_is_refused(self, warehouse: Warehouse) -> None:
        with pytest.raises(EventConflict, match="'e1' was received before with other content"):
            warehouse.load(PLAYBOOK, [said(1, "track", n, name="sent") for n in range(2)])

    @pytest.mark.parametrize("total", [1e17, 1e-13, 2**53 + 1])
    def test_a_number_that_cannot_be_held_exactly_is_refused_by_name(
        self, warehouse: Warehouse, total: float
    ) -> None:
        wrong = said(1, "track", 0, name="sent", total=total)
        if total == 2**53 + 1:
            wrong = said(1, "identify", 0, score=total)
        with pytest.raises(SqlError, match=r"event 'e1': (total|score) is "):
            warehouse.load(PLAYBOOK, [wrong])
