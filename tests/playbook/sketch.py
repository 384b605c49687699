"""Small playbooks in pieces, and what experience says against them."""

from guidepath.errors import Diagnostic
from guidepath.playbook.lint.advice import advice
from guidepath.playbook.playbook import Playbook

HEAD = """\
name: ledgerly
roles: [owner, member]
attributes: {user: {plan: {type: string, optional: true}}}
events: {imported: {}, sent: {properties: {total: number}}, paid: {}}
"""
MILESTONES = """\
milestones:
  - {id: contacts, title: Contacts, reached_when: did("imported")}
  - {id: first, title: First, reached_when: did("sent"), first_value: true}
  - {id: money, title: Money, reached_when: did("paid")}
"""
COMMON = "type: banner, moment: onboard"
OTHERS = """\
  - id: steps
    type: checklist
    moment: onboard
    toward: first
    title: Steps
    items: [{milestone: contacts}, {milestone: first}, {milestone: money}]
"""
# What a playbook lacks that is no sketch any more is not the question here.
LACKING = ("no-celebration", "no-due", "no-limits", "unused-event")


def told(text: str) -> list[Diagnostic]:
    playbook = Playbook.parse(text, "guidepath.yaml")
    return advice(playbook, text, "guidepath.yaml")


def items(*written: str, others: str = OTHERS) -> str:
    return "guidance:\n" + others + "".join(f"  - {one}\n" for one in written)


def codes(*parts: str) -> list[str]:
    found = (one.code for one in told(HEAD + "".join(parts)))
    return [one for one in found if one not in LACKING]


def found(code: str, *parts: str) -> Diagnostic:
    (one,) = [one for one in told(HEAD + "".join(parts)) if one.code == code]
    return one
