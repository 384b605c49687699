"""What another playbook takes from a base, and what not."""

from datetime import timedelta

from guidepath import Guidepath, Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.subject import Subject
from guidepath.testing import FrozenClock


def playbook(*, team: str = "", first: str = "") -> Playbook:
    """Two milestones, with deadlines or without."""
    return Playbook.parse(f"""
        name: ledgerly
        events: {{sent: {{}}, joined: {{}}}}
        milestones:
          - {{id: first, title: First, first_value: true, reached_when: did("sent"){first}}}
          - id: team
            title: Team
            scope: account
            reached_when: account.users("joined") >= 2
            {team}
    """)


def test_a_deadline_of_an_old_playbook_passes_unsaid_once_its_history_is_dropped() -> None:
    clock, store = FrozenClock(), MemoryStore()
    before = Guidepath(playbook(team="due: 30d"), store, clock=clock)
    before.track("joined", user="ada", account="acme")
    clock.tick(days=5)
    assert before.compact(older_than=timedelta(days=1)).events == 1
    after = Guidepath(playbook(first=", due: 40d"), store, clock=clock)
    after.track("joined", user="ada", account="acme")
    row = dict(store.subjects())[Subject("acme")]
    assert row.base
    assert row.deadlines == {}
    clock.tick(days=60)
    after.track("joined", user="ada", account="acme")
    said = [*store.said("acme", None), *store.said("acme", "ada")]
    overdue = [one.data["milestone"] for one in said if one.type == "milestone.overdue"]
    assert set(overdue) == {"first"}
