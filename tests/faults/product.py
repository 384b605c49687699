"""The product whose events are tracked under faults: few people, rules that touch each other."""

from copy import copy
from functools import cache

from guidepath import Playbook
from guidepath.clock import Clock, utc_now
from guidepath.deck import Deck
from guidepath.host import HostCalls
from guidepath.recall import Recall

SHOWN_AT_MOST = 2
WEEKLY = 2
TOWARD = {"party": "first", "send": "thrice", "open": "calm"}
PLAYBOOK = Playbook.parse(f"""
name: ledgerly
roles: [owner, member]
attributes:
  user: {{email: {{type: string, pii: true, optional: true}}}}
  account: {{size: {{type: integer, optional: true}}}}
events: {{sent: {{properties: {{total: number}}}}, opened: {{}}}}
milestones:
  - {{id: first, title: First, reached_when: did("sent"), first_value: true}}
  - {{id: thrice, title: Thrice, due: 6h, reached_when: count("sent") >= 3}}
  - {{id: big, title: Big, reached_when: did("sent" where total >= 100) and reached(first)}}
  - {{id: calm, title: Calm, reached_when: did("opened") and since("opened") > 2d}}
  - {{id: team, title: Team, scope: account, reached_when: account.users("sent") >= 2}}
  - {{id: busy, title: Busy, scope: account, due: 1d, reached_when: account.count("sent") >= 5}}
  - {{id: mate, title: Mate, reached_when: reached(team) and did("opened")}}
guidance:
  - {{id: party, type: modal, moment: celebrate, toward: first, title: You did it}}
  - {{id: send, type: banner, moment: onboard, toward: thrice, title: Send,
      frequency: {{max: {SHOWN_AT_MOST}}}, snooze: [4h]}}
  - {{id: open, type: tooltip, moment: onboard, toward: calm, title: Open,
      target: {{selector: "#o"}}, frequency: {{max: {SHOWN_AT_MOST}}}}}
limits: {{per_week: {WEEKLY}, lease: 5m}}
""")


@cache
def _first() -> HostCalls:
    return HostCalls(PLAYBOOK, utc_now)


def deck() -> Deck:
    """The playbook, made ready once."""
    return _first().deck


def process(clock: Clock) -> HostCalls:
    """A process of the host's: nothing is remembered yet. Only the deck is made once for all."""
    calls = copy(_first())
    calls.clock, calls._recall = clock, Recall()
    return calls
